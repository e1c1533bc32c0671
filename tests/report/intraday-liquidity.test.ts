import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';

import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { directly, followed, load, runDirectly } from '../support/run.ts';

const DAYS = `
name: small-days
seed: 1
tickMs: 60000
businessDates: [2026-03-30, 2026-03-31, 2026-04-01]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "12:00", zone: UTC }
participants:
  - { bic: ALFADE00, name: A, accounts: { EUR: { balance: "100.00", creditLine: "20.00" } } }
  - { bic: BETADE00, name: B, accounts: { EUR: { balance: "50.00" } } }
payments: { csv: days.csv }
settlement: { queue: fifo, cycle: off, atClose: cancel }
events:
  issues:
    - { participant: BETADE00, currency: EUR, amount: "7.00", at: "09:00", date: 2026-04-01 }
`;
const PAYMENTS = `date,time,debtor,creditor,currency,amount,priority
2026-03-30,08:30,ALFADE00,BETADE00,EUR,60.00,normal
2026-03-30,09:00,BETADE00,ALFADE00,EUR,30.00,normal
2026-03-30,09:30,ALFADE00,BETADE00,EUR,20.00,urgent
2026-03-30,11:00,BETADE00,ALFADE00,EUR,100.00,normal
2026-03-31,10:00,ALFADE00,BETADE00,EUR,10.01,urgent
2026-03-31,11:00,BETADE00,ALFADE00,EUR,500.00,urgent
2026-04-01,08:00,ALFADE00,BETADE00,EUR,5.00,normal
`;

test('the tools of BCBS 248 by arithmetic: two dates of March, one of April', async () => {
  const readFile = (path: string) => (path.endsWith('.csv') ? PAYMENTS : DAYS);
  const { summary } = await runDirectly(loadScenario('days.yaml', { readFile }));
  const [euro] = summary.indicators.currencies;
  const found = (bic: string, month: string) =>
    euro?.intraday.find((row) => row.participant === bic && row.month === month);
  const of = (averageMinor: string, ...outstandingMinor: string[]) => ({
    ...{ outstandingMinor, averageMinor },
  });
  // By payments -60, -30, -50, +50; then -10.01.
  assert.deepEqual(found('ALFADE00', '2026-03'), {
    ...{ participant: 'ALFADE00', month: '2026-03', dates: 2 },
    maximumUsage: of('3501', '6000', '1001'),
    largestPositive: of('2500', '5000', '0'),
    available: {
      ...of('14500', '12000', '17000'),
      ...{ averageBalanceMinor: '12500', averageCreditLineMinor: '2000' },
      averageCollateralMinor: '0',
    },
    sent: of('4501', '8000', '1001'),
    received: of('6500', '13000', '0'),
    timeSpecific: { ...of('1501', '2000', '1001'), payments: 2, missed: 0, missedMinor: '0' },
    // 60 of 80 within the first hour, nothing of 10.01.
    throughput: [0.375, 1, 1, 1],
  });
  // The payment of 500 did not settle; what settles at a full hour has settled by it.
  assert.deepEqual(found('BETADE00', '2026-03'), {
    ...{ participant: 'BETADE00', month: '2026-03', dates: 2 },
    maximumUsage: of('2500', '5000', '0'),
    largestPositive: of('3501', '6000', '1001'),
    available: {
      ...of('2500', '0', '5000'),
      ...{ averageBalanceMinor: '2500', averageCreditLineMinor: '0', averageCollateralMinor: '0' },
    },
    sent: of('6500', '13000', '0'),
    received: of('4501', '8000', '1001'),
    timeSpecific: { ...of('25000', '50000', '0'), payments: 1, missed: 1, missedMinor: '50000' },
    throughput: [0.230769231, 0.230769231, 1, 1],
  });
  // What is issued is no payment.
  const april = found('BETADE00', '2026-04');
  assert.deepEqual(april?.largestPositive, of('500', '500'));
  assert.deepEqual(april?.throughput, []);
  assert.deepEqual(april?.available.outstandingMinor, ['1001']);
  assert.deepEqual(found('ALFADE00', '2026-04')?.throughput, [1, 1, 1, 1]);
});

