import { Type } from '@sinclair/typebox';
import type { Bic } from '../names/bic-and-uetr.ts';
import {
  CHAIN_LEGS_MAX,
  chainTermsElements,
  toldChainElements,
  writeTermsElements,
  writeToldChain,
} from './chain.ts';
import {
  agent,
  closed,
  documentBytes,
  id35,
  institution,
  LEG_NUMBER_PATTERN,
  oneOf,
  utcTime,
  writeHeader,
} from './document.ts';
import type { ChainLegInstruction } from './instruction.ts';

/**
 * corridor.chainallegement.1: a bank is told of a chain that debits or credits it and of which the first leg has
 * come: which legs are missing; and once more when that is over and no leg of its own says so. What corridor.allegement.1
 * is of a PvP, for up to 16 legs: the elements are those of corridor.chain.1.
 */
export const CHAIN_ALLEGEMENT = 'corridor.chainallegement.1';

/** Legs are missing; all have come; the last of those that had come has ended. */
export const CHAIN_ALLEGEMENT_STATES = ['ALLEGED', 'MATCHED', 'ENDED'] as const;
export type ChainAllegementState = (typeof CHAIN_ALLEGEMENT_STATES)[number];

export const ChainAllegementSchema = closed({
  ChnAllgmt: closed({
    MsgId: id35,
    CreDtTm: utcTime,
    /** All that is told of chains with these terms has the same: the beginning of their digest. */
    AllgmtId: id35,
    Sts: oneOf(...CHAIN_ALLEGEMENT_STATES),
    /** Who is told. */
    Bk: agent,
    ...toldChainElements,
    ...chainTermsElements,
    /** Numbers of the legs that have not come; each is to be sent by its DbtrAgt. Absent: ALLEGED is over. */
    MssngLeg: Type.Optional(
      Type.Array(Type.String({ pattern: LEG_NUMBER_PATTERN }), {
        minItems: 1,
        maxItems: CHAIN_LEGS_MAX,
      }),
    ),
  }),
});

export interface ChainAllegement {
  readonly messageId: string;
  readonly createdAtMs: number;
  readonly state: ChainAllegementState;
  readonly to: Bic;
  /** Any of its legs. */
  readonly chain: ChainLegInstruction;
  /** Numbers of its legs; none: it is over. */
  readonly missing: readonly number[];
}

const ALLEGEMENT_ID_DIGITS = 32;
export const chainAllegementId = ({ termsDigest }: ChainLegInstruction): string =>
  Buffer.from(termsDigest).toString('hex').slice(0, ALLEGEMENT_ID_DIGITS);

/** @param decimals the minor units of a currency or security */
export function writeChainAllegement(
  { messageId, createdAtMs, state, to, chain, missing }: ChainAllegement,
  decimals: (code: string) => number,
): Uint8Array {
  return documentBytes<typeof ChainAllegementSchema>({
    ChnAllgmt: {
      ...writeHeader(messageId, createdAtMs),
      AllgmtId: chainAllegementId(chain),
      Sts: state,
      Bk: institution(to),
      ...writeToldChain(chain),
      ...writeTermsElements(chain, decimals),
      ...(missing.length > 0 && { MssngLeg: missing.map(String) }),
    },
  });
}
