/** What returns bring back, judged from the events alone, over random days and cores that go on from snapshots. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { NONE16 } from '../../services/core/settlement/records.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { type FlatEvent, readFlatEvent } from '../core/flat-events.ts';
import { randomDay } from './random-day.ts';
import { seeded } from './random-draft.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 1000 : 50;
const RETURN_TYPE = 13;

/** Who got how much of what by a payment, and how much of it came back or is on its way back. */
interface Credited {
  readonly by: number;
  readonly to: number;
  readonly currency: number;
  readonly amount: bigint;
  returned: bigint;
  waiting: bigint;
}

class Bound {
  readonly #credited = new Map<number, Credited>();
  readonly #waiting = new Map<number, Credited>();
  readonly seen = { settled: 0, waited: 0, given: 0, full: 0 };

  take(event: FlatEvent): void {
    const { kind, messageType, paymentPosition } = event;
    if (messageType === RETURN_TYPE) this.#return(event);
    else if (kind === 'settled') {
      const converts = event.currency2 !== NONE16;
      this.#credited.set(paymentPosition, {
        ...{ by: event.debtorAgent, to: event.creditorAgent, returned: 0n, waiting: 0n },
        currency: converts ? event.currency2 : event.currency1,
        amount: converts ? event.amount2 : event.amount1,
      });
    }
  }

  #return({ kind, paymentPosition, amount1, amount2, ...event }: FlatEvent): void {
    const waited = this.#waiting.get(paymentPosition);
    if (kind === 'cancelled' || kind === 'unwound') {
      assert.ok(waited, 'only what waits is cancelled');
      waited.waiting -= amount1;
      this.#waiting.delete(paymentPosition);
      this.seen.given += 1;
      return;
    }
    const isSettled = kind === 'settled';
    if (!isSettled && kind !== 'queued' && kind !== 'accepted') return;
    const of = waited ?? this.#credited.get(Number(amount2));
    assert.ok(of, 'what is returned has settled');
    assert.deepEqual(
      [event.debtorAgent, event.creditorAgent, event.currency1],
      [of.to, of.by, of.currency],
      'back to whom it came from',
    );
    if (!waited) of.waiting += amount1;
    if (isSettled) {
      of.waiting -= amount1;
      of.returned += amount1;
      this.#waiting.delete(paymentPosition);
    } else this.#waiting.set(paymentPosition, of);
    assert.ok(of.returned + of.waiting <= of.amount, 'never above what is left');
    this.seen[isSettled ? 'settled' : 'waited'] += 1;
    if (isSettled && of.returned === of.amount) this.seen.full += 1;
  }
}

test(`over ${DAYS} random days nothing comes back above what is left, and all to whom it came from`, () => {
  const seen = { settled: 0, waited: 0, given: 0, full: 0 };
  for (let seed = 5_000_001; seed <= 5_000_000 + DAYS; seed += 1) {
    const pick = seeded(seed);
    const bound = new Bound();
    const whole = createSettlement(wasm);
    let core = createSettlement(wasm);
    for (const [index, { record }] of randomDay(seed, false, true).entries()) {
      // A core that was restored goes on as one that was not.
      if (pick(150) === 0) core = createSettlement(wasm, undefined, core.capture());
      const events = Buffer.from(core.apply(record, 1));
      const where = `seed ${seed}, record ${index + 1}`;
      assert.equal(Buffer.compare(events, whole.apply(record, 1)), 0, where);
      try {
        for (let at = 0; at < events.length / EVENT_BYTES; at += 1)
          bound.take(readFlatEvent(events, at));
      } catch (error) {
        throw new Error(where, { cause: error });
      }
    }
    for (const what of ['settled', 'waited', 'given', 'full'] as const)
      seen[what] += bound.seen[what];
  }
  for (const what of ['settled', 'waited', 'full'] as const)
    assert.ok(seen[what] >= DAYS / 12, `${what}: ${seen[what]}`);
  assert.ok(seen.given > 0, 'one that waited ended unsettled');
});
