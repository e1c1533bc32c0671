import { Type } from '@sinclair/typebox';
import type { Refusal } from '../rules/refusal.ts';
import { unknownCurrency } from './amounts.ts';
import {
  agent,
  amount,
  closed,
  documentBytes,
  id35,
  institution,
  isoDateTime,
  message,
  once,
  reader,
  settlingType,
  text,
  uetr,
} from './document.ts';
import { RETURN, type StatusRequest } from './instruction.ts';
import { agentBic } from './transfer.ts';

/**
 * pacs.028.001.03 in JSON: a bank of a payment (InstgAgt) asks how it stands. ce_id is GrpHdr/MsgId. The
 * payment is known by its sender (OrgnlTxRef/DbtrAgt; without it the bank that asks), OrgnlMsgNmId and
 * OrgnlUETR, a return by OrgnlMsgId in place of the UETR, which is its payment's. The currency of OrgnlTxRef/IntrBkSttlmAmt tells the settlement pool, and may be left out in a
 * network of one pool. The answer is the payment's pacs.002.
 */
export const StatusRequestSchema = message({
  Document: closed({
    FIToFIPmtStsReq: closed({
      GrpHdr: closed({ MsgId: id35, CreDtTm: isoDateTime }),
      TxInf: once(
        closed({
          StsReqId: Type.Optional(text(35)),
          OrgnlGrpInf: closed({ OrgnlMsgId: text(35), OrgnlMsgNmId: settlingType }),
          OrgnlInstrId: Type.Optional(text(35)),
          OrgnlEndToEndId: Type.Optional(text(35)),
          OrgnlTxId: Type.Optional(text(35)),
          OrgnlUETR: uetr,
          InstgAgt: agent,
          OrgnlTxRef: Type.Optional(
            closed({ IntrBkSttlmAmt: Type.Optional(amount), DbtrAgt: Type.Optional(agent) }),
          ),
        }),
      ),
    }),
  }),
});

/** @param settled the payment's amount, which tells the pool; null: the network has one */
export function writeStatusRequest(
  request: Omit<StatusRequest, 'currency'>,
  originalMessageId: string,
  settled: { readonly Ccy: string; readonly Amt: string } | null,
  createdAtMs: number,
): Uint8Array {
  return documentBytes<typeof StatusRequestSchema>({
    Document: {
      FIToFIPmtStsReq: {
        GrpHdr: { MsgId: request.id, CreDtTm: new Date(createdAtMs).toISOString() },
        TxInf: [
          {
            OrgnlGrpInf: { OrgnlMsgId: originalMessageId, OrgnlMsgNmId: request.paymentType },
            OrgnlUETR: request.uetr,
            InstgAgt: institution(request.sender),
            OrgnlTxRef: {
              ...(settled && { IntrBkSttlmAmt: settled }),
              DbtrAgt: institution(request.paymentSender),
            },
          },
        ],
      },
    },
  });
}

export const readStatusRequest = reader(
  StatusRequestSchema,
  ({ Document }, currencies): StatusRequest | Refusal => {
    const { GrpHdr, TxInf } = Document.FIToFIPmtStsReq;
    const [asked] = TxInf;
    const { IntrBkSttlmAmt, DbtrAgt } = asked.OrgnlTxRef ?? {};
    const currency = IntrBkSttlmAmt?.Ccy ?? null;
    if (currency !== null && !currencies.has(currency))
      return unknownCurrency(
        currency,
        '/Document/FIToFIPmtStsReq/TxInf/0/OrgnlTxRef/IntrBkSttlmAmt/Ccy',
        currencies,
      );
    const sender = agentBic(asked.InstgAgt);
    const { OrgnlMsgId, OrgnlMsgNmId } = asked.OrgnlGrpInf;
    return {
      id: GrpHdr.MsgId,
      sender,
      uetr: asked.OrgnlUETR,
      paymentType: OrgnlMsgNmId,
      ...(OrgnlMsgNmId === RETURN && { returnId: OrgnlMsgId }),
      paymentSender: DbtrAgt ? agentBic(DbtrAgt) : sender,
      currency,
    };
  },
);
