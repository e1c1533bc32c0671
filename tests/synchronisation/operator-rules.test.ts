import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventsFollower } from '../../services/live/events-follower.ts';
import type { LogPort, RunningService } from '../../services/live/service-context.ts';
import { readChainLeg, termsDigest } from '../../services/protocol/messages/chain.ts';
import { isRefusal } from '../../services/protocol/messages/document.ts';
import type { ChainLegInstruction } from '../../services/protocol/messages/instruction.ts';
import { CHAIN } from '../../services/protocol/messages/message-types.ts';
import { documentOf } from '../../services/protocol/messages/payload.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import {
  PAYMENTS,
  poolEvents,
  poolInput,
  topicPlan,
} from '../../services/protocol/names/topic-plan.ts';
import { askedOf } from '../../services/protocol/records/pre-validation.ts';
import { startSynchronisation } from '../../services/synchronisation/synchronisation-service.ts';
import { memoryLog, processOver, until } from '../support/live.ts';
import { OperatorProcess } from './random-two-pools.ts';
import {
  BANKS,
  bankOf,
  CURRENCIES,
  createPath,
  DATE,
  messageOf,
  NETWORK,
  OPERATOR,
  OPERATOR_SIGNATURE,
  type OwnPool,
  POOLS,
  type PoolName,
  SimulatedPool,
  START_MS,
  twoPoolTerms,
} from './simulated-pools.ts';

type Leg = Omit<ChainLegInstruction, 'termsDigest'>;
const [ALFA, BETA, GAMMA] = BANKS;

const legsOf = (terms: ReturnType<typeof twoPoolTerms>): Message[] =>
  terms.legs.map(({ debtorAgent: instructingAgent }, place) => {
    const leg: Leg = {
      ...{ ...terms, instructingAgent, legNumber: place + 1 },
      messageId: `${terms.chainId}-${place}`,
      uetr: `00000000-0000-4000-9000-${terms.chainId.padStart(11, '0')}${place}` as Uetr,
    };
    return bankOf(instructingAgent).chainLeg(leg, START_MS);
  });

/** Two pools, to which messages come. */
function createPools(own: Partial<Record<PoolName, OwnPool>> = {}) {
  const pools = POOLS.map((name) => new SimulatedPool(name, false, own[name]));
  const path = createPath();
  const deliver = async (message: Message, timeMs = START_MS) => {
    const { pool, value } = await path(message, timeMs);
    pools.find(({ name }) => name === pool)?.append(value);
  };
  const kindsOf = (place: number) => pools[place]?.events.map(({ kind }) => kind) ?? [];
  return { pools, deliver, kindsOf };
}

test('a corridor is judged by the legs of both pools, in both', () => {
  const rule = {
    ...{ from: 'DE', to: 'US', currency: 'EUR', desk: 'DESKDE00' as Bic },
    ...{ creditorAgent: false, withinMs: 60_000 },
  };
  const terms = twoPoolTerms('1');
  terms.legs = [
    { debtorAgent: 'ALFADE00' as Bic, creditorAgent: BETA, code: 'EUR', minor: 10n },
    { debtorAgent: BETA, creditorAgent: 'GAMMUS00' as Bic, code: 'CNY', minor: 20n },
  ];
  for (const { value } of legsOf(terms)) {
    const document = documentOf(CHAIN, value);
    const desks = askedOf(document, [rule])?.policy?.groups.flatMap(({ attestors }) => attestors);
    assert.deepEqual(desks, ['DESKDE00']);
    assert.equal(askedOf(document, [{ ...rule, to: 'CN' }])?.policy, null);
  }
});

test('who carries over has the role for it: a bank in its place is refused', async () => {
  const { deliver, kindsOf, pools } = createPools();
  for (const leg of legsOf(twoPoolTerms('1', GAMMA))) await deliver(leg);
  // BETA's leg credits GAMMA, which makes it an agent: refused before. ALFA's is not.
  const terms = twoPoolTerms('2', GAMMA);
  terms.legs = terms.legs.map((leg, place) =>
    place === 1 ? { ...leg, creditorAgent: ALFA } : leg,
  );
  for (const leg of legsOf(terms)) await deliver(leg);
  for (const place of [0, 1]) {
    assert.ok(!kindsOf(place).includes('matched'), POOLS[place]);
    const last = pools[place]?.events.at(-1);
    assert.equal(last?.kind, 'rejected');
    assert.equal('reason' in last && last.reason, 'formatInvalid');
  }
  for (const leg of legsOf(twoPoolTerms('3'))) await deliver(leg);
  assert.ok(kindsOf(1).includes('promised'));
});

