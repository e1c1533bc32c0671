import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { type Block, EventFold } from '../../services/metrics/event-rows.ts';
import { coverSection } from '../../services/report/sections/cover.ts';
import type { View } from '../../services/report/sections/section-input.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { directly, followed, load, runDirectly } from '../support/run.ts';

const CREDIT = `
name: credit
seed: 1
tickMs: 60000
businessDates: [2026-03-30]
zone: UTC
currencies:
  EUR: { opens: "08:30", closes: "12:00", zone: UTC }
participants:
  - { bic: ALFADE00, name: A, accounts: { EUR: { balance: "10.00", creditLine: "50.00", collateral: { amount: "40.00", haircutBasisPoints: 2500 } } } }
  - { bic: BETADE00, name: B, accounts: { EUR: { balance: "0.00", creditLine: "20.00" } } }
  - { bic: GAMMFR00, name: C, accounts: { EUR: { balance: "5.00" } } }
payments: { csv: credit.csv }
settlement: { queue: fifo, cycle: off, atClose: cancel }
`;
const PAYMENTS = `date,time,debtor,creditor,currency,amount,priority
2026-03-30,08:40,ALFADE00,BETADE00,EUR,50.00,normal
2026-03-30,09:00,BETADE00,GAMMFR00,EUR,65.00,normal
2026-03-30,10:00,GAMMFR00,ALFADE00,EUR,30.00,normal
2026-03-30,11:00:00.001,BETADE00,GAMMFR00,EUR,5.00,normal
`;

test('by arithmetic: credit drawn beyond collateral, of the one and of the two largest', async () => {
  const readFile = (path: string) => (path.endsWith('.csv') ? PAYMENTS : CREDIT);
  const { summary } = await runDirectly(loadScenario('credit.yaml', { readFile }));
  const [euro] = summary.indicators.currencies;
  const at = (hour: number) => Date.UTC(2026, 2, 30, hour);
  const [alfa, beta] = ['ALFADE00', 'BETADE00'];
  assert.deepEqual(euro?.defaultCoverByHour, [
    // A has drawn 40, and its collateral gives 30. What settles at a full hour has settled by it: B has drawn 15.
    { atMs: at(9), participant: beta, second: alfa, oneMinor: '1500', twoMinor: '2500' },
    // A has drawn 10, which its collateral covers.
    { atMs: at(10), participant: beta, second: null, oneMinor: '1500', twoMinor: '1500' },
    { atMs: at(11), participant: beta, second: null, oneMinor: '1500', twoMinor: '1500' },
    { atMs: at(12), participant: beta, second: null, oneMinor: '2000', twoMinor: '2000' },
  ]);
  assert.deepEqual(euro?.defaultCover, { oneMinor: '2000', twoMinor: '2500' });
  // The last event is of a full hour.
  assert.equal((await compared(loadScenario('credit.yaml', { readFile }))).hours, 4);
});

test('an hour that ends a date and begins the next stands once', async () => {
  const scenario = CREDIT.replace('[2026-03-30]', '[2026-03-30, 2026-03-31]').replace(
    'opens: "08:30", closes: "12:00"',
    'opens: "00:00", closes: "24:00"',
  );
  const readFile = (path: string) => (path.endsWith('.csv') ? PAYMENTS : scenario);
  const { summary } = await runDirectly(loadScenario('credit.yaml', { readFile }));
  const hours = summary.indicators.currencies[0]?.defaultCoverByHour.map(({ atMs }) => atMs) ?? [];
  assert.ok(hours.includes(Date.UTC(2026, 2, 31)), `${hours}`);
  assert.equal(new Set(hours).size, hours.length);
});

