import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  moreThanEnough,
  smallestInjection,
} from '../../services/analysis/queues/money-to-release.ts';
import { nameOf } from '../../services/analysis/queues/queue-set.ts';
import type { Accounts } from './case-language.ts';
import { inCore, playRows, releaseDays } from './money-to-release-days.ts';

releaseDays(10, 50);

interface Case {
  readonly name: string;
  readonly accounts: Accounts;
  readonly rows: readonly string[];
  readonly mechanism?: string;
  /** Place of the payment among those queued, from 0. */
  readonly released: number;
  readonly amount: bigint;
  /** More money, with which the payment waits again. */
  readonly tooMuch: readonly bigint[];
}

const CASES: readonly Case[] = [
  {
    name: 'a reservation is passed by what leaves an account no worse, until money spoils the offset',
    accounts: { 'A EUR': 0, 'C EUR': 100, 'D EUR': 0, 'E EUR': 0, 'F EUR': 0 },
    rows: [
      'open EUR 1',
      'reserve v1 A EUR high 100',
      'limit l1 C>A EUR 100',
      'limit l2 C>all EUR 0',
      'pay p1 A>E 30 EUR urgent',
      'pay p2 A>D 20 EUR urgent',
      'pay p3 A>C 20 EUR',
      'pay p4 D>C 20 EUR',
      'pay p5 C>F 20 EUR',
      'pay p6 C>A 40 EUR',
    ],
    released: 2,
    amount: 30n,
    tooMuch: [50n, 129n],
  },
  {
    name: 'a limit below its position takes what does not raise it, until a part settles alone',
    accounts: { 'A EUR': 0, 'C EUR': 100, 'E EUR': 0 },
    rows: [
      'open EUR 1',
      'limit l1 C>A EUR 10',
      'pay q1 C>A 5 EUR',
      'pay q2 A>E 5 EUR',
      'limit l2 C>A EUR 0',
      'pay p1 A>E 1 EUR',
      'pay p2 A>C 1 EUR',
      'pay p3 A>C 8 EUR',
      'pay p4 C>A 9 EUR',
    ],
    released: 2,
    amount: 1n,
    tooMuch: [2n, 9n],
  },
  {
    name: 'an account below its floor gets no worse, until a part settles alone',
    accounts: { 'A EUR': 0, 'C EUR': 0, 'E EUR': 0 },
    rows: [
      'open EUR 1',
      'line C EUR 5',
      'pay q1 C>E 5 EUR',
      'line C EUR 0',
      'pay p1 A>E 1 EUR',
      'pay p2 A>C 1 EUR',
      'pay p3 A>C 8 EUR',
      'pay p4 C>A 9 EUR',
    ],
    released: 2,
    amount: 1n,
    tooMuch: [2n, 9n],
  },
  {
    name: 'all or nothing, until money lets a held payment go and what stands behind it does not fit',
    mechanism: 'allOrNothing',
    accounts: {
      ...{ 'A EUR': 0, 'C EUR': 0, 'E EUR': 5, 'F EUR': 0 },
      ...{ 'D EUR': 0, 'D USD': 50, 'F USD': 0 },
    },
    rows: [
      'open EUR 1',
      'open USD 1',
      'quote q1 D EUR/USD 1 for 1000',
      'pay h1 A>F 5 EUR via D 5 USD at 1',
      'pay h2 A>F 100 EUR',
      'pay p1 C>A 5 EUR',
      'pay p2 C>E 10 EUR',
      'pay p3 E>C 14 EUR',
    ],
    released: 3,
    amount: 1n,
    tooMuch: [5n, 14n],
  },
];

for (const { name, accounts, rows, mechanism, released, amount, tooMuch } of CASES)
  test(name, () => {
    const rules = mechanism ?? 'gridlockResolution';
    const day = playRows(accounts, rows, (currency) => `rules ${currency} ${rules}`);
    const payment = day.state.payments[released];
    const leg = payment?.legs[0];
    assert.ok(payment && leg);
    const account = nameOf(leg.debtor, leg.currency);
    const releases = (money: bigint): boolean => inCore(day, account, money).has(payment.id);
    assert.deepEqual(smallestInjection(day.state, payment, account), { kind: 'releases', amount });
    assert.ok(releases(amount) && !releases(amount - 1n));
    for (const more of tooMuch) assert.ok(!releases(more), `${more}`);
    assert.ok(releases(moreThanEnough(day.state, account)));
  });
