import { Type } from '@sinclair/typebox';
import { judgeTransfer, type TransferElements } from '../rules/contradictions.ts';
import type { Refusal } from '../rules/refusal.ts';
import { judgeStandardForm } from '../rules/unknown-elements-and-standard-form.ts';
import { beyondMaximum, readAmount } from './amounts.ts';
import {
  amount,
  institutionText,
  isRefusal,
  once,
  openAgent,
  otherAgent,
  party,
  reader,
} from './document.ts';
import type { PaymentInstruction } from './instruction.ts';
import { BANK_TRANSFER } from './message-types.ts';
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
 * pacs.009.001.08 in JSON: a transfer between two banks on their own account, in one currency.
 * The account debited is that of DbtrAgt, or of Dbtr where there is none, and must be the instructing
 * agent's; the account credited that of CdtrAgt, or of Cdtr. To clearing it is a payment like any
 * other. A cover (COV) has the customer transfer that it pays for in UndrlygCstmrCdtTrf: clearing
 * does not heed it, and the creditor's bank receives it as it was sent.
 */

/** Who pays whom through which agents, as the standard asks for at least; its amount may be in any currency. */
const underlyingTransfer = Type.Object({
  Dbtr: party,
  DbtrAgt: otherAgent,
  PrvsInstgAgt1: Type.Optional(otherAgent),
  PrvsInstgAgt2: Type.Optional(otherAgent),
  PrvsInstgAgt3: Type.Optional(otherAgent),
  IntrmyAgt1: Type.Optional(otherAgent),
  IntrmyAgt2: Type.Optional(otherAgent),
  IntrmyAgt3: Type.Optional(otherAgent),
  CdtrAgt: otherAgent,
  Cdtr: party,
  InstdAmt: Type.Optional(amount),
});

export const BankTransferSchema = Type.Object({
  Document: Type.Object({
    FICdtTrf: Type.Object({
      GrpHdr: groupHeader,
      CdtTrfTxInf: once(
        Type.Object({
          ...transferElements,
          InstgAgt: openAgent,
          Dbtr: openAgent,
          DbtrAgt: Type.Optional(openAgent),
          CdtrAgt: Type.Optional(openAgent),
          Cdtr: openAgent,
          UndrlygCstmrCdtTrf: Type.Optional(underlyingTransfer),
        }),
      ),
    }),
  }),
});

/** Writes the document of a payment in one currency; `decimals` gives its minor units. */
export function writeBankTransfer(
  payment: PaymentInstruction,
  createdAtMs: number,
  decimals: (currency: string) => number,
): Uint8Array {
  const credited = currencyAmountText(payment.currency, payment.amountMinor, decimals);
  const transaction =
    `${transferText(payment, credited)},"InstgAgt":${institutionText(payment.instructingAgent)},` +
    `"Dbtr":${institutionText(payment.debtorAgent)},"Cdtr":${institutionText(payment.creditorAgent)}`;
  const header = groupHeaderText(payment, createdAtMs);
  return Buffer.from(`{"Document":{"FICdtTrf":{${header},"CdtTrfTxInf":[{${transaction}}]}}}`);
}

/** Where the transaction stands. */
const AT = '/Document/FICdtTrf/CdtTrfTxInf/0';

/** Reads a document that was parsed strictly; says where and why when it cannot be cleared. */
export const readBankTransfer = reader(
  BankTransferSchema,
  ({ Document }, currencies): PaymentInstruction | Refusal => {
    const { GrpHdr, CdtTrfTxInf } = Document.FICdtTrf;
    const [transaction] = CdtTrfTxInf;
    const money = readAmount(transaction.IntrBkSttlmAmt, `${AT}/IntrBkSttlmAmt`, currencies);
    if (isRefusal(money)) return money;
    const excess = beyondMaximum(money, `${AT}/IntrBkSttlmAmt`, currencies);
    if (excess) return excess;
    const transfer = transaction as TransferElements;
    const contradiction = judgeTransfer({
      group: GrpHdr,
      transfer,
      path: '/Document/FICdtTrf',
    });
    if (contradiction) return contradiction;
    const { Dbtr, DbtrAgt, Cdtr, CdtrAgt } = transaction;
    const read = readTransfer(
      transaction,
      agentBic(DbtrAgt ?? Dbtr),
      DbtrAgt ? 'DbtrAgt' : 'Dbtr',
      AT,
    );
    if (isRefusal(read)) return read;
    const creditorAgent = agentBic(CdtrAgt ?? Cdtr);
    return { messageId: GrpHdr.MsgId, ...read, creditorAgent, ...money, conversion: null };
  },
  (document) => judgeStandardForm(document, BANK_TRANSFER),
);
