import { Type } from '@sinclair/typebox';
import { unknownCurrency, writeAmount } from './amounts.ts';
import {
  agent,
  amount,
  closed,
  documentBytes,
  id35,
  institution,
  isoDateTime,
  once,
  paymentType,
  reader,
  text,
  uetr,
} from './document.ts';
import type { CancellationRequest, Refusal } from './instruction.ts';

/**
 * camt.056.001.08 in JSON: the sender asks to cancel one of its own payments that has not settled.
 * ce_id is Assgnmt/Id. OrgnlGrpInf/OrgnlMsgNmId is the payment's type. OrgnlIntrBkSttlmAmt's currency tells the settlement pool and may be left out
 * in a network of one pool; no other element is held against the payment. The answer is camt.029.
 */
export const CancellationSchema = Type.Object({
  Document: closed({
    FIToFIPmtCxlReq: closed({
      Assgnmt: closed({
        Id: id35,
        Assgnr: closed({ Agt: agent }),
        Assgne: Type.Optional(closed({ Agt: agent })),
        CreDtTm: Type.Optional(isoDateTime),
      }),
      Undrlyg: once(
        closed({
          TxInf: once(
            closed({
              CxlId: Type.Optional(id35),
              OrgnlGrpInf: closed({ OrgnlMsgId: Type.Optional(id35), OrgnlMsgNmId: paymentType }),
              OrgnlEndToEndId: Type.Optional(id35),
              OrgnlUETR: uetr,
              OrgnlIntrBkSttlmAmt: Type.Optional(amount),
              OrgnlIntrBkSttlmDt: Type.Optional(text(10)),
              CxlRsnInf: Type.Optional(Type.Array(Type.Object({}))),
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
                OrgnlGrpInf: { OrgnlMsgNmId: request.paymentType },
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

export const readCancellation = reader(
  CancellationSchema,
  ({ Document }, currencies): CancellationRequest | Refusal => {
    const { Assgnmt, Undrlyg } = Document.FIToFIPmtCxlReq;
    const [request] = Undrlyg[0].TxInf;
    const currency = request.OrgnlIntrBkSttlmAmt?.Ccy ?? null;
    if (currency !== null && !currencies.has(currency))
      return unknownCurrency(
        currency,
        '/Document/FIToFIPmtCxlReq/Undrlyg/0/TxInf/0/OrgnlIntrBkSttlmAmt/Ccy',
        currencies,
      );
    return {
      id: Assgnmt.Id,
      sender: Assgnmt.Assgnr.Agt.FinInstnId.BICFI,
      uetr: request.OrgnlUETR,
      paymentType: request.OrgnlGrpInf.OrgnlMsgNmId,
      currency,
    };
  },
);
