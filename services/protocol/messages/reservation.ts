import { Type } from '@sinclair/typebox';
import { readAmount, writeAmount } from './amounts.ts';
import {
  agent,
  amount,
  closed,
  documentBytes,
  institution,
  isRefusal,
  message,
  messageHeader,
  reader,
  writeHeader,
} from './document.ts';
import type { Refusal, ReservationRequest } from './instruction.ts';

/**
 * camt.048.001.05 in JSON: the sender (AcctOwnr) keeps liquidity back for a class of payments. UPAR
 * reserves for urgent ones, HPAR for urgent and high ones; "0.00" ends a reservation. ce_id is
 * MsgHdr/MsgId. The answer is camt.025.
 */
export const ReservationSchema = message({
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
export function writeReservation(
  request: ReservationRequest,
  createdAtMs: number,
  decimals: (currency: string) => number,
): Uint8Array {
  return documentBytes<typeof ReservationSchema>({
    Document: {
      ModfyRsvatn: {
        MsgHdr: writeHeader(request.id, createdAtMs),
        RsvatnId: {
          Cur: { Tp: { Cd: CODES[request.priority] }, AcctOwnr: institution(request.sender) },
        },
        NewRsvatnValSet: {
          Amt: { AmtWthCcy: writeAmount(request.currency, request.amountMinor, decimals) },
        },
      },
    },
  });
}

const AMOUNT = '/Document/ModfyRsvatn/NewRsvatnValSet/Amt/AmtWthCcy';

export const readReservation = reader(
  ReservationSchema,
  ({ Document }, currencies): ReservationRequest | Refusal => {
    const { MsgHdr, RsvatnId, NewRsvatnValSet } = Document.ModfyRsvatn;
    const money = readAmount(NewRsvatnValSet.Amt.AmtWthCcy, AMOUNT, currencies, 'allowed');
    if (isRefusal(money)) return money;
    return {
      id: MsgHdr.MsgId,
      sender: RsvatnId.Cur.AcctOwnr.FinInstnId.BICFI,
      ...money,
      priority: RsvatnId.Cur.Tp.Cd === 'UPAR' ? 'urgent' : 'high',
    };
  },
);
