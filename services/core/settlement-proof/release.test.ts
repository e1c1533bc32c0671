import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readEvent } from '../event-reader.ts';
import { EVENT_BYTES } from '../events.ts';
import type { InstanceState } from '../instance-state.ts';
import { type AccountName, nameOf } from '../queue-set.ts';
import type { QueuedPayment, QueueState } from '../queue-state.ts';
import { NONE16, NONE32 } from '../records.ts';
import { isForeseeable, moreThanEnough, smallestInjection, whatIf } from '../release.ts';
import { createSettlement } from '../settlement.ts';
import { encodeRecord } from './flat-records.ts';
import { seeded } from './random-draft.ts';
import { smallDay } from './random-queues.ts';
import { createWorld } from './words.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../../assembly/corridor.wasm', import.meta.url)),
);
/** As createWorld makes its cores. */
const OUTPUT_EVENTS = 4096;
/** Later than every record of a small day. */
const LATER = { position: 1_000_000, timeMs: 20_000 * 86_400_000 + 43_200_000 };
const MECHANISMS = ['none', 'gridlockResolution', 'partial', 'allOrNothing'];

interface Day {
  readonly state: QueueState;
  readonly captured: InstanceState;
  /** What the core settled, by account and amount. */
  readonly known: Map<string, ReadonlySet<string>>;
}

function play(seed: number, rule: 'fifo' | 'bypassFifo'): Day {
  const pick = seeded(seed + 77);
  const currencyCount = 1 + (seed % 3);
  const day = smallDay(seed, currencyCount, { bounds: true });
  const world = createWorld(wasm, { quotesMax: 20 }, day.accounts);
  for (const row of day.rows) {
    world.say(row);
    const [verb, currency] = row.split(' ');
    if (verb === 'open')
      world.say(
        `rules ${currency}${rule === 'fifo' ? '' : ' bypassFifo'} ${MECHANISMS[pick(MECHANISMS.length)]}`,
      );
  }
  return {
    state: world.settlement.queues(),
    captured: world.settlement.capture(),
    known: new Map(),
  };
}

/** The core itself: money comes in, then a cycle of all currencies; ids of what settles. */
function inCore(day: Day, account: AccountName, amount: bigint): ReadonlySet<string> {
  const place = `${account} + ${amount}`;
  const known = day.known.get(place) ?? runCore(day.captured, account, amount);
  day.known.set(place, known);
  return known;
}

function runCore(captured: InstanceState, account: AccountName, amount: bigint): Set<string> {
  const core = createSettlement(wasm, OUTPUT_EVENTS, captured);
  const [participant, currency1] = account.split('/').map(Number) as [number, number];
  const records = [
    encodeRecord('cycle', { ...LATER, position: LATER.position + 1, currency1: NONE16 }),
  ];
  if (amount > 0n)
    records.unshift(
      encodeRecord('issue', { ...LATER, participant, currency1, amount1: amount, issuer: NONE32 }),
    );
  const events = core.apply(Buffer.concat(records), records.length);
  const settled = new Set<string>();
  for (let i = 0; i < events.length / EVENT_BYTES; i += 1) {
    const event = readEvent(events, i);
    if (event.kind === 'settled') settled.add(Buffer.from(event.id).toString('hex'));
    if (event.kind === 'refused' && amount > 0n) assert.notEqual(event.count, 6, 'issue refused');
  }
  return settled;
}

function* payers(state: QueueState): Generator<[QueuedPayment, AccountName]> {
  for (const payment of state.payments)
    for (const { debtor, currency } of payment.legs) yield [payment, nameOf(debtor, currency)];
}

for (const rule of ['fifo', 'bypassFifo'] as const) {
  test(`${rule}: what more money settles is what the core settles with it, at every amount`, () => {
    let [compared, settled] = [0, 0];
    for (let seed = 1; seed <= 120; seed += 1) {
      const day = play(seed, rule);
      for (const { participant, currency } of day.state.accounts) {
        const account = nameOf(participant, currency);
        if (
          !day.state.payments.some((p) =>
            p.legs.some((l) => nameOf(l.debtor, l.currency) === account),
          )
        )
          continue;
        for (let amount = 0n; amount <= moreThanEnough(day.state, account); amount += 3n) {
          const foreseen = whatIf(day.state, { account, amount });
          const ids = new Set([...foreseen.settled].map((p) => p.id));
          assert.deepEqual(
            ids,
            inCore(day, account, amount),
            `seed ${seed}, ${account} + ${amount}`,
          );
          compared += 1;
          settled += ids.size;
        }
      }
    }
    assert.ok(compared > 300 && settled > 300, `${compared} compared, ${settled} settled`);
  });

  test(`${rule}: the smallest injection releases in the core, and no smaller one does`, () => {
    const found = { settles: 0, releases: 0, none: 0, reversals: 0 };
    for (let seed = 1; seed <= 120; seed += 1) {
      const day = play(seed, rule);
      assert.ok(isForeseeable(day.state));
      for (const [payment, account] of payers(day.state)) {
        const where = `seed ${seed}, ${payment.id} from ${account}`;
        const enough = moreThanEnough(day.state, account);
        const result = smallestInjection(day.state, payment, account);
        assert.notEqual(result.kind, 'unknown', where);
        // Every amount that could be smaller, in the core itself.
        const last = result.kind === 'releases' ? result.amount : enough;
        for (let amount = 0n; amount < last; amount += 1n)
          assert.ok(!inCore(day, account, amount).has(payment.id), `${where}: ${amount} is enough`);
        if (result.kind !== 'releases') {
          assert.ok(!inCore(day, account, enough).has(payment.id), where);
          found.none += 1;
          continue;
        }
        assert.ok(inCore(day, account, result.amount).has(payment.id), where);
        if (!inCore(day, account, enough).has(payment.id)) found.reversals += 1;
        found[result.amount === 0n ? 'settles' : 'releases'] += 1;
      }
    }
    assert.ok(found.releases > 100 && found.none > 50 && found.settles > 10, JSON.stringify(found));
    // Only where queues may be passed can more money keep a payment back.
    if (rule === 'fifo') assert.equal(found.reversals, 0);
    else assert.ok(found.reversals > 0, 'no instance in which more money keeps a payment back');
  });
}
