/**
 * Bad input to any service stops it at start: exit code 2, one line that says what to do, and nothing
 * begun: no topic created, no record written. A broker that is away may be back: exit code 1.
 */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Database from 'libsql';
import { secretKeyPem } from '../../services/core/verification/signing.ts';
import { connectClickHouse } from '../../services/platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../../services/platform/clickhouse/embedded.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import type { Log } from '../../services/platform/log/log.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { PARTICIPANTS, poolInput, topicPlan } from '../../services/protocol/names/topic-plan.ts';
import {
  isControl,
  readControl,
  writeControl,
} from '../../services/protocol/records/input-record.ts';
import { participantMessage } from '../../services/protocol/records/participant-message.ts';
import { RULES_VERSION } from '../../services/protocol/records/rules-version.ts';
import { signerOf } from '../faults/traffic.ts';
import { freePorts } from '../support/free-ports.ts';
import { startOwnBroker } from '../support/kafka-broker.ts';
import { liveNetwork, memoryLog, POOL, scenario } from '../support/live.ts';
import { createStartWorld, type Env, founded, STARTED_SERVICES } from '../support/startup.ts';

const world = createStartWorld();
after(() => world.remove());
const { folder, good, file, newFolder, prepared, refuse } = world;

/** What the first record of a pool says, changed. */
async function genesisWith(change: object): Promise<(log: Log) => Promise<void>> {
  const model = memoryLog();
  await founded(model);
  const [first] = await model.read(poolInput(POOL), 0, 0, 1);
  assert.ok(first && isControl(first.value));
  const value = writeControl({ ...readControl(first.value), ...change } as never);
  return async (log) => {
    await log.createTopics(topicPlan([POOL], [], liveNetwork.paymentPartitions));
    await log.produce(poolInput(POOL), [{ key: POOL, value, headers: {} }]);
  };
}

test('no broker at the address, or no such address', async () => {
  const [port = 0] = await freePorts(1);
  const line =
    /CORRIDOR_LOG=kafka:127\.0\.0\.1:\d+: no Kafka answers at .*: start it, correct the address, or try later\n$/;
  const nowhere = good('kafka:no-such-broker.invalid:9092');
  // Each tries for ten seconds.
  await Promise.all([
    refuse(good(`kafka:127.0.0.1:${port}`), line, STARTED_SERVICES, true, 1),
    refuse(nowhere, /no Kafka answers at no-such-broker\.invalid:9092/, ['clearing'], true, 1),
  ]);
});

test('an embedded log that is not there, which a service does not begin', async () => {
  const place = newFolder();
  await refuse(
    good(`embedded:${place}/deeper`),
    /CORRIDOR_LOG=embedded:.*\/deeper: expected a folder with log\.sqlite, .*`corridor found` made\n$/,
    ['clearing', 'verifier', 'gateway'],
  );
  assert.ok(!existsSync(place));
});

test('files of keys that are missing', async () => {
  const env = good(`embedded:${await prepared(async () => {})}`);
  const kafka = good('kafka:127.0.0.1:1');
  for (const name of ['CA', 'CERT', 'KEY'])
    await refuse(
      { ...kafka, [`CORRIDOR_KAFKA_${name}_FILE`]: '/none' },
      new RegExp(`CORRIDOR_KAFKA_${name}_FILE=/none: ENOENT`),
      name === 'KEY' ? STARTED_SERVICES : ['clearing'],
      true,
    );
  const secret = { ...env, CORRIDOR_SECRET_KEY_FILE: '/none' };
  await refuse(secret, /CORRIDOR_SECRET_KEY_FILE=\/none: ENOENT/, ['bank']);
  const witness = {
    ...{ ...env, CORRIDOR_WITNESS_GATEWAY: 'http://127.0.0.1:1' },
    CORRIDOR_WITNESS_KEY_FILE: file('witness.pem', secretKeyPem(new Uint8Array(32).fill(8))),
    CORRIDOR_WITNESS_FOLDER: join(folder, 'witness'),
  };
  for (const [change, line] of [
    [{ CORRIDOR_WITNESS_KEY_FILE: '/none' }, /CORRIDOR_WITNESS_KEY_FILE=\/none: ENOENT/],
    [
      { CORRIDOR_WITNESS_FOLDER: witness.CORRIDOR_WITNESS_KEY_FILE },
      /CORRIDOR_WITNESS_FOLDER=.*witness\.pem: ENOTDIR/,
    ],
    [{ CORRIDOR_WITNESS_NAME: 'a b' }, /CORRIDOR_WITNESS_NAME=a b: expected .* without a scheme/],
  ] as const)
    await refuse({ ...witness, ...change }, line, ['bank']);
  const password = { ...env, CORRIDOR_CLICKHOUSE_PASSWORD_FILE: '/none' };
  await refuse(password, /CORRIDOR_CLICKHOUSE_PASSWORD_FILE=\/none: ENOENT/, ['metrics']);
  const model = file('model.json', '{"format":"corridor.watch-model.1","features":["amount"]}');
  for (const [named, line] of [
    ['/none', /CORRIDOR_WATCH_MODEL_FILE=\/none: ENOENT/],
    [model, /CORRIDOR_WATCH_MODEL_FILE=.*model\.json: features amount: expected amountToCurrency,/],
  ] as const)
    await refuse({ ...env, CORRIDOR_WATCH_MODEL_FILE: named }, line, ['metrics']);
});