test('orders to the two pools have ids of their own, though both legs 1 have one position', async () => {
  const { pools, deliver, kindsOf } = createPools();
  const operator = new OperatorProcess(pools);
  const ids = new Set<string>();
  for (const leg of legsOf(twoPoolTerms('1'))) await deliver(leg);
  for (let turn = 0; turn < 3; turn += 1) {
    for (const name of POOLS) operator.read(name, Number.POSITIVE_INFINITY);
    for (const order of operator.due(START_MS)) {
      ids.add(order.id);
      await deliver(messageOf(order, START_MS));
    }
  }
  const positions = pools.map(({ events }) => events.find(({ kind }) => kind === 'matched'));
  assert.equal(positions[0]?.position, positions[1]?.position, 'both have one position');
  assert.equal(ids.size, 2);
  for (const place of [0, 1]) assert.ok(kindsOf(place).includes('settled'), POOLS[place]);
});

test('a condition of a chain over two pools has to have a deadline', () => {
  for (const deadline of [null, '14:00:00Z']) {
    const groups = [{ threshold: 1, attestors: [GAMMA] }];
    const condition = { groups, threshold: 1, deadline, onSilence: 'release' as const };
    const [leg] = legsOf({ ...twoPoolTerms('1'), condition } as ReturnType<typeof twoPoolTerms>);
    const read = readChainLeg(documentOf(CHAIN, leg?.value as Uint8Array), CURRENCIES, NETWORK);
    const expected = deadline === null ? '/Chn/Cond/Ddln' : null;
    assert.equal(isRefusal(read) ? read.path : null, expected);
  }
});

/** The operator reads both pools and says what is due, until nothing is. @returns how much it said */
async function carriedOver(
  { pools, deliver }: ReturnType<typeof createPools>,
  nowMs: number,
): Promise<number> {
  const operator = new OperatorProcess(pools);
  for (let said = 0; ; said += 1) {
    for (const name of POOLS) operator.read(name, Number.POSITIVE_INFINITY);
    const [order] = operator.due(nowMs);
    if (!order || said === 8) return said;
    await deliver(messageOf(order, nowMs), nowMs);
  }
}

test('a promise without a home is released once the expiry has passed, though nothing else happens at home', async () => {
  const network = createPools();
  const [, other] = legsOf(twoPoolTerms('1'));
  await network.deliver(other as Message);
  assert.ok(network.kindsOf(1).includes('promised'));
  const endMs = Date.parse(`${DATE}T15:00:00Z`);
  assert.equal(await carriedOver(network, endMs - 1), 0);
  // It asks home, whose answer has a time, and refuses by that.
  assert.equal(await carriedOver(network, endMs), 2);
  assert.equal(network.pools[0]?.events.at(-1)?.kind, 'rejected');
  assert.equal(network.kindsOf(1).at(-1), 'cancelled');
  network.pools[1]?.checkConserved();
});

test('a decision that finds no room for its id waits for it, and then settles what was promised', async () => {
  // The other pool has room for its leg and one more message, which BETA's record takes.
  const network = createPools({ east: { identities: 2 } });
  const record = {
    id: 'R-1',
    sender: BETA,
    verdict: 'recorded',
    digest: new Uint8Array(32),
  } as const;
  const said = { ...record, chain: null, recordKind: 'note', currency: 'CNY' };
  await network.deliver(bankOf(BETA).attestation(said, START_MS, START_MS));
  for (const leg of legsOf(twoPoolTerms('1'))) await network.deliver(leg);
  assert.ok(network.kindsOf(1).includes('promised'));
  assert.equal(await carriedOver(network, START_MS), 8);
  const last = network.pools[1]?.events.at(-1);
  assert.deepEqual(
    [network.kindsOf(0).includes('settled'), last && 'reason' in last && last.reason],
    [true, 'limitReached'],
  );
  // The ids of a date are forgotten behind it.
  for (let day = 1; day <= 7; day += 1) {
    const [timeMs, date] = [START_MS + day * 86_400_000, `2026-03-${16 + day}`];
    const before = `2026-03-${15 + day}`;
    network.pools[1]?.control({ kind: 'close', timeMs, currency: 'CNY', date: before });
    const closesAtMs = timeMs + 3_600_000;
    network.pools[1]?.control({ kind: 'open', timeMs, currency: 'CNY', date, closesAtMs });
  }
  assert.ok(!network.kindsOf(1).includes('settled'));
  await carriedOver(network, START_MS + 7 * 86_400_000);
  assert.ok(network.kindsOf(1).includes('settled'));
  network.pools[1]?.checkConserved();
});

