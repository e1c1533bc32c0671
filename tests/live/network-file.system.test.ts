/**
 * A network file that is not what the log was founded with stops every service at its start: exit
 * code 2, one line, nothing created. Without a founding a service waits for it, unready.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { poolInput, topicPlan } from '../../services/protocol/names/topic-plan.ts';
import {
  isControl,
  readControl,
  writeControl,
} from '../../services/protocol/records/input-record.ts';
import { startOwnBroker } from '../support/kafka-broker.ts';
import { liveNetwork, memoryLog, POOL, until } from '../support/live.ts';
import { scenarioFile } from '../support/run.ts';
import {
  contents,
  createStartWorld,
  type Env,
  founded,
  STARTED_SERVICES,
  type StartedService,
  spawnService,
} from '../support/startup.ts';
import { endWarmCorridor, warmCorridor } from '../support/warm-corridor.ts';

const world = createStartWorld();
after(async () => {
  await endWarmCorridor();
  world.remove();
});
const { good, file, prepared, refuse } = world;

const [main] = liveNetwork.pools;
assert.ok(main);
const [EUR, SGD] = main.currencies;
assert.ok(EUR && SGD);
const pools = (...named: object[]) => ({ pools: named });
const USD = { code: 'USD', minorUnits: 2 };

/** A second pool, founded a moment later with the same records but for its name. */
async function foundedTwice(log: Log): Promise<void> {
  const model = memoryLog();
  await founded(model);
  await log.createTopics(topicPlan([POOL, 'second'], [], liveNetwork.paymentPartitions));
  for (const pool of [POOL, 'second'])
    await log.produce(
      poolInput(pool),
      (await model.read(poolInput(POOL), 0, 0, 1_000)).map(({ value }) => ({
        key: pool,
        value: named(value, pool),
        headers: {},
      })),
    );
}

function named(value: Uint8Array, pool: string): Uint8Array {
  const control = isControl(value) ? readControl(value) : null;
  if (control?.kind !== 'genesis') return value;
  return writeControl({ ...control, pool, timeMs: control.timeMs + (pool === POOL ? 0 : 1) });
}

interface Row {
  readonly what: string;
  readonly founding: (log: Log) => Promise<void>;
  readonly file: object;
  readonly line: RegExp;
  readonly pool?: string;
}

const ROWS: readonly Row[] = [
  {
    what: 'a pool of another name',
    founding: founded,
    file: pools({ ...main, name: 'mian' }),
    line: /pool mian of the network file is none of network sandbox-1, which was founded with main: correct the names of pools in the network file, or name another log\n$/,
    pool: 'mian',
  },
  {
    what: 'a pool too many',
    founding: founded,
    file: pools(main, { name: 'second', currencies: [USD] }),
    line: /pool second of the network file is none of network sandbox-1, which was founded with main: /,
  },
  {
    what: 'a pool too few',
    founding: foundedTwice,
    file: {},
    line: /pool second of network sandbox-1 is not in the network file, which has main: add it, or name another log\n$/,
  },
  {
    what: 'pools in another order',
    founding: foundedTwice,
    file: pools({ ...main, name: 'second' }, main),
    line: /the network file has the pools second, main, and network sandbox-1 was founded with main, second: name them in that order, as the first takes what names no currency\n$/,
  },
  {
    what: 'another network',
    founding: founded,
    file: { network: 'sandbox-2' },
    line: /topic pool\.main\.input is the log of pool main of network sandbox-1, not of main of sandbox-2: name its own network file, or another log\n$/,
  },
  {
    what: 'another network and another pool',
    founding: founded,
    file: { network: 'sandbox-2', ...pools({ ...main, name: 'mian' }) },
    line: /topic pool\.main\.input is the log of pool main of network sandbox-1, not of main of sandbox-2: /,
    pool: 'mian',
  },
  {
    what: 'a currency too few',
    founding: founded,
    file: pools({ ...main, currencies: [EUR] }),
    line: /pool main has the currencies EUR in the network file, and was founded with EUR, SGD in topic pool\.main\.input: name those first, in that order\n$/,
  },
  {
    what: 'currencies in another order',
    founding: founded,
    file: pools({ ...main, currencies: [SGD, EUR] }),
    line: /pool main has the currencies SGD, EUR in the network file, and was founded with EUR, SGD/,
  },
  {
    what: 'a currency too many',
    founding: founded,
    file: pools({ ...main, currencies: [EUR, SGD, USD] }),
    line: /USD with 2 decimals and any amount in a payment is in pool main of the network file, and not in topic pool\.main\.input: take it out, or let the operator add it by a command `currency` first\n$/,
  },
  {
    what: 'other decimals',
    founding: founded,
    file: pools({ ...main, currencies: [EUR, { ...SGD, minorUnits: 3 }] }),
    line: /SGD of pool main has 2 decimals in topic pool\.main\.input, not 3: correct minorUnits in the network file\n$/,
  },
  {
    what: 'another maximum of a payment',
    founding: founded,
    file: pools({ ...main, currencies: [EUR, { ...SGD, maximumMinor: '500' }] }),
    line: /a payment in SGD of pool main may have any amount in topic pool\.main\.input, and at most 500 minor units in the network file: correct maximumMinor there\n$/,
  },
  {
    what: 'other partitions',
    founding: founded,
    file: { paymentPartitions: 7 },
    line: /topic payments exists with partitions 4, not 7: configure what exists, or start a new log\n$/,
  },
];

