import { type Static, Type } from '@sinclair/typebox';
import type { Bic } from '../names/identifiers.ts';
import {
  agent,
  amount,
  CURRENCY_PATTERN,
  checker,
  closed,
  institution,
  isRefusal,
  messageHeader,
  readAmount,
  writeAmount,
} from './document.ts';
import type { Currencies, LimitRequest, Refusal } from './instruction.ts';

/**
 * camt.011.001.07 and camt.012.001.07 in JSON: the sender (AcctOwnr) sets a limit of its own, or
 * removes one. BILI is the most that it may owe, net, to BilLmtCtrPtyId; MULT to all without a
 * bilateral limit. ce_id is MsgHdr/MsgId. A removal has no amount, so it names its account by the
 * currency in AcctId/Othr/Id. The answer is camt.025.
 */
const identification = {
  BilLmtCtrPtyId: Type.Optional(agent),
  Tp: closed({ Cd: Type.Union([Type.Literal('BILI'), Type.Literal('MULT')]) }),
  AcctOwnr: agent,
};
export const LimitSchema = Type.Object({
  Document: closed({
    ModfyLmt: closed({
      MsgHdr: messageHeader,
      LmtDtls: Type.Array(
        closed({
          LmtId: closed({ Cur: closed(identification) }),
          NewLmtValSet: closed({ Amt: closed({ AmtWthCcy: amount }) }),
        }),
        { minItems: 1, maxItems: 1 },
      ),
    }),
  }),
});
export const LimitRemovalSchema = Type.Object({
  Document: closed({
    DelLmt: closed({
      MsgHdr: messageHeader,
      LmtDtls: closed({
        CurLmtId: closed({
          ...identification,
          AcctId: closed({ Othr: closed({ Id: Type.String({ pattern: CURRENCY_PATTERN }) }) }),
        }),
      }),
    }),
  }),
});
type Details = Static<typeof LimitSchema>['Document']['ModfyLmt']['LmtDtls'][number];
type Identification = Details['LmtId']['Cur'];

const checkLimit = checker(LimitSchema);
const checkRemoval = checker(LimitRemovalSchema);

/** A camt.012 where the request has no limit, else a camt.011. */
export function writeLimit(
  request: LimitRequest,
  createdAtMs: number,
  decimals: (currency: string) => number,
): Uint8Array {
  const MsgHdr = { MsgId: request.id, CreDtTm: new Date(createdAtMs).toISOString() };
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

/** Reads a camt.011; a limit of zero lets nothing out that is not offset by what came in. */
export function readLimit(document: unknown, currencies: Currencies): LimitRequest | Refusal {
  const checked = checkLimit(document);
  if (isRefusal(checked)) return checked;
  const { MsgHdr, LmtDtls } = checked.value.Document.ModfyLmt;
  const { LmtId, NewLmtValSet } = LmtDtls[0] as Details;
  const money = readAmount(NewLmtValSet.Amt.AmtWthCcy, 'AmtWthCcy', currencies, 'allowed');
  if (isRefusal(money)) return money;
  return requestOf(MsgHdr.MsgId, LmtId.Cur, money.currency, money.amountMinor);
}

/** Reads a camt.012. */
export function readLimitRemoval(
  document: unknown,
  currencies: Currencies,
): LimitRequest | Refusal {
  const checked = checkRemoval(document);
  if (isRefusal(checked)) return checked;
  const { MsgHdr, LmtDtls } = checked.value.Document.DelLmt;
  const { AcctId, ...limit } = LmtDtls.CurLmtId;
  const currency = AcctId.Othr.Id;
  if (!currencies.has(currency))
    return {
      reason: 'currencyUnknown',
      detail: `AcctId/Othr/Id ${currency}: expected ${[...currencies.keys()].join(', ')}`,
    };
  return requestOf(MsgHdr.MsgId, limit, currency, null);
}

function requestOf(
  id: string,
  { BilLmtCtrPtyId, Tp, AcctOwnr }: Identification,
  currency: string,
  limitMinor: bigint | null,
): LimitRequest | Refusal {
  if ((Tp.Cd === 'BILI') !== (BilLmtCtrPtyId !== undefined))
    return {
      reason: 'formatInvalid',
      detail: `Tp/Cd ${Tp.Cd}: expected BilLmtCtrPtyId with BILI and none with MULT`,
    };
  return {
    id,
    sender: AcctOwnr.FinInstnId.BICFI as Bic,
    currency,
    counterparty: (BilLmtCtrPtyId?.FinInstnId.BICFI as Bic | undefined) ?? null,
    limitMinor,
  };
}
