/** Two recorded runs in one store, and what is true of the first: from its payments, not from rows. */
import type { ClickHouseClient } from '@clickhouse/client';
import { readEvent } from '../core/event-reader.ts';
import { EVENT_BYTES, NO_CURRENCY } from '../core/events.ts';
import { EventFold, insertions } from '../metrics/event-fold.ts';
import { clickHouseTime } from '../metrics/rows.ts';
import { verifierRow } from '../metrics/telemetry-rows.ts';
import type { PaymentRow } from '../simulator/results/payment-book.ts';
import { runName, scenarioTables } from '../simulator/results/scenario-tables.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import type { View } from './dashboards.macros.reference.ts';
import { load, runScenario, type TestRun } from './test-run.ts';

export const MINUTE_MS = 60_000;
/** Many more payments than money: queues that a cycle finds, and something left in them. */
const SET = [0, 1, 2, 3].map((flow) => `traffic.${flow}.paymentsPerDate=700`);

/** Its signatures are corrupted now and then: it has something of everything. */
const BANK = 'GAMMFR00';

/** An account's booked history: its balance after each event that changed it. */
export interface Booking {
  readonly atMs: number;
  readonly bic: string;
  readonly currency: string;
  readonly balance: bigint;
}

export interface Truth {
  readonly view: View;
  readonly run: string;
  readonly scenario: Scenario;
  readonly rows: readonly PaymentRow[];
  readonly bookings: readonly Booking[];
  readonly cycles: readonly {
    readonly atMs: number;
    readonly outcome: number;
    readonly settled: number;
  }[];
  readonly repeats: number;
  readonly keys: number;
  readonly bank: string;
  readonly other: { readonly run: string; readonly rows: readonly PaymentRow[] };
}

export async function record(client: ClickHouseClient): Promise<Truth> {
  const insert = async (table: string, values: readonly object[], token: string) => {
    if (values.length === 0) return;
    await client.insert({
      table,
      values: [...values],
      format: 'JSONEachRow',
      clickhouse_settings: { insert_deduplication_token: token },
    });
  };
  const first = await recordOne(load('smoke', SET), insert);
  const second = await recordOne(load('smoke', ['seed=8', 'settlement.queue=fifo']), insert);
  const { run, scenario, rows } = first;
  // The instant at which most payments wait, so that panels of the present have something to say.
  const toMs = busiestMinute(rows);
  const fromMs = Math.min(...rows.map(({ submittedAtMs }) => submittedAtMs)) - 120 * MINUTE_MS;
  const others = Array.from({ length: 4 }, (_, index) =>
    verifierRow(run, {
      atMs: toMs - index * MINUTE_MS,
      batchSize: 100,
      valid: 99,
      invalid: 1,
      durationNs: 2_000_000n,
    }),
  );
  await insert('verifier_batches', others, 'test/verifier');
  await insert('service_samples', samples(run, toMs), 'test/samples');
  await insert('reconciliations', checks(run, toMs), 'test/checks');
  return {
    ...first,
    view: {
      fromMs: Math.floor(fromMs / MINUTE_MS) * MINUTE_MS,
      toMs,
      intervalSeconds: 300,
      variables: {
        run: [run, second.run],
        pool: ['main'],
        currency: scenario.currencies.map(({ code }) => code),
        bank: [first.bank],
      },
    },
    other: second,
  };
}

