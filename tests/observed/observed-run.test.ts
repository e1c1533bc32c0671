/** Figures of observed times: of a small day by hand, and of random days by an oracle that reads the CSV. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import { atLeast } from '../support/at-least.ts';
import { type ImportFiles, observed } from '../support/observed-import.ts';

const HOUR_MS = 3_600_000;
const DAY = 24 * HOUR_MS;
const DAY_MS = Date.parse('2026-03-16T00:00:00Z');
const HOURS = { opens: '08:00', closes: '16:00', zone: 'UTC' };
const at = (time: string) => Date.parse(`2026-03-16T${time}:00Z`);

/** Three banks with 100, 50 and nothing. */
const BY_HAND: ImportFiles = {
  'scenario.yaml': JSON.stringify({
    ...{ name: 'by-hand', seed: 1, businessDates: ['2026-03-16'], zone: 'UTC', tickMs: 60_000 },
    currencies: { EUR: HOURS },
    participants: [
      { bic: 'AAAADE00', name: 'A', accounts: { EUR: { balance: '100.00' } } },
      { bic: 'BBBBDE00', name: 'B', accounts: { EUR: { balance: '50.00' } } },
      { bic: 'CCCCDE00', name: 'C', accounts: { EUR: { balance: '0.00' } } },
    ],
    payments: { csv: 'payments.csv' },
  }),
  'payments.csv': `# A comment is no row.
date,time,debtor,creditor,currency,amount,priority
2026-03-16,08:00,AAAADE00,BBBBDE00,EUR,60.00,normal
2026-03-16,10:00,CCCCDE00,AAAADE00,EUR,40.00,normal
2026-03-16,09:00,BBBBDE00,CCCCDE00,EUR,100.00,normal
2026-03-16,12:00,CCCCDE00,BBBBDE00,EUR,80.00,normal
2026-03-16,14:00,AAAADE00,CCCCDE00,EUR,30.00,normal
`,
  'observed.csv': `row,submitted,settled
1,2026-03-16T08:00:00.000Z,2026-03-16T08:00:00.000Z
2,2026-03-16T10:00:00.000Z,2026-03-16T11:00:00.000Z
3,2026-03-16T09:00:00.000Z,2026-03-16T11:00:00.000Z
4,2026-03-16T12:00:00.000Z,2026-03-16T13:00:00.000Z
5,2026-03-16T14:00:00.000Z,
`,
};

test('a day by hand: its events in order of time, with balances after each instant', async () => {
  const { events } = await observed(BY_HAND);
  const all = events.flatMap((bytes) => readEvents(bytes));
  const told = all.flatMap((event) => {
    const time = new Date(event.timeMs).toISOString().slice(11, 16);
    if (event.kind === 'queued') return [`${time} queued ${event.amount1}`];
    if (event.kind === 'closed') return [`${time} closed, ${event.queued} queued`];
    if (event.kind !== 'settled') return [];
    return [
      `${time} settled ${event.amount1} ${event.bookings.map((one) => one.balance).join(' ')}`,
    ];
  });
  assert.deepEqual(told, [
    '08:00 settled 6000 4000 11000',
    '09:00 queued 10000',
    '10:00 queued 4000',
    // One instant: C pays 40 of the 100 that it gets, whichever stands first.
    '11:00 settled 10000 1000 6000',
    '11:00 settled 4000 6000 8000',
    '12:00 queued 8000',
    '13:00 settled 8000 -2000 9000',
    '14:00 queued 3000',
    '16:00 closed, 1 queued',
  ]);
  assert.deepEqual(
    all.map(({ number }) => number),
    all.map((_, index) => index + 1),
  );
  const kinds = new Set<string>(all.map(({ kind }) => kind));
  for (const kind of ['cycled', 'heldUp', 'refused', 'rejected']) assert.ok(!kinds.has(kind), kind);
});

