import { Type } from '@sinclair/typebox';
import { refuse } from '../rules/refusal.ts';
import { unknownCurrency } from './amounts.ts';
import {
  closed,
  currencyCode,
  documentBytes,
  id35,
  message,
  messageHeader,
  once,
  RETURN_NAMED,
  reader,
  settlingType,
  uetr,
  writeHeader,
} from './document.ts';
import type { Refusal, ReorderingRequest } from './instruction.ts';
import { CREDIT_TRANSFER, RETURN } from './message-types.ts';
import { PRIORITY_CODES, PRIORITY_OF } from './priorities.ts';

/**
 * camt.007.001.08 in JSON: the sender moves one of its queued payments to the end of a class
 * ({"Cd": "HIGH"}) or to its front ({"Prtry": "HIGH-FIRST"}). ce_id is MsgHdr/MsgId; the message
 * names no sender, so ce_source alone does. SplmtryData/Envlp says what the standard has no element
 * for: MsgNmId the payment's type (pacs.008.001.08 where it is left out), MsgId of a return its own, as the UETR
 * is its payment's, and Ccy one of its currencies, which tells the pool and may be left out in a network of one.
 * The answer is camt.025.
 */
export const ReorderingSchema = message({
  Document: closed({
    ModfyTx: closed({
      MsgHdr: messageHeader,
      Mod: once(
        closed({
          PmtId: closed({ UETR: uetr }),
          NewPmtValSet: closed({
            Prty: Type.Union([
              closed({
                Cd: Type.Union([Type.Literal('URGT'), Type.Literal('HIGH'), Type.Literal('NORM')]),
              }),
              closed({ Prtry: Type.String({ pattern: '^(URGT|HIGH|NORM)-FIRST$' }) }),
            ]),
          }),
        }),
      ),
      SplmtryData: Type.Optional(
        once(
          closed({
            Envlp: closed({
              MsgNmId: Type.Optional(settlingType),
              MsgId: Type.Optional(id35),
              Ccy: Type.Optional(currencyCode),
            }),
          }),
        ),
      ),
    }),
  }),
});

export function writeReordering(request: ReorderingRequest, createdAtMs: number): Uint8Array {
  const code = PRIORITY_CODES[request.priority];
  return documentBytes<typeof ReorderingSchema>({
    Document: {
      ModfyTx: {
        MsgHdr: writeHeader(request.id, createdAtMs),
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
              ...(request.returnId && { MsgId: request.returnId }),
              ...(request.currency && { Ccy: request.currency }),
            },
          },
        ],
      },
    },
  });
}

export const readReordering = reader(
  ReorderingSchema,
  ({ Document }, currencies): ReorderingRequest | Refusal => {
    const { MsgHdr, Mod, SplmtryData } = Document.ModfyTx;
    const [{ PmtId, NewPmtValSet }] = Mod;
    const { MsgNmId = CREDIT_TRANSFER, MsgId, Ccy } = SplmtryData?.[0]?.Envlp ?? {};
    if (MsgNmId === RETURN && MsgId === undefined)
      return refuse(
        'return-id',
        '/Document/ModfyTx/SplmtryData/0/Envlp/MsgId',
        undefined,
        RETURN_NAMED,
      );
    const currency = Ccy ?? null;
    if (currency !== null && !currencies.has(currency))
      return unknownCurrency(currency, '/Document/ModfyTx/SplmtryData/0/Envlp/Ccy', currencies);
    const { Prty } = NewPmtValSet;
    const code = 'Cd' in Prty ? Prty.Cd : (Prty.Prtry.slice(0, 4) as keyof typeof PRIORITY_OF);
    return {
      id: MsgHdr.MsgId,
      uetr: PmtId.UETR,
      paymentType: MsgNmId,
      ...(MsgNmId === RETURN && { returnId: MsgId }),
      priority: PRIORITY_OF[code],
      move: 'Cd' in Prty ? 'end' : 'front',
      currency,
    };
  },
);
