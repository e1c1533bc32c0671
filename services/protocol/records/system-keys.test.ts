import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Genesis, SystemKeyRecord } from './control-record.ts';
import { SystemKeys } from './system-keys.ts';

const hex = (byte: number) => Buffer.alloc(32, byte).toString('hex');
const genesis = {
  operatorKey: hex(1),
  operators: { keys: [{ keyId: 'operator-2', publicKey: hex(2) }] },
  nodeKey: { keyId: 'node-1', publicKey: hex(3) },
} as unknown as Genesis;

function begun(): SystemKeys {
  const keys = new SystemKeys();
  keys.begin(genesis);
  return keys;
}
const operatorKey = (operator: string, keyId: string, byte: number, state = 'registered') =>
  ({ kind: 'operatorKey', operator, keyId, publicKey: hex(byte), state }) as SystemKeyRecord;
const nodeKey = (keyId: string, byte: number, state = 'registered') =>
  ({ kind: 'nodeKey', keyId, publicKey: hex(byte), state }) as SystemKeyRecord;

/** Folds where it is admitted. @returns why it is not */
function take(keys: SystemKeys, record: SystemKeyRecord): string | null {
  const refusal = keys.refusal(record);
  if (refusal === null) keys.fold(record);
  return refusal;
}

test('a key is beside the old one until that is revoked, and is its operator’s', () => {
  const keys = begun();
  assert.equal(take(keys, operatorKey('genesis', 'first-b', 4)), null);
  assert.deepEqual([...keys.activeOperatorKeys().keys()], ['genesis', 'operator-2', 'first-b']);
  assert.deepEqual(
    ['genesis', 'first-b', 'operator-2'].map((id) => keys.operatorOf(id)),
    ['genesis', 'genesis', 'operator-2'],
  );
  assert.equal(take(keys, operatorKey('genesis', 'genesis', 1, 'revoked')), null);
  assert.deepEqual([...keys.activeOperatorKeys().keys()], ['operator-2', 'first-b']);
  assert.ok(keys.isRevoked('genesis') && !keys.isRevoked('first-b'));
});

test('an id and a public key are used once, by whomever, and a revocation is for good', () => {
  const keys = begun();
  take(keys, operatorKey('genesis', 'first-b', 4));
  for (const again of [
    operatorKey('genesis', 'first-b', 5),
    operatorKey('operator-2', 'first-b', 5),
    operatorKey('operator-2', 'second-b', 4),
    operatorKey('operator-2', 'second-b', 3),
    nodeKey('node-2', 1),
    nodeKey('node-1', 5),
  ])
    assert.equal(keys.refusal(again), 'duplicateIdentity', JSON.stringify(again));
  take(keys, operatorKey('genesis', 'first-b', 4, 'revoked'));
  assert.equal(keys.refusal(operatorKey('genesis', 'first-b', 4, 'revoked')), 'keyRevoked');
  assert.equal(keys.refusal(operatorKey('genesis', 'first-b', 4)), 'duplicateIdentity');
  for (const unknown of [
    operatorKey('genesis', 'operator-2', 2, 'revoked'),
    operatorKey('operator-2', 'operator-2', 1, 'revoked'),
    nodeKey('node-9', 3, 'revoked'),
  ])
    assert.equal(keys.refusal(unknown), 'keyUnknown', JSON.stringify(unknown));
});

test('nobody is left without a key, and nobody becomes an operator', () => {
  const keys = begun();
  assert.equal(
    keys.refusal(operatorKey('operator-2', 'operator-2', 2, 'revoked')),
    'recordInvalid',
  );
  assert.equal(keys.refusal(operatorKey('operator-3', 'operator-3', 6)), 'recordInvalid');
  assert.equal(keys.refusal(operatorKey('node', 'operator-3', 6)), 'recordInvalid');
  assert.equal(keys.refusal(nodeKey('node-1', 3, 'revoked')), 'recordInvalid');
  assert.equal(take(keys, nodeKey('node-2', 6)), null);
  assert.equal(keys.nodeKey()?.keyId, 'node-2');
  assert.equal(keys.refusal(nodeKey('node-2', 6, 'revoked')), 'recordInvalid');
  assert.equal(take(keys, nodeKey('node-1', 3, 'revoked')), null);
  assert.equal(keys.nodeKey()?.keyId, 'node-2');
});

test('what an instance knew another goes on with', () => {
  const keys = begun();
  take(keys, operatorKey('genesis', 'first-b', 4));
  take(keys, operatorKey('genesis', 'genesis', 1, 'revoked'));
  take(keys, nodeKey('node-2', 6));
  const other = new SystemKeys(JSON.parse(JSON.stringify(keys.entries())));
  assert.deepEqual(other.entries(), keys.entries());
  assert.equal(other.nodeKey()?.keyId, 'node-2');
  assert.ok(other.isRevoked('genesis'));
});
