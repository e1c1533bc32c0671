/**
 * The dashboards of intraday liquidity and of oversight against the real engine: a recorded run of several dates and two
 * months, and each panel's figures held against those of its summary.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EventFold, insertions } from '../../services/metrics/event-rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { runName } from '../../services/report/figures/run-name-in-store.ts';
import { scenarioTables } from '../../services/report/figures/scenario-tables.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { listedImport, loadImport, observed, observedCsv } from '../support/observed-import.ts';
import { directly, followed, load, runDirectly, type TestRun } from '../support/run.ts';
import { panelsOfDates } from './dashboards-files.ts';
import { expand, type View } from './dashboards-macros.ts';
import { StatedNeeds, statedForecast } from './stated-needs.ts';

const DATES = '2026-03-25, 2026-03-26, 2026-03-27, 2026-03-30, 2026-04-01, 2026-04-02';
/** Payments between banks beside those of customers. */
const BANKS =
  'traffic.1={ name: banks, kind: bank, from: SGD, paymentsPerDate: 40, profile: morning, amounts: { median: "300.00", sigma: 1, min: "1.00", max: "9000.00" } }';
/** At no full quarter of an hour: figures of EUR are those of minutes, of SGD alone those of quarters. */
const OPENS = 'currencies.EUR.opens=08:05';
const FORECASTS = ['Need for the rest of the day', 'What these forecasts were worth'];
type Told = Summary['indicators']['currencies'][number]['intraday'][number];
type Row = Readonly<Record<string, unknown>>;

/** Figures of an account and month, each in minor units or a share. */
const figuresOf: Readonly<
  Record<string, (told: Told) => Readonly<Record<string, number | undefined>>>
> = {
  'Used and available': ({ dates, maximumUsage, available }) => ({
    dates,
    ...Object.fromEntries(
      [0, 1, 2].map((at) => [`usage_${at + 1}`, whole(maximumUsage.outstandingMinor[at])]),
    ),
    usage_average: whole(maximumUsage.averageMinor),
    available_least: whole(available.outstandingMinor[0]),
    available_average: whole(available.averageMinor),
  }),
  'Sent and received': ({ sent, received }) => ({
    sent_largest: whole(sent.outstandingMinor[0]),
    sent_average: whole(sent.averageMinor),
    received_largest: whole(received.outstandingMinor[0]),
    received_average: whole(received.averageMinor),
  }),
};
const OVERSIGHT = [
  'Segments against the G20 targets',
  'Corridors between countries',
  'Concentration by day',
  'Cover 1 and cover 2',
  'Participants whose outage leaves most unsettled',
  'Customers by bank',
];
/** Both currencies have two decimals. */
const whole = (minor: string | undefined) =>
  minor === undefined ? undefined : Number(minor) / 100;
/** The summary's averages are whole minor units. */
const ROUNDING = 0.0051;

