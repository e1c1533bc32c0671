/** pacs.008 and pacs.009. Each rule and its reason: `rules/message-rules.ts`; what a reason says and asks for: `names/iso-reasons.ts`. */
import { type Static, Type } from '@sinclair/typebox';
import { parseRate, RATE_PATTERN, rateText } from '../names/minor-units.ts';
import { judgeCharges, judgeTransfer, type TransferElements } from '../rules/contradictions.ts';
import { type Refusal, refuse } from '../rules/refusal.ts';
import { judgeStandardForm } from '../rules/unknown-elements-and-standard-form.ts';
import { beyondMaximum, type Money, readAmount } from './amounts.ts';
import {
  amount,
  institutionText,
  isRefusal,
  jsonText,
  once,
  oneOf,
  openAgent,
  party,
  reader,
} from './document.ts';
import type { Conversion, Currencies, PaymentInstruction } from './instruction.ts';
import { CREDIT_TRANSFER } from './message-types.ts';
import {
  agentBic,
  currencyAmountText,
  groupHeader,
  groupHeaderText,
  readTransfer,
  transferElements,
  transferText,
} from './transfer-parts.ts';

/**
 * pacs.008.001.08 in JSON: {"Document": {"FIToFICstmrCdtTrf": ...}} with ISO 20022 element names,
 * one payment a message, amounts as {"Ccy": "EUR", "Amt": "12.50"}. The schema fixes what clearing
 * depends on; other elements of the standard (remittance information, postal addresses, ...) may
 * stand beside it and are delivered as they are.
 *
 * A payment that changes currency names the dealer as IntrmyAgt1: InstdAmt is debited from the
 * debtor's agent to the dealer, IntrBkSttlmAmt is paid by the dealer to the creditor's agent, and
 * XchgRate is units of IntrBkSttlmAmt's currency for one unit of InstdAmt's. Both legs settle or
 * neither.
 */
export const CreditTransferSchema = Type.Object({
  Document: Type.Object({
    FIToFICstmrCdtTrf: Type.Object({
      GrpHdr: groupHeader,
      CdtTrfTxInf: once(
        Type.Object({
          ...transferElements,
          InstdAmt: Type.Optional(amount),
          XchgRate: Type.Optional(Type.String({ pattern: RATE_PATTERN })),
          ChrgBr: oneOf('DEBT', 'CRED', 'SHAR', 'SLEV'),
          ChrgsInf: Type.Optional(Type.Array(Type.Object({ Amt: amount }))),
          InstgAgt: openAgent,
          IntrmyAgt1: Type.Optional(openAgent),
          Dbtr: party,
          DbtrAgt: openAgent,
          CdtrAgt: openAgent,
          Cdtr: party,
        }),
      ),
    }),
  }),
});

type Transaction = Static<
  typeof CreditTransferSchema
>['Document']['FIToFICstmrCdtTrf']['CdtTrfTxInf'][number];

export interface NamedAccounts {
  readonly debtor: string;
  readonly creditor: string;
}

/** The names of the customers, who are of no interest to clearing, and their accounts; absent: none are told. */
export interface Customers {
  readonly debtor: string;
  readonly creditor: string;
  readonly accounts?: NamedAccounts;
}

/** Writes the document; `decimals` gives a currency's minor units. */
export function writeCreditTransfer(
  payment: PaymentInstruction,
  customers: Customers,
  createdAtMs: number,
  decimals: (currency: string) => number,
): Uint8Array {
  const { conversion } = payment;
  const debited = currencyAmountText(payment.currency, payment.amountMinor, decimals);
  const credited = conversion
    ? currencyAmountText(conversion.currency, conversion.amountMinor, decimals)
    : debited;
  const converted = conversion
    ? `"InstdAmt":${debited},"XchgRate":"${rateText(conversion.rate)}",`
    : '';
  const dealer = conversion ? `"IntrmyAgt1":${institutionText(conversion.dealer)},` : '';
  const { accounts } = customers;
  const debtorAccount = accounts ? `"DbtrAcct":${accountText(accounts.debtor)},` : '';
  const creditorAccount = accounts ? `,"CdtrAcct":${accountText(accounts.creditor)}` : '';
  const transaction =
    `${transferText(payment, credited)},${converted}"ChrgBr":"SHAR",` +
    `"InstgAgt":${institutionText(payment.instructingAgent)},${dealer}` +
    `"Dbtr":{"Nm":${jsonText(customers.debtor)}},${debtorAccount}"DbtrAgt":${institutionText(payment.debtorAgent)},` +
    `"CdtrAgt":${institutionText(payment.creditorAgent)},"Cdtr":{"Nm":${jsonText(customers.creditor)}}${creditorAccount}`;
  const header = groupHeaderText(payment, createdAtMs);
  return Buffer.from(
    `{"Document":{"FIToFICstmrCdtTrf":{${header},"CdtTrfTxInf":[{${transaction}}]}}}`,
  );
}

