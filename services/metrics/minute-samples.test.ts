import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ExactSum } from '../analysis/exact-sum.ts';
import { Ledger } from '../analysis/ledger.ts';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import { accountNames, BalanceSamples, QueueSamples } from './minute-samples.ts';

/** One account. What is put in is a record of its own; what is transferred moves the balance alone. */
const happened = fc.oneof(
  fc.record({ kind: fc.constant('transfer' as const), by: fc.integer({ min: -50, max: 50 }) }),
  fc.record({ kind: fc.constant('issued' as const), by: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ kind: fc.constant('redeemed' as const), by: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ kind: fc.constant('minute' as const), by: fc.constant(0) }),
);

test('a minute’s lowest balance and the most that was drawn are those of each moment, also where money was put in or taken out', () => {
  let drawnAfterChange = 0;
  fc.assert(
    fc.property(fc.array(happened, { minLength: 1, maxLength: 30 }), (all) => {
      const ledger = new Ledger();
      const samples = new BalanceSamples(() => accountNames('one', 'EUR'));
      const take = (event: object) => {
        for (const account of ledger.take(event as SettlementEvent)) samples.note(account);
      };
      const of = { participant: 0, currency: 0 };
      let [balance, putIn] = [100, 100];
      let moments = [{ balance, drawn: 0 }];
      let hasChanged = true;
      take({ kind: 'accountOpened', ...of, opening: 100n, creditLine: 0n, balance: 100n });
      for (const { kind, by } of [...all, { kind: 'minute' as const, by: 0 }]) {
        if (kind === 'minute') {
          let told = 0;
          samples.take(({ lowest, drawnMax }) => {
            told += 1;
            assert.equal(lowest.value, BigInt(Math.min(...moments.map((one) => one.balance))));
            assert.equal(drawnMax.value, BigInt(Math.max(0, ...moments.map(({ drawn }) => drawn))));
          });
          assert.equal(told, hasChanged ? 1 : 0);
          moments = [{ balance, drawn: putIn - balance }];
          hasChanged = false;
          continue;
        }
        hasChanged = true;
        if (kind === 'transfer') {
          balance += by;
          const account = ledger.account(0);
          account?.held.set(new ExactSum().add(BigInt(balance)));
          if (account) samples.noteTransfer(account);
        } else {
          const amount = kind === 'issued' ? by : -by;
          balance += amount;
          putIn += amount;
          take({ kind, ...of, amount: BigInt(by), balance: BigInt(balance) });
        }
        const drawn = putIn - balance;
        // It is drawn more than ever in the minute, and was lower in it: more was put in since.
        if (
          moments.every((one) => one.drawn < drawn) &&
          moments.some((one) => one.balance < balance)
        )
          drawnAfterChange += 1;
        moments.push({ balance, drawn });
      }
    }),
    { seed: 5, numRuns: 500 },
  );
  assert.ok(drawnAfterChange > 20, `${drawnAfterChange}`);
});

test('of what waits the earliest is told, of an account and of its currency, whoever leaves first', () => {
  const step = fc.record({
    account: fc.integer({ min: 0, max: 1 }),
    place: fc.integer({ min: -3, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const samples = new QueueSamples();
      const all = samples.queue(accountNames('', 'EUR'), true);
      const own = ['one', 'two'].map((bic) => samples.queue(accountNames(bic, 'EUR'), false));
      const waiting: { number: number; account: number; atMs: number }[] = [];
      const free = Array.from({ length: 60 }, (_, number) => number);
      for (const [index, { account, place }] of steps.entries()) {
        const gone = place < 0 ? undefined : waiting.splice(place, 1)[0];
        if (gone) {
          free.push(gone.number);
          for (const queue of [own[gone.account], all]) queue?.leave(gone.number, 1, 7);
        } else {
          const joined = { number: free.pop() as number, account, atMs: 1000 + index };
          waiting.push(joined);
          samples.stays.set(joined.number, joined.atMs);
          for (const queue of [own[account], all]) queue?.join(joined.number, 1, 7);
        }
        for (const [queue, mine] of [
          ...own.map((one, which) => [one, waiting.filter((w) => w.account === which)] as const),
          [all, waiting] as const,
        ]) {
          assert.equal(queue.count, mine.length);
          assert.equal(queue.oldestMs, mine[0]?.atMs ?? 0);
          assert.equal(queue.value.value, BigInt(mine.length) * (2n ** 32n + 7n));
        }
      }
    }),
    { seed: 5, numRuns: 300 },
  );
});
