/**
 * ClickHouse is killed while payments settle, and comes back: metrics says that it waits, catches up
 * from the log, and the tables have each row once. The engine is the real one.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectClickHouse } from '../../services/platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../../services/platform/clickhouse/embedded.ts';
import { createStore } from '../../services/platform/clickhouse/reconnecting-store.ts';
import { schemaFolder } from '../../services/platform/service/shipped-files.ts';
import { poolEvents } from '../../services/protocol/names/topic-plan.ts';
import { startServices } from '../../services/sandbox/start-services.ts';
import { sharedBrokers } from '../support/kafka-broker.ts';
import {
  core,
  liveNetwork,
  POOL,
  processOver,
  send,
  startNetwork,
  until,
} from '../support/live.ts';
import { onEachLog } from './each-log.ts';
import { checkRows } from './nothing-lost-or-twice.ts';
import { checkPool } from './topics-against-replay.ts';

const brokers = await sharedBrokers();
const SEED = 91;

onEachLog(brokers, 'ClickHouse is killed and comes back', async (_, { log }) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-store-'));
  let server = await startEmbeddedClickHouse({ folder });
  const store = createStore(async () => server, schemaFolder());
  const live = await startNetwork(log, { services: ['clearing', 'verifier', 'notifier'] });
  const shared = processOver(log, 300);
  const metrics = await startServices({
    network: liveNetwork,
    core,
    contextOf: (service, pool) => shared.context(service, pool),
    threads: 0,
    takeoverMs: 0,
    services: ['metrics'],
    store,
  });
  try {
    await send(log, SEED, 0, 60);
    await until('rows are in the store', async () => (await shared.health.outstanding()) === 0);
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    const before = await log.endOffset(poolEvents(POOL), 0);
    await send(log, SEED, 60, 160);
    await live.quiet();
    assert.ok((await log.endOffset(poolEvents(POOL), 0)) > before, 'payments settle meanwhile');
    await until('it is told', async () => {
      await shared.health.look();
      return shared.health.faults().some((fault) => /metrics\(main\) events: stalled/.test(fault));
    });
    server = await startEmbeddedClickHouse({ folder });
    await send(log, SEED, 160, 200);
    await live.quiet();
    await until('it has caught up', async () => (await shared.health.outstanding()) === 0);
    await metrics.stop();
    await live.stop();
    const history = await checkPool(log, core.module, liveNetwork.network, POOL);
    const client = connectClickHouse(server);
    await checkRows(client, [history]);
    await client.close();
  } finally {
    await store.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
