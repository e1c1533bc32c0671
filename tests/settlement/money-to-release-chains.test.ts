/** Chains of legs: what more money in an account releases, worked out twice outside the core, against the core. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CertifiedPayment } from '../../services/analysis/certificates/certificate-format.ts';
import { replay } from '../../services/analysis/certificates/check/release-replay.ts';
import {
  moreThanEnough,
  smallestInjection,
  whatIf,
} from '../../services/analysis/queues/money-to-release.ts';
import { type AccountName, nameOf } from '../../services/analysis/queues/queue-set.ts';
import type { QueueState } from '../../services/core/settlement/queue-state.ts';
import { PRIORITIES } from '../../services/protocol/messages/priorities.ts';
import type { Accounts } from './case-language.ts';
import { inCore, playRows } from './money-to-release-days.ts';
import { chainRounds } from './random-chains.ts';
import { seeded } from './random-draft.ts';

type Day = ReturnType<typeof playRows>;

/** As a certificate has it, participants and currencies by their handles. */
const tablesOf = ({ accounts, limits, payments }: QueueState): Parameters<typeof replay>[0] => ({
  accounts: accounts.map((a) => ({
    participant: String(a.participant),
    currency: String(a.currency),
    balance: String(a.balance),
    creditLine: String(a.creditLine),
    reservedUrgent: String(a.reserved[0]),
    reservedHigh: String(a.reserved[1]),
  })),
  limits: limits.map((l) => ({
    participant: String(l.participant),
    currency: String(l.currency),
    counterparty: l.counterparty === null ? null : String(l.counterparty),
    limit: String(l.limit),
    position: String(l.position),
  })),
  payments: payments.map(
    (p): CertifiedPayment => ({
      ...{ position: p.position, uetr: p.id, pairedWith: null },
      priority: PRIORITIES[p.priority] ?? 'normal',
      legs: p.legs.map((leg) => ({
        currency: String(leg.currency),
        debtor: String(leg.debtor),
        creditor: String(leg.creditor),
        amount: String(leg.amount),
      })),
    }),
  ),
  ...{ valuations: [], crossLimits: [] },
});

/** Positions, in entry order, of what the core settles of what is queued. */
const settledInCore = (day: Day, account: AccountName, amount: bigint): number[] => {
  const ids = inCore(day, account, amount);
  return day.state.payments.filter(({ id }) => ids.has(id)).map(({ position }) => position);
};

const foreseen = (day: Day, account: AccountName, amount: bigint): number[] => {
  const { settled } = whatIf(day.state, { account, amount });
  return day.state.payments.filter((p) => settled.has(p)).map(({ position }) => position);
};

const replayed = (day: Day, account: AccountName, amount: bigint): number[] =>
  replay(tablesOf(day.state), { place: account.replace('/', ' '), amount }).settled;

interface Case {
  readonly name: string;
  readonly accounts: Accounts;
  /** Limits. */
  readonly bounds?: readonly string[];
  readonly rows: readonly string[];
  /** The least that releases the chain from A's account; null: none does. */
  readonly amount: bigint | null;
}

const CASES: readonly Case[] = [
  {
    name: 'what comes back by the chain pays for it: 1 is missing, not 91',
    accounts: { 'A EUR': 9, 'B EUR': 0, 'C EUR': 0 },
    rows: ['A>B 100 EUR as 1/3 of x', 'B>C 95 EUR as 2/3 of x', 'C>A 90 EUR as 3/3 of x'],
    amount: 1n,
  },
  {
    name: 'two legs of one account need both amounts: 40 are missing',
    accounts: { 'A EUR': 60, 'B EUR': 0, 'C EUR': 0 },
    rows: ['A>B 60 EUR as 1/2 of x', 'A>C 40 EUR as 2/2 of x'],
    amount: 40n,
  },
  {
    name: 'two legs count on one limit together: no amount releases',
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0 },
    bounds: ['limit l1 A>all EUR 99'],
    rows: ['A>B 60 EUR as 1/2 of x', 'A>C 40 EUR as 2/2 of x'],
    amount: null,
  },
  {
    name: 'a limit is used by the net of the chain',
    accounts: { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0 },
    bounds: ['limit l1 A>B EUR 10'],
    rows: ['A>B 60 EUR as 1/3 of x', 'B>A 50 EUR as 2/3 of x', 'A>C 5 EUR as 3/3 of x'],
    amount: 15n,
  },
];