test('a day by hand: its figures', async () => {
  const { summary, rows } = await observed(BY_HAND);
  assert.deepEqual(
    [summary.submitted, summary.settled, summary.queuedAtClose, summary.settledValueMinor.EUR],
    [5, 4, 1, '28000'],
  );
  assert.deepEqual(summary.settledByMechanism, { observed: 4 });
  const { p50Ms, maxMs, settledAfterQueuing } = summary.delay;
  assert.deepEqual([p50Ms, maxMs, settledAfterQueuing], [HOUR_MS, 2 * HOUR_MS, 3]);
  // In EUR x hours: 0 + 100 x 2 + 40 + 80 + 30 x 2 of 60 x 8 + 100 x 7 + 40 x 6 + 80 x 4 + 30 x 2.
  assert.equal(summary.delay.settlementDelayIndicator.EUR, 0.211111111);
  assert.equal(summary.delay.valueWeightedDelayMs.EUR, 4412903.225806452);
  // A 60, B 40, C 20, of the 150 that there are.
  assert.deepEqual(summary.liquidity.EUR, {
    ...{ availableMinor: '15000', usedMinor: '12000', usage: 0.8, turnover: 2.333333333 },
  });
  const [euro] = summary.indicators.currencies;
  assert.deepEqual(euro?.queuePeak, { payments: 2, valueMinor: '14000' });
  assert.deepEqual(
    [euro?.throughput.halfByMs, euro?.throughput.ninetyPercentByMs],
    [11 * HOUR_MS, 13 * HOUR_MS],
  );
  assert.deepEqual(summary.observed?.belowFloor, [
    {
      ...{ participant: 'CCCCDE00', currency: 'EUR', shortMinor: '2000' },
      ...{ firstMs: at('13:00'), lowestMs: at('13:00') },
    },
  ]);
  assert.deepEqual(summary.indicators.heldUp, []);
  assert.ok(summary.conserved && !summary.signatures);
  const unsettled = rows.filter(({ status }) => status !== 'settled');
  assert.deepEqual(
    unsettled.map(({ status, amountMinor, queuedAtMs }) => [status, amountMinor, queuedAtMs]),
    [['queued', 3000n, at('14:00')]],
  );
});

test('what settles at the cut-off is no longer queued at it', async () => {
  const times = BY_HAND['observed.csv'] as string;
  const { events } = await observed({
    ...BY_HAND,
    'observed.csv': times.replace(/,\n$/, ',2026-03-16T16:00:00.000Z\n'),
  });
  const last = events.flatMap((bytes) => readEvents(bytes)).slice(-2);
  assert.deepEqual(
    last.map(({ kind }) => kind),
    ['settled', 'closed'],
  );
  assert.equal(last[1]?.kind === 'closed' && last[1].queued, 0);
});

test('what settles after the close is counted', async () => {
  const times = BY_HAND['observed.csv'] as string;
  const late = async (instant: string) => {
    const { summary } = await observed({
      ...BY_HAND,
      'observed.csv': times.replace(/,\n$/, `,2026-03-16T${instant}Z\n`),
    });
    return [summary.settled, summary.observed?.settledAfterClose];
  };
  assert.deepEqual(await late('16:00:00.000'), [5, 0]);
  assert.deepEqual(await late('16:00:00.001'), [5, 1]);
});

test('what settles behind a close is of the date whose hours are nearer', async () => {
  const files = (settled: string): ImportFiles => ({
    'scenario.yaml': (BY_HAND['scenario.yaml'] as string).replace(
      '["2026-03-16"]',
      '["2026-03-16","2026-03-17"]',
    ),
    'payments.csv': `date,time,debtor,creditor,currency,amount,priority
2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,10.00,normal
2026-03-16,15:59,AAAADE00,BBBBDE00,EUR,30.00,normal
2026-03-17,10:00,BBBBDE00,AAAADE00,EUR,10.00,normal
`,
    'observed.csv': `row,submitted,settled
1,2026-03-16T10:00:00.000Z,2026-03-16T10:00:00.000Z
2,2026-03-16T15:59:00.000Z,${settled}
3,2026-03-17T10:00:00.000Z,2026-03-17T12:00:00.000Z
`,
  });
  const ofA = async (settled: string) => {
    const { indicators } = (await observed(files(settled))).summary;
    const [{ intraday, throughput, sharesByDate } = assert.fail('no currency')] =
      indicators.currencies;
    const a = intraday.find(({ participant }) => participant === 'AAAADE00');
    const debtors = sharesByDate.map((one) => one.debtors.number);
    return [a?.sent.outstandingMinor, debtors, throughput.halfByMs, throughput.ninetyPercentByMs];
  };
  const [twelve, close] = [12 * HOUR_MS, 16 * HOUR_MS];
  const late = close + 20 * 60_000;
  assert.deepEqual(await ofA('2026-03-16T16:20:00.000Z'), [['4000', '0'], [1, 1], late, late]);
  // Both hours are eight hours off: the earlier.
  assert.deepEqual(await ofA('2026-03-17T00:00:00.000Z'), [['4000', '0'], [1, 1], DAY, DAY]);
  assert.deepEqual(await ofA('2026-03-17T00:00:00.001Z'), [['3000', '1000'], [1, 2], 1, twelve]);
  assert.deepEqual(await ofA('2026-03-16T16:00:00.000Z'), [['4000', '0'], [1, 1], close, close]);
});

