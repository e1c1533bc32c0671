import { type Static, Type } from '@sinclair/typebox';
import { ISIN_PATTERN } from '../names/currency-and-isin.ts';
import { amountText } from '../names/minor-units.ts';
import { textDigest } from '../names/text-digest.ts';
import { isIsin } from '../rules/check-digits.ts';
import { type Refusal, refuse } from '../rules/refusal.ts';
import { beyondMaximum, type Money, readQuantity } from './amounts.ts';
import {
  agent,
  closed,
  currencyCode,
  documentBytes,
  id35,
  institution,
  isoDateTime,
  isRefusal,
  message,
  quantity,
  reader,
  uetr,
} from './document.ts';
import type { Currencies, LegInstruction } from './instruction.ts';
import { agentBic, readSettlement, settlementElements, writeSettlement } from './transfer-parts.ts';

/**
 * corridor.pvp.1: one leg of a PvP or a DvP between two banks. InstgAgt delivers Dlvr to CtrPty and
 * receives Rcv from it; each side is money ({"Ccy", "Amt"}) or, on one of the two sides, a security
 * ({"ISIN", "Qty"}). It meets the counterparty's leg with the same EndToEndId, the same date, and
 * Dlvr and Rcv exchanged; then both settle, or neither. ISO 20022's own messages for it (fxtr.014,
 * sese.023) instruct a trade with dozens of elements that settlement does not depend on, so this is
 * a type of Corridor's own with their element names.
 */
const money = closed({ Ccy: currencyCode, Amt: quantity });
const security = closed({ ISIN: Type.String({ pattern: ISIN_PATTERN }), Qty: quantity });
export const legSide = Type.Union([money, security]);

/** What a bank delivers or receives: minor units of a currency, or of a security by its ISIN. */
export interface LegSide {
  readonly code: string;
  readonly minor: bigint;
}

export const LegSchema = message({
  Leg: closed({
    MsgId: id35,
    CreDtTm: Type.Optional(isoDateTime),
    EndToEndId: id35,
    UETR: uetr,
    InstgAgt: agent,
    CtrPty: agent,
    Dlvr: legSide,
    Rcv: legSide,
    ...settlementElements,
  }),
});
type Side = Static<typeof legSide>;

/** @param decimals the minor units of a currency or security */
export function writeLegSide({ code, minor }: LegSide, decimals: (code: string) => number): Side {
  const written = amountText(minor, decimals(code));
  return code.length === 3 ? { Ccy: code, Amt: written } : { ISIN: code, Qty: written };
}

/** Writes the document; `decimals` gives the minor units of a currency or security. */
export function writeLeg(
  leg: LegInstruction,
  createdAtMs: number,
  decimals: (code: string) => number,
): Uint8Array {
  return documentBytes<typeof LegSchema>({
    Leg: {
      MsgId: leg.messageId,
      CreDtTm: new Date(createdAtMs).toISOString(),
      EndToEndId: leg.endToEndId,
      UETR: leg.uetr,
      InstgAgt: institution(leg.instructingAgent),
      CtrPty: institution(leg.counterparty),
      Dlvr: writeLegSide({ code: leg.delivers, minor: leg.deliversMinor }, decimals),
      Rcv: writeLegSide({ code: leg.receives, minor: leg.receivesMinor }, decimals),
      ...writeSettlement(leg),
    },
  });
}

/** Reads a document that was parsed strictly; says where and why when it cannot be cleared. */
export const readLeg = reader(LegSchema, ({ Leg }, currencies): LegInstruction | Refusal => {
  const delivers = readSide(Leg.Dlvr, '/Leg/Dlvr', currencies);
  if (isRefusal(delivers)) return delivers;
  const receives = readSide(Leg.Rcv, '/Leg/Rcv', currencies);
  if (isRefusal(receives)) return receives;
  const excess =
    beyondMaximum(delivers, '/Leg/Dlvr', currencies) ??
    beyondMaximum(receives, '/Leg/Rcv', currencies);
  if (excess) return excess;
  if (delivers.currency === receives.currency || ('ISIN' in Leg.Dlvr && 'ISIN' in Leg.Rcv))
    return refuse(
      'leg-sides',
      '/Leg/Rcv',
      receives.currency,
      `must be a currency other than Dlvr ${delivers.currency}, or one of the two a security`,
    );
  const settlement = readSettlement(Leg, '/Leg');
  if (isRefusal(settlement)) return settlement;
  return {
    messageId: Leg.MsgId,
    endToEndId: Leg.EndToEndId,
    uetr: Leg.UETR,
    instructingAgent: agentBic(Leg.InstgAgt),
    counterparty: agentBic(Leg.CtrPty),
    delivers: delivers.currency,
    deliversMinor: delivers.amountMinor,
    receives: receives.currency,
    receivesMinor: receives.amountMinor,
    ...settlement,
  };
});

/** What a side of a leg moves. @param path where it stands, as a JSON pointer */
export function readSide(given: Side, path: string, currencies: Currencies): Money | Refusal {
  if ('Ccy' in given) return readQuantity(given.Ccy, given.Amt, path, 'Ccy', 'Amt', currencies);
  if (!isIsin(given.ISIN))
    return refuse(
      'isin-check-digit',
      `${path}/ISIN`,
      given.ISIN,
      'must have a check digit that fits',
    );
  return readQuantity(given.ISIN, given.Qty, path, 'ISIN', 'Qty', currencies);
}

/** What two legs are matched by: the first 8 bytes of the SHA-256 of their EndToEndId. */
export const matchKey = (endToEndId: string): bigint => textDigest(endToEndId).readBigUInt64LE(0);