test('what is carried over and settles on the next date was missed; what its bank withdrew before the close is no obligation', async () => {
  const days = DAYS.replace('atClose: cancel', 'atClose: carry-over');
  const payments = `date,time,debtor,creditor,currency,amount,priority,cancelAfterSeconds
2026-03-30,09:00,BETADE00,ALFADE00,EUR,60.00,urgent,
2026-03-30,09:30,BETADE00,ALFADE00,EUR,70.00,urgent,60
2026-03-31,10:00,ALFADE00,BETADE00,EUR,40.00,urgent,
2026-03-31,11:00,BETADE00,ALFADE00,EUR,300.00,urgent,86400
`;
  const readFile = (path: string) => (path.endsWith('.csv') ? payments : days);
  const { summary, rows } = await runDirectly(loadScenario('days.yaml', { readFile }));
  assert.deepEqual(
    rows.map(({ status }) => status),
    ['settled', 'cancelled', 'settled', 'cancelled'],
  );
  const beta = summary.indicators.currencies[0]?.intraday.find(
    ({ participant, month }) => participant === 'BETADE00' && month === '2026-03',
  );
  assert.deepEqual(beta?.timeSpecific, {
    ...{ outstandingMinor: ['30000', '6000'], averageMinor: '18000' },
    ...{ payments: 2, missed: 2, missedMinor: '36000' },
  });
  // It settled on the 31st, from what had come on that date.
  assert.deepEqual(beta?.sent.outstandingMinor, ['6000', '0']);
  assert.deepEqual(beta?.maximumUsage.outstandingMinor, ['2000', '0']);
});

/** What events state and rows say of each account and date, by code of its own. */
class Walk {
  readonly days = new Map<string, { usage: bigint; surplus: bigint; available: bigint }>();
  readonly #balance = new Map<string, bigint>();
  readonly #capacity = new Map<string, { line: bigint; collateral: bigint }>();
  readonly #injected = new Map<string, bigint>();
  readonly #began = new Map<string, { key: string; level: bigint }>();
  readonly #dates = new Map<number, number>();

  take(event: SettlementEvent): void {
    if (event.kind === 'opened') this.#opened(event.currency, event.date);
    if (event.kind === 'accountOpened') {
      const name = `${event.participant} ${event.currency}`;
      this.#balance.set(name, event.opening);
      this.#capacity.set(name, { line: event.creditLine, collateral: 0n });
      const date = this.#dates.get(event.currency);
      if (date !== undefined) this.#begin(name, date);
    }
    if (event.kind === 'creditLineSet' || event.kind === 'collateralSet') {
      const of = this.#capacity.get(`${event.participant} ${event.currency}`) as never as {
        line: bigint;
        collateral: bigint;
      };
      if (event.kind === 'creditLineSet') of.line = event.creditLine;
      else of.collateral = event.creditCapacity - of.line;
    }
    if (event.kind === 'issued' || event.kind === 'redeemed') {
      const name = `${event.participant} ${event.currency}`;
      const sign = event.kind === 'issued' ? 1n : -1n;
      this.#injected.set(name, (this.#injected.get(name) ?? 0n) + sign * event.amount);
      this.#state(event);
    }
    if (event.kind === 'settled') for (const booking of event.bookings) this.#state(booking);
    if (event.kind === 'netted' || event.kind === 'lossShared') this.#state(event);
  }

  #opened(currency: number, date: number): void {
    this.#dates.set(currency, date);
    for (const name of this.#balance.keys())
      if (name.endsWith(` ${currency}`)) this.#begin(name, date);
  }

  #begin(name: string, date: number): void {
    const key = `${name} ${date}`;
    const { line, collateral } = this.#capacity.get(name) ?? { line: 0n, collateral: 0n };
    const balance = this.#balance.get(name) ?? 0n;
    this.days.set(key, { usage: 0n, surplus: 0n, available: balance + line + collateral });
    this.#began.set(name, { key, level: balance - (this.#injected.get(name) ?? 0n) });
  }

  /** Balances stated are those after all that is booked at once. */
  #state(of: {
    readonly participant: number;
    readonly currency: number;
    readonly balance: bigint;
  }): void {
    const name = `${of.participant} ${of.currency}`;
    this.#balance.set(name, of.balance);
    const began = this.#began.get(name);
    const day = began && this.days.get(began.key);
    if (!began || !day) return;
    const position = of.balance - (this.#injected.get(name) ?? 0n) - began.level;
    if (-position > day.usage) day.usage = -position;
    if (position > day.surplus) day.surplus = position;
  }
}

