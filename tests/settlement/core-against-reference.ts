/** Random days by the core and by the slow reference, whose events must be equal byte by byte. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { NONE16, RECORD_BYTES } from '../../services/core/settlement/records.ts';
import { createSettlement, type Settlement } from '../../services/core/settlement/settlement.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { type ChainsOfDay, randomDay } from './random-day.ts';
import { type Step, seeded } from './random-draft.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

function inWords(event: Uint8Array): Record<string, unknown> {
  const view = readFlatEvent(event, 0);
  return {
    ...view,
    id: Buffer.from(view.id).toString('hex'),
    digest: Buffer.from(view.digest).toString('hex'),
  };
}

/** Applies the records in batches of the sizes that `next` gives. */
function applyInBatches(
  records: readonly Uint8Array[],
  outputEvents: number,
  next: () => number,
): Uint8Array {
  const settlement = createSettlement(wasm, outputEvents);
  const input = Buffer.concat(records);
  const pieces: Uint8Array[] = [];
  for (let first = 0; first < records.length; ) {
    const count = Math.min(records.length - first, next());
    const batch = input.subarray(first * RECORD_BYTES);
    // The views that `stream` gives hold until it goes on: they are copied at once.
    if (first % 2 === 0) pieces.push(settlement.apply(batch, count));
    else settlement.stream(batch, count, (events) => pieces.push(events.slice()));
    first += count;
  }
  assert.ok(settlement.conserved());
  return Buffer.concat(pieces);
}

/** The days are worth nothing unless they reach what they are about. */
const REACHED = [
  'settled entry',
  'settled queue',
  'settled gridlockResolution',
  'settled entryOffsetting',
  'settled bilateralOffsetting',
  'settled allOrNothing',
  'settled partial',
  'settled multiple',
  'settled bankClearing',
  'heldUp none',
  'settled deferredNet',
  'settled entry, linked',
  'settled queue, linked',
  'settled gridlockResolution, linked',
  'cancelled cancelledAtClose',
  'carriedOver none',
  'accepted none',
  'netted none',
  'lossShared none',
  'defaulted none',
  'unwound participantDefaulted',
  'cancelled participantDefaulted',
  'cancelled capExceeded',
  'rejected capExceeded',
  'rejected participantDefaulted',
  'matched none',
  'cancelled unmatched',
  'cancelled matchCancelled',
  'cancelled cancelledByDebtorAgent',
  'cancelled latestTimePassed',
  'reordered none',
  'limitSet none',
  'reservationSet none',
  'rulesSet none',
  'issuerSet none',
  'collateralSet none',
  'valuationSet none',
  'crossLimitSet none',
  'rejected paymentUnknown',
  'rejected paymentFinal',
  'rejected originalUnknown',
  'rejected originalNotSettled',
  'rejected notCreditorAgent',
  'rejected returnExceedsOriginal',
  'rejected returnCurrencyDiffers',
  'rejected answerNotAwaited',
  'passedOn none',
  'recallEnded recallUnanswered',
  'queried none',
  'rejected timesInvalid',
  'refused notIssuer',
  'repeated none',
  'rejected duplicateIdentity',
  'rejected accountMissing',
  'rejected sameAgent',
  'rejected amountNotPositive',
  'rejected settlementDateInvalid',
  'rejected afterCutOff',
  'rejected quoteMissing',
  'rejected quoteExhausted',
  'rejected amountNotAsQuoted',
  'quoteUsed none',
  'quoteEnded quoteWithdrawn',
  'quoteEnded quoteExpired',
  'rejected limitReached',
  'refused fundsInsufficient',
  'refused recordInvalid',
  'refused limitReached',
];

/** Of days on which much is proposed. */
const REACHED_BY_PROPOSALS = [
  'settled proposed',
  'settled proposed, linked',
  'setRefused none',
  'setRefused paymentUnknown',
  'setRefused recordInvalid',
  'refused recordInvalid',
];

/**
 * The random days of the seeds 1 to `days`: makes a test that compares them.
 * @param reachesAll whether these are enough to meet all that they are about
 */
export function isAsTheReference(days: number, reachesAll: boolean, isProposed = false): void {
  const what = isProposed ? `${days} random days with proposals` : `${days} random days`;
  test(`${what}: the core's events are the reference's, byte for byte`, () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= days; seed += 1) {
      const matched = new Set<number>();
      for (const expected of compared(seed, randomDay(seed, isProposed, true))) {
        for (const event of expected) {
          const { kind, reason, mechanism, currency2, paymentPosition } = readFlatEvent(event, 0);
          if (kind === 'matched') matched.add(paymentPosition);
          const isLinked = currency2 !== NONE16 || matched.has(paymentPosition);
          const way = `${mechanism}${isLinked ? ', linked' : ''}`;
          const name = `${kind} ${kind === 'settled' ? way : reason}`;
          seen.set(name, (seen.get(name) ?? 0) + 1);
        }
      }
    }
    assert.ok(seen.size > 30, `${[...seen.keys()]}`);
    if (!reachesAll) return;
    for (const name of isProposed ? REACHED_BY_PROPOSALS : REACHED)
      assert.ok((seen.get(name) ?? 0) >= days / 50, `${name}: ${seen.get(name)}`);
  });
}

/**
 * Plays a day in the core; gives the events of each record, once the core has written just these.
 * @param restarts before one in so many records the core is captured, and another goes on; 0: never
 */
export function* compared(
  seed: number,
  day: readonly Step[],
  restarts = 0,
): Generator<readonly Uint8Array[]> {
  const pick = seeded(seed);
  let settlement = createSettlement(wasm);
  for (const [index, step] of day.entries()) {
    if (restarts > 0 && index > 0 && pick(restarts) === 0)
      settlement = createSettlement(wasm, undefined, settlement.capture());
    compare(settlement, step, `seed ${seed}, record ${index + 1}`);
    yield step.events;
  }
  assert.ok(settlement.conserved(), `seed ${seed}`);
}

function compare(settlement: Settlement, { record, events: expected }: Step, where: string): void {
  const events = settlement.apply(record, 1);
  if (Buffer.compare(Buffer.concat(expected), events) === 0) return;
  const count = events.length / EVENT_BYTES;
  const actual = Array.from({ length: count }, (_, i) => inWords(events.subarray(i * EVENT_BYTES)));
  assert.deepEqual(actual, expected.map(inWords), where);
  assert.fail(`${where}: bytes differ that no field shows`);
}

/** Of the seeds from `first` to `last`. */
export function isCutAnywhere(
  first: number,
  last: number,
  isProposed = false,
  chains?: ChainsOfDay,
): void {
  test('how the records are cut into batches, and how often the output is drained, changes no byte', () => {
    for (let seed = first; seed <= last; seed += 1) {
      const records = randomDay(seed, isProposed, true, chains).map((step) => step.record);
      const pick = seeded(seed);
      const whole = applyInBatches(records, 4096, () => records.length);
      const cut = applyInBatches(records, 1 + pick(3), () => 1 + pick(9));
      assert.equal(Buffer.compare(whole, cut), 0, `seed ${seed}`);
    }
  });
}