test('what an issuer issued is no shortfall of it, and the store knows who it is', async () => {
  const scenario = load('two-layer');
  const { participants } = scenario;
  const simulation = directly(scenario, { signatures: false });
  const issuers: string[] = [];
  const folds = simulation.pools.map(
    ({ name, clearing }) => new EventFold('run', name, clearing.directory),
  );
  const note = ({ rows }: Pick<Block, 'rows'>) =>
    issuers.push(...rows.issuers.map((row) => `${row.currency} ${row.participant}`));
  const { summary } = await followed(scenario, simulation, {
    signatures: false,
    onSlice: ({ steps }) => {
      for (const [pool, { batch }] of steps.entries())
        folds[pool]?.fold(batch.events).forEach(note);
    },
  });
  for (const fold of folds) note(fold.end());
  const deposits = summary.indicators.currencies.filter(({ currency }) => currency.length > 3);
  assert.equal(deposits.length, 5);
  for (const { currency, defaultCover } of deposits)
    assert.deepEqual(defaultCover, { oneMinor: '0', twoMinor: '0' }, currency);
  const expected = scenario.currencies.flatMap(({ code, issuer }) =>
    issuer === null ? [] : [`${code} ${participants[issuer]?.bic}`],
  );
  assert.deepEqual(issuers.sort(), expected.sort());
  assert.ok(expected.length > 4);
});

test('the report says so, and that there is none', async () => {
  const readFile = (path: string) => (path.endsWith('.csv') ? PAYMENTS : CREDIT);
  const viewOf = (currencies: unknown) =>
    ({
      indicators: { currencies },
      frame: { severalDates: false },
      names: new Map(),
      decimals: new Map([['EUR', 2]]),
    }) as unknown as View;
  const { summary } = await runDirectly(loadScenario('credit.yaml', { readFile }));
  const asTold = summary.indicators.currencies.map(({ currency, defaultCoverByHour }) => ({
    currency,
    defaultCoverByHour: defaultCoverByHour.map(({ oneMinor, twoMinor, ...hour }) => ({
      ...{ ...hour, oneMinor: BigInt(oneMinor), twoMinor: BigInt(twoMinor) },
    })),
  }));
  const { text } = coverSection(viewOf(asTold));
  for (const shown of ['25.00', '20.00', 'BETADE00', 'ALFADE00'])
    assert.ok(text.includes(shown), shown);
  assert.match(coverSection(viewOf([])).text, /At no full hour/);
});

const NO_NAMES = { participants: [], currencies: [] };

interface State {
  readonly balances: Map<string, bigint>;
  readonly collateral: Map<string, bigint>;
  /** Accepted for netting, by position. */
  readonly accepted: Map<number, readonly (readonly [string, bigint])[]>;
}

/** All events up to an instant, from the first. */
function stateAt(events: readonly SettlementEvent[], untilMs: number): State {
  const state: State = { balances: new Map(), collateral: new Map(), accepted: new Map() };
  const lines = new Map<string, bigint>();
  const states = ({
    participant,
    currency,
    balance,
  }: {
    participant: number;
    currency: number;
    balance: bigint;
  }) => state.balances.set(`${participant} ${currency}`, balance);
  for (const event of events) {
    if (event.timeMs > untilMs) break;
    if (event.kind === 'accountOpened') states({ ...event, balance: event.opening });
    if (event.kind === 'issued' || event.kind === 'redeemed') states(event);
    if (event.kind === 'netted' || event.kind === 'lossShared') states(event);
    if (event.kind === 'settled') for (const booking of event.bookings) states(booking);
    if (event.kind === 'accountOpened' || event.kind === 'creditLineSet')
      lines.set(`${event.participant} ${event.currency}`, event.creditLine);
    if (event.kind === 'collateralSet') {
      const name = `${event.participant} ${event.currency}`;
      state.collateral.set(name, event.creditCapacity - (lines.get(name) ?? 0n));
    }
    if (event.kind === 'accepted') {
      const { debtorAgent, creditorAgent, dealer, currency1, currency2, amount1, amount2 } = event;
      const crosses = currency2 !== 0xffff;
      const payee = crosses ? dealer : creditorAgent;
      state.accepted.set(event.paymentPosition, [
        [`${debtorAgent} ${currency1}`, amount1],
        [`${payee} ${currency1}`, -amount1],
        ...(crosses
          ? ([
              [`${dealer} ${currency2}`, amount2],
              [`${creditorAgent} ${currency2}`, -amount2],
            ] as const)
          : []),
      ]);
    }
    if (event.kind === 'settled' || event.kind === 'unwound')
      state.accepted.delete(event.paymentPosition);
  }
  return state;
}

