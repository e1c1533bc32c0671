import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaSettings } from '../connection-tls-and-timeouts.ts';
import { openLink, patiently } from './broker-retries.ts';

const load = createRequire(import.meta.url);
const { createErrorFromCode } = load('kafkajs/src/protocol/error') as {
  createErrorFromCode(code: number): Error;
};
const settings = { brokers: '127.0.0.1:9092' } as KafkaSettings;
const { KafkaJSSASLAuthenticationError: Unauthenticated } = load('kafkajs/src/errors');

/** What becomes of a request that a broker refuses with the code, and answers when it is sent again. */
const refusedWith = (code: number) => failingOnce(createErrorFromCode(code));

async function failingOnce(error: Error) {
  let asked = 0;
  const work = async () => {
    asked += 1;
    if (asked === 1) throw error;
    return 'answered';
  };
  return patiently(settings, new AbortController().signal, 5_000, work);
}

// https://kafka.apache.org/protocol.html#protocol_error_codes
for (const [code, name] of [
  [-1, 'what it did not expect, as while it shuts down'],
  [8, 'that it is not available'],
  [6, 'that another leads'],
] as const)
  test(`a broker is asked again that answers ${name}`, async () => {
    assert.equal(await refusedWith(code), 'answered');
  });

test('a broker that refuses for good is not asked again', async () => {
  await assert.rejects(refusedWith(29), { kind: 'storeFailed' });
});

test('a connection that ends while it authenticates is opened again; who may not is told', async () => {
  const ended = new Unauthenticated('SASL SCRAM SHA512 authentication failed: Not connected');
  assert.equal(await failingOnce(ended), 'answered');
  const refused = new Unauthenticated(
    'SASL SCRAM SHA512 authentication failed: Invalid credentials',
  );
  await assert.rejects(failingOnce(refused), { kind: 'storeFailed' });
});

test('who has given up while a connection was opened is not served any more', async () => {
  let open: () => void = () => {};
  const connecting = new Promise<void>((go) => {
    open = go;
  });
  const cluster = {
    connect: () => connecting,
    refreshMetadataIfNecessary: async () => {},
    disconnect: async () => {},
  };
  const kafka = () => ({
    consumer({ partitionAssigners: [assign] }: { partitionAssigners: ((of: object) => void)[] }) {
      assign?.({ cluster });
    },
  });
  const link = openLink({ ...settings, kafka } as unknown as KafkaSettings);
  let served = 0;
  const work = async () => {
    served += 1;
  };
  await assert.rejects(link.run(work, 50), { kind: 'unavailable' });
  open();
  await pause(20);
  assert.equal(served, 0);
  await link.run(work, 5_000);
  assert.equal(served, 1);
});
