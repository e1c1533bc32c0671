import { type Static, Type } from '@sinclair/typebox';
import type { Bic, Uetr } from '../names/bic-and-uetr.ts';
import {
  agent,
  closed,
  documentBytes,
  id35,
  institution,
  isoDate,
  oneOf,
  text,
  uetr,
  utcTime,
  writeHeader,
} from './document.ts';
import { type LegSide, legSide, writeLegSide } from './pvp-leg.ts';

/**
 * corridor.allegement.1: a bank is told that another one has sent a leg of a PvP or DvP that names it as the
 * counterparty, what its own leg must mirror and in what one under the same EndToEndId does not; and once more when
 * that is over. ISO 20022 has such messages for
 * securities (sese.028, and sese.029 when it ends), with dozens of elements that a leg does not have, so the
 * elements are those of corridor.pvp.1. Of the other leg nothing is told that is not to be mirrored.
 */
export const ALLEGEMENT = 'corridor.allegement.1';

/** It waits for your leg; both have met; the other bank or the close ended it; its time ran out. */
export const ALLEGEMENT_STATES = ['ALLEGED', 'MATCHED', 'CANCELLED', 'TIMED_OUT'] as const;
export type AllegementState = (typeof ALLEGEMENT_STATES)[number];

/** An element of the told bank's own leg, with its text and with what would mirror the leg that is alleged. */
const difference = closed({
  Elmt: oneOf(
    ...(['Dlvr', 'Rcv'] as const).flatMap((side) =>
      (['Ccy', 'Amt', 'ISIN', 'Qty'] as const).map((name) => `${side}/${name}` as const),
    ),
    'IntrBkSttlmDt',
  ),
  Val: text(35),
  Xpctd: text(35),
});
export type LegDifference = Static<typeof difference>;

export const AllegementSchema = closed({
  Allegement: closed({
    MsgId: id35,
    CreDtTm: utcTime,
    /** That of the message that alleged the leg first: all that is told of the leg has the same. */
    AllgmtId: id35,
    Sts: oneOf(...ALLEGEMENT_STATES),
    EndToEndId: id35,
    /** As in the other bank's leg: InstgAgt delivers Dlvr to CtrPty, who is told, and receives Rcv from it. */
    InstgAgt: agent,
    CtrPty: agent,
    Dlvr: legSide,
    Rcv: legSide,
    IntrBkSttlmDt: isoDate,
    /** CtrPty's own leg under the EndToEndId that waits too; absent: there is none. */
    YrLeg: Type.Optional(closed({ UETR: uetr, Diff: Type.Array(difference, { minItems: 1 }) })),
  }),
});

export interface Allegement {
  readonly messageId: string;
  readonly createdAtMs: number;
  readonly allegementId: string;
  readonly state: AllegementState;
  readonly endToEndId: string;
  readonly instructingAgent: Bic;
  readonly counterparty: Bic;
  readonly delivers: LegSide;
  readonly receives: LegSide;
  /** YYYY-MM-DD. */
  readonly settlementDate: string;
  /** The counterparty's own leg that was to mirror it; null: none waits. */
  readonly own: { readonly uetr: Uetr; readonly differences: readonly LegDifference[] } | null;
}

/** Where a side of a leg is not what it should be: the code, the amount, or both. */
export function sideDifferences(
  side: 'Dlvr' | 'Rcv',
  own: LegSide,
  expected: LegSide,
  decimals: (code: string) => number,
): LegDifference[] {
  const [is, shouldBe] = [own, expected].map((one) => writeLegSide(one, decimals)) as [
    ReturnType<typeof writeLegSide>,
    ReturnType<typeof writeLegSide>,
  ];
  const [code, amount] = 'Ccy' in is ? (['Ccy', 'Amt'] as const) : (['ISIN', 'Qty'] as const);
  const found: LegDifference[] = [];
  if (own.code !== expected.code)
    found.push({ Elmt: `${side}/${code}`, Val: own.code, Xpctd: expected.code });
  const [Val, Xpctd] = [quantityOf(is), quantityOf(shouldBe)];
  if (Val !== Xpctd) found.push({ Elmt: `${side}/${amount}`, Val, Xpctd });
  return found;
}
const quantityOf = (side: ReturnType<typeof writeLegSide>): string =>
  'Ccy' in side ? side.Amt : side.Qty;

/** @param decimals the minor units of a currency or security */
export function writeAllegement(told: Allegement, decimals: (code: string) => number): Uint8Array {
  return documentBytes<typeof AllegementSchema>({
    Allegement: {
      ...writeHeader(told.messageId, told.createdAtMs),
      AllgmtId: told.allegementId,
      Sts: told.state,
      EndToEndId: told.endToEndId,
      InstgAgt: institution(told.instructingAgent),
      CtrPty: institution(told.counterparty),
      Dlvr: writeLegSide(told.delivers, decimals),
      Rcv: writeLegSide(told.receives, decimals),
      IntrBkSttlmDt: told.settlementDate,
      ...(told.own && { YrLeg: { UETR: told.own.uetr, Diff: [...told.own.differences] } }),
    },
  });
}
