/**
 * Kill -9 on a real Apache Kafka: every service is a process of its own, and each is killed at one
 * named point after another and started again while the others go on and payments keep coming, over
 * Kafka and over HTTP. At the end everything that was sent is where it belongs, once.
 *
 * With CORRIDOR_FAULT_SEED=<seed> one seed runs alone; with CORRIDOR_LONG_TESTS every point does.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createClearing } from '../../services/clearing/clearing.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { connectClickHouse } from '../../services/platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../../services/platform/clickhouse/embedded.ts';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { coreModule } from '../../services/platform/service/shipped-files.ts';
import { QUOTE_USE } from '../../services/protocol/messages/quote-use.ts';
import { RESOLUTION } from '../../services/protocol/messages/resolution-and-receipt.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import {
  PARTICIPANTS,
  PAYMENTS,
  PAYMENTS_REJECTED,
  poolEvents,
  poolInput,
} from '../../services/protocol/names/topic-plan.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import { freePorts } from '../support/free-ports.ts';
import { randomPrefix, removeTopics, sharedBrokers } from '../support/kafka-broker.ts';
import { load } from '../support/run.ts';
import type { ChildOrders, CrashOrder, Role } from './child-orders.ts';
import { CRASH_POINTS, FIRST_POINTS, plan } from './crash-points.ts';
import {
  chainsAndAttestations,
  NODE_PEM,
  orderUetr,
  post,
  registerKey,
  returnsAndQuotes,
  stranger,
} from './fault-network.ts';
import {
  checkChainsTold,
  checkPayments,
  checkReturnsAndQuotes,
  checkRows,
  fatesMissing,
} from './nothing-lost-or-twice.ts';
import { type Life, live } from './start-child-process.ts';
import { checkPool, eventsSoFar, readAll } from './topics-against-replay.ts';
import { FaultBanks, idsInPayments } from './traffic.ts';

type Points = Readonly<Record<Role, readonly string[]>>;

const EVERY_POINT: Points = { ...CRASH_POINTS, operator: FIRST_POINTS };

/** Where most was lost or doubled in systems like this: between an effect and the note of it. */
const TELLING_POINTS: Points = {
  verifier: ['verifier.beforeOutputs', 'verifier.afterInput', 'verifier.beforeCommit'],
  clearing: [
    'clearing.beforeEvents',
    'clearing.afterEvents',
    'snapshot.beforeRename',
    'clearing.afterSnapshot',
  ],
  notifier: ['notifier.beforeStatuses', 'notifier.afterDeliveries', 'notifier.beforeCommit'],
  metrics: ['metrics.afterBegin', 'metrics.afterInsert', 'metrics.beforeDone'],
  bank: ['bank.afterPayments'],
  gateway: ['gateway.beforePayments', 'gateway.afterPayments'],
  operator: ['operator.afterDays'],
};

const isLong = process.env.CORRIDOR_LONG_TESTS !== undefined;
const only = process.env.CORRIDOR_FAULT_SEED;
const SEEDS = only ? [Number(only)] : isLong ? [1, 2, 3] : [1];
const POINTS = isLong ? EVERY_POINT : TELLING_POINTS;
const COUNT = Object.values(POINTS).flat().length;
/** A process that is not killed within this time waits for a point that it does not reach. */
const LIFE_MS = 120_000;
const END_MS = 60_000;
/** Payments that are sent in one go, and the bank's own orders. */
const ROUND = 12;
const ROUND_MS = 200;
/** Rounds that there are however soon the kills are over: of each kind of chain several begin in them. */
const ROUNDS_MIN = 20;
/**
 * Between the rounds after them. What two partitions hold has no order where it is taken late: on a slow machine a
 * chain may be refused before its money is set aside, each time, until the services have caught up.
 */
const LATE_ROUND_MS = 1_000;
const ORDERS = 20;

const scenario = load('smoke');
const network = networkOf(scenario);
const core = coreModule();
const brokers = await sharedBrokers();

/** Fails, with what is awaited, where it takes longer. */
async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = pause(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what}: not within ${ms / 1000} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}

