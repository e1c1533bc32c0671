import { type Static, Type } from '@sinclair/typebox';
import { type Bic, UETR_PATTERN, type Uetr } from '../names/identifiers.ts';
import {
  agent,
  amount,
  checker,
  closed,
  id35,
  institution,
  isRefusal,
  paymentType,
  text,
  writeAmount,
} from './document.ts';
import type { CancellationRequest, Currencies, Refusal } from './instruction.ts';

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
        CreDtTm: Type.Optional(text(40)),
      }),
      Undrlyg: Type.Array(
        closed({
          TxInf: Type.Array(
            closed({
              CxlId: Type.Optional(id35),
              OrgnlGrpInf: closed({ OrgnlMsgId: Type.Optional(id35), OrgnlMsgNmId: paymentType }),
              OrgnlEndToEndId: Type.Optional(id35),
              OrgnlUETR: Type.String({ pattern: UETR_PATTERN }),
              OrgnlIntrBkSttlmAmt: Type.Optional(amount),
              OrgnlIntrBkSttlmDt: Type.Optional(text(10)),
              CxlRsnInf: Type.Optional(Type.Array(Type.Object({}))),
            }),
            { minItems: 1, maxItems: 1 },
          ),
        }),
        { minItems: 1, maxItems: 1 },
      ),
    }),
  }),
});

type Underlying = Static<
  typeof CancellationSchema
>['Document']['FIToFIPmtCxlReq']['Undrlyg'][number];
type Transaction = Underlying['TxInf'][number];

const check = checker(CancellationSchema);

export function writeCancellation(
  request: CancellationRequest,
  createdAtMs: number,
  amountMinor: bigint,
  decimals: (currency: string) => number,
): Uint8Array {
  const document: Static<typeof CancellationSchema> = {
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
  };
  return Buffer.from(JSON.stringify(document));
}

export function readCancellation(
  document: unknown,
  currencies: Currencies,
): CancellationRequest | Refusal {
  const checked = check(document);
  if (isRefusal(checked)) return checked;
  const { Assgnmt, Undrlyg } = checked.value.Document.FIToFIPmtCxlReq;
  const request = Undrlyg[0]?.TxInf[0] as Transaction;
  const currency = request.OrgnlIntrBkSttlmAmt?.Ccy ?? null;
  if (currency !== null && !currencies.has(currency))
    return {
      reason: 'currencyUnknown',
      detail: `OrgnlIntrBkSttlmAmt/Ccy ${currency}: expected ${[...currencies.keys()].join(', ')}`,
    };
  return {
    id: Assgnmt.Id,
    sender: Assgnmt.Assgnr.Agt.FinInstnId.BICFI as Bic,
    uetr: request.OrgnlUETR as Uetr,
    paymentType: request.OrgnlGrpInf.OrgnlMsgNmId,
    currency,
  };
}