/** Within half a minor unit of it. */
function isAverage(told: bigint, values: readonly bigint[], what: string): void {
  const off = 2n * (told * BigInt(values.length) - values.reduce((sum, value) => sum + value, 0n));
  assert.ok(off <= BigInt(values.length) && -off <= BigInt(values.length), what);
}

const top = (values: readonly bigint[], sign: number) =>
  [...values]
    .sort((a, b) => sign * Number(b - a))
    .slice(0, 3)
    .map(String);

async function compared(scenario: Scenario) {
  const simulation = directly(scenario, { signatures: false });
  const walks = scenario.pools.map(() => new Walk());
  const { summary, rows } = await followed(scenario, simulation, {
    signatures: false,
    onSlice: ({ steps }) => {
      for (const [pool, { batch }] of steps.entries())
        for (const event of readEvents(batch.events)) walks[pool]?.take(event);
    },
  });
  let accounts = 0;
  for (const [index, { code, pool, hours }] of scenario.currencies.entries()) {
    const directory = simulation.pools[pool]?.clearing.directory;
    const handle = directory?.currencies.findIndex(({ currency }) => currency === code) ?? -1;
    const told = summary.indicators.currencies[index]?.intraday ?? [];
    for (const row of told) {
      accounts += 1;
      const participant = directory?.participants.findIndex(({ bic }) => bic === row.participant);
      const days = [...(walks[pool]?.days ?? [])].filter(([key]) => {
        const [who, what, date] = key.split(' ').map(Number);
        const month = new Date((date as number) * 86_400_000).toISOString().slice(0, 7);
        return who === participant && what === handle && month === row.month;
      });
      const what = `${scenario.name} ${code} ${row.participant} ${row.month}`;
      assert.equal(row.dates, days.length, what);
      const all = (of: 'usage' | 'surplus' | 'available') => days.map(([, day]) => day[of]);
      assert.deepEqual(row.maximumUsage.outstandingMinor, top(all('usage'), 1), what);
      assert.deepEqual(row.largestPositive.outstandingMinor, top(all('surplus'), 1), what);
      assert.deepEqual(row.available.outstandingMinor, top(all('available'), -1), what);
      const averages = [row.maximumUsage, row.largestPositive, row.available];
      for (const [at, of] of (['usage', 'surplus', 'available'] as const).entries())
        isAverage(BigInt(averages[at]?.averageMinor ?? 0), all(of), what);
      checkFlows(scenario, row, code, hours, rows, what);
    }
  }
  return { accounts, summary };
}

type Told = Summary['indicators']['currencies'][number]['intraday'][number];

