/**
 * Each message delivered 1 to 10 times, in any order that a partition allows: no identity settles
 * twice, and where liquidity suffices for all the final balances are those of each message once.
 */
import assert from 'node:assert/strict';
import type { LogPort } from '../../services/live/service-context.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { sharedBrokers } from '../support/kafka-broker.ts';
import {
  banksOf,
  core,
  liveNetwork,
  memoryLog,
  POOL,
  scenario,
  startNetwork,
} from '../support/live.ts';
import { bankAs, CUSTOMERS, drawer, paymentOf } from './banks.ts';
import { onEachLog } from './each-log.ts';
import { checkPayments } from './nothing-lost-or-twice.ts';
import { checkPool, type PoolHistory } from './topics-against-replay.ts';
import { isGenuine, isPoison, uetrOf } from './traffic.ts';

const brokers = await sharedBrokers();
const SEEDS = process.env.CORRIDOR_LONG_TESTS ? [1, 2, 3, 4, 5, 6] : [1, 2];
const PAYMENTS_SENT = 120;
const COPIES_MAX = 10;
/** Messages of one call. */
const CALL = 50;

/** Every message 1 to 10 times, in an order that follows from the seed. */
function delivered(messages: readonly Message[], seed: number): Message[] {
  const draw = drawer(seed);
  const all = messages.flatMap((message) =>
    Array.from({ length: 1 + draw(COPIES_MAX) }, () => message),
  );
  for (let last = all.length - 1; last > 0; last--) {
    const other = draw(last + 1);
    [all[last], all[other]] = [all[other] as Message, all[last] as Message];
  }
  return all;
}

async function run(log: Parameters<typeof startNetwork>[0], messages: readonly Message[]) {
  const live = await startNetwork(log);
  await produce(log, messages);
  await live.quiet();
  await live.stop();
  return checkPool(log, core.module, liveNetwork.network, POOL);
}

async function produce(log: LogPort, messages: readonly Message[]): Promise<void> {
  for (let from = 0; from < messages.length; from += CALL)
    await log.produce(PAYMENTS, messages.slice(from, from + CALL));
}

/** Small payments of all banks in both currencies: whatever their order, each has cover. */
function covered(seed: number): Message[] {
  const draw = drawer(seed + 1_000);
  const banks = scenario.participants.map(({ bic }) => bankAs(scenario, bic));
  return Array.from({ length: PAYMENTS_SENT }, (_, index) => {
    const debtor = draw(banks.length);
    const creditor = (debtor + 1 + draw(banks.length - 1)) % banks.length;
    const payment = paymentOf(seed, index, {
      debtorAgent: scenario.participants[debtor]!.bic as Bic,
      creditorAgent: scenario.participants[creditor]!.bic as Bic,
      currency: scenario.currencies[draw(scenario.currencies.length)]!.code,
      amountMinor: BigInt(1 + draw(10_000)),
    });
    return banks[debtor]!.pay(payment, CUSTOMERS, Date.now());
  });
}

const count = ({ events }: PoolHistory, kind: string) =>
  events.filter((event) => event.kind === kind).length;

for (const seed of SEEDS) {
  onEachLog(brokers, `copies in any order, all covered, seed ${seed}`, async (_, { log }) => {
    const messages = covered(seed);
    const all = delivered(messages, seed);
    const once = await run(memoryLog(), messages);
    const many = await run(log, all);
    assert.equal(count(once, 'settled'), PAYMENTS_SENT);
    assert.equal(count(many, 'settled'), PAYMENTS_SENT);
    assert.equal(count(many, 'repeated'), all.length - PAYMENTS_SENT);
    assert.deepEqual(many.balances, once.balances);
  });

  onEachLog(
    brokers,
    `copies in any order, some queued, forged or none, seed ${seed}`,
    async (_, { log }) => {
      const banks = banksOf(seed);
      const messages = Array.from(
        { length: PAYMENTS_SENT },
        (_, index) => banks.messages(index)[0]!,
      );
      const history = await run(log, delivered(messages, seed));
      checkPayments([history], seed, PAYMENTS_SENT);
      assert.ok(count(history, 'queued') > 0, 'some wait for liquidity');
      const forged = Array.from({ length: PAYMENTS_SENT }, (_, index) => index).filter(
        (index) => !isGenuine(index) && !isPoison(index),
      );
      assert.ok(forged.length > 0);
      for (const index of forged) assert.ok(!history.outcomes.has(uetrOf(seed, index)));
    },
  );
}
