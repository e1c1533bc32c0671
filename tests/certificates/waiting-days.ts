/** Days of chains that wait for what has to be attested: signed messages, a pool that is replayed, and beside it the slow reference. */
import assert from 'node:assert/strict';
import { certificateDigest } from '../../services/analysis/certificates/certificate-format.ts';
import { verifyCertificate } from '../../services/analysis/certificates/check/verify-certificate.ts';
import type { WaitCertificate } from '../../services/analysis/certificates/wait-certificate.ts';
import { RECORD_BYTES } from '../../services/core/settlement/records.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { certifiedRecords, certifiedWait } from '../../services/explain/certified-wait.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { ReplayedPool } from '../../services/replay/replayed-pool.ts';
import { PoolState } from '../../services/replay/replayed-state-and-names.ts';
import { seeded } from '../settlement/random-draft.ts';
import { createReference } from '../settlement/reference.ts';
import { newState } from '../settlement/reference-state.ts';
import {
  CARRIER,
  CUSTOMS,
  conditionalPath,
  conditionOf,
  type PathLeg,
  PORT,
} from '../support/conditional-path.ts';
import { core } from '../support/live.ts';
import { BETA, keyOf, NOW } from '../support/message-path.ts';

type Pick = (below: number) => number;

export const MINUTE = 60_000;
/** As messages have a time of the day, so many ms after the path's present. */
const timeAt = (atMs: number): string => `${new Date(NOW + atMs).toISOString().slice(11, 19)}Z`;

const ATTESTORS = [CARRIER, CUSTOMS, PORT, BETA];

/** Terms that a chain may have besides its legs. @param mayPass whether silence may settle it */
function termsOf(pick: Pick, atMs: number, mayPass: boolean) {
  const later = () => timeAt(atMs + 2_000 + 30_000 * pick(40));
  const groups = Array.from({ length: 1 + pick(3) }, () => {
    const attestors = ATTESTORS.filter(() => pick(2) === 0);
    if (attestors.length === 0) attestors.push(ATTESTORS[pick(4)] as Bic);
    return { attestors, threshold: 1 + pick(attestors.length) };
  });
  const mandatory = pick(3) === 0 ? 1 : 0;
  const least = mandatory === groups.length ? mandatory : mandatory + 1;
  const deadline = pick(3) > 0 ? later() : null;
  const condition = conditionOf(
    groups.map((group, at) => ({
      ...group,
      ...(at < mandatory && { isMandatory: true as const }),
    })),
    {
      threshold: least + pick(groups.length - least + 1),
      deadline,
      onSilence: deadline !== null && mayPass && pick(2) === 0 ? 'settle' : 'release',
    },
  );
  const [when, onExpiry] = [
    (['acceptance', 'trigger'] as const)[pick(2)] as 'acceptance' | 'trigger',
    (['release', 'continue'] as const)[pick(2)] as 'release' | 'continue',
  ];
  return { condition, ...(pick(2) === 0 && { earmark: { when, expiry: later(), onExpiry } }) };
}

/** The input log of a day that a seed names; of three days one has a policy of desks. */
export async function waitingDay(seed: number, rows = 70): Promise<readonly Uint8Array[]> {
  const pick = seeded(seed);
  const isScreened = seed % 3 === 0;
  const rule = {
    ...{ from: 'DE', to: 'FR', desk: CUSTOMS },
    ...{ creditorAgent: pick(2) === 0, withinMs: MINUTE * (5 + pick(30)) },
  };
  const path = conditionalPath(isScreened ? { preValidation: [rule] } : {});
  const chains: { readonly legs: readonly PathLeg[]; sent: number }[] = [];
  let atMs = 0;
  for (let row = 1; row <= rows; row += 1) {
    atMs += 1_000 * pick(60);
    const kind = pick(12);
    const open = chains.filter(({ legs, sent }) => sent < legs.length);
    const [late] = open.slice(-1 - pick(2));
    if (kind < 3 || chains.length === 0) {
      const back = pick(2) === 0 ? 0n : BigInt(100 * (1 + pick(1_000)));
      const terms = termsOf(pick, atMs, !isScreened);
      const legs = path.legsOf(`X${row}`, BigInt(100 * (1 + pick(900))), back, terms);
      if (pick(2) === 0) legs.reverse();
      chains.push({ legs, sent: 1 });
      await path.instruct(atMs, legs[0] as PathLeg);
    } else if (kind < 5 && late) {
      await path.instruct(atMs, late.legs[late.sent] as PathLeg);
      late.sent += 1;
    } else if (kind < 11) {
      const [leg] = (chains.at(-1 - pick(Math.min(4, chains.length))) as (typeof chains)[0]).legs;
      const by = ATTESTORS[pick(4)] as Bic;
      const verdict = (['accepted', 'accepted', 'accepted', 'held', 'refused'] as const)[pick(5)];
      const until = pick(3) === 0 ? atMs + 1_000 * pick(200) : null;
      await path.attest(atMs, leg as PathLeg, by, verdict as 'accepted', until);
    } else path.control(atMs, { kind: 'tick' });
    if (row === rows - 20) {
      const publicKey = Buffer.from(keyOf(PORT).publicKey).toString('hex');
      path.control(atMs, {
        ...{ kind: 'key', bic: PORT, keyId: 'key-1', publicKey, state: 'revoked' },
      });
    }
  }
  return path.record.inputs;
}

/** A pool that is replayed record by record, and the slow reference of its core. */
export function followedPool(name: string) {
  const settlement = createSettlement(core.module);
  const reference = newState(() => {});
  const follow = createReference(() => {}, reference);
  const driven = {
    ...settlement,
    apply(records: Uint8Array, count: number) {
      const expected = Array.from({ length: count }, (_, at) =>
        // It keeps them, and clearing writes the next into the same bytes.
        follow(Uint8Array.from(records.subarray(at * RECORD_BYTES, (at + 1) * RECORD_BYTES))),
      );
      const events = settlement.apply(records, count);
      assert.deepEqual(Buffer.concat(expected.flat()), Buffer.from(events), 'as the reference');
      return events;
    },
  };
  const pool = new PoolState(name, core.module, () => {}, new ReplayedPool(name, driven));
  return { pool, reference };
}

type Followed = ReturnType<typeof followedPool>;

/** The certificate of the chain of a leg in a pool that was replayed from these values. */
export function certifiedIn(
  { pool, reference }: Followed,
  position: number,
  inputs: readonly Uint8Array[],
  pools: readonly PoolState[] = [pool],
): WaitCertificate {
  const values = certifiedRecords(pool, position).map(
    (at) => [at, inputs[at] as Uint8Array] as const,
  );
  const reached = { position: Number(reference.position), timeMs: Number(reference.timeMs) };
  return certifiedWait(pool, position, new Map(values), pools, reached, null);
}

/** A pool after all of these values. */
export function followed(name: string, inputs: readonly Uint8Array[]): Followed {
  const one = followedPool(name);
  for (const [position, value] of inputs.entries()) one.pool.take(position, value);
  one.pool.flush();
  return one;
}

/** With some of it changed, and the digest that fits. */
export function sealedAnew(
  certificate: WaitCertificate,
  changes: Partial<WaitCertificate>,
): WaitCertificate {
  const { digest: _, ...rest } = { ...certificate, ...changes };
  return { ...rest, digest: certificateDigest(rest) };
}

export const faultsOf = (certificate: unknown): readonly string[] =>
  verifyCertificate(JSON.stringify(certificate)).faults;
