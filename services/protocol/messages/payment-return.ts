import { Type } from '@sinclair/typebox';
import { RATE_PATTERN } from '../names/minor-units.ts';
import type { Refusal } from '../rules/refusal.ts';
import { readAmount, writeAmount } from './amounts.ts';
import {
  amount,
  closed,
  documentBytes,
  id35,
  institution,
  isoDate,
  isoDateTime,
  isRefusal,
  message,
  once,
  originalReference,
  originalTransfer,
  reader,
  reasonGiven,
  settlementPriority,
  standard,
  standardAgent,
  text,
  uetr,
} from './document.ts';
import type { ReturnInstruction } from './instruction.ts';
import { PRIORITY_CODES } from './priorities.ts';
import { agentBic, readSettlement } from './transfer-parts.ts';

/**
 * pacs.004.001.09 in JSON: the creditor's agent pays a settled payment back, wholly or in part, to the bank
 * that sent it. ce_id is GrpHdr/MsgId. The payment is known by InstdAgt (its sender), OrgnlMsgNmId and
 * OrgnlUETR. RtrdIntrBkSttlmAmt is in the currency that the creditor's agent received. No other element is
 * held against the payment; the receiver gets all of them as they are.
 */
export const PaymentReturnSchema = message({
  Document: closed({
    PmtRtr: closed({
      GrpHdr: closed({
        MsgId: id35,
        CreDtTm: isoDateTime,
        NbOfTxs: Type.Literal('1'),
        SttlmInf: closed({ SttlmMtd: Type.Literal('CLRG') }),
      }),
      TxInf: once(
        closed({
          RtrId: Type.Optional(id35),
          OrgnlGrpInf: originalTransfer,
          OrgnlInstrId: Type.Optional(text(35)),
          OrgnlEndToEndId: Type.Optional(text(35)),
          OrgnlTxId: Type.Optional(text(35)),
          OrgnlUETR: uetr,
          OrgnlIntrBkSttlmAmt: Type.Optional(amount),
          OrgnlIntrBkSttlmDt: Type.Optional(isoDate),
          RtrdIntrBkSttlmAmt: amount,
          IntrBkSttlmDt: isoDate,
          SttlmPrty: settlementPriority,
          RtrdInstdAmt: Type.Optional(amount),
          XchgRate: Type.Optional(Type.String({ pattern: RATE_PATTERN })),
          CompstnAmt: Type.Optional(amount),
          ChrgBr: Type.Optional(text(4)),
          ChrgsInf: Type.Optional(Type.Array(closed({ Amt: amount, Agt: standardAgent }))),
          InstgAgt: standardAgent,
          InstdAgt: standardAgent,
          RtrChain: Type.Optional(standard('TransactionParties7', {})),
          RtrRsnInf: reasonGiven('PaymentReturnReason6'),
          OrgnlTxRef: Type.Optional(originalReference),
        }),
      ),
    }),
  }),
});

/** @param reasonCode an ISO code of return reasons, such as AC04: the account is closed */
export function writePaymentReturn(
  of: ReturnInstruction,
  reasonCode: string,
  createdAtMs: number,
  decimals: (currency: string) => number,
): Uint8Array {
  return documentBytes<typeof PaymentReturnSchema>({
    Document: {
      PmtRtr: {
        GrpHdr: {
          MsgId: of.id,
          CreDtTm: new Date(createdAtMs).toISOString(),
          NbOfTxs: '1',
          SttlmInf: { SttlmMtd: 'CLRG' },
        },
        TxInf: [
          {
            OrgnlGrpInf: { OrgnlMsgId: of.originalMessageId, OrgnlMsgNmId: of.paymentType },
            OrgnlUETR: of.uetr,
            RtrdIntrBkSttlmAmt: writeAmount(of.currency, of.amountMinor, decimals),
            IntrBkSttlmDt: of.settlementDate,
            SttlmPrty: PRIORITY_CODES[of.priority],
            InstgAgt: institution(of.sender),
            InstdAgt: institution(of.receiver),
            RtrRsnInf: [{ Rsn: { Cd: reasonCode } }],
          },
        ],
      },
    },
  });
}

const AT = '/Document/PmtRtr/TxInf/0';

export const readPaymentReturn = reader(
  PaymentReturnSchema,
  ({ Document }, currencies): ReturnInstruction | Refusal => {
    const { GrpHdr, TxInf } = Document.PmtRtr;
    const [transaction] = TxInf;
    const money = readAmount(
      transaction.RtrdIntrBkSttlmAmt,
      `${AT}/RtrdIntrBkSttlmAmt`,
      currencies,
    );
    if (isRefusal(money)) return money;
    const settled = readSettlement(transaction, AT);
    if (isRefusal(settled)) return settled;
    const { settlementDate, priority } = settled;
    return {
      id: GrpHdr.MsgId,
      sender: agentBic(transaction.InstgAgt),
      receiver: agentBic(transaction.InstdAgt),
      uetr: transaction.OrgnlUETR,
      paymentType: transaction.OrgnlGrpInf.OrgnlMsgNmId,
      originalMessageId: transaction.OrgnlGrpInf.OrgnlMsgId,
      ...money,
      settlementDate,
      priority,
    };
  },
);
