import type { EventKind } from '../../services/core/settlement/events.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { encodeRecord, type FlatRecord } from './flat-records.ts';
import type { createReference } from './reference.ts';

/** A generator with 32 bits of state (mulberry32, Tommy Ettinger 2017): a seed names a day. */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A record and the events that the reference says it causes. */
export interface Step {
  readonly record: Uint8Array;
  readonly events: readonly Uint8Array[];
}

/** A leg that banks agreed on. */
export interface ChainHop {
  readonly debtor: number;
  readonly creditor: number;
  readonly currency: number;
  readonly amount: bigint;
}

/** A chain that banks have agreed on, of which some legs may not have been instructed yet. */
export interface RandomChain {
  /** The first 20 bytes of its terms' digest. */
  readonly digest: Uint8Array;
  readonly date: number;
  readonly legs: readonly ChainHop[];
  readonly priority: number;
  /** Whether its legs have earliest and latest times. */
  readonly isTimed: boolean;
  /** What the terms say besides the legs, as its record has it. */
  readonly further?: Fields | undefined;
  /** Numbers of legs that nobody has instructed. */
  readonly missing: Set<number>;
}

/** A day being made up. What the reference accepts is noted, so that later records can build on it. */
export interface Draft {
  readonly pick: (below: number) => number;
  readonly apply: ReturnType<typeof createReference>;
  readonly steps: Step[];
  readonly participants: number;
  readonly currencies: number;
  readonly units: readonly number[];
  readonly amounts: (pick: Draft['pick']) => bigint;
  readonly accounts: Set<string>;
  /** The rules of the genesis. */
  readonly rules: Fields;
  /** Whether limits and reservations are set on this day. */
  readonly isBounded: boolean;
  /** Whether participants have limits across currencies. */
  readonly isCrossed: boolean;
  /** Whether currencies net, some of them all day. */
  readonly isNetted: boolean;
  /** Whether the cycles of most currencies settle what is proposed. */
  readonly isProposed: boolean;
  /** Whether settled payments are returned, recalled and asked about. */
  readonly hasReturns: boolean;
  /** Whether each currency has a mechanism of its own. */
  readonly isMixed: boolean;
  /** Whether the network has chains, and banks instruct legs of some. */
  readonly hasChains: boolean;
  /** Whether chains have conditions and earmarks. */
  readonly hasConditions: boolean;
  /** Whether currencies net chains of one leg, too. */
  readonly netsChains: boolean;
  /** Where some of them promise a stream of its own for that; else null. */
  readonly promising: ((below: number) => number) | null;
  /** Where corridors have limits a stream of its own for that; else null. */
  readonly limiting: ((below: number) => number) | null;
  /** How many legs the genesis lets a chain have. */
  readonly chainLegsMax: number;
  readonly chains: RandomChain[];
  readonly quotes: FlatRecord[];
  readonly messages: Uint8Array[];
  readonly open: boolean[];
  readonly lastDate: (number | undefined)[];
  date: number;
  timeMs: number;
  ids: number;
}

export type Fields = Parameters<typeof encodeRecord>[1];

/** Adds an encoded record; returns the kind of its own event, the last (undefined: none). */
export function addEncoded(draft: Draft, record: Uint8Array): EventKind | undefined {
  const events = draft.apply(record);
  draft.steps.push({ record, events });
  const own = events.findLast((event) => readFlatEvent(event, 0).mechanism !== 'queue');
  return own && readFlatEvent(own, 0).kind;
}

export function add(
  draft: Draft,
  kind: Parameters<typeof encodeRecord>[0],
  fields: Fields,
): EventKind | undefined {
  const common = { position: draft.steps.length + 1, timeMs: draft.timeMs };
  return addEncoded(draft, encodeRecord(kind, { ...common, ...fields }));
}

export const oneIn = (draft: Draft, n: number): boolean => draft.pick(n) === 0;

export function newId(draft: Draft): Uint8Array {
  draft.ids += 1;
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(draft.pick(2) * 12, draft.ids);
  return id;
}

export function newDigest(draft: Draft): Uint8Array {
  return Uint8Array.from({ length: 32 }, () => draft.pick(256));
}