test('a network file of another form', async () => {
  const env = good(`embedded:${newFolder()}`);
  const other = file('other.json', JSON.stringify({ ...liveNetwork, version: 2 }));
  await refuse(
    { ...env, CORRIDOR_NETWORK_FILE: other },
    /CORRIDOR_NETWORK_FILE=.*other\.json: \/ must NOT have additional properties/,
    STARTED_SERVICES,
    true,
  );
});

test('a log of another format', async () => {
  const place = await prepared(async () => {});
  const database = new Database(join(place, 'log.sqlite'));
  database.exec('PRAGMA user_version = 9');
  database.close();
  await refuse(
    good(`embedded:${place}`),
    /CORRIDOR_LOG=embedded:.* has format 9, this version reads 2 and 3: use the version that wrote it/,
  );
});

test('a pool of other rules, of another network, or no pool at all', async () => {
  const rows: [(log: Log) => Promise<void>, RegExp][] = [
    [
      await genesisWith({ rulesVersion: RULES_VERSION + 1 }),
      /was begun under rules version \d+; this program applies \d+: use the version/,
    ],
    [
      await genesisWith({ network: 'elsewhere-1' }),
      /is the log of pool main of network elsewhere-1, not of main of sandbox-1/,
    ],
    [await genesisWith({ kind: 'tick' }), /does not begin with a genesis: it is no pool's log/],
  ];
  for (const [index, [prepare, line]] of rows.entries()) {
    const place = await prepared(prepare);
    const before = await world.contentsOf(place);
    await refuse(good(`embedded:${place}`), line, index === 0 ? STARTED_SERVICES : ['clearing']);
    assert.equal(await world.contentsOf(place), before, 'nothing was begun');
  }
});

test('a bank that no notifier has announced, or with a key that is not its own, and who is no operator between pools', async () => {
  const place = await prepared(founded);
  const env = good(`embedded:${place}`);
  await refuse(
    env,
    /CORRIDOR_BIC=ALFADE00: network sandbox-1 has announced no participants yet: found it, start clearing and notifier, then this bank/,
    ['bank'],
  );
  await refuse(
    env,
    /CORRIDOR_BIC=ALFADE00: must be a participant of the role synchronisationOperator in pool main, not bank: /,
    ['synchronisation'],
  );
  const log = openEmbeddedLog({ folder: place });
  const publicKey = Buffer.from(signerOf(scenario, 'ALFADE00').publicKey).toString('hex');
  const key = { bic: 'ALFADE00' as Bic, name: 'Alfa', role: 'bank', publicKey } as const;
  await log.produce(PARTICIPANTS, [
    participantMessage({ ...key, keyId: 'key-1', state: 'registered' }),
    participantMessage({ ...key, keyId: 'key-0', state: 'revoked' }),
  ]);
  await log.close();
  const rows: [Env, RegExp][] = [
    [{ CORRIDOR_BIC: 'NOBODE00' }, /CORRIDOR_BIC=NOBODE00: no participant of network sandbox-1/],
    [{}, /CORRIDOR_SECRET_KEY_FILE=.*: is not the key key-1 that ALFADE00 has registered/],
    [{ CORRIDOR_KEY_ID: 'key-9' }, /CORRIDOR_KEY_ID=key-9: expected a key of ALFADE00: key-1\n/],
    [{ CORRIDOR_KEY_ID: 'key-0' }, /CORRIDOR_KEY_ID=key-0: expected a key of ALFADE00: key-1\n/],
  ];
  for (const [change, line] of rows) await refuse({ ...env, ...change }, line, ['bank']);
});

test('an analysis store with another password, or whose schema is of another version', async () => {
  const place = join(folder, 'clickhouse');
  const server = await startEmbeddedClickHouse({ folder: place });
  try {
    const client = connectClickHouse(server);
    await client.command({
      query:
        'CREATE TABLE schema_migrations (file String, sha256 String, applied_at DateTime64(3) DEFAULT now64(3)) ENGINE = MergeTree ORDER BY file',
    });
    await client.insert({
      table: 'schema_migrations',
      values: [{ file: '999_later.sql', sha256: '' }],
      format: 'JSONEachRow',
    });
    await client.close();
    const env = {
      ...good(`embedded:${await prepared(founded)}`),
      CORRIDOR_CLICKHOUSE_URL: server.url,
      CORRIDOR_CLICKHOUSE_USER: server.username,
      CORRIDOR_CLICKHOUSE_PASSWORD_FILE: file('store-password', server.password),
    };
    const wrong = { ...env, CORRIDOR_CLICKHOUSE_PASSWORD_FILE: file('wrong', 'hushhush') };
    const line = /CORRIDOR_CLICKHOUSE_URL=http.*: refuses corridor: .*[Aa]uthentication failed/;
    await refuse(wrong, line, ['metrics']);
    await refuse(env, /this database has 999_later\.sql, which this version does not know/, [
      'metrics',
    ]);
  } finally {
    await server.stop();
  }
});

test('folders that cannot be made or written', async () => {
  const inTheWay = file('in-the-way', '');
  const env = good(`embedded:${await prepared(founded)}`);
  // What root may not do either.
  for (const place of [
    '/proc/none',
    '/proc/self/none/deeper',
    '/sys/none',
    '/sys/kernel',
    inTheWay,
    `${inTheWay}/x`,
  ]) {
    const line = (name: string) =>
      new RegExp(
        `${name}${place}: .*(ENOENT|EACCES|EPERM|EROFS|ENOTDIR|expected a folder with log)`,
      );
    const snapshots = { ...env, CORRIDOR_SNAPSHOT_FOLDER: place };
    await refuse(snapshots, line('CORRIDOR_SNAPSHOT_FOLDER='), ['clearing']);
    const log = { ...env, CORRIDOR_LOG: `embedded:${place}` };
    await refuse(log, line('CORRIDOR_LOG=embedded:'), ['notifier']);
  }
});

test('a port that is in use', async (t) => {
  const taken = createServer();
  t.after(() => taken.close());
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', () => resolve()));
  const port = String((taken.address() as { port: number }).port);
  const env = good(`embedded:${await prepared(founded)}`);
  const line = (name: string) => new RegExp(`${name}=${port}: 127.0.0.1 has no such port free`);
  await refuse({ ...env, CORRIDOR_HTTP_PORT: port }, line('CORRIDOR_HTTP_PORT'), ['notifier']);
  const gateway = { ...env, CORRIDOR_GATEWAY_PORT: port };
  await refuse(gateway, line('CORRIDOR_GATEWAY_PORT'), ['gateway']);
});

/** A topic that exists with other partitions than the network's. */
const otherPartitions = [
  {
    name: 'payments',
    partitions: liveNetwork.paymentPartitions + 1,
    timestamps: 'append' as const,
  },
];
const partitionsLine =
  /topic payments exists with partitions 5, not 4: configure what exists, or start/;

test('a topic with the wrong number of partitions: embedded log', async () => {
  const place = await prepared((log) => log.createTopics(otherPartitions));
  const before = await world.contentsOf(place);
  await refuse(good(`embedded:${place}`), partitionsLine);
  assert.equal(await world.contentsOf(place), before, 'nothing was begun');
});

const broker = await startOwnBroker();
if ('skip' in broker)
  test('a topic with the wrong number of partitions: Kafka', { skip: broker.skip }, () => {});
else {
  after(() => broker.kill());
  test('a topic with the wrong number of partitions: Kafka', async (t) => {
    const log = await openKafkaLog({ brokers: [broker.brokers] });
    t.after(() => log.close());
    await log.createTopics(otherPartitions);
    const before = await log.topics();
    await refuse(good(`kafka:${broker.brokers}`), partitionsLine, STARTED_SERVICES, true);
    assert.deepEqual(await log.topics(), before, 'nothing was begun');
  });
}
