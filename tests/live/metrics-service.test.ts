import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTopics } from '../../services/live/network-against-log.ts';
import type { ServiceContext } from '../../services/live/service-context.ts';
import type { AnalysisStore } from '../../services/metrics/analysis-store.ts';
import type { AlertRule } from '../../services/metrics/ask-alert-rules.ts';
import { eventsReader, startMetrics } from '../../services/metrics/metrics-service.ts';
import { GENERATION_SQL } from '../../services/metrics/run-generations.ts';
import { POSITION_SQL } from '../../services/metrics/same-blocks-after-a-crash.ts';
import { poolEvents, TELEMETRY } from '../../services/protocol/names/topic-plan.ts';
import { serviceTelemetryMessage } from '../../services/protocol/records/telemetry.ts';
import { startServices } from '../../services/sandbox/start-services.ts';
import { referenceRate } from '../../services/scenario/rates-and-rounding.ts';
import { checkPool } from '../faults/topics-against-replay.ts';
import { atLeast } from '../support/at-least.ts';
import {
  core,
  liveNetwork,
  memoryLog,
  POOL,
  processOver,
  scenario,
  send,
  startNetwork,
  until,
} from '../support/live.ts';
import { storedPosition } from '../support/reader-positions.ts';
import { Feeder, fedNetwork } from '../support/view-feeder.ts';

/** A store that is away while told so, fails after some insertions, and drops tokens that it has. */
function trickyStore() {
  const rows: { table: string; row: Record<string, unknown> }[] = [];
  const tokens = new Set<string>();
  const state = { away: false, calls: 0 };
  const store: AnalysisStore = {
    async query<Row>(sql: string, { reader }: Readonly<Record<string, unknown>>) {
      if (!state.away && sql === GENERATION_SQL) return [];
      if (state.away || sql !== POSITION_SQL) throw new Error('connect ECONNREFUSED');
      return [storedPosition(rows, reader)] as Row[];
    },
    async insert(table, inserted, token) {
      state.calls += 1;
      if (state.away) throw new Error('connect ECONNREFUSED');
      if (!tokens.has(token))
        rows.push(...inserted.map((row) => ({ table, row: row as Record<string, unknown> })));
      tokens.add(token);
      // Taken, and the answer is lost: it will come again.
      if (state.calls % 5 === 0) throw new Error('socket hang up');
    },
  };
  const of = (table: string) => rows.flatMap((one) => (one.table === table ? [one.row] : []));
  const numbers = () =>
    rows.flatMap(({ table, row }) => (table === 'payments' ? [row.event_number as number] : []));
  return { store, state, numbers, of };
}

test('metrics is not ready before its store has answered', async () => {
  const log = memoryLog();
  const { store, state } = trickyStore();
  const live = await startNetwork(log, { services: ['clearing', 'verifier', 'notifier'] });
  const shared = processOver(log);
  state.away = true;
  const metrics = await startServices({
    network: liveNetwork,
    core,
    contextOf: (service, pool) => shared.context(service, pool),
    threads: 0,
    takeoverMs: 0,
    services: ['metrics'],
    store,
  });
  const unanswered = ['metrics(main) store: it has not answered yet'];
  await until('the log has answered', () => shared.health.faults().length === 1);
  assert.deepEqual(shared.health.faults(), unanswered);
  state.away = false;
  await until('the store has answered', () => shared.health.faults().length === 0);
  await metrics.stop();
  await live.stop();
});

test('while the store is away metrics waits and says so; then it catches up, once each', async () => {
  const log = memoryLog();
  const { store, state, numbers, of } = trickyStore();
  const live = await startNetwork(log, { services: ['clearing', 'verifier', 'notifier'] });
  const shared = processOver(log, 0);

  const metrics = await startServices({
    network: liveNetwork,
    core,
    contextOf: (service, pool) => shared.context(service, pool),
    threads: 0,
    takeoverMs: 0,
    services: ['metrics'],
    store,
  });
  await send(log, 5, 0, 60);
  await until('rows', () => numbers().length > 0);
  state.away = true;
  await send(log, 5, 60, 160);
  await live.quiet();
  await until('it is told', async () => {
    await shared.health.look();
    return shared.health.faults().some((fault) => /metrics\(main\) events: stalled/.test(fault));
  });
  state.away = false;
  await until('it has caught up', async () => (await shared.health.outstanding()) === 0);
  await metrics.stop();
  await live.stop();
  const { events } = await checkPool(log, core.module, liveNetwork.network, POOL);
  const kinds = ['queued', 'settled', 'rejected', 'cancelled', 'noticed'];
  const expected = events
    .filter(({ kind, messageType }) => kinds.includes(kind) && messageType === 1)
    .map(({ number }) => number);
  assert.deepEqual(numbers(), expected);

  // What the founding's scenario says for analysts, and no event.
  const { name, seed, rates } = scenario.document as typeof scenario.document & { seed: number };
  assert.deepEqual(
    of('runs').map((row) => [row.run, row.scenario, row.seed]),
    [[liveNetwork.run, name, seed]],
  );
  const rate = of('reference_rates').find((r) => r.currency === 'EUR' && r.currency2 === 'SGD');
  assert.ok(rate && rates);
  assert.deepEqual([rate.run, rate.source, rate.date], [liveNetwork.run, rates.source, rates.date]);
  assert.equal(rate.rate, Number(referenceRate(rates, 'EUR', 'SGD')));
});

