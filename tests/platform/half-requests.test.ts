/** Whoever sends half a request to a server that listens is left after a while, and keeps it from closing no longer. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { createProbeServer } from '../../services/platform/service/probe-server.ts';
import { createWitnessServer } from '../../services/platform/service/witness-server.ts';
import { Publisher } from '../../services/view/page-updates.ts';
import type { ViewState } from '../../services/view/told-to-page.ts';
import { createViewApp } from '../../services/view/view-routes.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { halfRequest } from '../support/half-request.ts';
import { TestNetwork } from '../support/network.ts';

const HALVES = [
  ['of its head', 'POST /x HTTP/1.1\r\nhost: x\r\nx: '],
  ['of its body', 'POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\na'],
] as const;

const logger = { info() {}, warn() {}, error() {} };
interface Listening {
  readonly app: Pick<FastifyInstance, 'listen' | 'server'>;
  readonly close: () => Promise<unknown>;
}

const alone = (app: FastifyInstance): Listening => ({ app, close: () => app.close() });

const serverOf = async (name: string): Promise<Listening> => {
  if (name === 'probes')
    return alone(createProbeServer(new Registry(), { faults: () => [] } as never));
  if (name === 'witness')
    return alone(createWitnessServer(() => ({ status: 200, contentType: 'text/plain', body: '' })));
  if (name === 'view')
    return alone(
      createViewApp({
        ...{ token: 'secret', files: new Map(), histories: new Map(), drive: () => null },
        publisher: new Publisher('run', () => ({}) as ViewState),
        ...{ cases: {} as never, logger },
      }),
    );
  const log = createMemoryLog({ now: Date.now });
  const network = new TestNetwork(log);
  await network.create();
  const gateway = await buildTestGateway({ network: network.scenario.network, log, name: 'half' });
  return { app: gateway.app as never, close: () => gateway.close() };
};

const closed = (socket: Socket) =>
  socket.closed ? Promise.resolve() : new Promise<void>((resolve) => socket.once('close', resolve));

const connections = ({ app: { server } }: Listening) =>
  new Promise<number>((resolve) => server.getConnections((_, open) => resolve(open)));

const within = (what: string, done: Promise<unknown>) =>
  Promise.race([
    done,
    pause(30_000, null, { ref: false }).then(() => assert.fail(`${what} within 30 s`)),
  ]);

for (const name of ['probes', 'witness', 'view', 'gateway'])
  for (const [part, text] of HALVES)
    test(`${name}: half ${part} is waited for no longer than it has, and not by what closes`, async () => {
      const listening = await serverOf(name);
      const { app, close } = listening;
      const url = await app.listen({ host: '127.0.0.1', port: 0 });
      const { requestTimeout, headersTimeout } = app.server;
      assert.deepEqual([requestTimeout, headersTimeout], [30_000, 30_000]);
      Object.assign(app.server, { requestTimeout: 50, headersTimeout: 50 });
      const slow = await halfRequest(url, text);
      await within('it did not end', closed(slow));
      Object.assign(app.server, { requestTimeout, headersTimeout });
      const open = await halfRequest(url, text);
      while ((await connections(listening)) === 0) await pause(5);
      await within('it did not close', close());
      open.destroy();
    });

test('a witness holds 1,000 connections of one network, and closes those beyond', async () => {
  const { app, close } = await serverOf('witness');
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const sockets = await Promise.all(Array.from({ length: 1_000 }, () => halfRequest(url, '')));
  const beyond = await halfRequest(url, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await within('it was not closed', closed(beyond));
  assert.equal(beyond.bytesRead, 0);
  for (const socket of sockets) socket.destroy();
  await close();
});