/**
 * The operator's service over the inputs and events of two simulated pools, to which all comes that it says. Between any
 * two of its passes west can get another event, so that there is always something new.
 */
async function operatorOver(
  { pools, deliver }: ReturnType<typeof createPools>,
  isBusy: boolean,
): Promise<{ readonly service: RunningService; readonly lines: string[]; reads(): number }> {
  const memory = memoryLog();
  await memory.createTopics(topicPlan(POOLS, [], 1));
  const followers = new Map(POOLS.map((name) => [name, new EventsFollower(name)]));
  const written = new Map<string, number>();
  const write = async () => {
    for (const { name, inputs, eventBytes } of pools)
      for (let at = written.get(name) ?? 0; at < inputs.length; at += 1) {
        written.set(name, at + 1);
        const value = inputs[at] as Uint8Array;
        await memory.produce(poolInput(name), [{ key: null, headers: {}, value }]);
        const told = followers.get(name)?.messages(eventBytes[at] as Uint8Array) ?? [];
        if (told.length > 0) await memory.produce(poolEvents(name), told);
      }
  };
  await write();
  let reads = 0;
  const log: LogPort = {
    ...memory,
    async read(topic, partition, from, count, options) {
      reads += 1;
      if (isBusy && topic === poolEvents('west')) {
        // The log in memory answers at once: nothing else would ever run.
        await new Promise<void>((resolve) => setImmediate(resolve));
        const more = { kind: 'issue', bic: ALFA, currency: 'EUR', amountMinor: '1' } as const;
        pools[0]?.control({ ...more, timeMs: START_MS });
        await write();
      }
      return memory.read(topic, partition, from, count, options);
    },
    async produce(topic, messages) {
      assert.equal(topic, PAYMENTS);
      for (const message of messages) await deliver(message);
      await write();
      return [];
    },
  };
  const lines: string[] = [];
  const context = processOver(memory).context('synchronisation');
  const logger = {
    ...context.logger,
    info() {},
    warn() {},
    error: (_: object, text: string) => lines.push(text),
  };
  const service = await startSynchronisation(
    { ...context, log, logger, nowMs: () => START_MS },
    { ...OPERATOR_SIGNATURE, pools: POOLS, currencies: CURRENCIES },
  );
  return { service, lines, reads: () => reads };
}

test('while a pool has something new at each pass, what is due is said all the same', async () => {
  const network = createPools();
  for (const leg of legsOf(twoPoolTerms('1'))) await network.deliver(leg);
  const { service, reads } = await operatorOver(network, true);
  const isSettled = () => [0, 1].every((place) => network.kindsOf(place).includes('settled'));
  await until(
    'both pools have settled, or the operator has read in vain',
    () => isSettled() || reads() > 2_000,
  );
  await service.stop();
  assert.ok(isSettled());
});

test('a chain that one pool settled alone is told, at each start, and other chains go on', async () => {
  const network = createPools();
  const terms = twoPoolTerms('1');
  for (const leg of legsOf(terms)) await network.deliver(leg);
  const digest = termsDigest(NETWORK, terms);
  // Who has the operator's key breaks its rules.
  for (const [id, verdict, currency] of [
    ['E-1', 'accepted', 'CNY'],
    ['E-2', 'refused', 'EUR'],
  ] as const) {
    const chain = { settlementDate: DATE, legCount: 1, validUntilMs: null, reason: null };
    const said = { id, sender: OPERATOR, verdict, digest, chain, recordKind: null, currency };
    await network.deliver(bankOf(OPERATOR).attestation(said, START_MS, START_MS));
  }
  for (const chainId of ['2', '3']) {
    for (const leg of legsOf(twoPoolTerms(chainId))) await network.deliver(leg);
    const { service, lines } = await operatorOver(network, false);
    const settled = () =>
      [0, 1].map((place) => network.kindsOf(place).filter((kind) => kind === 'settled').length);
    const both = Number(chainId) - 1;
    const failed = service.done.then(
      () => null,
      (error: Error) => error,
    );
    await Promise.race([
      failed.then((error) => assert.ifError(error)),
      until('the other chain has settled', () => String(settled()) === String([both, both + 1])),
    ]);
    await service.stop();
    assert.deepEqual(lines, ['a chain settled in one pool alone']);
  }
});