async function compared(scenario: Scenario): Promise<{ hours: number; two: number; owed: number }> {
  const simulation = directly(scenario, { signatures: false });
  const events: SettlementEvent[][] = scenario.pools.map(() => []);
  const bytes: Uint8Array[][] = scenario.pools.map(() => []);
  const { summary } = await followed(scenario, simulation, {
    signatures: false,
    onSlice: ({ steps }) => {
      for (const [pool, { batch }] of steps.entries()) {
        events[pool]?.push(...readEvents(batch.events));
        bytes[pool]?.push(batch.events.slice());
      }
    },
  });
  const seen = { hours: 0, two: 0, owed: 0 };
  const stored = scenario.pools.map((_, pool) => {
    const fold = new EventFold(
      'run',
      'main',
      simulation.pools[pool]?.clearing.directory ?? NO_NAMES,
    );
    const blocks = bytes[pool]?.flatMap((some) => fold.fold(some)) ?? [];
    return [...blocks, fold.end()].flatMap(({ rows }) => rows.cover_hours);
  });
  for (const [index, { code, pool, hours }] of scenario.currencies.entries()) {
    const directory = simulation.pools[pool]?.clearing.directory;
    const handle = directory?.currencies.findIndex(({ currency }) => currency === code) ?? -1;
    const told = summary.indicators.currencies[index]?.defaultCoverByHour ?? [];
    const expected = hours.flatMap((open) => {
      if (!open) return [];
      const fullHours: number[] = [];
      for (let ms = open.opensMs; ms <= open.closesMs; ms += 60_000)
        if (ms % 3_600_000 === 0) fullHours.push(ms);
      return fullHours.flatMap((atMs) => {
        const { balances, collateral, accepted } = stateAt(events[pool] ?? [], atMs);
        const owed = [...accepted.values()].flat();
        const short = [...balances]
          .filter(([name]) => name.endsWith(` ${handle}`))
          .map(([name, balance]) => {
            const net = owed.reduce((sum, [who, amount]) => sum + (who === name ? amount : 0n), 0n);
            if (net > 0n && net > balance) seen.owed += 1;
            return net - balance - (collateral.get(name) ?? 0n);
          })
          .filter((minor) => minor > 0n)
          .sort((a, b) => (a < b ? 1 : -1));
        if (short.length === 0) return [];
        if (short.length > 1) seen.two += 1;
        const one = short[0] as bigint;
        return [{ atMs, oneMinor: String(one), twoMinor: String(one + (short[1] ?? 0n)) }];
      });
    });
    assert.deepEqual(
      told.map(({ atMs, oneMinor, twoMinor }) => ({ atMs, oneMinor, twoMinor })),
      expected,
      `${scenario.name} ${code}`,
    );
    assert.deepEqual(
      stored[pool]
        ?.filter(({ currency }) => currency === code)
        .map(({ time, participant, second, one_minor, two_minor }) => ({
          ...{ atMs: Date.parse(`${time}Z`), participant, second: second || null },
          ...{ oneMinor: one_minor, twoMinor: two_minor },
        })),
      told,
      `${scenario.name} ${code}: in the store`,
    );
    seen.hours += told.length;
  }
  return seen;
}

for (const name of ['smoke', 'netting-default', 'limits-hybrid'])
  test(`${name}: as all events up to each hour have it`, async () => {
    const { owed } = await compared(load(name));
    // What is netted is owed before it is funded.
    assert.equal(owed > 0, name === 'netting-default');
  });

const SEEDS = process.env.CORRIDOR_LONG_TESTS === '1' ? 60 : 6;

test('random scenarios: the same', async () => {
  const seen = { hours: 0, two: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { hours, two } = await compared(randomScenario(seed));
    seen.hours += hours;
    seen.two += two;
  }
  assert.ok(seen.hours > 10 && seen.two > 0, JSON.stringify(seen));
});
