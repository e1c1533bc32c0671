import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTopics } from '../../services/live/network-against-log.ts';
import type { RunningService } from '../../services/live/service-context.ts';
import { reporting } from '../../services/live/service-telemetry.ts';
import type { AnalysisStore } from '../../services/metrics/analysis-store.ts';
import { startMetrics } from '../../services/metrics/metrics-service.ts';
import { TELEMETRY } from '../../services/protocol/names/topic-plan.ts';
import { isServiceTelemetry, readTelemetry } from '../../services/protocol/records/telemetry.ts';
import { ended, liveNetwork, memoryLog, processOver, until } from '../support/live.ts';

async function foundedLog() {
  const log = memoryLog();
  await createTopics(log, liveNetwork);
  return log;
}

/** A service that does nothing until it is told to fail. */
function idle() {
  let fail = (_: Error) => {};
  const done = new Promise<void>((_, reject) => {
    fail = reject;
  });
  const service: RunningService = { done, stop: async () => {} };
  return { service, fail };
}
const samples = () => [
  {
    ...{ service: 'clearing', reader: 'main/input', isReady: true },
    ...{ lagRecords: 0, lagMs: 0, records: 0 },
  },
];

async function lastWord(log: Awaited<ReturnType<typeof foundedLog>>) {
  const messages = await log.read(TELEMETRY, 0, 0, 100);
  const last = messages.map(({ value }) => readTelemetry(value)).at(-1);
  assert.ok(last && isServiceTelemetry(last));
  return { isReady: last.isReady, fault: last.fault };
}

test('the last word of a service is that it was asked to stop, or over what it stopped', async () => {
  const log = await foundedLog();
  const shared = processOver(log);
  const context = shared.context('clearing');
  const asked = reporting(context, idle().service, { instance: 'one', samples });
  await asked.stop();
  assert.deepEqual(await lastWord(log), { isReady: false, fault: 'shutDown' });

  const { service, fail } = idle();
  const failing = reporting(context, service, { instance: 'one', samples });
  fail(Object.assign(new Error('events contradict'), { kind: 'historyDiverged' }));
  await assert.rejects(ended(failing), /contradict/);
  await failing.stop();
  assert.deepEqual(await lastWord(log), { isReady: false, fault: 'historyDiverged' });
  await shared.close();
});

test('the last word of metrics is in the store when it has stopped', async () => {
  const log = await foundedLog();
  const rows: { table: string; row: Record<string, unknown> }[] = [];
  const of = (wanted: string) => rows.flatMap(({ table, row }) => (table === wanted ? [row] : []));
  const most = (name: string) =>
    String(Math.max(0, ...of('reader_positions').map((row) => Number(row[name] ?? 0))));
  const store: AnalysisStore = {
    query: async <Row>() => [{ begun: most('begun'), done: most('done') }] as Row[],
    async insert(table, inserted) {
      rows.push(...inserted.map((row) => ({ table, row: row as Record<string, unknown> })));
    },
  };
  const shared = processOver(log);
  const metrics = await startMetrics((pool) => shared.context('metrics', pool), {
    ...{ run: 'test', pools: [], store },
  });
  const reports = {
    instance: 'one',
    samples: () => samples().map((one) => ({ ...one, service: 'metrics' })),
  };
  const reported = reporting(shared.context('metrics'), metrics, reports);
  // Then it waits for more to go in together.
  await until('the first word is in', () => of('reader_positions').length === 2);
  await reported.stop();
  assert.equal(of('service_samples').at(-1)?.fault, 'shutDown');
  await shared.close();
  await log.close();
});
