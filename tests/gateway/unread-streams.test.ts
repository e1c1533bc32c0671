import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { deliveriesOf } from '../../services/protocol/names/topic-plan.ts';
import { Publisher } from '../../services/view/page-updates.ts';
import type { ViewState } from '../../services/view/told-to-page.ts';
import { createViewApp } from '../../services/view/view-routes.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork } from '../support/network.ts';

/** Streams whose reader takes nothing: a real connection that nobody reads from. */
const RECORDS = 1_200;
const PAYLOAD = Buffer.alloc(60_000, ' ');
const BETA = 'BETASG00' as Bic;

const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Sends a request and reads nothing of what comes. */
function unread(address: string, path: string, headers: Readonly<Record<string, string>>) {
  const { hostname, port, host } = new URL(address);
  const socket = connect(Number(port), hostname).pause();
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`);
  socket.on('error', () => {});
  socket.write([`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  return socket;
}

test('a stream that nobody reads is left after a while, and the log is read no further', async () => {
  const log = createMemoryLog({ now: Date.now });
  const network = new TestNetwork(log);
  await network.create();
  await log.produce(
    deliveriesOf(BETA),
    Array.from({ length: RECORDS }, (_, index) => ({
      key: null,
      value: PAYLOAD,
      headers: {
        ...{ ce_id: '8a562c67-ca16-48ba-b074-65581be6f001', ce_type: 'pacs.008.001.08' },
        ...{ ce_pool: 'main', ce_eventnumber: String(index + 1), ce_settledatms: '0' },
      },
    })),
  );
  const registry = new Registry();
  let furthest = 0;
  let largest = 0;
  const gateway = await buildTestGateway({
    network: network.scenario.network,
    log: {
      ...log,
      async read(topic, partition, from, max, ...rest) {
        const records = await log.read(topic, partition, from, max, ...rest);
        if (topic === deliveriesOf(BETA) && max > 1) {
          furthest = Math.max(furthest, from);
          if (from > 0) largest = Math.max(largest, records.length);
        }
        return records;
      },
    },
    name: 'unread',
    registry,
    unreadMs: 50,
  });
  const address = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  const target = `/banks/${BETA}/deliveries/stream`;
  const socket = unread(address, target, network.reading(BETA, target));
  const open = async () => {
    const [{ value } = { value: -1 }] =
      (await registry.getSingleMetric('corridor_gateway_streams')?.get())?.values ?? [];
    return value;
  };
  while ((await open()) !== 1) await tick();
  while ((await open()) !== 0) await tick();
  assert.ok(furthest > 0 && furthest < RECORDS, `read up to record ${furthest}`);
  assert.ok(largest <= 4, `${largest} records of 60 kB were held`);
  socket.destroy();
  await gateway.close();
});

test('a page of the live view that reads nothing is left', async () => {
  const publisher = new Publisher('run', () => ({}) as ViewState);
  const app = createViewApp({
    ...{ token: 'secret', files: new Map(), publisher, histories: new Map() },
    drive: () => null,
    cases: {} as never,
    logger: { info() {}, warn() {}, error() {}, debug() {} } as never,
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const socket = unread(address, '/stream', { authorization: 'Bearer secret' });
  while (publisher.listeners !== 1) await tick();
  const large = { filler: 'x'.repeat(100_000) } as never;
  let published = 0;
  // More than a connection and the page's backlog take together.
  for (; published < 1_000 && publisher.listeners === 1; published++) {
    publisher.publish(large);
    if (published % 10 === 0) await tick();
  }
  assert.equal(publisher.listeners, 0, `after ${published} of 100 kB`);
  const connections = () =>
    new Promise((resolve) => app.server.getConnections((_, count) => resolve(count)));
  while ((await connections()) !== 0) await tick();
  socket.destroy();
  await app.close();
});