const accountText = (account: string): string => `{"Id":{"Othr":{"Id":${jsonText(account)}}}}`;

/** Where the transaction stands. */
const AT = '/Document/FIToFICstmrCdtTrf/CdtTrfTxInf/0';

/** Reads a document that was parsed strictly; says where and why when it cannot be cleared. */
export const readCreditTransfer = reader(
  CreditTransferSchema,
  ({ Document }, currencies): PaymentInstruction | Refusal => {
    const { GrpHdr, CdtTrfTxInf } = Document.FIToFICstmrCdtTrf;
    const [transaction] = CdtTrfTxInf;
    const settlement = readAmount(transaction.IntrBkSttlmAmt, `${AT}/IntrBkSttlmAmt`, currencies);
    if (isRefusal(settlement)) return settlement;
    const instructed = transaction.InstdAmt
      ? readAmount(transaction.InstdAmt, `${AT}/InstdAmt`, currencies)
      : settlement;
    if (isRefusal(instructed)) return instructed;
    const excess =
      beyondMaximum(settlement, `${AT}/IntrBkSttlmAmt`, currencies) ??
      beyondMaximum(instructed, `${AT}/InstdAmt`, currencies);
    if (excess) return excess;
    const transfer = transaction as TransferElements;
    const contradiction =
      judgeTransfer({ group: GrpHdr, transfer, path: '/Document/FIToFICstmrCdtTrf' }) ??
      judgeCharges(transfer, AT);
    if (contradiction) return contradiction;
    const charges = readCharges(transaction, settlement.currency, currencies);
    if (isRefusal(charges)) return charges;
    const conversion = readConversion(transaction, instructed, settlement, charges);
    if (isRefusal(conversion)) return conversion;
    // Charges were taken before: inside one currency what settles is what is debited.
    const debited = conversion ? instructed : settlement;
    const read = readTransfer(transaction, agentBic(transaction.DbtrAgt), 'DbtrAgt', AT);
    if (isRefusal(read)) return read;
    const creditorAgent = agentBic(transaction.CdtrAgt);
    const { endToEndId, uetr, instructingAgent, debtorAgent, settlementDate, priority, times } =
      read;
    const { currency, amountMinor } = debited;
    const instruction = {
      messageId: GrpHdr.MsgId,
      endToEndId,
      uetr,
      instructingAgent,
      debtorAgent,
      settlementDate,
      priority,
      creditorAgent,
      currency,
      amountMinor,
      conversion,
    };
    return times ? { ...instruction, times } : instruction;
  },
  (document) => judgeStandardForm(document, CREDIT_TRANSFER),
);

/**
 * What was taken of the instructed amount before this payment, in minor units; with DEBT below zero, for
 * it was paid ahead on top. Charges in other currencies are not added up.
 */
function readCharges(
  transaction: Transaction,
  currency: string,
  currencies: Currencies,
): bigint | Refusal {
  let sum = 0n;
  for (const [place, { Amt }] of (transaction.ChrgsInf ?? []).entries()) {
    if (Amt.Ccy !== currency) continue;
    const charge = readAmount(Amt, `${AT}/ChrgsInf/${place}/Amt`, currencies, 'allowed');
    if (isRefusal(charge)) return charge;
    sum += charge.amountMinor;
  }
  return transaction.ChrgBr === 'DEBT' ? -sum : sum;
}

function readConversion(
  transaction: Transaction,
  instructed: Money,
  settlement: Money,
  chargesMinor: bigint,
): Conversion | null | Refusal {
  const { IntrmyAgt1, XchgRate } = transaction;
  if (instructed.currency === settlement.currency) {
    if (
      IntrmyAgt1 ||
      XchgRate ||
      (transaction.InstdAmt && instructed.amountMinor !== settlement.amountMinor + chargesMinor)
    )
      return refuse(
        'amounts-equal',
        AT,
        { InstdAmt: transaction.InstdAmt, XchgRate, IntrmyAgt1 },
        `must equal IntrBkSttlmAmt and its charges in one currency, without XchgRate and IntrmyAgt1`,
      );
    return null;
  }
  const rate = XchgRate === undefined ? null : parseRate(XchgRate);
  if (!IntrmyAgt1 || !rate)
    return refuse(
      'conversion-elements',
      `${AT}/${rate ? 'IntrmyAgt1' : 'XchgRate'}`,
      rate ? undefined : XchgRate,
      'must have XchgRate (above zero, at most 18 digits) and the dealer as IntrmyAgt1 to change currency',
    );
  return {
    dealer: agentBic(IntrmyAgt1),
    currency: settlement.currency,
    amountMinor: settlement.amountMinor,
    rate,
  };
}
