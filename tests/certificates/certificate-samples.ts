import type { Certificate } from '../../services/analysis/certificates/certificate-format.ts';
import {
  certifyRun,
  certifyState,
} from '../../services/analysis/certificates/gridlock-certificate.ts';
import { nameOf } from '../../services/analysis/queues/queue-set.ts';
import type { QueueState } from '../../services/core/settlement/queue-state.ts';
import { play } from '../settlement/played-day.ts';

export const NAMES = {
  participant: (h: number) => `BANKDE0${h}`,
  currency: (h: number) => `CC${h}`,
  pairedWith: () => null,
};
export const PLACE = {
  pool: 'main',
  event: 12,
  eventsDigest: 'ab'.repeat(32),
  timeMs: 1_773_648_000_000,
};

/** Certificates of one state for each of its payments and each account that it debits. */
export function* ofState(state: QueueState): Generator<Certificate> {
  for (const payment of state.payments)
    for (const { debtor, currency } of payment.legs)
      yield certifyState(state, { payment, account: nameOf(debtor, currency) }, PLACE, NAMES);
}

/** The same with ids that are UETRs. */
export const withUetrs = (state: QueueState): QueueState => ({
  ...state,
  payments: state.payments.map((p) => ({ ...p, id: `${p.id.slice(0, 12)}4000a${p.id.slice(17)}` })),
});

/** By seed: the tests of a file ask for the same days. */
const sampled = new Map<number, readonly Certificate[]>();

/** Certificates of small random days: of each run of a cycle, and of the state before. */
export function* samples(seeds: number): Generator<Certificate> {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const day = sampled.get(seed) ?? [...samplesOf(seed)];
    sampled.set(seed, day);
    yield* day;
  }
}

function* samplesOf(seed: number): Generator<Certificate> {
  const { state, runs } = play(seed, 1 + (seed % 3), seed % 2 === 0);
  for (const { run, state: before } of runs) yield certifyRun(withUetrs(before), run, PLACE, NAMES);
  const [first, second] = ofState(withUetrs(state));
  if (first !== undefined) yield first;
  if (second !== undefined) yield second;
}