/** A log with so many messages of events. */
async function fedLog(messages: number) {
  const log = memoryLog();
  await createTopics(log, fedNetwork);
  const feeder = new Feeder(log, [
    { bic: 'ALFADE00', name: 'Alfa' },
    { bic: 'BETADE00', name: 'Beta' },
  ]);
  await feeder.begin();
  for (let message = 0; message < messages; message++) await feeder.pay(1);
  return log;
}

test('started again it tells how far it has read again, all the way', async () => {
  const log = await fedLog(300);
  const { store } = trickyStore();
  const run = async () => {
    const shared = processOver(log);
    const context = shared.context('metrics', POOL);
    const positions: (number | null)[] = [];
    let position: () => number | null = () => null;
    const told: typeof context = {
      ...context,
      probes: {
        ...context.probes,
        consumer(name, progress) {
          if (name === 'events') position = progress.position;
          context.probes.consumer(name, progress);
        },
      },
      log: new Proxy(log, {
        get(target, name: keyof typeof log) {
          if (name !== 'read') return target[name].bind(target);
          return (...given: Parameters<typeof log.read>) => {
            // One record alone the watchdog reads, to see whether it is one; and fewer together who looks for what waits.
            if (given[0] === poolEvents(POOL) && given[3] > 32) positions.push(position());
            return target.read(...given);
          };
        },
      }),
    };
    const metrics = await startMetrics(() => told, { run: 'fed', pools: [POOL], store });
    await until('all is in the store', async () => (await shared.health.outstanding()) === 0);
    await metrics.stop();
    await shared.close();
    return positions;
  };
  await run();
  assert.deepEqual((await run()).slice(0, 5), [0, 64, 128, 192, 256]);
});

const SAMPLE = {
  ...({ kind: 'service', atMs: 1, service: 'clearing', instance: 'one' } as const),
  ...{ reader: 'main/input', isReady: true, lagRecords: 0, lagMs: 0, records: 0, fault: '' },
};

test('rules of alerts are asked when the rows of events and of telemetry are in the store', async () => {
  for (const gated of atLeast(2, [eventsReader(POOL), TELEMETRY])) {
    const log = await fedLog(1);
    await log.produce(TELEMETRY, [serviceTelemetryMessage(SAMPLE)]);
    const rows: { table: string; row: Record<string, unknown> }[] = [];
    let open = () => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    let asked = 0;
    const store: AnalysisStore = {
      async query<Row>(sql: string, { reader }: Readonly<Record<string, unknown>>) {
        if (sql === POSITION_SQL) return [storedPosition(rows, reader)] as Row[];
        if (/^SELECT \* FROM \(RULE/.test(sql)) asked += 1;
        return [];
      },
      async insert(table, inserted) {
        const of = inserted as readonly Record<string, unknown>[];
        if (table === 'reader_positions' && of[0]?.reader === gated && of[0]?.done) await opened;
        rows.push(...of.map((row) => ({ table, row })));
      },
    };
    const shared = processOver(log);
    const clock = { nowMs: Date.parse('2026-03-16T09:00:10Z') };
    const said: string[] = [];
    const warn = (fields: object, text: string) => {
      if (text.startsWith('rules')) said.push(`${text} (${'reader' in fields && fields.reader})`);
    };
    const contextOf = (pool: string): ServiceContext => {
      const own = shared.context('metrics', pool);
      const logger = { info() {}, error() {}, warn };
      return { ...own, logger, nowMs: () => clock.nowMs };
    };
    const rule: AlertRule = {
      ...{ uid: 'corridor-test', title: 'Test', severity: 'warning', above: 3, sql: 'RULE' },
      ...{ summary: 'fires', forMs: 0, rangeMs: 60_000, subject: [] },
    };
    const metrics = await startMetrics(contextOf, {
      ...{ run: 'fed', pools: [POOL], store, rules: [rule] },
    });
    const caught = () =>
      [eventsReader(POOL), TELEMETRY].every(
        (reader) => reader === gated || storedPosition(rows, reader).done !== '0',
      );
    await until('the other reader is at the end', caught);
    await until('it is said, or asked', () => {
      clock.nowMs += 60_000;
      return asked + said.length > 0;
    });
    assert.deepEqual([asked, said[0]], [0, `rules were not asked: rows come (${gated})`]);
    open();
    await until('it is asked', () => asked > 0);
    await metrics.stop();
    await shared.close();
  }
});
