import { type Static, Type } from '@sinclair/typebox';
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
  transferType,
  uetr,
  writeHeader,
} from './document.ts';
import type { StatusRequest } from './instruction.ts';
import { CANCELLATION, CREDIT_TRANSFER, RETURN } from './message-types.ts';
import { agentBic } from './transfer-parts.ts';

/**
 * pacs.028.001.03 in JSON: a bank of a payment (InstgAgt) asks how it stands. ce_id is GrpHdr/MsgId. The
 * payment is known by its sender (OrgnlTxRef/DbtrAgt; without it the bank that asks), OrgnlMsgNmId and
 * OrgnlUETR, a return by OrgnlMsgId in place of the UETR, which is its payment's. The currency of OrgnlTxRef/IntrBkSttlmAmt tells the settlement pool, and may be left out in a
 * network of one pool. The answer is the payment's pacs.002.
 *
 * Where OrgnlMsgNmId is camt.056.001.08 it asks what became of the request to cancel: OrgnlMsgId is that request's
 * Assgnmt/Id, and OrgnlGrpInf beside TxInf names the payment's message, without it a pacs.008. The answer is a
 * camt.029.
 */
const originalTransferOfRequest = closed({ OrgnlMsgId: text(35), OrgnlMsgNmId: transferType });
/** What it may ask for: what settles, or the request to cancel it. */
const askedType = Type.Union([...settlingType.anyOf, Type.Literal(CANCELLATION)]);

export const StatusRequestSchema = message({
  Document: closed({
    FIToFIPmtStsReq: closed({
      GrpHdr: closed({ MsgId: id35, CreDtTm: isoDateTime }),
      OrgnlGrpInf: Type.Optional(once(originalTransferOfRequest)),
      TxInf: once(
        closed({
          StsReqId: Type.Optional(text(35)),
          OrgnlGrpInf: closed({ OrgnlMsgId: text(35), OrgnlMsgNmId: askedType }),
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

/**
 * @param originalMessageId of the payment's message
 * @param settled the payment's amount, which tells the pool; null: the network has one
 * @param cancellationId of the request to cancel that is asked about; null: the payment is
 */
export function writeStatusRequest(
  request: Omit<StatusRequest, 'currency'>,
  originalMessageId: string,
  settled: { readonly Ccy: string; readonly Amt: string } | null,
  createdAtMs: number,
  cancellationId: string | null = null,
): Uint8Array {
  const original = { OrgnlMsgId: originalMessageId, OrgnlMsgNmId: request.paymentType };
  const ofTransfer = [original] as [Static<typeof originalTransferOfRequest>];
  return documentBytes<typeof StatusRequestSchema>({
    Document: {
      FIToFIPmtStsReq: {
        GrpHdr: writeHeader(request.id, createdAtMs),
        ...(cancellationId !== null && { OrgnlGrpInf: ofTransfer }),
        TxInf: [
          {
            OrgnlGrpInf:
              cancellationId === null
                ? original
                : { OrgnlMsgId: cancellationId, OrgnlMsgNmId: CANCELLATION },
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
    const { GrpHdr, OrgnlGrpInf, TxInf } = Document.FIToFIPmtStsReq;
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
    const paymentType =
      OrgnlMsgNmId === CANCELLATION
        ? (OrgnlGrpInf?.[0].OrgnlMsgNmId ?? CREDIT_TRANSFER)
        : OrgnlMsgNmId;
    return {
      id: GrpHdr.MsgId,
      sender,
      uetr: asked.OrgnlUETR,
      paymentType,
      ...(OrgnlMsgNmId === RETURN && { returnId: OrgnlMsgId }),
      paymentSender: DbtrAgt ? agentBic(DbtrAgt) : sender,
      currency,
    };
  },
);
