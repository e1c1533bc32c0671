/**
 * Clock steps of 100 ms to 1 h, forward and back, and ticks that are missing for a minute: a replay
 * gives the same hash, and what waited for time moves when time returns.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { createSigner } from '../../services/core/verification/signing.ts';
import { startGateway } from '../../services/gateway/gateway-service.ts';
import {
  commandSigningText,
  OPERATOR,
  OPERATOR_COMMAND,
  OPERATOR_KEY_ID,
} from '../../services/protocol/messages/operator-command.ts';
import { timeOnDate } from '../../services/protocol/messages/settlement-times.ts';
import { headersForHttp } from '../../services/protocol/names/http-headers.ts';
import { envelopeHeaders } from '../../services/protocol/names/message-headers.ts';
import { PAYMENTS, poolInput } from '../../services/protocol/names/topic-plan.ts';
import { isControl, readControl } from '../../services/protocol/records/input-record.ts';
import { sharedBrokers } from '../support/kafka-broker.ts';
import { core, liveNetwork, POOL, processOver, scenario, startNetwork } from '../support/live.ts';
import { ALFA, bankAs, CUSTOMERS, dateOf, paymentOf } from './banks.ts';
import { onEachLog } from './each-log.ts';
import { checkPool, outcomesSoFar, readAll } from './topics-against-replay.ts';

const brokers = await sharedBrokers();
const SEED = 101;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** At outcomes, each when all is handled. */
const LOOKS = 100;
/** Several ticks. */
const A_WHILE_MS = 350;

/** The clock of the gateway, and of the embedded log; a broker keeps its own. */
const clock = { aheadMs: 0, now: () => Date.now() + clock.aheadMs };
const operator = createSigner(Buffer.alloc(32, 3));

/** The operator accepts the clock as it is now. */
async function acceptClock(url: string): Promise<void> {
  const payload = Buffer.from(JSON.stringify({ pool: POOL, command: { kind: 'tick' } }));
  const named = { id: `accept-${clock.now()}`, issuedAtMs: clock.now() };
  const signature = operator.sign(commandSigningText(liveNetwork.network, POOL, named, payload));
  const headers = envelopeHeaders({
    ...named,
    sender: OPERATOR,
    messageType: OPERATOR_COMMAND,
    keyId: OPERATOR_KEY_ID,
    signature,
  });
  const answer = await fetch(`${url}/operator/commands`, {
    method: 'POST',
    headers: headersForHttp(headers),
    body: payload,
  });
  assert.equal(answer.status, 202, await answer.text());
}

onEachLog(
  brokers,
  'clock steps and missing ticks',
  async (_, { log, connect }) => {
    clock.aheadMs = 0;
    const startMs = clock.now();
    const live = await startNetwork(log, {
      operatorKey: operator.publicKey,
      // Its day does not go over to the next, whatever the clock does.
      nowMs: () => startMs,
    });
    const gatewayAt = (name: string) => {
      const shared = processOver(log);
      const context = { ...shared.context('gateway'), nowMs: clock.now };
      const { registry } = shared;
      return startGateway(context, {
        network: liveNetwork,
        version: 'test',
        registry,
        host: '127.0.0.1',
        port: 0,
        name,
      });
    };
    let gateway = await gatewayAt('one');
    const alfa = bankAs(scenario, ALFA);
    // As the log stamps it: the embedded one never goes back inside a topic.
    let lastMs = 0;
    const signedAtMs = () => {
      lastMs = connect ? Date.now() : Math.max(clock.now(), lastMs);
      return lastMs;
    };
    const pay = async (index: number, fields: Parameters<typeof paymentOf>[2] = {}) => {
      const payment = paymentOf(SEED, index, { settlementDate: dateOf(startMs), ...fields });
      await log.produce(PAYMENTS, [alfa.pay(payment, CUSTOMERS, signedAtMs())]);
      return payment.uetr as string;
    };
    const at = (inMs: number) => timeOnDate(startMs + inMs, dateOf(startMs));
    const from = (inMs: number) => ({ times: { earliest: at(inMs), latest: 0 } });
    const outcomeOf = async (uetr: string) => {
      await live.quiet();
      const outcomes = await outcomesSoFar(log, POOL);
      return outcomes.get(uetr)?.at(-1) ?? 'waits';
    };
    const becomes = async (uetr: string, kind: string) => {
      for (let look = 0; (await outcomeOf(uetr)) !== kind; look++)
        assert.ok(look < LOOKS, `waited in vain until ${uetr} is ${kind}`);
    };
    const jump = async (byMs: number) => {
      clock.aheadMs += byMs;
      await pause(A_WHILE_MS);
    };

    const minute = await pay(0, from(90 * SECOND_MS));
    const nine = await pay(1, from(9 * MINUTE_MS));
    const forty = await pay(2, from(40 * MINUTE_MS));
    const latest = { earliest: 0, latest: at(20 * MINUTE_MS) };
    const short = await pay(3, { amountMinor: 9_000_000n, times: latest });
    await becomes(short, 'queued');

    for (const step of [100, SECOND_MS, 10 * SECOND_MS]) {
      await jump(step);
      await jump(-step);
      await becomes(await pay(step), 'settled');
    }
    // No tick for a minute and more.
    await gateway.stop();
    await jump(100 * SECOND_MS);
    assert.notEqual(await outcomeOf(minute), 'settled', 'without time');
    gateway = await gatewayAt('two');
    await becomes(minute, 'settled');

    await jump(8 * MINUTE_MS);
    await becomes(nine, 'settled');
    assert.notEqual(await outcomeOf(forty), 'settled');
    await jump(-HOUR_MS);
    await becomes(await pay(20), 'settled');
    await jump(HOUR_MS);
    // A jump of an hour is not believed before the operator says so.
    await jump(HOUR_MS);
    assert.notEqual(await outcomeOf(forty), 'settled', 'held');
    assert.equal(await outcomeOf(short), 'queued', 'held');
    await acceptClock(gateway.url);
    await becomes(forty, 'settled');
    await becomes(short, 'cancelled');

    await gateway.stop();
    await live.quiet();
    await live.stop();
    await checkPool(log, core.module, liveNetwork.network, POOL);
    const ticks = (await readAll(log, poolInput(POOL)))
      .filter(({ value }) => isControl(value))
      .map(({ value }) => readControl(value))
      .filter(({ kind }) => kind === 'tick')
      .map(({ timeMs }) => timeMs);
    assert.deepEqual(
      ticks,
      ticks.toSorted((a, b) => a - b),
      'no tick goes back',
    );
    const longest = Math.max(...ticks.slice(1).map((tick, index) => tick - ticks[index]!));
    assert.ok(longest >= HOUR_MS - SECOND_MS, 'the accepted jump');
  },
  clock.now,
);