const environment = (log: string, { what, file: change, pool = POOL }: Row) => ({
  ...good(log),
  CORRIDOR_NETWORK_FILE: file(
    `${what.replaceAll(' ', '-')}.json`,
    JSON.stringify({ ...liveNetwork, ...change }),
  ),
  CORRIDOR_POOL: pool,
});

for (const [index, row] of ROWS.entries())
  test(`embedded log: ${row.what}`, async () => {
    const place = await prepared(row.founding);
    const before = await world.contentsOf(place);
    // All of them ask alike.
    const services =
      index === 0
        ? STARTED_SERVICES
        : ([STARTED_SERVICES[index % STARTED_SERVICES.length]!] as const);
    await refuse(environment(`embedded:${place}`, row), row.line, services);
    assert.equal(await world.contentsOf(place), before, 'nothing was begun');
  });

test('a currency that the operator added since belongs into the file', async (t) => {
  const place = await prepared(async (log) => {
    await founded(log);
    const value = writeControl({
      kind: 'currency',
      timeMs: Date.now(),
      currency: 'USD',
      minorUnits: 2,
    });
    await log.produce(poolInput(POOL), [{ key: POOL, value, headers: {} }]);
  });
  const file = pools({ ...main, currencies: [EUR, SGD, USD] });
  const env = environment(`embedded:${place}`, {
    what: 'added',
    founding: founded,
    file,
    line: /^/,
  });
  const service = await started(t, 'notifier', env);
  await until('it is ready', async () => (await service.readyz()).status === 200);
  await service.end();
});

/** A service's process that serves its probes. */
async function started(t: TestContext, service: StartedService, env: Env) {
  const child = spawnService(service, env, ['ignore', 'pipe', 'pipe']);
  t.after(() => child.kill('SIGKILL'));
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  let lines = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      lines += text;
    });
  const url = () => /"probes":"(http:[^"]+)"/.exec(lines)?.[1];
  await until(`it serves its probes`, () => url() !== undefined);
  return {
    lines: () => lines,
    async readyz() {
      const answer = await fetch(`${url()}/readyz`);
      return { status: answer.status, text: await answer.text() };
    },
    async end() {
      child.kill('SIGTERM');
      assert.equal(await closed, 0, lines);
    },
  };
}

const UNFOUNDED = /network sandbox-1 is not founded on this log: corridor found does that/;

test('embedded log: without a founding it waits, unready, and creates nothing', async (t) => {
  const place = await prepared(async () => {});
  const before = await world.contentsOf(place);
  const service = await started(t, 'notifier', good(`embedded:${place}`));
  await until('it says what it waits for', () => UNFOUNDED.test(service.lines()));
  const { status, text } = await service.readyz();
  assert.equal(status, 503);
  assert.match(text, UNFOUNDED);
  await service.end();
  assert.equal(await world.contentsOf(place), before, 'nothing was begun');
});

