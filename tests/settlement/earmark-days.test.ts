import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { type FlatEvent, readFlatEvent } from '../core/flat-events.ts';
import { createWorld, type World } from './case-language.ts';
import { seeded } from './random-draft.ts';
import { BANKS, CURRENCIES, earmarkRows, earmarkWorld } from './random-earmark-rows.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

interface Leg {
  readonly account: string;
  readonly amount: bigint;
}

/** Books by events alone: what each leg has set aside, and what of each account is. */
class EarmarkBook {
  readonly legs = new Map<number, Leg>();
  readonly of = new Map<string, bigint>();
  readonly seen = { earmarked: 0, released: 0, settled: 0 };

  take(event: FlatEvent): void {
    const { kind, paymentPosition: position, amount1: amount, balances } = event;
    const account = `${event.debtorAgent} ${event.currency1}`;
    const before = this.of.get(account) ?? 0n;
    const leg = this.legs.get(position);
    if (kind === 'earmarked') {
      assert.equal(leg, undefined, 'set aside twice');
      this.legs.set(position, { account, amount });
      this.of.set(account, before + amount);
      assert.equal(balances[1], before + amount);
      this.seen.earmarked += 1;
    } else if (kind === 'released' || (kind === 'settled' && event.mechanism === 'earmark')) {
      assert.deepEqual(leg, { account, amount }, `${kind} and not set aside`);
      this.legs.delete(position);
      this.of.set(account, before - amount);
      this.seen[kind] += 1;
    } else if (['cancelled', 'settled', 'carriedOver'].includes(kind)) {
      assert.equal(leg, undefined, `${kind} while set aside`);
    }
  }
}

/** By the queues as the host reads them: nothing that is first and waits to be set aside could be. */
function assertFunded({ settlement }: World): void {
  const { accounts, payments, limits } = settlement.queues();
  for (const { participant, currency, balance, creditLine, reserved } of accounts) {
    const queue = payments
      .filter(({ legs }) => legs.some((l) => l.debtor === participant && l.currency === currency))
      .sort((a, b) => a.priority - b.priority);
    const [head] = queue;
    if (head?.isHeld !== true) continue;
    const [{ amount, creditor }] = head.legs as [(typeof head.legs)[number]];
    const higher = reserved.slice(0, head.priority).reduce((sum, r) => sum + r, 0n);
    const own = limits.filter((l) => l.participant === participant && l.currency === currency);
    const limit =
      own.find((l) => l.counterparty === creditor) ?? own.find((l) => l.counterparty === null);
    const isLimited = limit !== undefined && limit.position + amount > limit.limit;
    assert.ok(isLimited || balance + creditLine - higher < amount, `${head.position} could be`);
  }
}

const DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 14 : 8;

test('days with earmarks: nothing settles without its money, is released twice or stays set aside', () => {
  const seen = { earmarked: 0, released: 0, settled: 0 };
  for (let seed = 1; seed <= DAYS; seed += 1) {
    const pick = seeded(seed);
    const world = earmarkWorld(wasm, seed, pick);
    const book = new EarmarkBook();
    for (const row of earmarkRows(pick)) {
      const where = `seed ${seed}, ${row}`;
      world.say(row);
      const events = world.events();
      for (let i = 0; i < events.length / EVENT_BYTES; i += 1) book.take(readFlatEvent(events, i));
      assert.ok(world.settlement.conserved(), where);
      for (const [account, amount] of book.of) assert.ok(amount >= 0n, `${where}: ${account}`);
      const free = new Map(
        world.settlement
          .queues()
          .accounts.map((a) => [`${a.participant} ${a.currency}`, a.balance]),
      );
      for (const bank of BANKS)
        for (const currency of CURRENCIES) {
          const account = `${BANKS.indexOf(bank)} ${CURRENCIES.indexOf(currency)}`;
          const all = (free.get(account) ?? 0n) + (book.of.get(account) ?? 0n);
          assert.equal(all, world.balance(bank, currency), `${where}: ${account}`);
        }
      assertFunded(world);
    }
    assert.equal(book.legs.size, 0, `seed ${seed}: something is set aside after the close`);
    for (const kind of ['earmarked', 'released', 'settled'] as const) seen[kind] += book.seen[kind];
  }
  assert.ok(Math.min(...Object.values(seen)) >= 50, JSON.stringify(seen));
});

test('a core that is captured between any two records goes on as one that is not', () => {
  for (let seed = 101; seed <= 102; seed += 1) {
    const accounts = Object.fromEntries(
      BANKS.flatMap((bank) => CURRENCIES.map((c) => [`${bank} ${c}`, [40, 20] as const])),
    );
    const rules = { chainLegsMax: 16, conditions: true, gridlockResolution: true } as const;
    const world = createWorld(wasm, { ...rules, livePaymentsMax: 400 }, accounts);
    let copy = createSettlement(wasm, undefined, world.settlement.capture());
    for (const row of earmarkRows(seeded(seed))) {
      world.say(row);
      const record = world.record();
      const events = copy.apply(record, record.length / 128);
      assert.deepEqual(Buffer.from(events), Buffer.from(world.events()), `seed ${seed}, ${row}`);
      copy = createSettlement(wasm, undefined, copy.capture());
    }
  }
});
