import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createSigner } from '../../services/core/verification/signing.ts';
import { OperatorClient } from '../../services/onboarding/gateway-client.ts';

async function clientOf(t: TestContext, answer: (response: ServerResponse) => void) {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signer = createSigner(new Uint8Array(32).fill(7));
  const client = new OperatorClient({ url, network: 'sandbox-1', keyId: 'genesis', signer });
  return { client, url };
}

test('an operator whose key is not taken is told which key signed, and how to name another', async (t) => {
  let status = 401;
  const { client } = await clientOf(t, (response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ title: 'Refused', detail: 'no key' }));
  });
  const message =
    '401 Refused: no key; it was signed with the key genesis: where that was replaced or revoked, name the one that serves by --as';
  await assert.rejects(client.read('/operator/cases'), { name: 'BadInput', message });
  await assert.rejects(client.give('main', { kind: 'none' } as never), {
    name: 'BadInput',
    message,
  });
  status = 403;
  await assert.rejects(client.read('/operator/cases'), { message: '403 Refused: no key' });
});

test('a gateway that does not answer, or not to the end, is waited for no longer than half a minute', async (t) => {
  const { timeout } = AbortSignal;
  const asked: number[] = [];
  t.mock.method(AbortSignal, 'timeout', (ms: number) => {
    asked.push(ms);
    return timeout.call(AbortSignal, 50);
  });
  for (const begins of [false, true]) {
    const { client, url } = await clientOf(t, (response) => {
      if (begins) response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    });
    await assert.rejects(client.read('/operator/cases'), {
      message: `--url ${url}: no gateway answers (none within 30 s)`,
    });
  }
  assert.deepEqual(asked, [30_000, 30_000]);
});

test('what listens there and is no gateway is said to be none', async (t) => {
  for (const status of [200, 404, 502]) {
    const { client, url } = await clientOf(t, (response) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end('<p>Welcome</p>'),
    );
    await assert.rejects(client.read('/operator/cases'), {
      name: 'BadInput',
      message: `--url ${url}: answers ${status} (text/html); expected a gateway`,
    });
  }
});
