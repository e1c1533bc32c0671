import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaSettings } from '../connection-tls-and-timeouts.ts';
import type { KafkaTopics } from '../create-and-check-topics.ts';
import { openKafkaLog } from '../kafka.ts';
import { openLink, patiently } from './broker-retries.ts';
import { createReaders } from './offset-reader.ts';

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

const settingsOf = (cluster: object, brokers = settings.brokers) =>
  ({
    ...{ ...settings, brokers, patienceMs: 60 },
    kafka: () => kafkaOf(cluster),
  }) as unknown as KafkaSettings;

const unconnectable = (reason: string): Error =>
  Object.assign(new Error(`Connection error: ${reason}`), { name: 'KafkaJSConnectionError' });

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
      /: this client comes with the certificate CN=clearing, asking for c, d, e, f, g and 2 more; expected the variables of one that has the right/,
  });
});

test('a right is missed for what this call asks for, not for what others did', async () => {
  const cluster = {
    connect: async () => {},
    refreshMetadataIfNecessary: async () => {},
    targetTopics: new Set(['read.before']),
  };
  const link = openLink(settingsOf(cluster));
  const refuse = async () => {
    throw createErrorFromCode(29);
  };
  await assert.rejects(link.run(refuse, 50, ['secret']), { message: /, asking for secret; / });
  // What was allowed before is refused since: all of it is asked for again.
  cluster.refreshMetadataIfNecessary = refuse;
  await assert.rejects(link.run(refuse, 50, ['secret']), { message: /, asking for read.before; / });
  await assert.rejects(link.run(refuse, 50), { message: /, asking for read.before; / });
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
  ['getaddrinfo ENOTFOUND kafka-alerts.example', 'unavailable', /^no Kafka answers .* try later$/],
] as const;

for (const [reason, kind, message] of TLS)
  test(`what TLS fails over names its variable: ${reason}`, async () => {
    const failure = () => unconnectable(reason);
    let answers = false;
    const cluster = {
      connect: async () => {
        if (!answers) throw failure();
      },
      refreshMetadataIfNecessary: async () => {},
      disconnect: async () => {},
    };
    const link = openLink(settingsOf(cluster));
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

test('a reader of a log that is open waits for a broker whose certificate is replaced', async () => {
  const cluster = {
    connect: async () => {
      throw unconnectable('self-signed certificate in certificate chain');
    },
    disconnect: async () => {},
  };
  const topics = { nameOf: (name: string) => name } as KafkaTopics;
  const range = async () => ({ start: 0, end: 0 });
  const readers = createReaders(settingsOf(cluster), topics, range);
  const how = { waitMs: 0, handsUnreadable: false };
  await assert.rejects(readers.read('payments', 0, 0, 1, how), {
    kind: 'unavailable',
    message: /CORRIDOR_KAFKA_CA_FILE/,
  });
  await readers.close();
});

test('the next broker is connected to where one is not to be trusted', async () => {
  let tried = 0;
  const cluster = {
    connect: async () => {
      tried += 1;
      if (tried % 2 === 1) throw unconnectable('self-signed certificate in certificate chain');
    },
    refreshMetadataIfNecessary: async () => {},
  };
  const link = openLink(settingsOf(cluster, 'one:1,two:2'));
  assert.equal(await link.run(async () => 'answered'), 'answered');
  assert.equal(tried, 2);
});

test('the start ends where none is to be trusted, and waits for one that may come', async (t) => {
  const tried: number[] = [];
  const peers = [0, 1].map((index) =>
    createServer((socket) => {
      tried.push(index);
      // A TLS alert: unexpected message.
      socket.on('error', () => {}).end(Buffer.from([0x15, 3, 3, 0, 2, 2, 10, 0]));
    }).listen(0, '127.0.0.1'),
  );
  t.after(() => peers.map((peer) => peer.close()));
  await Promise.all(peers.map((peer) => once(peer, 'listening')));
  const brokers = peers.map((peer) => `127.0.0.1:${(peer.address() as AddressInfo).port}`);
  const open = (...of: string[]) => openKafkaLog({ brokers: of, openPatienceMs: 300 });
  await assert.rejects(open(...brokers), { kind: 'optionsInvalid', message: /speaks TLS/ });
  assert.deepEqual(tried, [0, 1]);
  await assert.rejects(open(brokers[0] as string, '127.0.0.1:1'), { kind: 'unavailable' });
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
  const link = openLink(settingsOf(cluster));
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
