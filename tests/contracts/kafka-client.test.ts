import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The program for banks over its own parts: no broker, and every signature verifies. */
const PROGRAM = `
import sys
from types import SimpleNamespace
from unittest.mock import MagicMock
for name in ("confluent_kafka", "cryptography", "cryptography.exceptions", "cryptography.hazmat",
             "cryptography.hazmat.primitives", "cryptography.hazmat.primitives.asymmetric",
             "cryptography.hazmat.primitives.asymmetric.ed25519", "cryptography.hazmat.primitives.serialization"):
    sys.modules[name] = MagicMock()
import kafka_client
def delivery(event, id):
    headers = {"ce_pool": "main", "ce_eventnumber": event, "ce_id": id, "ce_source": "ALFADE00", "ce_keyid": "key-1",
               "ce_type": "pacs.009.001.08", "ce_issuedatms": "1", "ce_signature": ""}
    return SimpleNamespace(headers=lambda: [(name, text.encode()) for name, text in headers.items()], value=lambda: b"{}")
kafka_client.keys_of = lambda *_: {("ALFADE00", "key-1"): b""}
kafka_client.records = lambda *_: [delivery("7", "a"), delivery("8", "b"), delivery("7", "a"), delivery("9", "c"), delivery("9", "d")]
kafka_client.receive("", "sandbox-1", "BETASG00", 4)
`;

test('the example for Kafka prints a delivery that comes twice once', () => {
  const examples = fileURLToPath(new URL('../../../docs/examples', import.meta.url));
  const env = { ...process.env, PYTHONPATH: examples, PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout, stderr } = spawnSync('python3', ['-c', PROGRAM], { encoding: 'utf8', env });
  assert.equal(stderr, '');
  const ids = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0]);
  assert.deepEqual(ids, ['a', 'b', 'c', 'd']);
});