const BANKS = ['AAAADE00', 'BBBBDE00', 'CCCCDE00', 'DDDDDE00'];
const DEALER = 'FXFXDE00';

/** Payments in two currencies, through a dealer at 2 USD a euro, and legs; times to ten seconds, so that many fall together. */
function randomDay(seed: number): ImportFiles {
  const stream = new SeededStream(seed, 'observed day');
  const upTo = (count: number) => Math.floor(stream.uniform() * count);
  const lines: string[] = [];
  const times: string[] = [];
  const add = (cells: readonly string[], sentMs: number) => {
    const submittedMs = Math.min(sentMs, DAY_MS + 16 * HOUR_MS - 10_000);
    const settledMs = submittedMs + 10_000 * (upTo(3) === 0 ? 0 : upTo(1_200));
    const time = new Date(submittedMs).toISOString().slice(11, 23);
    lines.push(['2026-03-16', time, ...cells].join(','));
    const settled = upTo(8) === 0 ? '' : new Date(settledMs).toISOString();
    times.push(`${lines.length},${new Date(submittedMs).toISOString()},${settled}`);
  };
  for (let count = 0; count < 60; count++) {
    const submittedMs = DAY_MS + 8 * HOUR_MS + 10_000 * upTo(2_900);
    const from = upTo(4);
    const to = (from + 1 + upTo(3)) % 4;
    const [debtor, creditor] = [BANKS[from] as string, BANKS[to] as string];
    const cents = 1 + upTo(60_000);
    const amount = (minor: number) => (minor / 100).toFixed(2);
    const kind = upTo(4);
    if (kind < 2)
      add(
        [debtor, creditor, kind === 0 ? 'EUR' : 'USD', amount(cents), 'normal', '', '', '', '', ''],
        submittedMs,
      );
    else if (kind === 2)
      add([debtor, creditor, 'EUR', amount(cents), 'high', 'USD', DEALER, '', '', ''], submittedMs);
    else {
      const [one, other] = [amount(cents), amount(cents + upTo(100))];
      const leg = `trade-${count}`;
      add([debtor, creditor, 'EUR', one, 'normal', '', '', leg, 'USD', other], submittedMs);
      // Some have no mirror; of a pair each leg has a time of its own.
      if (upTo(4) > 0)
        add(
          [creditor, debtor, 'USD', other, 'normal', '', '', leg, 'EUR', one],
          submittedMs + 10_000 * upTo(60),
        );
    }
  }
  const accounts = {
    EUR: { balance: '900.00', creditLine: '200.00' },
    USD: { balance: '900.00' },
  };
  const columns =
    'date,time,debtor,creditor,currency,amount,priority,toCurrency,dealer,reference,receives,receivesAmount';
  return {
    'scenario.yaml': JSON.stringify({
      ...{ name: 'random', seed, businessDates: ['2026-03-16'], zone: 'UTC', tickMs: 60_000 },
      currencies: { EUR: HOURS, USD: HOURS },
      participants: [
        ...BANKS.map((bic) => ({ bic, name: bic, accounts })),
        { bic: DEALER, name: 'Dealer', role: 'dealer', accounts },
      ],
      rates: { source: 'invented', date: '2026-03-16', base: 'EUR', perBase: { USD: '2' } },
      quotes: [
        {
          dealer: DEALER,
          pairs: ['EUR/USD'],
          spreadBasisPoints: 0,
          covers: { EUR: '1000000.00', USD: '1000000.00' },
        },
      ],
      payments: { csv: 'payments.csv' },
    }),
    'payments.csv': `${columns}\n${lines.join('\n')}\n`,
    'observed.csv': `row,submitted,settled\n${times.join('\n')}\n`,
  };
}

interface OracleRow {
  readonly currency: string;
  readonly minor: number;
  readonly submittedMs: number;
  readonly settledMs: number | null;
  /** Account and what is added. */
  readonly bookings: readonly (readonly [string, number])[];
}

