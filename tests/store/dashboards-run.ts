/** Two recorded runs in one store, and what is true of the first: from its payments, not from rows. */
import { readFileSync } from 'node:fs';
import type { ClickHouseClient } from '@clickhouse/client';
import { EVENT_BYTES, NO_CURRENCY } from '../../services/core/settlement/events.ts';
import { EventFold, insertions } from '../../services/metrics/event-rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { isPaymentType } from '../../services/protocol/messages/message-types.ts';
import { isCounted, type PaymentRow } from '../../services/report/figures/payment-table.ts';
import { runName } from '../../services/report/figures/run-name-in-store.ts';
import { scenarioTables } from '../../services/report/figures/scenario-tables.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { joinedInsertions } from '../support/engine.ts';
import { runScenario, scenarioFile, type TestRun } from '../support/run.ts';
import type { View } from './dashboards-macros.ts';
import { insertTelemetry, MINUTE_MS } from './dashboards-telemetry.ts';

/** Many more payments than money: queues that a cycle finds, and something left in them. */
const traffic = (paymentsPerDate: number) => [
  ...[0, 1, 2, 3].map((flow) => `traffic.${flow}.paymentsPerDate=${paymentsPerDate}`),
  'settlement.certificates=true',
  // So that some payments between currencies wait for the dealer, and longer than an hour.
  'participants.DELRSG00.accounts.EUR.balance=4000.00',
  'participants.DELRSG00.accounts.SGD.balance=6000.00',
];
const SET = traffic(700);
const MORE = traffic(1200);

/** Both currencies trade too: pairs of legs, and some that find no mirror. */
const TRADES = `
trades:
  - name: exchange
    delivers: EUR
    receives: SGD
    tradesPerDate: 60
    profile: morning
    amounts: { median: "900.00", sigma: 0.7, min: "10.00", max: "9000.00" }
    counterpartyAfterSeconds: 120
    unmatchedEvery: 5
`;
/** What each scenario was set to. */
const sets = new Map<Scenario, readonly string[]>();
const load = (set: readonly string[]): Scenario => {
  const scenario = loadScenario(scenarioFile('smoke'), {
    readFile: (path) => readFileSync(path, 'utf8') + (path.endsWith('.yaml') ? TRADES : ''),
    set,
  });
  sets.set(scenario, set);
  return scenario;
};

/** Its signatures are corrupted now and then: it has something of everything. */
const BANK = 'GAMMFR00';

/** An account's booked history: its balance after each event that changed it. */
export interface Booking {
  readonly atMs: number;
  readonly bic: string;
  readonly currency: string;
  readonly balance: bigint;
}

/** A payment came into a queue or went out of it, in the order of the events. */
export interface QueueChange {
  readonly atMs: number;
  readonly by: 1 | -1;
  readonly position: number;
  readonly bic: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly submittedAtMs: number;
}

/** What a certificate said. */
interface HeldUp {
  readonly cycle: number;
  readonly atMs: number;
  readonly bic: string;
  readonly currency: string;
  readonly amount: bigint;
}

export interface Truth {
  readonly view: View;
  readonly run: string;
  readonly scenario: Scenario;
  /** Each leg of a trade has a row of its own. */
  readonly rows: readonly PaymentRow[];
  /** What was set beside the file. */
  readonly overrides: readonly string[];
  /** As the run's own results add up its liquidity. */
  readonly liquidity: Summary['liquidity'];
  readonly bookings: readonly Booking[];
  readonly cycles: readonly {
    readonly atMs: number;
    readonly outcome: number;
    readonly settled: number;
  }[];
  readonly queueChanges: readonly QueueChange[];
  readonly heldUp: readonly HeldUp[];
  /** A payment, or the earlier leg of a trade, began to wait, or does so again. */
  readonly queuedEvents: readonly { readonly atMs: number; readonly position: number }[];
  /** When messages came again. */
  readonly repeatsAtMs: readonly number[];
  readonly keys: number;
  readonly bank: string;
  /** Of the same run and another pool, which is not asked for. */
  readonly otherPool: readonly PaymentRow[];
  readonly other: Pick<Truth, 'run' | 'rows' | 'liquidity' | 'overrides'>;
}

