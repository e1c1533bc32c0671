/**
 * A message replayed: the same, signed for another topic or network, moved to another pool, old. None
 * is accepted twice.
 */
import assert from 'node:assert/strict';
import { readEvent } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { currenciesOf } from '../../services/live/network.ts';
import type { LogPort } from '../../services/live/service-context.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { PAYMENTS, poolEvents, poolInput } from '../../services/protocol/names/topic-plan.ts';
import { isControl, readOriginal } from '../../services/protocol/records/input-record.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { sharedBrokers } from '../support/kafka-broker.ts';
import { core, startNetwork, until } from '../support/live.ts';
import { ALFA, BETA, bankAs, CUSTOMERS, dateOf, paymentOf, signedAnew } from './banks.ts';
import { onEachLog, onEmbeddedLog } from './each-log.ts';
import { checkPool, type PoolHistory, readAll } from './topics-against-replay.ts';

const brokers = await sharedBrokers();
const SEED = 51;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Of the genesis: as in docs/messages.md. */
const IDENTITY_DAYS = 5;

/** Two pools: what is of one has no business in the other. */
const twoPools = loadScenario('two-pools.yaml', {
  set: [],
  readFile: () => `
name: two-pools
description: A bank pays another, in either of two pools.
seed: 7
network: sandbox-2
businessDates: [2026-03-16]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "12:00", zone: UTC }
  SGD: { opens: "08:00", closes: "12:00", zone: UTC }
pools: { europe: [EUR], asia: [SGD] }
participants:
  - { bic: ALFADE00, name: Alfa, accounts: { EUR: { balance: "100.00" }, SGD: { balance: "100.00" } } }
  - { bic: BETASG00, name: Beta, accounts: { EUR: { balance: "100.00" }, SGD: { balance: "100.00" } } }
rates: { source: none, date: 2026-03-16, base: EUR, perBase: { SGD: "1.5" } }
profiles: { flat: { zone: UTC, parts: [{ from: "08:00", to: "12:00", weight: 1 }] } }
traffic:
  - { name: eur, from: EUR, paymentsPerDate: 1, profile: flat, amounts: { median: "1.00", sigma: 1, min: "1.00", max: "2.00" } }
settlement: { queue: fifo }
`,
});
const both = networkOf(twoPools);
const { network } = both;

async function checkPools(log: LogPort): Promise<Record<'europe' | 'asia', PoolHistory>> {
  const check = (pool: string) =>
    checkPool(log, core.module, network, pool, '', currenciesOf(both));
  return { europe: await check('europe'), asia: await check('asia') };
}

const kinds = ({ events }: PoolHistory) =>
  events
    .filter(({ kind }) => ['settled', 'rejected', 'noticed', 'repeated'].includes(kind))
    .map(({ kind, reason }) => (reason === 'none' ? kind : `${kind} ${reason}`));

/** Moves a message's record as it stands from one pool's input to the other's. */
async function moveRecord(log: LogPort, { headers }: Message): Promise<void> {
  const record = (await readAll(log, poolInput('europe'))).find(
    ({ value }) => !isControl(value) && readOriginal(value).headers.ce_id === headers.ce_id,
  );
  assert.ok(record, 'its record stands in its own pool');
  const { value } = record;
  await log.produce(poolInput('asia'), [{ key: 'asia', value, headers: {} }]);
}

onEachLog(brokers, 'a message replayed is accepted once', async (_, { log }) => {
  const live = await startNetwork(log, { founded: twoPools });
  const alfa = bankAs(twoPools, ALFA);
  const payment = paymentOf(SEED, 0);
  const message = alfa.pay(payment, CUSTOMERS, Date.now());
  const send = async (...messages: Message[]) => {
    await log.produce(PAYMENTS, messages);
    await live.quiet();
  };
  await send(message);
  await send(message, message);
  await send(alfa.repeat(payment.uetr, Date.now()));
  const otherUetr = paymentOf(SEED, 1);
  const unsent = alfa.pay(otherUetr, CUSTOMERS, Date.now());
  await send(
    signedAnew(twoPools, unsent, { topic: poolInput('europe') }),
    signedAnew(twoPools, unsent, { network: 'sandbox-1' }),
    signedAnew(twoPools, unsent, { issuedAtMs: Date.now() - 6 * MINUTE_MS }),
    // The pool follows from the payload, and that is signed.
    {
      ...message,
      value: Buffer.from(Buffer.from(message.value).toString().replaceAll('EUR', 'SGD')),
    },
  );
  await moveRecord(log, message);
  await live.quiet();
  await live.stop();
  const { europe, asia } = await checkPools(log);
  assert.deepEqual(kinds(europe).slice(0, 4), ['settled', 'repeated', 'repeated', 'repeated']);
  assert.deepEqual(kinds(europe).slice(4).sort(), [
    'noticed issuedOutsideWindow',
    'noticed signatureInvalid',
    'noticed signatureInvalid',
  ]);
  assert.deepEqual(kinds(asia), ['noticed signatureInvalid', 'rejected currencyUnknown']);
  assert.ok(
    !europe.outcomes.has(otherUetr.uetr),
    'what was signed for elsewhere has no status here',
  );
  assert.equal(europe.balances.get('ALFADE00 EUR'), 9_900n);
  assert.equal(europe.balances.get('BETASG00 EUR'), 10_100n);
  for (const bic of [ALFA, BETA]) assert.equal(asia.balances.get(`${bic} SGD`), 10_000n);
});

/** Business days that opened in the pool. */
async function openings(log: LogPort): Promise<number> {
  const events = (await readAll(log, poolEvents('europe'))).map(({ value }) => value);
  return events
    .flatMap((value) =>
      Array.from({ length: value.length / EVENT_BYTES }, (_, index) => readEvent(value, index)),
    )
    .filter(({ kind }) => kind === 'opened').length;
}

/** The embedded log has its clock from here, so that a message can grow old. */
const clock = { aheadMs: 0, now: () => Date.now() + clock.aheadMs };

onEmbeddedLog(
  'a message that comes again after minutes, or after its identity was forgotten',
  async (_, { log }) => {
    const live = await startNetwork(log, { founded: twoPools, nowMs: clock.now });
    const alfa = bankAs(twoPools, ALFA);
    const payment = paymentOf(SEED, 2, { settlementDate: dateOf(clock.now()) });
    const message = alfa.pay(payment, CUSTOMERS, clock.now());
    const send = async (one: Message) => {
      await log.produce(PAYMENTS, [one]);
      await live.quiet();
    };
    await send(message);
    clock.aheadMs += 6 * MINUTE_MS;
    await send(message);
    for (let days = 1; days <= IDENTITY_DAYS + 2; days++) {
      clock.aheadMs += DAY_MS;
      await until('the next day is open', async () => (await openings(log)) > days);
    }
    await live.quiet();
    await send(message);
    await send(alfa.repeat(payment.uetr, clock.now()));
    await live.stop();
    const { europe } = await checkPools(log);
    assert.deepEqual(kinds(europe), [
      'settled',
      'noticed issuedOutsideWindow',
      'noticed issuedOutsideWindow',
      'rejected settlementDateInvalid',
    ]);
    assert.equal(europe.balances.get('ALFADE00 EUR'), 9_900n);
  },
  clock.now,
);