function oracleRows(files: ImportFiles): OracleRow[] {
  const read = (name: string): Record<string, string>[] =>
    parse(files[name] as string, { columns: true });
  const times = read('observed.csv');
  return read('payments.csv').map((row, index) => {
    const { debtor, creditor, currency = '', amount, toCurrency, dealer } = row;
    const { submitted = '', settled } = times[index] as Record<string, string>;
    const minor = Math.round(Number(amount) * 100);
    return {
      ...{ currency, minor, submittedMs: Date.parse(submitted) },
      settledMs: settled ? Date.parse(settled) : null,
      bookings: [
        [`${debtor} ${currency}`, -minor],
        ...(toCurrency
          ? ([
              [`${dealer} ${currency}`, minor],
              [`${dealer} ${toCurrency}`, -2 * minor],
              [`${creditor} ${toCurrency}`, 2 * minor],
            ] as const)
          : ([[`${creditor} ${currency}`, minor]] as const)),
      ],
    };
  });
}

/** All accounts after each instant, from the opening on. */
function* balancesOf(rows: readonly OracleRow[]): Generator<[number, Map<string, number>]> {
  const balances = new Map<string, number>();
  for (const bank of [...BANKS, DEALER])
    for (const currency of ['EUR', 'USD']) balances.set(`${bank} ${currency}`, 90_000);
  const instants = new Set(
    rows.flatMap(({ settledMs }) => (settledMs === null ? [] : [settledMs])),
  );
  for (const instant of [...instants].sort((a, b) => a - b)) {
    for (const { settledMs, bookings } of rows)
      if (settledMs === instant)
        for (const [account, amount] of bookings)
          balances.set(account, (balances.get(account) as number) + amount);
    yield [instant, balances];
  }
}

const SEEDS = process.env.CORRIDOR_LONG_TESTS === '1' ? 400 : 8;

test('random days: delay, liquidity and throughput as an oracle counts them from the CSV', async () => {
  const closeMs = DAY_MS + 16 * HOUR_MS;
  const near = (found: unknown, expected: number, what: string) =>
    assert.ok(
      Math.abs(Number(found) - expected) < 1e-8 * Math.max(1, expected),
      `${what}: ${found}, expected ${expected}`,
    );
  for (const seed of atLeast(8, [...Array(SEEDS).keys()])) {
    const files = randomDay(seed);
    const { summary, rows: found } = await observed(files);
    const rows = oracleRows(files);
    assert.equal(found.length, rows.length);
    const below = new Map<string, { firstMs: number; lowestMs: number; short: number }>();
    const drawn = new Map<string, number>();
    for (const [instant, balances] of balancesOf(rows))
      for (const [account, balance] of balances) {
        drawn.set(account, Math.max(drawn.get(account) ?? 0, 90_000 - balance));
        const short = -balance - (account.endsWith('EUR') ? 20_000 : 0);
        const known = below.get(account);
        if (short > (known?.short ?? 0))
          below.set(account, { firstMs: known?.firstMs ?? instant, lowestMs: instant, short });
      }
    assert.deepEqual(
      new Map(
        summary.observed?.belowFloor.map(({ participant, currency, shortMinor, ...when }) => [
          `${participant} ${currency}`,
          { ...when, short: Number(shortMinor) },
        ]),
      ),
      below,
      `seed ${seed}`,
    );
    for (const currency of ['EUR', 'USD']) {
      const what = `seed ${seed} ${currency}`;
      const mine = rows.filter((row) => row.currency === currency);
      const settled = mine.filter(({ settledMs }) => settledMs !== null);
      const value = settled.reduce((sum, { minor }) => sum + minor, 0);
      assert.equal(summary.settledValueMinor[currency], String(value), what);
      let [waited, longest, all] = [0, 0, 0];
      for (const { minor, submittedMs, settledMs } of mine) {
        const ended = settledMs ?? Math.max(closeMs, submittedMs);
        waited += minor * (ended - submittedMs);
        longest += minor * (Math.max(closeMs, ended) - submittedMs);
        all += minor;
      }
      near(summary.delay.settlementDelayIndicator[currency], waited / longest, what);
      near(summary.delay.valueWeightedDelayMs[currency], waited / all, what);
      const used = [...drawn].reduce(
        (sum, [account, most]) => sum + (account.endsWith(currency) ? most : 0),
        0,
      );
      assert.equal(summary.liquidity[currency]?.usedMinor, String(used), what);
      const ordered = settled
        .map(({ minor, settledMs }) => ({ minor, atMs: settledMs as number }))
        .sort((a, b) => a.atMs - b.atMs);
      let sum = 0;
      const half = ordered.find(({ minor }) => {
        sum += minor;
        return 2 * sum >= value;
      });
      const figures = summary.indicators.currencies.find((one) => one.currency === currency);
      assert.equal(figures?.throughput.halfByMs, (half?.atMs as number) - DAY_MS, what);
    }
  }
});
