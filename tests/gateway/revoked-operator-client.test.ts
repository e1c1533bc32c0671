import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createSigner } from '../../services/core/verification/signing.ts';
import { OperatorClient } from '../../services/onboarding/gateway-client.ts';

test('an operator whose key is not taken is told which key signed, and how to name another', async (t) => {
  let status = 401;
  const server = createServer((_, response) => {
    response.writeHead(status).end(JSON.stringify({ title: 'Refused', detail: 'no key' }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const client = new OperatorClient({
    ...{ url: `http://127.0.0.1:${port}`, network: 'sandbox-1', keyId: 'genesis' },
    signer: createSigner(new Uint8Array(32).fill(7)),
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
