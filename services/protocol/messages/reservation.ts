import { type Static, Type } from '@sinclair/typebox';
import type { Bic } from '../names/identifiers.ts';
import {
  agent,
  amount,
  checker,
  closed,
  institution,
  isRefusal,
  messageHeader,
  readAmount,
  writeAmount,
} from './document.ts';
import type { Currencies, Refusal, ReservationRequest } from './instruction.ts';

/**
 * camt.048.001.05 in JSON: the sender (AcctOwnr) keeps liquidity back for a class of payments. UPAR
 * reserves for urgent ones, HPAR for urgent and high ones; "0.00" ends a reservation. ce_id is
 * MsgHdr/MsgId. The answer is camt.025.
 */
export const ReservationSchema = Type.Object({
  Document: closed({
    ModfyRsvatn: closed({
      MsgHdr: messageHeader,
      RsvatnId: closed({
        Cur: closed({
          Tp: closed({ Cd: Type.Union([Type.Literal('UPAR'), Type.Literal('HPAR')]) }),
          AcctOwnr: agent,
        }),
      }),
      NewRsvatnValSet: closed({ Amt: closed({ AmtWthCcy: amount }) }),
    }),
  }),
});

const CODES = { urgent: 'UPAR', high: 'HPAR' } as const;
const check = checker(ReservationSchema);

export function writeReservation(
  request: ReservationRequest,
  createdAtMs: number,
  decimals: (currency: string) => number,
): Uint8Array {
  const document: Static<typeof ReservationSchema> = {
    Document: {
      ModfyRsvatn: {
        MsgHdr: { MsgId: request.id, CreDtTm: new Date(createdAtMs).toISOString() },
        RsvatnId: {
          Cur: { Tp: { Cd: CODES[request.priority] }, AcctOwnr: institution(request.sender) },
        },
        NewRsvatnValSet: {
          Amt: { AmtWthCcy: writeAmount(request.currency, request.amountMinor, decimals) },
        },
      },
    },
  };
  return Buffer.from(JSON.stringify(document));
}

export function readReservation(
  document: unknown,
  currencies: Currencies,
): ReservationRequest | Refusal {
  const checked = check(document);
  if (isRefusal(checked)) return checked;
  const { MsgHdr, RsvatnId, NewRsvatnValSet } = checked.value.Document.ModfyRsvatn;
  const money = readAmount(NewRsvatnValSet.Amt.AmtWthCcy, 'AmtWthCcy', currencies, 'allowed');
  if (isRefusal(money)) return money;
  return {
    id: MsgHdr.MsgId,
    sender: RsvatnId.Cur.AcctOwnr.FinInstnId.BICFI as Bic,
    ...money,
    priority: RsvatnId.Cur.Tp.Cd === 'UPAR' ? 'urgent' : 'high',
  };
}