function checkFlows(
  scenario: Scenario,
  told: Told,
  code: string,
  hours: Scenario['currencies'][number]['hours'],
  rows: readonly PaymentRow[],
  what: string,
): void {
  const dates = [...scenario.businessDates.keys()].filter(
    (date) => scenario.businessDates[date]?.startsWith(told.month) && hours[date],
  );
  const within = (date: number, atMs: number | null) => {
    const before = hours.slice(0, date).flatMap((open) => open?.closesMs ?? []);
    return atMs !== null && atMs <= (hours[date]?.closesMs ?? 0) && before.every((ms) => atMs > ms);
  };
  /** Of what comes in: at the instant of a close after it. */
  const isDue = (date: number, atMs: number) => within(date, atMs + 1);
  const settled = rows.filter(({ status }) => status === 'settled');
  const sums = (
    from: readonly PaymentRow[],
    amount: (row: PaymentRow) => bigint,
    at: (row: PaymentRow) => number | null,
  ) =>
    dates.map((date) =>
      from.reduce((sum, row) => sum + (within(date, at(row)) ? amount(row) : 0n), 0n),
    );
  const mine = told.participant;
  const sent = (row: PaymentRow) =>
    (row.currency === code && row.debtorAgent === mine ? row.amountMinor : 0n) +
    (row.currency2 === code && row.dealer === mine && row.currency !== code
      ? row.amount2Minor
      : 0n);
  const received = (row: PaymentRow) => {
    const first = row.dealer === '' ? row.creditorAgent : row.dealer;
    return (
      (row.currency === code && first === mine ? row.amountMinor : 0n) +
      (row.currency2 === code && row.dealer !== '' && row.creditorAgent === mine
        ? row.amount2Minor
        : 0n)
    );
  };
  const sentByDate = sums(settled, sent, ({ finalAtMs }) => finalAtMs);
  assert.deepEqual(told.sent.outstandingMinor, top(sentByDate, 1), what);
  assert.deepEqual(
    told.received.outstandingMinor,
    top(
      sums(settled, received, ({ finalAtMs }) => finalAtMs),
      1,
    ),
    what,
  );
  const due = rows.filter(
    (row) =>
      row.priority === 'urgent' &&
      row.currency === code &&
      row.debtorAgent === mine &&
      row.status !== 'rejected' &&
      (row.messageType !== 'corridor.pvp.1' || row.pairPosition !== null) &&
      !(
        row.status === 'cancelled' &&
        row.reason === 'cancelledByDebtorAgent' &&
        dates.some((date) => isDue(date, row.submittedAtMs) && within(date, row.finalAtMs))
      ),
  );
  assert.deepEqual(
    told.timeSpecific.outstandingMinor,
    top(
      sums(
        due,
        (row) => row.amountMinor,
        (row) => row.submittedAtMs + 1,
      ),
      1,
    ),
    what,
  );
  const missed = due.filter((row) => {
    const date = dates.find((one) => isDue(one, row.submittedAtMs));
    const closes = date === undefined ? undefined : hours[date]?.closesMs;
    if (closes === undefined) return false;
    return row.status !== 'settled' || (row.finalAtMs as number) > closes;
  });
  const missedMinor = missed.reduce((sum, row) => sum + row.amountMinor, 0n);
  assert.equal(told.timeSpecific.missed, missed.length, what);
  assert.equal(told.timeSpecific.missedMinor, String(missedMinor), what);
  const paying = dates.filter((_, at) => (sentByDate[at] as bigint) > 0n);
  const shares = told.throughput.map((_, at) => {
    const of = paying.map((date) => {
      const untilMs = (hours[date]?.opensMs ?? 0) + (at + 1) * 3_600_000;
      const early = settled.filter((row) => within(date, row.finalAtMs));
      const by = early.reduce(
        (sum, row) => sum + ((row.finalAtMs as number) <= untilMs ? sent(row) : 0n),
        0n,
      );
      return Number(by) / Number(sentByDate[dates.indexOf(date)]);
    });
    return of.reduce((sum, share) => sum + share, 0) / of.length;
  });
  for (const [at, share] of told.throughput.entries())
    assert.ok(Math.abs(share - (shares[at] as number)) < 1e-8, `${what}: hour ${at + 1}`);
  assert.equal(told.throughput.length > 0, paying.length > 0, what);
}

for (const [name, ...set] of [
  ['smoke'],
  ['linked-gridlock', 'settlement.atClose=carry-over', 'businessDates=[2026-03-16, 2026-03-17]'],
  ['limits-hybrid'],
  ['netting-default'],
  ['securities'],
  ['agora-chains'],
] as const)
  test(`${[name, ...set].join(' ')}: as another walk over events and rows has it`, async () => {
    const { accounts } = await compared(load(name, set));
    assert.ok(accounts > 0);
  });

test('random scenarios: the same, with defaults, returns, chains and dates without hours', async () => {
  const seen = { usage: 0, missed: 0 };
  for (let seed = 1; seed <= 12; seed++) {
    const { summary } = await compared(randomScenario(seed));
    const rows: readonly Told[] = summary.indicators.currencies.flatMap(({ intraday }) => intraday);
    seen.usage += rows.filter(
      ({ maximumUsage }) => maximumUsage.outstandingMinor[0] !== '0',
    ).length;
    seen.missed += rows.reduce((sum, { timeSpecific }) => sum + timeSpecific.missed, 0);
  }
  assert.ok(seen.usage > 50 && seen.missed > 5, JSON.stringify(seen));
});
