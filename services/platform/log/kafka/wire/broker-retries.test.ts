import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { KafkaSettings } from '../connection-tls-and-timeouts.ts';
import { patiently } from './broker-retries.ts';

const load = createRequire(import.meta.url);
const { createErrorFromCode } = load('kafkajs/src/protocol/error') as {
  createErrorFromCode(code: number): Error;
};
const settings = { brokers: '127.0.0.1:9092' } as KafkaSettings;

/** What becomes of a request that a broker refuses with the code, and answers when it is sent again. */
async function refusedWith(code: number) {
  let asked = 0;
  const work = async () => {
    asked += 1;
    if (asked === 1) throw createErrorFromCode(code);
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
