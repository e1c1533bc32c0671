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
const settings = {
  ...{ brokers: '127.0.0.1:9092', identity: 'with the certificate CN=clearing' },
} as KafkaSettings;
const { KafkaJSSASLAuthenticationError: Unauthenticated } = load('kafkajs/src/errors');

/** What hands a link this cluster. */
const kafkaOf = (cluster: object) => ({
  consumer({ partitionAssigners: [assign] }: { partitionAssigners: ((of: object) => void)[] }) {
    assign?.({ cluster });
  },
});

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

test('who has no right is told by which name it came, what it asked for, and what to do', async () => {
  const topics = () => ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const refuse = async () => {
    throw createErrorFromCode(29);
  };
  const asked = patiently(settings, new AbortController().signal, 50, refuse, undefined, topics);
  await assert.rejects(asked, {
    kind: 'storeFailed',
    message:
      /: this client comes with the certificate CN=clearing, asking for a, b, c, d, e and 2 more; expected the variables of one that has the right/,
  });
});

const TLS = [
  ['unable to verify the first certificate', 'optionsInvalid', /CORRIDOR_KAFKA_CA_FILE/],
  ['self-signed certificate in certificate chain', 'optionsInvalid', /CORRIDOR_KAFKA_CA_FILE/],
  ['it answers by a TLS alert', 'optionsInvalid', /speaks TLS, and no TLS file is set/],
  ['certificate has expired', 'unavailable', /: its own certificate has expired/],
  [
    "Hostname/IP does not match certificate's altnames: x",
    'unavailable',
    /its certificate is of another name/,
  ],
  [
    'ssl3_read_bytes:sslv3 alert certificate unknown:SSL alert number 46',
    'unavailable',
    /comes with the certificate CN=clearing: expected in CORRIDOR_KAFKA_CERT_FILE/,
  ],
  [
    'Client network socket disconnected before secure TLS connection was established',
    'unavailable',
    /does not speak TLS/,
  ],
  ['connect ECONNREFUSED 127.0.0.1:9092', 'unavailable', /^no Kafka answers .* try later$/],
] as const;

for (const [reason, kind, message] of TLS)
  test(`what TLS fails over names its variable: ${reason}`, async () => {
    const failure = () =>
      Object.assign(new Error(`Connection error: ${reason}`), { name: 'KafkaJSConnectionError' });
    let answers = false;
    const cluster = {
      connect: async () => {
        if (!answers) throw failure();
      },
      refreshMetadataIfNecessary: async () => {},
      disconnect: async () => {},
    };
    const link = openLink({
      ...settings,
      kafka: () => kafkaOf(cluster),
    } as unknown as KafkaSettings);
    await assert.rejects(
      link.run(async () => {}, 60),
      { kind, message },
    );
    answers = true;
    await link.run(async () => {}, 5_000);
    answers = false;
    // Where the broker once was there it is waited for.
    const again = link.run(async () => cluster.connect(), 60);
    await assert.rejects(again, { kind: 'unavailable', message });
    await link.close();
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
  const link = openLink({ ...settings, kafka: () => kafkaOf(cluster) } as unknown as KafkaSettings);
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