/** `corridor found` on an embedded log, into a folder of keys. */
const found = (log: string, data: string, name = 'smoke') =>
  warmCorridor('found', scenarioFile(name), '--log', `embedded:${log}`, '--data', data);

test('a network is founded again from its own folder alone', async () => {
  const [log, first, second] = [world.newFolder(), world.newFolder(), world.newFolder()];
  assert.equal((await found(log, first)).code, 0);
  assert.equal((await found(log, first)).code, 0);
  const before = await world.contentsOf(log);
  const rows: [string, RegExp][] = [
    [
      'smoke',
      /^corridor: pool main was founded with the operator key [0-9a-f]{64}, not [0-9a-f]{64}: name the folder of its founding, or another log\n$/,
    ],
    [
      'four-corridors',
      /^corridor: .*pool\.main\.input is the log of pool main of network sandbox-1|^corridor: pool main has the currencies/,
    ],
  ];
  for (const [name, line] of rows) {
    const { code, stderr } = await found(log, `${second}-${name}`, name);
    assert.equal(code, 2, stderr);
    assert.match(stderr, line);
    assert.equal(await world.contentsOf(log), before, 'nothing was begun');
  }
});

test('a log that cannot be opened, or has other topics, founds no network', async () => {
  const other = await prepared((log) =>
    log.createTopics([{ name: 'payments', partitions: 9, timestamps: 'append' }]),
  );
  const rows: [string, RegExp][] = [
    ['/proc/none', /^corridor: --log embedded:\/proc\/none: nothing can be written in .*: name a /],
    [other, /^corridor: topic payments exists with partitions 9, not 4: /],
  ];
  for (const [log, line] of rows) {
    const { code, stderr } = await found(log, world.newFolder());
    assert.equal(code, 2, stderr);
    assert.match(stderr, line);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  }
});

const broker = await startOwnBroker();
if ('skip' in broker) test('network files on Kafka', { skip: broker.skip }, () => {});
else {
  after(() => broker.kill());
  const connect = async (t: TestContext, prefix = '') => {
    const log = await openKafkaLog({ brokers: [broker.brokers], prefix });
    t.after(() => log.close());
    return log;
  };

  test('Kafka: without a founding it waits, unready, and goes on with it', async (t) => {
    const log = await connect(t);
    const service = await started(t, 'notifier', good(`kafka:${broker.brokers}`));
    await until('it says what it waits for', () => UNFOUNDED.test(service.lines()));
    const { status, text } = await service.readyz();
    assert.equal(status, 503);
    assert.match(text, UNFOUNDED);
    assert.deepEqual(await log.topics(), [], 'nothing was begun');
    await founded(log);
    await until('it is ready', async () => (await service.readyz()).status === 200);
    await service.end();
  });

  test('Kafka: a network file that is not what was founded', async (t) => {
    const log = await connect(t);
    const before = await contents(log);
    const rows = ROWS.filter(({ founding }) => founding === founded);
    for (const [index, row] of rows.entries()) {
      const services =
        index === 0
          ? STARTED_SERVICES
          : ([STARTED_SERVICES[index % STARTED_SERVICES.length]!] as const);
      await refuse(environment(`kafka:${broker.brokers}`, row), row.line, services, true);
    }
    assert.equal(await contents(log), before, 'nothing was begun');
  });

  test('Kafka: a signal while the broker is away ends a service well', async (t) => {
    const env = good(`kafka:${broker.brokers}`);
    const services = await Promise.all(
      (['clearing', 'verifier', 'notifier', 'gateway'] as const).map((name) =>
        started(t, name, env),
      ),
    );
    for (const { readyz } of services)
      await until('it has started', async () => !/founded|started/.test((await readyz()).text));
    await broker.kill();
    await Promise.all(services.map((service) => service.end()));
  });
}
