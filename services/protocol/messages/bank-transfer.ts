import { type Static, Type } from '@sinclair/typebox';
import { agent, checker, institution, isRefusal, readAmount, writeAmount } from './document.ts';
import type { Currencies, PaymentInstruction, Refusal } from './instruction.ts';
import {
  agentBic,
  groupHeader,
  readTransfer,
  transferElements,
  writeGroupHeader,
  writeTransfer,
} from './transfer.ts';

/**
 * pacs.009.001.08 (core) in JSON: a transfer between two banks on their own account, in one currency.
 * The account debited is that of DbtrAgt, or of Dbtr where there is none, and must be the instructing
 * agent's; the account credited that of CdtrAgt, or of Cdtr. To clearing it is a payment like any
 * other. The COV and ADV uses accompany customer transfers between correspondents and are not taken.
 */
export const BankTransferSchema = Type.Object({
  Document: Type.Object({
    FICdtTrf: Type.Object({
      GrpHdr: groupHeader,
      CdtTrfTxInf: Type.Array(
        Type.Object({
          ...transferElements,
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
  const transaction: Transaction = {
    ...writeTransfer(payment, writeAmount(payment.currency, payment.amountMinor, decimals)),
    InstgAgt: institution(payment.instructingAgent),
    Dbtr: institution(payment.debtorAgent),
    Cdtr: institution(payment.creditorAgent),
  };
  const document: BankTransfer = {
    Document: {
      FICdtTrf: {
        GrpHdr: writeGroupHeader(payment, createdAtMs),
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
  const { Dbtr, DbtrAgt, Cdtr, CdtrAgt } = transaction;
  const read = readTransfer(transaction, agentBic(DbtrAgt ?? Dbtr), DbtrAgt ? 'DbtrAgt' : 'Dbtr');
  if (isRefusal(read)) return read;
  const creditorAgent = agentBic(CdtrAgt ?? Cdtr);
  return { messageId: GrpHdr.MsgId, ...read, creditorAgent, ...money, conversion: null };
}