export async function record(client: ClickHouseClient): Promise<Truth> {
  const insert = (table: string, rows: readonly object[], token: string) =>
    insertRows(client, table, rows, token);
  const scenario1 = load(SET);
  const scenario2 = load(['seed=8', 'settlement.queue=fifo']);
  // Nobody asks for it, and it has more of everything.
  const scenario3 = load([...MORE, 'seed=10', 'settlement.queue=fifo']);
  const name = runName(scenario1);
  const first = await recordOne(scenario1, name, 'main', insert);
  // The names in the store stay those of the first.
  const otherPool = await recordOne(
    load([...MORE, 'seed=9', 'settlement.queue=fifo']),
    name,
    'other',
    insert,
  );
  const second = await recordOne(scenario2, runName(scenario2), 'main', insert);
  await recordOne(scenario3, runName(scenario3), 'main', insert);
  const { run, scenario, rows } = first;
  // The instant at which most payments wait, so that panels of the present have something to say.
  const toMs = busiestMinute(rows);
  const fromMs = Math.min(...rows.map(({ submittedAtMs }) => submittedAtMs)) - 120 * MINUTE_MS;
  await insertTelemetry(insert, { run, toMs, laterMs: 0, bank: BANK });
  // What lies after the range, and what is of another run, must not count.
  await insertTelemetry(insert, { run, toMs, laterMs: 30 * MINUTE_MS, bank: BANK });
  await insertTelemetry(insert, {
    run: runName(scenario3),
    toMs,
    laterMs: MINUTE_MS / 2,
    bank: BANK,
  });
  return {
    ...first,
    otherPool: otherPool.rows,
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
  run: string,
  pool: string,
  insert: (table: string, values: readonly object[], token: string) => Promise<void>,
) {
  const blocks: ReturnType<EventFold['fold']> = [];
  let fold: EventFold | undefined;
  const noted: Noted = {
    bookings: [],
    cycles: [],
    queueChanges: [],
    heldUp: [],
    queuedEvents: [],
    repeatsAtMs: [],
    keys: 0,
    waiting: new Map(),
  };
  const overrides = sets.get(scenario) ?? [];
  const done: TestRun = await runScenario(scenario, {
    overrides,
    onSlice: ({ steps }, simulation) => {
      const directory = simulation.pools[0]?.clearing.directory;
      if (!directory) throw new Error('no pool');
      fold ??= new EventFold(run, pool, directory);
      for (const { batch } of steps) {
        blocks.push(...fold.fold(batch.events));
        for (let index = 0; index * EVENT_BYTES < batch.events.length; index++)
          note(readFlatEvent(batch.events, index), noted, directory);
      }
    },
  });
  if (fold) blocks.push(fold.end());
  for (const { table, rows, token } of joinedInsertions(blocks.flatMap(insertions)))
    await insert(table, rows, token);
  const tables = scenarioTables(scenario, done.summary, []);
  if (pool === 'main')
    for (const [table, values] of Object.entries(tables))
      await insert(table, values, `${run}/${table}`);
  const later = new Set(done.rows.filter((row) => !isCounted(row)).map(({ position }) => position));
  const queuedEvents = noted.queuedEvents.filter(({ position }) => !later.has(position));
  const { liquidity } = done.summary;
  return {
    ...noted,
    queuedEvents,
    run,
    scenario,
    rows: done.rows,
    liquidity,
    overrides,
    bank: BANK,
  };
}

interface Noted {
  readonly bookings: Booking[];
  readonly cycles: Truth['cycles'][number][];
  readonly queueChanges: QueueChange[];
  readonly heldUp: HeldUp[];
  readonly queuedEvents: Truth['queuedEvents'][number][];
  readonly repeatsAtMs: number[];
  keys: number;
  /** Payments in a queue, by position. */
  readonly waiting: Map<number, QueueChange>;
}

interface Names {
  readonly participants: readonly { readonly bic: string }[];
  readonly currencies: readonly { readonly currency: string }[];
}

/** What the events state of balances, queues, cycles, repeats and keys. */
function note(event: ReturnType<typeof readFlatEvent>, noted: Noted, directory: Names): void {
  const bicOf = (participant: number) => directory.participants[participant]?.bic ?? '';
  const codeOf = (currency: number) => directory.currencies[currency]?.currency ?? '';
  const book = (participant: number, currency: number, balance: bigint) =>
    noted.bookings.push({
      atMs: event.timeMs,
      bic: bicOf(participant),
      currency: codeOf(currency),
      balance,
    });
  const { kind, debtorAgent, creditorAgent, dealer, currency1, currency2, balances } = event;
  const owner = { bic: bicOf(debtorAgent), currency: codeOf(currency1), amount: event.amount1 };
  if ((kind === 'queued' || kind === 'carriedOver') && isPaymentType(event.messageType))
    noted.queuedEvents.push({ atMs: event.timeMs, position: event.paymentPosition });
  if (kind === 'repeated') noted.repeatsAtMs.push(event.timeMs);
  if (kind === 'keyChanged') noted.keys += 1;
  if (kind === 'cycled')
    noted.cycles.push({ atMs: event.timeMs, outcome: event.priority, settled: event.count });
  if (kind === 'heldUp') noted.heldUp.push({ cycle: event.cycle, atMs: event.timeMs, ...owner });
  noteQueue(event, noted, owner);
  if (['accountOpened', 'issued', 'redeemed'].includes(kind))
    book(debtorAgent, currency1, balances[0]);
  if (kind !== 'settled') return;
  book(debtorAgent, currency1, balances[0]);
  book(creditorAgent, currency2 === NO_CURRENCY ? currency1 : currency2, balances[1]);
  if (currency2 === NO_CURRENCY) return;
  book(dealer, currency1, balances[2]);
  book(dealer, currency2, balances[3]);
}

function noteQueue(
  { kind, timeMs, paymentPosition: position }: ReturnType<typeof readFlatEvent>,
  { queueChanges, waiting }: Noted,
  owner: Pick<QueueChange, 'bic' | 'currency' | 'amount'>,
): void {
  const inQueue = waiting.get(position);
  if (kind === 'queued' && !inQueue) {
    const joins = { atMs: timeMs, by: 1 as const, position, submittedAtMs: timeMs, ...owner };
    waiting.set(position, joins);
    queueChanges.push(joins);
  }
  if (!inQueue || !['settled', 'rejected', 'cancelled'].includes(kind)) return;
  waiting.delete(position);
  queueChanges.push({ ...inQueue, atMs: timeMs, by: -1 });
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
