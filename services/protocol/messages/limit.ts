import { type Static, Type } from '@sinclair/typebox';
import { type Refusal, refuse } from '../rules/refusal.ts';
import { readAmount, unknownCurrency, writeAmount } from './amounts.ts';
import {
  agent,
  amount,
  closed,
  currencyCode,
  institution,
  isRefusal,
  message,
  messageHeader,
  once,
  reader,
  writeHeader,
} from './document.ts';
import type { LimitRequest } from './instruction.ts';

/**
 * camt.011.001.07 and camt.012.001.07 in JSON: the sender (AcctOwnr) sets a limit of its own, or
 * removes one. BILI is the most that it may owe, net, to BilLmtCtrPtyId; MULT to all without a
 * bilateral limit. ce_id is MsgHdr/MsgId. A removal has no amount, so it names its account by the
 * currency in AcctId/Othr/Id. The answer is camt.025.
 */
const identification = closed({
  BilLmtCtrPtyId: Type.Optional(agent),
  Tp: closed({ Cd: Type.Union([Type.Literal('BILI'), Type.Literal('MULT')]) }),
  AcctOwnr: agent,
});
type Identification = Static<typeof identification>;
export const LimitSchema = message({
  Document: closed({
    ModfyLmt: closed({
      MsgHdr: messageHeader,
      LmtDtls: once(
        closed({
          LmtId: closed({ Cur: identification }),
          NewLmtValSet: closed({ Amt: closed({ AmtWthCcy: amount }) }),
        }),
      ),
    }),
  }),
});
export const LimitRemovalSchema = message({
  Document: closed({
    DelLmt: closed({
      MsgHdr: messageHeader,
      LmtDtls: closed({
        CurLmtId: closed({
          ...identification.properties,
          AcctId: closed({ Othr: closed({ Id: currencyCode }) }),
        }),
      }),
    }),
  }),
});

/** A camt.012 where the request has no limit, else a camt.011. */
export function writeLimit(
  request: LimitRequest,
  createdAtMs: number,
  decimals: (currency: string) => number,
): Uint8Array {
  const MsgHdr = writeHeader(request.id, createdAtMs);
  const limit: Identification = {
    ...(request.counterparty && { BilLmtCtrPtyId: institution(request.counterparty) }),
    Tp: { Cd: request.counterparty ? 'BILI' : 'MULT' },
    AcctOwnr: institution(request.sender),
  };
  const document: Static<typeof LimitSchema> | Static<typeof LimitRemovalSchema> =
    request.limitMinor === null
      ? {
          Document: {
            DelLmt: {
              MsgHdr,
              LmtDtls: { CurLmtId: { ...limit, AcctId: { Othr: { Id: request.currency } } } },
            },
          },
        }
      : {
          Document: {
            ModfyLmt: {
              MsgHdr,
              LmtDtls: [
                {
                  LmtId: { Cur: limit },
                  NewLmtValSet: {
                    Amt: { AmtWthCcy: writeAmount(request.currency, request.limitMinor, decimals) },
                  },
                },
              ],
            },
          },
        };
  return Buffer.from(JSON.stringify(document));
}

const AMOUNT = '/Document/ModfyLmt/LmtDtls/0/NewLmtValSet/Amt/AmtWthCcy';
const LIMIT_AT = '/Document/ModfyLmt/LmtDtls/0/LmtId/Cur';
const REMOVAL_AT = '/Document/DelLmt/LmtDtls/CurLmtId';

/** Reads a camt.011; a limit of zero lets nothing out that is not offset by what came in. */
export const readLimit = reader(LimitSchema, ({ Document }, currencies): LimitRequest | Refusal => {
  const { MsgHdr, LmtDtls } = Document.ModfyLmt;
  const [{ LmtId, NewLmtValSet }] = LmtDtls;
  const money = readAmount(NewLmtValSet.Amt.AmtWthCcy, AMOUNT, currencies, 'allowed');
  if (isRefusal(money)) return money;
  return requestOf(MsgHdr.MsgId, LmtId.Cur, money.currency, money.amountMinor, LIMIT_AT);
});

/** Reads a camt.012. */
export const readLimitRemoval = reader(
  LimitRemovalSchema,
  ({ Document }, currencies): LimitRequest | Refusal => {
    const { MsgHdr, LmtDtls } = Document.DelLmt;
    const { AcctId, ...limit } = LmtDtls.CurLmtId;
    const currency = AcctId.Othr.Id;
    if (!currencies.has(currency))
      return unknownCurrency(currency, `${REMOVAL_AT}/AcctId/Othr/Id`, currencies);
    return requestOf(MsgHdr.MsgId, limit, currency, null, REMOVAL_AT);
  },
);

function requestOf(
  id: string,
  { BilLmtCtrPtyId, Tp, AcctOwnr }: Identification,
  currency: string,
  limitMinor: bigint | null,
  path: string,
): LimitRequest | Refusal {
  if ((Tp.Cd === 'BILI') !== (BilLmtCtrPtyId !== undefined))
    return refuse(
      'limit-counterparty',
      `${path}/Tp/Cd`,
      Tp.Cd,
      'must be BILI with BilLmtCtrPtyId, or MULT without',
    );
  return {
    id,
    sender: AcctOwnr.FinInstnId.BICFI,
    currency,
    counterparty: BilLmtCtrPtyId?.FinInstnId.BICFI ?? null,
    limitMinor,
  };
}