describe('the dashboards of whole dates over a recorded run', () => {
  let database: OwnDatabase;
  let view: View;
  const told = new Map<string, Told>();
  const stated = new StatedNeeds();
  let indicators: Summary['indicators'];
  /** Another run, whose customers hold deposits at banks. */
  let tiers: Pick<TestRun, 'scenario' | 'summary' | 'rows'>;
  before(async () => {
    database = await ownDatabase();
    const scenario = load('smoke', [`businessDates=[${DATES}]`, BANKS, OPENS]);
    const run = runName(scenario);
    const insert = (table: string, rows: readonly object[], token: string) =>
      insertRows(database.client, table, rows, token);
    const blocks: ReturnType<EventFold['fold']> = [];
    const simulation = directly(scenario, { signatures: false });
    const [pool = assert.fail('no pool')] = simulation.pools;
    const fold = new EventFold(run, 'main', pool.clearing.directory);
    const { summary } = await followed(scenario, simulation, {
      signatures: false,
      onSlice: ({ steps }) => {
        for (const { batch } of steps) {
          blocks.push(...fold.fold(batch.events));
          stated.take(batch.events, pool.clearing.directory);
        }
      },
    });
    blocks.push(fold.end());
    for (const { table, rows, token } of blocks.flatMap(insertions)) {
      await insert(table, rows, token);
      // Neither another run's nor another pool's.
      for (const [name, other] of [
        [run, 'other'],
        ['another', 'main'],
      ])
        await insert(
          table,
          rows.map((row) => ({ ...row, run: name, pool: other })),
          `${name}/${other}/${token}`,
        );
    }
    for (const [table, rows] of Object.entries(scenarioTables(scenario, summary, [])))
      await insert(table, rows, `${run}/${table}`);
    const twoLayers = load('two-layer', ['businessDates=[2026-03-16, 2026-03-17]']);
    tiers = { scenario: twoLayers, ...(await runDirectly(twoLayers, { signatures: false })) };
    for (const [table, rows] of Object.entries(scenarioTables(twoLayers, tiers.summary, [])))
      await insert(table, rows, `two-layer/${table}`);
    indicators = summary.indicators;
    for (const { currency, intraday } of indicators.currencies)
      for (const one of intraday) told.set(`${one.month} ${currency} ${one.participant}`, one);
    view = {
      ...{ fromMs: Date.UTC(2026, 2, 20), toMs: Date.UTC(2026, 3, 10), intervalSeconds: 3_600 },
      variables: {
        run: [run],
        pool: ['main'],
        currency: scenario.currencies.map(({ code }) => code),
        participants: scenario.participants.map(({ bic }) => bic),
      },
    };
  });
  after(() => database.close());

  async function ask(title: string, within: Partial<View> = {}): Promise<Row[]> {
    const { sql } = panelsOfDates.find(({ panel }) => panel.title === title) ?? assert.fail(title);
    const query = expand(sql, { ...view, ...within });
    const result = await database.client.query({ query, format: 'JSON' });
    return ((await result.json()) as { data: Row[] }).data;
  }
  const nameOf = ({ month, currency, participant }: Row) => `${month} ${currency} ${participant}`;

  for (const [title, figures] of Object.entries(figuresOf))
    it(title, async () => {
      const rows = await ask(title);
      assert.deepEqual(rows.map(nameOf), [...told.keys()].sort());
      for (const row of rows)
        for (const [name, expected] of Object.entries(figures(told.get(nameOf(row)) as Told))) {
          const where = `${nameOf(row)}: ${name}`;
          if (expected === undefined) assert.equal(row[name], null, where);
          else
            assert.ok(
              Math.abs(Number(row[name]) - expected) < ROUNDING,
              `${where}: ${row[name]}, ${expected}`,
            );
        }
      assert.ok([...told.values()].some(({ maximumUsage }) => maximumUsage.averageMinor !== '0'));
    });

  it('Throughput by hour', async () => {
    const rows = await ask('Throughput by hour');
    let compared = 0;
    for (const [name, { throughput }] of told) {
      const own = rows.filter((row) => nameOf(row) === name);
      let last = 0;
      for (const [at, expected] of throughput.entries()) {
        const row = own.find(({ hour }) => Number(hour) === at + 1);
        if (row) compared += 1;
        last = row ? Number(row.settled) : last;
        assert.ok(
          Math.abs(last - expected) < 1e-8,
          `${name}, hour ${at + 1}: ${last}, ${expected}`,
        );
      }
    }
    assert.equal(compared, rows.length);
    assert.ok(compared > 20, `${compared} hours`);
  });

  it('what an observation settles behind a close is of the date whose hours are nearer', async () => {
    const files = listedImport(
      load('smoke', ['businessDates=[2026-03-26, 2026-03-27]', 'name=late', OPENS]),
    );
    // Of the first date some when its hours are over, before or after the middle of the night.
    const hoursLater = [0, 9, 20];
    let row = 0;
    const times = observedCsv(loadImport(files), []).replaceAll(
      /(.*T)(.*),$/gm,
      (_, date, time) => {
        const sentMs = Date.parse(`${date.split(',')[1]}${time}`);
        const hours = date.includes('03-26') ? (hoursLater[row++ % 3] as number) : 0;
        const settledMs = sentMs + hours * 3_600_000;
        return `${date}${time},${new Date(settledMs).toISOString()}`;
      },
    );
    const late = await observed({ ...files, 'observed.csv': times });
    const { simulation, summary, scenario, events } = late;
    assert.ok((summary.observed?.settledAfterClose ?? 0) > 50, 'late ones');
    const [pool = assert.fail('no pool')] = simulation.pools;
    const run = runName(scenario);
    const fold = new EventFold(run, 'main', pool.clearing.directory);
    const blocks = [...events.flatMap((bytes) => fold.fold(bytes)), fold.end()];
    for (const { table, rows, token } of blocks.flatMap(insertions))
      await insertRows(database.client, table, rows, token);
    for (const [table, own] of Object.entries(scenarioTables(scenario, summary, [])))
      await insertRows(database.client, table, own, `late/${table}`);
    const rows = await ask('Sent and received', { variables: { ...view.variables, run: [run] } });
    const sent = rows.map((one) => [nameOf(one), one.sent_largest, one.received_largest]);
    const told = summary.indicators.currencies.flatMap(({ currency, intraday }) =>
      intraday.map(({ month, participant, sent, received }) => [
        `${month} ${currency} ${participant}`,
        whole(sent.outstandingMinor[0]),
        whole(received.outstandingMinor[0]),
      ]),
    );
    assert.deepEqual(sent, told.sort());
  });

  it('quarters of an hour tell what minutes tell', async () => {
    const rounded = (row: Row) =>
      Object.values(row).map((value) => (typeof value === 'number' ? value.toFixed(9) : value));
    const { currency = [] } = view.variables;
    // Neither begins nor ends at a full quarter, and both within a date.
    const fromMs = Date.UTC(2026, 2, 25, 7, 52);
    const cut = { fromMs, toMs: Date.UTC(2026, 3, 1, 9, 8) };
    for (const title of ['Sent and received', 'Throughput by hour'])
      for (const within of [{}, cut]) {
        const all = await ask(title, within);
        for (const code of currency) {
          const rows = await ask(title, {
            ...within,
            variables: { ...view.variables, currency: [code] },
          });
          assert.ok(rows.length > 2, `${title} ${code}`);
          assert.deepEqual(
            rows.map(rounded),
            all.filter((row) => row.currency === code).map(rounded),
          );
        }
      }
  });

  /** Both to nine decimals or as good; null where there is none. */
  const near = (found: unknown, expected: number | null, what: string) =>
    expected === null
      ? assert.equal(found, null, what)
      : assert.ok(
          Math.abs(Number(found) - expected) <= 1e-8 * Math.max(1, expected),
          `${what}: ${found}, ${expected}`,
        );
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  /** The store does not tell remittances from other payments of customers; here are none. */
  const segmentOf = (segment: string) => (segment === 'retail' ? 'customers' : segment);

  it('Segments against the G20 targets', async () => {
    const rows = await ask('Segments against the G20 targets');
    const { segments } = indicators.crossBorder;
    assert.deepEqual(
      rows.map(({ segment }) => segment),
      ['wholesale', 'customers'],
    );
    for (const { segment, submitted, speed, cost } of segments) {
      const row = rows.find((one) => one.segment === segmentOf(segment)) ?? assert.fail(segment);
      assert.deepEqual([row.submitted, row.owed].map(Number), [submitted, speed.payments]);
      near(row.within_hour, share(speed.withinHour, speed.payments), segment);
      near(row.within_day, share(speed.withinBusinessDay, speed.payments), segment);
      near(row.cost, cost.share, `${segment}: cost`);
      near(row.highest, cost.highestShare, `${segment}: highest`);
    }
    assert.ok(segments.some(({ cost }) => cost.share !== null && cost.share !== cost.highestShare));
    assert.ok(segments.some(({ speed }) => speed.withinHour < speed.payments));
  });

  it('Corridors between countries, and ranges that meet add up', async () => {
    const rows = await ask('Corridors between countries');
    const { corridors } = indicators.crossBorder;
    assert.equal(rows.length, corridors.length);
    for (const { segment, country, currency, country2, currency2, ...of } of corridors) {
      const name = `${country} ${currency} → ${country2} ${currency2}`;
      const row =
        rows.find((one) => one.corridor === name && one.segment === segmentOf(segment)) ??
        assert.fail(`${segment} ${name}`);
      const figures = [of.submitted, of.settled, of.speed.payments];
      assert.deepEqual([row.submitted, row.settled, row.owed].map(Number), figures, name);
      near(row.within_hour, share(of.speed.withinHour, of.speed.payments), name);
      near(row.cost, of.cost?.share ?? null, name);
    }
    const meetsMs = Date.UTC(2026, 2, 26, 9);
    const parts = [await ask('Corridors between countries', { toMs: meetsMs })].concat([
      await ask('Corridors between countries', { fromMs: meetsMs }),
    ]);
    const sum = (of: readonly Row[], column: string) =>
      of.reduce((total, row) => total + Number(row[column]), 0);
    assert.ok(parts.every((part) => sum(part, 'settled') > 0));
    for (const column of ['submitted', 'settled'])
      assert.equal(sum(parts.flat(), column), sum(rows, column), column);
  });

  it('Concentration by day', async () => {
    const rows = await ask('Concentration by day');
    let compared = 0;
    for (const { currency, sharesByDate } of indicators.currencies)
      for (const { date, ...by } of sharesByDate)
        for (const [sharedBy, expected] of Object.entries(by)) {
          const what = `${date} ${currency} ${sharedBy}`;
          const row = rows.find(
            (one) => one.date === date && one.currency === currency && one.shared_by === sharedBy,
          );
          if (expected.number === 0) {
            assert.equal(row, undefined, what);
            continue;
          }
          compared += 1;
          assert.equal(Number(row?.number), expected.number, what);
          near(row?.concentration, expected.concentration, what);
          near(row?.largest, expected.largestShare, what);
          near(row?.largest_5, expected.fiveLargestShare, what);
          near(row?.largest_10, expected.tenLargestShare, what);
        }
    assert.equal(rows.length, compared);
    assert.ok(compared > 40, String(compared));
  });

  it('Cover 1 and cover 2', async () => {
    const rows = await ask('Cover 1 and cover 2');
    const short = indicators.currencies.filter(({ defaultCoverByHour: hours }) => hours.length > 0);
    assert.deepEqual(
      rows.map(({ currency }) => currency),
      short.map(({ currency }) => currency).sort(),
    );
    for (const { currency, defaultCover, defaultCoverByHour } of short) {
      const row = rows.find((one) => one.currency === currency);
      const most = defaultCoverByHour.find(({ twoMinor }) => twoMinor === defaultCover.twoMinor);
      assert.equal(Number(row?.hours), defaultCoverByHour.length, currency);
      near(row?.cover_1, Number(defaultCover.oneMinor) / 100, currency);
      near(row?.cover_2, Number(defaultCover.twoMinor) / 100, currency);
      assert.deepEqual([row?.participant, row?.second], [most?.participant, most?.second ?? '']);
      assert.equal(Date.parse(`${row?.at}Z`), most?.atMs);
    }
    const [least = assert.fail('no shortfall')] = short;
    // The hour itself is in a range that begins with it, and not in one that ends there.
    const firstMs = least.defaultCoverByHour[0]?.atMs as number;
    const hours = async (within: Partial<View>) =>
      Number(
        (await ask('Cover 1 and cover 2', within)).find(
          ({ currency }) => currency === least.currency,
        )?.hours ?? 0,
      );
    assert.deepEqual(
      [await hours({ toMs: firstMs }), await hours({ fromMs: firstMs })],
      [0, least.defaultCoverByHour.length],
    );
  });

  it('Participants whose outage leaves most unsettled', async () => {
    const rows = await ask('Participants whose outage leaves most unsettled');
    const accounts = indicators.currencies.flatMap(({ currency, accounts: all, valid }) =>
      all.map((account) => ({ currency, gross: Number(valid.grossMinor), ...account })),
    );
    assert.equal(rows.length, accounts.length);
    for (const { currency, participant, gross, ...of } of accounts) {
      const what = `${currency} ${participant}`;
      const row = rows.find((one) => one.currency === currency && one.participant === participant);
      near(row?.pays, Number(of.outMinor) / 100, what);
      near(row?.unsettled, Number(of.leastUnsettledMinor) / 100, what);
      near(row?.unsettled_share, Number(of.leastUnsettledMinor) / gross, what);
      near(row?.value_share, (Number(of.inMinor) + Number(of.outMinor)) / (2 * gross), what);
    }
  });

  it('Customers by bank', async () => {
    const of = { variables: { ...view.variables, run: [runName(tiers.scenario)] } };
    const rows = await ask('Customers by bank', of);
    const deposits = tiers.summary.supply?.filter(({ customers }) => customers) ?? [];
    assert.equal(rows.length, 5);
    // By the payments of the run: a customer's pays with the deposits of its bank.
    const sent = new Map<string, { payments: number; dates: Map<string, number> }>();
    for (const { currency, debtorAgent, amountMinor, finalAtMs, ...row } of tiers.rows) {
      const own = deposits.find((one) => one.currency === currency);
      if (!own || row.status !== 'settled' || debtorAgent === own.issuer) continue;
      const { payments = 0, dates = new Map() } = sent.get(currency) ?? {};
      const date = new Date(finalAtMs ?? 0).toISOString().slice(0, 10);
      dates.set(date, (dates.get(date) ?? 0) + Number(amountMinor));
      sent.set(currency, { payments: payments + 1, dates });
    }
    const sumOf = (of: Iterable<number>) => [...of].reduce((sum, one) => sum + one, 0);
    const all = new Map<string, number>();
    for (const { currency, reserves } of deposits) {
      const over = reserves?.currency as string;
      all.set(over, (all.get(over) ?? 0) + sumOf(sent.get(currency)?.dates.values() ?? []));
    }
    for (const { currency, issuer, reserves, customers } of deposits) {
      const row = rows.find((one) => one.deposits === currency) ?? assert.fail(currency);
      const { payments, dates } = sent.get(currency) ?? assert.fail(`${currency}: nothing sent`);
      const [value, over] = [sumOf(dates.values()), reserves?.currency as string];
      assert.deepEqual([row.participant, row.currency], [issuer, over]);
      const { currencies, deposits: held } = tiers.scenario;
      const holders = held.find(({ asset }) => currencies[asset]?.code === currency)?.customers;
      assert.deepEqual([row.customers, row.payments].map(Number), [holders?.length, payments]);
      near(row.value, value / 100, issuer);
      near(row.share, value / (all.get(over) as number), issuer);
      near(row.largest_date, Math.max(...dates.values()) / 100, issuer);
      near(row.average_date, Math.round(value / 2) / 100, issuer);
      near(row.exposure, Number(customers?.exposureMinor) / 100, issuer);
      near(row.cover, reserves?.leastCover ?? null, issuer);
    }
    assert.deepEqual(await ask('Customers by bank'), []);
  });

  /** What is forecast at each hour, and what came, from what events state of accounts. */
  function forecastsOf(participant: string) {
    const all = stated.needs().filter((need) => need.participant === participant);
    return all.flatMap((need) => {
      const same = all.filter((one) => one.currency === need.currency && one.hour === need.hour);
      const before = same.filter(({ date }) => date < need.date);
      const forecast = statedForecast(before, need.moved);
      return forecast ? [{ ...need, forecast, dayBefore: before.at(-1)?.need ?? 0n }] : [];
    });
  }

  it('Need for the rest of the day', async () => {
    let compared = 0;
    for (const bank of view.variables.participants ?? []) {
      const rows = await ask('Need for the rest of the day', only(bank));
      const forecasts = forecastsOf(bank);
      assert.equal(rows.length, forecasts.length, bank);
      for (const { currency, hourMs, balance, credit, forecast } of forecasts) {
        const row = rows.find(
          (one) => one.currency === currency && Date.parse(`${one.time}Z`) === hourMs,
        );
        const what = `${bank} ${currency} ${new Date(hourMs).toISOString()}`;
        near(row?.available, Number(balance + credit) / 100, what);
        for (const [at, name] of ['lower', 'middle', 'upper'].entries()) {
          const expected = (forecast[at] ?? 0) / 100;
          assert.ok(Math.abs(Number(row?.[name]) - expected) < 0.011, `${what}: ${name}`);
          if (expected > 0) compared += 1;
        }
      }
    }
    assert.ok(compared > 100, String(compared));
  });

  it('What these forecasts were worth', async () => {
    for (const bank of view.variables.participants ?? []) {
      const rows = await ask('What these forecasts were worth', only(bank));
      const forecasts = forecastsOf(bank);
      assert.deepEqual(
        rows.map(({ currency }) => currency),
        [...new Set(forecasts.map(({ currency }) => currency))].sort(),
      );
      for (const row of rows) {
        const own = forecasts.filter(({ currency }) => currency === row.currency);
        const mean = (of: (one: (typeof own)[number]) => number) =>
          own.reduce((sum, one) => sum + of(one), 0) / own.length;
        const what = `${bank} ${row.currency}`;
        assert.deepEqual(
          [row.dates, row.hours].map(Number),
          [new Set(own.map(({ date }) => date)).size, own.length],
          what,
        );
        const isInside = ({ need, forecast: [lower = 0, , upper = 0] }: (typeof own)[number]) =>
          lower <= Number(need) && Number(need) <= upper;
        near(
          row.inside,
          mean((one) => (isInside(one) ? 1 : 0)),
          what,
        );
        const loss = mean(({ need, forecast }) => {
          const [low = 0, middle = 0, high = 0] = forecast.map((value) => Number(need) - value);
          const of = (by: number, share: number) => Math.max(share * by, (share - 1) * by);
          return (of(low, 0.1) + of(middle, 0.5) + of(high, 0.9)) / 3;
        });
        assert.ok(Math.abs(Number(row.loss) - loss / 100) < 0.011, `${what}: ${row.loss}, ${loss}`);
        near(
          row.loss_of_day_before,
          mean(({ need, dayBefore }) => Math.abs(Number(need - dayBefore)) / 200),
          what,
        );
      }
    }
  });

  const only = (bank: string) => ({ variables: { ...view.variables, bank: [bank] } });

  it('has a figure of each panel to compare', () => {
    assert.deepEqual(
      panelsOfDates.map(({ panel }) => panel.title).sort(),
      [...Object.keys(figuresOf), 'Throughput by hour', ...OVERSIGHT, ...FORECASTS].sort(),
    );
  });
});
