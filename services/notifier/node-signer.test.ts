import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSignatureCheck, createSigner, secretKeyPem } from '../core/verification/signing.ts';
import { ACCOUNT_REPORT, NOTIFICATION, STATEMENT } from '../protocol/messages/statement.ts';
import { STATUS_REPORT } from '../protocol/messages/status-report.ts';
import { NodeSecrets, NodeSigner, nodeSigningText } from './node-signer.ts';

const NETWORK = 'sandbox-1';
const secretOf = (byte: number) => new Uint8Array(32).fill(byte);
const nodeKey = (byte: number) => ({
  keyId: `node-${byte}`,
  publicKey: Buffer.from(createSigner(secretOf(byte)).publicKey).toString('hex'),
});
const pems = (...bytes: number[]) => bytes.map((byte) => secretKeyPem(secretOf(byte))).join('');

const message = (type: string) => ({
  topic: 'statements.BANKDEF0',
  message: {
    key: 'main-811-EUR-closed',
    value: Buffer.from('{"Document":{}}'),
    headers: {
      ce_specversion: '1.0',
      ce_id: 'main-811-EUR-closed',
      ce_source: NETWORK,
      ce_type: type,
    },
    timestampMs: 1_773_651_600_000,
  },
});

test('a statement has the signature of its bytes under the key of the log, the same each time', () => {
  const signed = [1, 2].map(() => {
    const signer = new NodeSigner(NETWORK, new NodeSecrets(() => pems(9, 1)));
    signer.use(nodeKey(1));
    return signer.sign(message(STATEMENT));
  });
  assert.deepEqual(signed[0], signed[1]);
  const [{ topic, message: told }] = signed as [(typeof signed)[0]];
  assert.equal(told.headers.ce_issuedatms, '1773651600000');
  const check = createSignatureCheck(Buffer.from(nodeKey(1).publicKey, 'hex'));
  const signature = Buffer.from(told.headers.ce_signature ?? '', 'base64');
  assert.ok(check(nodeSigningText(NETWORK, topic, told.headers, told.value), signature));
  assert.ok(!check(nodeSigningText('another', topic, told.headers, told.value), signature));
});

test('only reports and statements are signed, and only where the log names a key', () => {
  const signer = new NodeSigner(NETWORK, new NodeSecrets(() => pems(1)));
  const before = message(STATEMENT);
  assert.equal(signer.sign(before).message.headers, before.message.headers);
  signer.use(nodeKey(1));
  const isSigned = (type: string) => 'ce_signature' in signer.sign(message(type)).message.headers;
  assert.deepEqual([STATEMENT, ACCOUNT_REPORT, NOTIFICATION, STATUS_REPORT].map(isSigned), [
    true,
    true,
    false,
    false,
  ]);
  const asked = [STATUS_REPORT, NOTIFICATION].map((type) => signer.sign(message(type), true));
  assert.deepEqual(
    asked.map(({ message: told }) => 'ce_signature' in told.headers),
    [true, false],
    'a status that was asked for',
  );
});

test('a secret key that is not there yet is waited for, and read when it is', () => {
  let file = '';
  const signer = new NodeSigner(NETWORK, new NodeSecrets(() => file));
  signer.use(nodeKey(1));
  const refusal = { kind: 'unavailable', message: /key [0-9a-f]{64}, whose secret key is not in/ };
  assert.throws(() => signer.need([]), refusal);
  file = pems(2);
  assert.throws(() => signer.need([]), refusal);
  file = 'no PEM -----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
  assert.throws(() => signer.need([]), { kind: 'unavailable' });
  file = pems(2, 1);
  signer.need([]);
  const without = new NodeSigner(NETWORK, new NodeSecrets(() => '', [nodeKey(1).publicKey]));
  without.use(nodeKey(1));
  without.need([]);
  assert.ok(!('ce_signature' in without.sign(message(STATEMENT)).message.headers), 'lost for good');
});
