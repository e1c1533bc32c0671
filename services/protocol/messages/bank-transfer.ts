import { type Static, Type } from '@sinclair/typebox';
import { dayNumber } from '../names/dates.ts';
import { type Bic, UETR_PATTERN, type Uetr } from '../names/identifiers.ts';
import {
  agent,
  amount,
  checker,
  id35,
  institution,
  isoDate,
  isRefusal,
  PRIORITY_CODES,
  PRIORITY_OF,
  readAmount,
  settlementPriority,
  text,
  writeAmount,
} from './document.ts';
import type { Currencies, PaymentInstruction, Refusal } from './instruction.ts';
import { hasTimes, readTimes, settlementTimeRequest, writeTimes } from './settlement-times.ts';

/**
 * pacs.009.001.08 (core) in JSON: a transfer between two banks on their own account, in one currency.
 * The account debited is that of DbtrAgt, or of Dbtr where there is none, and must be the instructing
 * agent's; the account credited that of CdtrAgt, or of Cdtr. To clearing it is a payment like any
 * other. The COV and ADV uses accompany customer transfers between correspondents and are not taken.
 */
export const BankTransferSchema = Type.Object({
  Document: Type.Object({
    FICdtTrf: Type.Object({
      GrpHdr: Type.Object({
        MsgId: id35,
        CreDtTm: text(40),
        NbOfTxs: Type.Literal('1'),
        SttlmInf: Type.Object({ SttlmMtd: Type.Literal('CLRG') }),
      }),
      CdtTrfTxInf: Type.Array(
        Type.Object({
          PmtId: Type.Object({
            EndToEndId: id35,
            UETR: Type.String({ pattern: UETR_PATTERN }),
          }),
          IntrBkSttlmAmt: amount,
          IntrBkSttlmDt: isoDate,
          SttlmPrty: settlementPriority,
          SttlmTmReq: settlementTimeRequest,
          InstgAgt: agent,
          Dbtr: agent,
          DbtrAgt: Type.Optional(agent),
          CdtrAgt: Type.Optional(agent),
          Cdtr: agent,
          // A customer transfer underneath makes it a COV.
          UndrlygCstmrCdtTrf: Type.Optional(Type.Never()),
        }),
        { minItems: 1, maxItems: 1 },
      ),
    }),
  }),
});

type BankTransfer = Static<typeof BankTransferSchema>;
type Transaction = BankTransfer['Document']['FICdtTrf']['CdtTrfTxInf'][number];

const check = checker(BankTransferSchema);

/** Writes the document of a payment in one currency; `decimals` gives its minor units. */
export function writeBankTransfer(
  payment: PaymentInstruction,
  createdAtMs: number,
  decimals: (currency: string) => number,
): Uint8Array {
  const times = payment.times && writeTimes(payment.times);
  const transaction: Transaction = {
    PmtId: { EndToEndId: payment.endToEndId, UETR: payment.uetr },
    IntrBkSttlmAmt: writeAmount(payment.currency, payment.amountMinor, decimals),
    IntrBkSttlmDt: payment.settlementDate,
    SttlmPrty: PRIORITY_CODES[payment.priority],
    ...(times && { SttlmTmReq: times }),
    InstgAgt: institution(payment.instructingAgent),
    Dbtr: institution(payment.debtorAgent),
    Cdtr: institution(payment.creditorAgent),
  };
  const document: BankTransfer = {
    Document: {
      FICdtTrf: {
        GrpHdr: {
          MsgId: payment.messageId,
          CreDtTm: new Date(createdAtMs).toISOString(),
          NbOfTxs: '1',
          SttlmInf: { SttlmMtd: 'CLRG' },
        },
        CdtTrfTxInf: [transaction],
      },
    },
  };
  return Buffer.from(JSON.stringify(document));
}

/** Reads a document that was parsed strictly; says where and why when it cannot be cleared. */
export function readBankTransfer(
  document: unknown,
  currencies: Currencies,
): PaymentInstruction | Refusal {
  const checked = check(document);
  if (isRefusal(checked)) return checked;
  const { GrpHdr, CdtTrfTxInf } = checked.value.Document.FICdtTrf;
  const transaction = CdtTrfTxInf[0] as Transaction;
  const money = readAmount(transaction.IntrBkSttlmAmt, 'IntrBkSttlmAmt', currencies);
  if (isRefusal(money)) return money;
  const bic = ({ FinInstnId }: Static<typeof agent>) => FinInstnId.BICFI as Bic;
  const instructingAgent = bic(transaction.InstgAgt);
  const debtorAgent = bic(transaction.DbtrAgt ?? transaction.Dbtr);
  if (instructingAgent !== debtorAgent)
    return {
      reason: 'instructingAgentNotDebtorAgent',
      detail: `InstgAgt ${instructingAgent} is not ${transaction.DbtrAgt ? 'DbtrAgt' : 'Dbtr'} ${debtorAgent}`,
    };
  if (dayNumber(transaction.IntrBkSttlmDt) === null)
    return {
      reason: 'settlementDateInvalid',
      detail: `IntrBkSttlmDt ${transaction.IntrBkSttlmDt} is no date`,
    };
  const times = readTimes(transaction.SttlmTmReq);
  if (isRefusal(times)) return times;
  return {
    messageId: GrpHdr.MsgId,
    endToEndId: transaction.PmtId.EndToEndId,
    uetr: transaction.PmtId.UETR as Uetr,
    instructingAgent,
    debtorAgent,
    creditorAgent: bic(transaction.CdtrAgt ?? transaction.Cdtr),
    ...money,
    settlementDate: transaction.IntrBkSttlmDt,
    priority: PRIORITY_OF[transaction.SttlmPrty ?? 'NORM'],
    conversion: null,
    ...(hasTimes(times) && { times }),
  };
}
