import { type Static, Type } from '@sinclair/typebox';
import { UETR_PATTERN, type Uetr } from '../names/identifiers.ts';
import {
  CURRENCY_PATTERN,
  checker,
  closed,
  isRefusal,
  messageHeader,
  PRIORITY_CODES,
  PRIORITY_OF,
  paymentType,
} from './document.ts';
import {
  CREDIT_TRANSFER,
  type Currencies,
  type Refusal,
  type ReorderingRequest,
} from './instruction.ts';

/**
 * camt.007.001.08 in JSON: the sender moves one of its queued payments to the end of a class
 * ({"Cd": "HIGH"}) or to its front ({"Prtry": "HIGH-FIRST"}). ce_id is MsgHdr/MsgId; the message
 * names no sender, so ce_source alone does. SplmtryData/Envlp says what the standard has no element
 * for: MsgNmId the payment's type (pacs.008.001.08 where it is left out), and Ccy one of its
 * currencies, which tells the pool and may be left out in a network of one. The answer is camt.025.
 */
export const ReorderingSchema = Type.Object({
  Document: closed({
    ModfyTx: closed({
      MsgHdr: messageHeader,
      Mod: Type.Array(
        closed({
          PmtId: closed({ UETR: Type.String({ pattern: UETR_PATTERN }) }),
          NewPmtValSet: closed({
            Prty: Type.Union([
              closed({
                Cd: Type.Union([Type.Literal('URGT'), Type.Literal('HIGH'), Type.Literal('NORM')]),
              }),
              closed({ Prtry: Type.String({ pattern: '^(URGT|HIGH|NORM)-FIRST$' }) }),
            ]),
          }),
        }),
        { minItems: 1, maxItems: 1 },
      ),
      SplmtryData: Type.Optional(
        Type.Array(
          closed({
            Envlp: closed({
              MsgNmId: Type.Optional(paymentType),
              Ccy: Type.Optional(Type.String({ pattern: CURRENCY_PATTERN })),
            }),
          }),
          { minItems: 1, maxItems: 1 },
        ),
      ),
    }),
  }),
});
type Modification = Static<typeof ReorderingSchema>['Document']['ModfyTx']['Mod'][number];

const check = checker(ReorderingSchema);

export function writeReordering(request: ReorderingRequest, createdAtMs: number): Uint8Array {
  const code = PRIORITY_CODES[request.priority];
  const document: Static<typeof ReorderingSchema> = {
    Document: {
      ModfyTx: {
        MsgHdr: { MsgId: request.id, CreDtTm: new Date(createdAtMs).toISOString() },
        Mod: [
          {
            PmtId: { UETR: request.uetr },
            NewPmtValSet: {
              Prty: request.move === 'front' ? { Prtry: `${code}-FIRST` } : { Cd: code },
            },
          },
        ],
        SplmtryData: [
          {
            Envlp: {
              MsgNmId: request.paymentType,
              ...(request.currency && { Ccy: request.currency }),
            },
          },
        ],
      },
    },
  };
  return Buffer.from(JSON.stringify(document));
}

export function readReordering(
  document: unknown,
  currencies: Currencies,
): ReorderingRequest | Refusal {
  const checked = check(document);
  if (isRefusal(checked)) return checked;
  const { MsgHdr, Mod, SplmtryData } = checked.value.Document.ModfyTx;
  const { PmtId, NewPmtValSet } = Mod[0] as Modification;
  const currency = SplmtryData?.[0]?.Envlp.Ccy ?? null;
  if (currency !== null && !currencies.has(currency))
    return {
      reason: 'currencyUnknown',
      detail: `SplmtryData/Envlp/Ccy ${currency}: expected ${[...currencies.keys()].join(', ')}`,
    };
  const { Prty } = NewPmtValSet;
  const code = 'Cd' in Prty ? Prty.Cd : (Prty.Prtry.slice(0, 4) as keyof typeof PRIORITY_OF);
  return {
    id: MsgHdr.MsgId,
    uetr: PmtId.UETR as Uetr,
    paymentType: SplmtryData?.[0]?.Envlp.MsgNmId ?? CREDIT_TRANSFER,
    priority: PRIORITY_OF[code],
    move: 'Cd' in Prty ? 'end' : 'front',
    currency,
  };
}
