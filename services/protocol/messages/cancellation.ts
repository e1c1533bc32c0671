import { Type } from '@sinclair/typebox';
import { refuse } from '../rules/refusal.ts';
import { unknownCurrency, writeAmount } from './amounts.ts';
import {
  amount,
  closed,
  documentBytes,
  id35,
  institution,
  isoDateTime,
  message,
  once,
  RETURN_NAMED,
  reader,
  settlingType,
  standard,
  standardAgent,
  text,
  uetr,
} from './document.ts';
import type { CancellationRequest, Refusal } from './instruction.ts';
import { QUOTE, RETURN } from './message-types.ts';

/** Of what settles, or of a dealer's quote, whose id stands in place of the UETR. */
const cancelledType = Type.Union([...settlingType.anyOf, Type.Literal(QUOTE)]);

/**
 * camt.056.001.08 in JSON: the sender asks to cancel one of its own payments, or a dealer takes a quote back. ce_id is Assgnmt/Id.
 * OrgnlGrpInf/OrgnlMsgNmId is the payment's type, and OrgnlMsgId tells a return, whose UETR is its payment's. OrgnlIntrBkSttlmAmt's currency tells the settlement pool and may be left out
 * in a network of one pool; no other element is held against the payment. The answer is camt.029.
 */
export const CancellationSchema = message({
  Document: closed({
    FIToFIPmtCxlReq: closed({
      Assgnmt: closed({
        Id: id35,
        Assgnr: closed({ Agt: standardAgent }),
        Assgne: Type.Optional(closed({ Agt: standardAgent })),
        CreDtTm: Type.Optional(isoDateTime),
      }),
      Undrlyg: once(
        closed({
          TxInf: once(
            closed({
              CxlId: Type.Optional(id35),
              OrgnlGrpInf: closed({ OrgnlMsgId: Type.Optional(id35), OrgnlMsgNmId: cancelledType }),
              OrgnlEndToEndId: Type.Optional(id35),
              OrgnlUETR: uetr,
              OrgnlIntrBkSttlmAmt: Type.Optional(amount),
              OrgnlIntrBkSttlmDt: Type.Optional(text(10)),
              CxlRsnInf: Type.Optional(Type.Array(standard('PaymentCancellationReason5', {}))),
            }),
          ),
        }),
      ),
    }),
  }),
});

export function writeCancellation(
  request: CancellationRequest,
  createdAtMs: number,
  amountMinor: bigint,
  decimals: (currency: string) => number,
): Uint8Array {
  return documentBytes<typeof CancellationSchema>({
    Document: {
      FIToFIPmtCxlReq: {
        Assgnmt: {
          Id: request.id,
          Assgnr: { Agt: institution(request.sender) },
          CreDtTm: new Date(createdAtMs).toISOString(),
        },
        Undrlyg: [
          {
            TxInf: [
              {
                OrgnlGrpInf: {
                  ...(request.returnId && { OrgnlMsgId: request.returnId }),
                  OrgnlMsgNmId: request.paymentType,
                },
                OrgnlUETR: request.uetr,
                ...(request.currency && {
                  OrgnlIntrBkSttlmAmt: writeAmount(request.currency, amountMinor, decimals),
                }),
                CxlRsnInf: [{ Rsn: { Cd: 'CUST' } }],
              },
            ],
          },
        ],
      },
    },
  });
}

const TRANSACTION = '/Document/FIToFIPmtCxlReq/Undrlyg/0/TxInf/0';

export const readCancellation = reader(
  CancellationSchema,
  ({ Document }, currencies): CancellationRequest | Refusal => {
    const { Assgnmt, Undrlyg } = Document.FIToFIPmtCxlReq;
    const [request] = Undrlyg[0].TxInf;
    const { OrgnlMsgId, OrgnlMsgNmId } = request.OrgnlGrpInf;
    if (OrgnlMsgNmId === RETURN && OrgnlMsgId === undefined)
      return refuse('return-id', `${TRANSACTION}/OrgnlGrpInf/OrgnlMsgId`, undefined, RETURN_NAMED);
    const currency = request.OrgnlIntrBkSttlmAmt?.Ccy ?? null;
    if (currency !== null && !currencies.has(currency))
      return unknownCurrency(currency, `${TRANSACTION}/OrgnlIntrBkSttlmAmt/Ccy`, currencies);
    return {
      id: Assgnmt.Id,
      sender: Assgnmt.Assgnr.Agt.FinInstnId.BICFI,
      uetr: request.OrgnlUETR,
      paymentType: OrgnlMsgNmId,
      ...(OrgnlMsgNmId === RETURN && { returnId: OrgnlMsgId }),
      currency,
    };
  },
);