async function recordOne(
  scenario: Scenario,
  insert: (table: string, values: readonly object[], token: string) => Promise<void>,
) {
  const run = runName(scenario);
  const blocks: Promise<void>[] = [];
  let fold: EventFold | undefined;
  const truth = {
    bookings: [] as Booking[],
    cycles: [] as Truth['cycles'][number][],
    repeats: 0,
    keys: 0,
  };
  const put = (list: ReturnType<EventFold['fold']>) => {
    for (const { table, rows, token } of list.flatMap(insertions))
      blocks.push(insert(table, rows, token));
  };
  const done: TestRun = await runScenario(scenario, {
    onSlice: ({ steps }, simulation) => {
      const directory = simulation.pools[0]?.clearing.directory;
      if (!directory) throw new Error('no pool');
      fold ??= new EventFold(run, 'main', directory);
      for (const { batch } of steps) {
        put(fold.fold(batch.events));
        for (let index = 0; index * EVENT_BYTES < batch.events.length; index++)
          note(readEvent(batch.events, index), truth, directory);
      }
    },
  });
  if (fold) put([fold.end()]);
  await Promise.all(blocks);
  const tables = scenarioTables(scenario, done.summary, []);
  for (const [table, values] of Object.entries(tables))
    await insert(table, values, `${run}/${table}`);
  return { ...truth, run, scenario, rows: done.rows, bank: BANK };
}

/** What the events state of balances, cycles, repeats and keys. */
function note(
  event: ReturnType<typeof readEvent>,
  truth: { bookings: Booking[]; cycles: Truth['cycles'][number][]; repeats: number; keys: number },
  directory: {
    readonly participants: readonly { readonly bic: string }[];
    readonly currencies: readonly { readonly currency: string }[];
  },
): void {
  const book = (participant: number, currency: number, balance: bigint) =>
    truth.bookings.push({
      atMs: event.timeMs,
      bic: directory.participants[participant]?.bic ?? '',
      currency: directory.currencies[currency]?.currency ?? '',
      balance,
    });
  const { debtorAgent, creditorAgent, dealer, currency1, currency2, balances } = event;
  if (event.kind === 'repeated') truth.repeats += 1;
  if (event.kind === 'keyChanged') truth.keys += 1;
  if (event.kind === 'cycled')
    truth.cycles.push({ atMs: event.timeMs, outcome: event.priority, settled: event.count });
  if (['accountOpened', 'issued', 'redeemed'].includes(event.kind))
    book(debtorAgent, currency1, balances[0]);
  if (event.kind !== 'settled') return;
  book(debtorAgent, currency1, balances[0]);
  book(creditorAgent, currency2 === NO_CURRENCY ? currency1 : currency2, balances[1]);
  if (currency2 === NO_CURRENCY) return;
  book(dealer, currency1, balances[2]);
  book(dealer, currency2, balances[3]);
}

/** The minute at whose start most payments wait. */
function busiestMinute(rows: readonly PaymentRow[]): number {
  const changes = rows.flatMap(({ queuedAtMs, finalAtMs }) =>
    queuedAtMs === null
      ? []
      : [
          { atMs: queuedAtMs, by: 1 },
          { atMs: finalAtMs ?? Number.POSITIVE_INFINITY, by: -1 },
        ],
  );
  changes.sort((a, b) => a.atMs - b.atMs);
  let waiting = 0;
  let most = 0;
  let at = 0;
  for (const { atMs, by } of changes) {
    waiting += by;
    // Well before the close, which empties the queues.
    if (waiting > most && Number.isFinite(atMs)) {
      most = waiting;
      at = atMs;
    }
  }
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

export const LAG_MS = 750;

function samples(run: string, toMs: number): object[] {
  return ['clearing', 'metrics', 'verifier'].flatMap((service, index) =>
    [2, 1].map((minutes) => ({
      run,
      time: clickHouseTime(toMs - minutes * MINUTE_MS),
      service,
      instance: `${service}-0`,
      reader: service === 'metrics' ? 'main/events' : 'main/input',
      is_ready: service === 'verifier' && minutes === 1 ? 0 : 1,
      lag_records: 10 * index * minutes,
      lag_ms: LAG_MS * minutes,
      records: 400,
      fault: service === 'verifier' && minutes === 1 ? 'chainDivergence' : '',
    })),
  );
}

function checks(run: string, toMs: number): object[] {
  return [
    { figure: 'conserved EUR', expected: '5', found: '5', agrees: 1 },
    { figure: 'settled EUR', expected: '7', found: '6', agrees: 0 },
  ].map((check) => ({ run, pool: 'main', time: clickHouseTime(toMs - MINUTE_MS), ...check }));
}