for (const mechanism of ['none', 'gridlockResolution'])
  for (const { name, accounts, bounds = [], rows, amount } of CASES)
    test(`${mechanism}: ${name}`, () => {
      const links = rows.map((row, k) => `link c${k} ${row}`);
      const day = playRows(accounts, ['open EUR 1', ...bounds, ...links], () =>
        mechanism === 'none' ? 'rules EUR' : `rules EUR ${mechanism}`,
      );
      const [chain] = day.state.payments;
      assert.ok(chain);
      const account = nameOf(0, 0);
      const found = smallestInjection(day.state, chain, account);
      assert.deepEqual(found, amount === null ? { kind: 'none' } : { kind: 'releases', amount });
      for (let money = 0n; money <= moreThanEnough(day.state, account); money += 1n) {
        const settles: readonly number[] =
          amount !== null && money >= amount ? [chain.position] : [];
        assert.deepEqual(settledInCore(day, account, money), settles, `core + ${money}`);
        assert.deepEqual(foreseen(day, account, money), settles, `maker + ${money}`);
        assert.deepEqual(replayed(day, account, money), settles, `checker + ${money}`);
      }
    });

/** A round of payments and chains queued; each currency with a mechanism of its own, or all resolve gridlocks. */
function randomDay(seed: number, kind: (typeof KINDS)[number]): Day {
  const pick = seeded(seed + 77);
  const { accounts, rounds } = chainRounds(seed, 1, kind.strained);
  const currencies = ['EUR', 'USD', 'CNY'].filter((name) => `A ${name}` in accounts);
  const rows = [...currencies.map((name) => `open ${name} 1`), ...(rounds[0]?.rows ?? [])];
  return playRows(accounts, rows, (currency) => {
    const mechanism = kind.resolves || pick(2) === 0 ? ' gridlockResolution' : '';
    return `rules ${currency}${kind.bypass ? ' bypassFifo' : ''}${mechanism}`;
  });
}

const KINDS = [
  { bypass: false, strained: false, resolves: true },
  { bypass: false, strained: true, resolves: true },
  { bypass: false, strained: false, resolves: false },
  { bypass: true, strained: true, resolves: false },
] as const;
const SEEDS = process.env.CORRIDOR_LONG_TESTS === '1' ? 500 : 10;
/** Payments that were released on the days of one kind, at least. */
const RELEASED = Math.min(8, 0.4 * SEEDS);

for (const kind of KINDS)
  test(`random chains, ${JSON.stringify(kind)}: what settles with more money, and the least that releases`, () => {
    let released = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const day = randomDay(seed, kind);
      for (const { participant, currency } of day.state.accounts) {
        const account = nameOf(participant, currency);
        const own = day.state.payments.filter(({ legs }) =>
          legs.some((leg) => nameOf(leg.debtor, leg.currency) === account),
        );
        if (!own.some(({ legs }) => legs.length > 1)) continue;
        const least = new Map<number, bigint>();
        for (let amount = 0n; amount <= moreThanEnough(day.state, account); amount += 1n) {
          const where = `seed ${seed}, ${account} + ${amount}`;
          const settled = settledInCore(day, account, amount);
          for (const position of settled) if (!least.has(position)) least.set(position, amount);
          assert.deepEqual(foreseen(day, account, amount), settled, `maker: ${where}`);
          if (kind.resolves)
            assert.deepEqual(replayed(day, account, amount), settled, `checker: ${where}`);
        }
        for (const payment of own) {
          const amount = least.get(payment.position);
          const where = `seed ${seed}, ${payment.position} from ${account}`;
          const expected = amount === undefined ? { kind: 'none' } : { kind: 'releases', amount };
          assert.deepEqual(smallestInjection(day.state, payment, account), expected, where);
          if (payment.legs.length > 1 && amount !== undefined && amount > 0n) released += 1;
        }
      }
    }
    assert.ok(released >= RELEASED, `${released} released`);
  });