/** One service: killed at each of its points, then started once more. */
class Player {
  readonly role: Role;
  readonly #base: Omit<ChildOrders, 'roles'>;
  #life: Life | undefined;
  #isOver = false;

  constructor(role: Role, base: Omit<ChildOrders, 'roles'>) {
    this.role = role;
    this.#base = base;
  }

  async play(crashes: readonly CrashOrder[]): Promise<void> {
    for (const crash of crashes) {
      if (this.#isOver) return;
      this.#life = live({ ...this.#base, roles: [this.role], crash });
      const { how, stderr } = await within(LIFE_MS, crash.point, this.#life.over);
      assert.equal(how, 'SIGKILL', `at ${crash.point}: ended with ${how} ${stderr}`);
    }
    if (!this.#isOver) this.#life = live({ ...this.#base, roles: [this.role] });
  }

  /** It handles what there is, and ends. */
  async end(): Promise<void> {
    this.#life?.child.stdin?.end();
    const over = this.#life?.over ?? Promise.resolve({ how: '0', stderr: '' });
    const ended = await within(END_MS, `the end of ${this.role}`, over);
    assert.deepEqual(ended, { how: '0', stderr: '' }, this.role);
  }

  kill(): void {
    this.#isOver = true;
    this.#life?.child.kill('SIGKILL');
  }
}

/** A network's beginning is reached once, in this order; all else as the seed has it. */
const crashesOf = (role: Role, seed: number): CrashOrder[] =>
  role === 'operator'
    ? POINTS.operator.map((point) => ({ point, times: 1 }))
    : plan(POINTS[role], seed);

/**
 * Sends payments, half over HTTP, and now and then what nobody sent, until it is told to end and all that
 * returns, quotes and chains come to has happened, or until the signal says that nobody will take them any more.
 */
function startTraffic(log: Log, seed: number, url: string, given: AbortSignal) {
  const date = new Date().toISOString().slice(0, 10);
  const banks = new FaultBanks({ scenario, seed, count: 0, date });
  const pool = scenario.pools[0]!.name;
  let ending = false;
  let sent = 0;
  const loop = async () => {
    const isOver = async (round: number) =>
      given.aborted ||
      (ending && round >= ROUNDS_MIN && fatesMissing(await eventsSoFar(log, pool)).length === 0);
    for (let round = 0; !(await isOver(round)); round++) {
      await registerKey(log, scenario.network, pool, round);
      await log.produce(PAYMENTS, [stranger(banks.messages(0)[0] as Message)]);
      await log.produce(PAYMENTS, [
        ...returnsAndQuotes(scenario, seed, round, date),
        ...chainsAndAttestations(scenario, seed, round, date),
      ]);
      for (let index = sent; index < sent + ROUND; index++)
        if (index % 2 === 0) await log.produce(PAYMENTS, banks.messages(index));
        else await post(url, () => banks.messages(index)[0] as Message, given);
      sent += ROUND;
      await pause(round < ROUNDS_MIN ? ROUND_MS : LATE_ROUND_MS);
    }
    return sent;
  };
  const done = loop();
  done.catch(() => {});
  return {
    done,
    end() {
      ending = true;
      return done;
    },
  };
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + LIFE_MS; !(await isSo()); await pause(100))
    assert.ok(Date.now() < deadline, `${what}: not within ${LIFE_MS / 1000} s`);
}

const kafka = brokers;
if ('skip' in kafka) test('kill -9 on Kafka', { skip: kafka.skip }, () => {});
else
  for (const seed of SEEDS)
    test(`kill -9 of every service on Kafka, ${COUNT} points, seed ${seed}`, (t) =>
      run(t, kafka, seed));

async function run(t: TestContext, brokers: readonly string[], seed: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-kafka-faults-'));
  const prefix = randomPrefix();
  const log = await openKafkaLog({ brokers, prefix });
  const clickHouse = await startEmbeddedClickHouse({ folder: join(folder, 'clickhouse') });
  const client = connectClickHouse(clickHouse);
  const [port = 0] = await freePorts(1);
  const base = {
    log: { kind: 'kafka' as const, brokers, prefix },
    snapshots: join(folder, 'snapshots'),
    snapshotRecords: 40,
    seed,
    date: new Date().toISOString().slice(0, 10),
    orders: ORDERS,
    clickHouse,
    port,
  };
  const players = new Map(
    [...Object.keys(POINTS), 'verifier 2'].map((name) => {
      const role = name.split(' ')[0] as Role;
      return [name, new Player(role, base)];
    }),
  );
  const play = (name: Role) => players.get(name)!.play(crashesOf(name, seed));
  const given = new AbortController();
  try {
    const ground = [play('operator'), play('clearing'), play('notifier')];
    // A sender is known once its key has come to where verifiers learn it.
    const known = until('participants', async () => {
      const keys = await log.endOffset(PARTICIPANTS, 0).catch(() => 0);
      return keys >= scenario.participants.length;
    });
    await Promise.race([known, Promise.all(ground).then(() => known)]);
    // A second verifier is never killed: what the first had in hand goes over to it.
    await players.get('verifier 2')!.play([]);
    const others = [play('verifier'), play('metrics'), play('bank'), play('gateway')];
    const traffic = startTraffic(log, seed, `http://127.0.0.1:${port}`, given.signal);
    await Promise.race([Promise.all([...ground, ...others]), traffic.done]);
    const count = await within(LIFE_MS, 'the end of the traffic', traffic.end());
    await finish(log, players, seed);
    await check(t, log, client, seed, count);
  } finally {
    given.abort();
    for (const player of players.values()) player.kill();
    await client.close();
    await clickHouse.stop();
    await log.close();
    await removeTopics(brokers, [prefix]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Those upstream end first, so that the others know when they have everything. */
async function finish(log: Log, players: Map<string, Player>, seed: number): Promise<void> {
  const orders = Array.from({ length: ORDERS }, (_, index) => orderUetr(seed, index));
  await until('the orders of the bank are sent', async () => {
    const ids = await idsInPayments(log, network.paymentPartitions);
    return orders.every((uetr) => ids.has(uetr));
  });
  for (const upstream of ['gateway', 'operator']) await players.get(upstream)!.end();
  await Promise.all(['verifier', 'verifier 2'].map((name) => players.get(name)!.end()));
  // A writer that stands by for the moment may end with events that it has not written.
  await until('the topic has every event', () => isCleared(log));
  for (const name of ['clearing', 'notifier', 'metrics', 'bank']) await players.get(name)!.end();
}

/** Whether the events topic ends where a replay of the input, which grows no more, ends. */
async function isCleared(log: Log): Promise<boolean> {
  const { name } = network.pools[0]!;
  const inputs = (await readAll(log, poolInput(name))).map(({ logOffset, value }) => ({
    position: logOffset,
    value,
  }));
  const { digestAfter } = createClearing(createSettlement(core.module)).apply(inputs);
  const end = await log.endOffset(poolEvents(name), 0);
  const [last] = await log.read(poolEvents(name), 0, Math.max(0, end - 1), 1);
  return last?.headers.digestafter === digestAfter;
}

async function check(
  t: TestContext,
  log: Log,
  client: ReturnType<typeof connectClickHouse>,
  seed: number,
  count: number,
): Promise<void> {
  const { name } = network.pools[0]!;
  const history = await checkPool(log, core.module, network.network, name, NODE_PEM);
  assert.ok(history.signedMessages > 1, 'the node signed');
  const orders = Array.from({ length: ORDERS }, (_, index) => orderUetr(seed, index));
  checkPayments([history], seed, count, orders);
  checkReturnsAndQuotes(history);
  checkChainsTold(history);
  for (const type of [QUOTE_USE, RESOLUTION])
    assert.ok(history.told.has(type), `${type} was told through the kills`);
  await checkRows(client, [history]);
  assert.ok((await log.endOffset(PAYMENTS_REJECTED, 0)) > 0, 'messages of nobody');
  t.diagnostic(`${count} payments, ${history.repeatedMessages} messages of events written twice`);
}
