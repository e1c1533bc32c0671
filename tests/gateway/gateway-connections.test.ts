import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork } from '../support/network.ts';

/** Silent connections to a gateway that listens. */
async function listening(trustedProxies: readonly string[]) {
  const log = createMemoryLog({ now: Date.now });
  const network = new TestNetwork(log);
  await network.create();
  const registry = new Registry();
  const gateway = await buildTestGateway({
    ...{ network: network.scenario.network, log, name: 'connections', registry, trustedProxies },
  });
  const { port } = new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 }));
  const open = new Set<Socket>();
  const dial = async (): Promise<Socket> => {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
    open.add(socket);
    await once(socket, 'connect');
    return socket;
  };
  return {
    server: gateway.app.server,
    /** Opened one after the other is seen by the server in that order. */
    async silent(count: number): Promise<void> {
      for (let index = 0; index < count; index++) await dial();
    },
    /** The first line of what it answers; empty: it closes unasked. */
    async asked(): Promise<string> {
      const socket = await dial();
      let said = '';
      socket.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      socket.write('GET /openapi.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
      if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', resolve));
      return said.split('\r\n')[0] ?? '';
    },
    async refused(): Promise<Record<string, number>> {
      const metric = registry.getSingleMetric('corridor_gateway_refused_connections_total');
      const { values = [] } = (await metric?.get()) ?? {};
      return Object.fromEntries(values.map(({ labels, value }) => [labels.bound, value]));
    },
    async leave(): Promise<void> {
      for (const socket of open) socket.destroy();
      open.clear();
    },
    close: () => gateway.close(),
  };
}

test('a network that holds 1,000 silent connections is let in no further, and that is counted', async () => {
  const { server, silent, asked, refused, leave, close } = await listening([]);
  await silent(999);
  assert.equal(await asked(), 'HTTP/1.1 200 OK');
  assert.deepEqual(await refused(), { network: 0, all: 0 });
  await silent(1);
  assert.equal(await asked(), '');
  assert.deepEqual(await refused(), { network: 1, all: 0 });
  await leave();
  while ((await connections(server)) > 0) await new Promise(setImmediate);
  assert.equal(await asked(), 'HTTP/1.1 200 OK');
  server.maxConnections = 2;
  await silent(2);
  assert.equal(await asked(), '');
  assert.deepEqual(await refused(), { network: 1, all: 1 });
  await leave();
  await close();
});

test('a proxy that is named brings the connections of many', async () => {
  const { server, silent, asked, refused, leave, close } = await listening(['127.0.0.0/8']);
  assert.equal(server.maxConnections, 10_000);
  await silent(1_001);
  assert.equal(await asked(), 'HTTP/1.1 200 OK');
  assert.deepEqual(await refused(), { network: 0, all: 0 });
  await leave();
  await close();
});

const connections = (server: {
  getConnections(done: (_: unknown, open: number) => void): unknown;
}) => new Promise<number>((resolve) => server.getConnections((_, open) => resolve(open)));
