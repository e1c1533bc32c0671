import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClearing } from '../../services/clearing/clearing.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import { startDrive } from '../../services/drive/drive.ts';
import { startBusinessDays } from '../../services/gateway/sandbox-business-days.ts';
import type { LoggedMessage } from '../../services/live/service-context.ts';
import { type Log, LogError } from '../../services/platform/log/log.ts';
import { OPERATOR } from '../../services/protocol/messages/operator-command.ts';
import type { Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { PAYMENTS, poolInput, TELEMETRY } from '../../services/protocol/names/topic-plan.ts';
import {
  isScenarioTelemetry,
  readTelemetry,
  type ScenarioEvent,
} from '../../services/protocol/records/telemetry.ts';
import { PaymentBook } from '../../services/report/figures/payment-book.ts';
import { isCounted, isLeg } from '../../services/report/figures/payment-table.ts';
import { scenarioEvents } from '../../services/report/figures/scenario-tables.ts';
import { writeGenesis } from '../../services/sandbox/genesis.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import { startServices } from '../../services/sandbox/start-services.ts';
import { planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { simulatedSecretKey } from '../../services/simulator/keys-and-genesis.ts';
import { checkPool } from '../faults/topics-against-replay.ts';
import { core, memoryLog, processOver, until } from '../support/live.ts';
import { load, runScenario } from '../support/run.ts';

/** Liquidity suffices for all, so that no outcome depends on when a payment came. */
const AMPLE = ['ALFADE00', 'BETASG00', 'GAMMFR00', 'DELRSG00'].flatMap((bic) =>
  ['EUR', 'SGD'].map((code) => `participants.${bic}.accounts.${code}.balance=90000000.00`),
);
const scenario = load('smoke', AMPLE);
const network = networkOf(scenario);
const SPEED = 20_000;

const keyOf =
  ({ seed }: Scenario) =>
  (name: string) =>
    simulatedSecretKey(seed, name);

/** The network of a scenario over a log in memory, its day begun. */
async function startNetwork(log: Log, founded = scenario) {
  const network = networkOf(founded);
  const publicKeyOf = (name: string) => createSigner(keyOf(founded)(name)).publicKey;
  const shared = processOver(log);
  const services = await startServices({
    network,
    core,
    contextOf: (service, pool) => shared.context(service, pool),
    threads: 0,
    takeoverMs: 0,
  });
  const operator = shared.context('operator');
  await writeGenesis(log, founded, {
    timeMs: Date.now(),
    publicKeyOf,
    operatorKey: publicKeyOf(OPERATOR),
    limits: { livePayments: 10_000, identities: 10_000 },
  });
  const days = await startBusinessDays(operator, network);
  await until('the network is ready', () => shared.health.faults().length === 0);
  return {
    context: shared.context('drive'),
    stop: async () => {
      await until('all is handled', async () => (await shared.health.outstanding()) === 0);
      await Promise.all([services.stop(), days.stop()]);
    },
  };
}

const drive = (
  { context }: Awaited<ReturnType<typeof startNetwork>>,
  driven: Scenario,
  speed: number,
) =>
  startDrive(context, {
    ...{ scenario: driven, speed },
    network: networkOf(driven),
    secretKeyOf: keyOf(driven),
  });

async function readAll(log: Log, topic: string): Promise<LoggedMessage[]> {
  const records: LoggedMessage[] = [];
  const partitions = topic === PAYMENTS ? network.paymentPartitions : 1;
  for (let partition = 0; partition < partitions; partition++) {
    const end = await log.endOffset(topic, partition);
    for (let next = 0; next < end; next = (records.at(-1)?.logOffset ?? 0) + 1)
      records.push(...(await log.read(topic, partition, next, 1_000)));
  }
  return records;
}

/** Under one id a bank never sends two payloads. */
function refuseOtherPayloads(records: readonly LoggedMessage[]): Map<string, number> {
  const seen = new Map<string, { value: Uint8Array; times: number }>();
  for (const { headers, value } of records) {
    const id = `${headers.ce_source} ${headers.ce_id}`;
    const before = seen.get(id);
    if (before) assert.equal(Buffer.compare(before.value, value), 0, `${id}: another payload`);
    seen.set(id, { value, times: (before?.times ?? 0) + 1 });
  }
  return new Map([...seen].map(([id, { times }]) => [id, times]));
}

test('a driven scenario: the planned payments, the replay’s hash, the simulated run’s balances', async () => {
  const simulated = await runScenario(scenario);
  const log = memoryLog();
  const live = await startNetwork(log);
  const driven = await drive(live, scenario, SPEED);
  assert.equal(driven.port.status().state, 'running');
  const beganMs = Date.now();
  await Promise.race([driven.ended, driven.done]);
  const { timeMs } = driven.port.status();
  assert.equal(driven.port.scenarioMs(beganMs - 60_000), null, 'before the drive');
  const told = [0, 100, 200, 300, 400].map((ms) => driven.port.scenarioMs(beganMs + ms) as number);
  assert.deepEqual(
    told,
    [...told].sort((a, b) => a - b),
  );
  const late = driven.port.scenarioMs(Date.now()) as number;
  assert.ok(late >= timeMs && (told.at(-1) as number) > (told[0] as number));
  await driven.stop();
  await live.stop();

  const { atMs: _, reachedSpeed: __, behindMs: ___, ...figures } = driven.figures();
  const { submitted, settled, rejected } = simulated.summary;
  assert.deepEqual(figures, {
    legs: submitted,
    sent: submitted,
    settled,
    rejected,
    cancelled: 0,
    waiting: 0,
    unanswered: 0,
    messages: submitted + simulated.summary.repeated + 2,
    messagesBefore: 0,
  });
  assert.equal(driven.port.status().state, 'ended');

  const { outcomes } = await checkPool(log, core.module, network.network, 'main');
  for (const { uetr, corrupt } of planPayments(scenario))
    if (!corrupt) assert.equal(outcomes.get(`${uetr}` as Uetr)?.at(-1), 'settled', `${uetr}`);
  const replay = createSettlement(core.module);
  createClearing(replay).apply(
    (await readAll(log, poolInput('main'))).map(({ logOffset, value }) => ({
      position: logOffset,
      value,
    })),
  );
  for (const [participant, { bic }] of scenario.participants.entries())
    for (const [currency, { code }] of scenario.currencies.entries())
      assert.equal(
        replay.balance(participant, currency),
        simulated.simulation.settlements[0]?.balance(participant, currency),
        `${bic} ${code}`,
      );
});

test('what the scenario does beside its payments is told once, at the time of the network', async () => {
  const log = memoryLog();
  const live = await startNetwork(log);
  const beganMs = Date.now();
  const first = await drive(live, scenario, SPEED);
  await until('a part was sent', () => first.figures().sent > 200);
  await first.stop();
  for (let time = 0; time < 2; time++) {
    const next = await drive(live, scenario, SPEED);
    await Promise.race([next.ended, next.done]);
    await next.stop();
  }
  await live.stop();
  const telemetry = (await readAll(log, TELEMETRY)).map(({ value }) => readTelemetry(value));
  const told = telemetry.filter(isScenarioTelemetry).flatMap(({ events }) => events);
  const planned = [...scenarioEvents(scenario, scenario.liquidityEvents)];
  const textsOf = (events: readonly ScenarioEvent[]) => events.map(({ text }) => text).sort();
  assert.deepEqual(textsOf(told), textsOf(planned));
  const kinds = new Set(told.map(({ kind }) => kind));
  for (const kind of ['outage', 'corruptSignatures', 'repeatMessages', 'creditLine'])
    assert.ok(kinds.has(kind), kind);
  for (const { fromMs, untilMs, text } of told) {
    assert.ok(fromMs >= beganMs && fromMs <= Date.now(), text);
    const one = planned.find((event) => event.text === text) as ScenarioEvent;
    const lastsMs = (one.untilMs - one.fromMs) / SPEED;
    assert.ok(Math.abs(untilMs - fromMs - lastsMs) <= 1, `${text}: ${untilMs - fromMs}`);
  }
});

test('a scenario with a security: its trades deliver it against payment', async () => {
  const bond = load('limits-hybrid');
  const { name, seed, participants, currencies } = bond;
  const log = memoryLog();
  const live = await startNetwork(log, bond);
  const driven = await drive(live, bond, SPEED);
  await Promise.race([driven.ended, driven.done]);
  await driven.stop();
  await live.stop();
  assert.equal(driven.port.status().state, 'ended', `${name} ${seed}`);
  const replay = createSettlement(core.module);
  const clearing = createClearing(replay);
  const { events } = clearing.apply(
    (await readAll(log, poolInput('main'))).map(({ logOffset, value }) => ({
      position: logOffset,
      value,
    })),
  );
  // As a run's report counts them: a delivery against payment is one, not its two legs.
  const reported = new PaymentBook('main', clearing.directory);
  reported.fold(events);
  const rows = [...reported.table.rows()];
  assert.ok(rows.some((row) => isLeg(row) && row.status === 'settled'));
  const counted = rows.filter(isCounted);
  const count = (...statuses: string[]) =>
    counted.filter(({ status }) => statuses.includes(status)).length;
  const { sent, settled, rejected, cancelled, waiting, unanswered } = driven.figures();
  assert.deepEqual(
    { sent, settled, rejected, cancelled, waiting, unanswered },
    {
      sent: counted.length,
      settled: count('settled'),
      rejected: count('rejected'),
      cancelled: count('cancelled'),
      waiting: count('queued', 'accepted'),
      unanswered: 0,
    },
  );
  const isin = currencies.findIndex(({ code }) => code.length === 12);
  const held = participants.flatMap(({ accounts }, participant) =>
    accounts
      .filter(({ currency }) => currency === isin)
      .map(({ balanceMinor }) => [balanceMinor, replay.balance(participant, isin)] as const),
  );
  assert.ok(held.some(([opening, now]) => now !== opening));
  const sum = (at: 0 | 1) => held.reduce((all, one) => all + one[at], 0n);
  assert.equal(sum(1), sum(0));
});

test('a drive that was stopped goes on where it was, and a second one sends nothing', async () => {
  const log = memoryLog();
  const live = await startNetwork(log);
  const first = await drive(live, scenario, 5_000);
  await until('a part was sent', () => first.figures().sent > 80);
  await first.port.control({ action: 'pause' });
  const { timeMs } = first.port.status();
  assert.equal(first.port.status().state, 'paused');
  await first.stop();
  const part = first.figures();
  assert.ok(part.sent < 400, `${part.sent} of 400 were sent`);

  const second = await drive(live, scenario, SPEED);
  await Promise.race([second.ended, second.done]);
  await second.stop();
  const whole = second.figures();
  assert.ok(whole.atMs >= timeMs);
  assert.deepEqual([whole.sent, whole.unanswered, whole.messagesBefore], [400, 0, part.messages]);
  const third = await drive(live, scenario, SPEED);
  await Promise.race([third.ended, third.done]);
  await third.stop();
  assert.deepEqual(
    { ...third.figures(), atMs: 0, behindMs: 0 },
    { ...whole, atMs: 0, behindMs: 0, messages: 0, messagesBefore: whole.messages + part.messages },
  );
  await live.stop();

  const times = refuseOtherPayloads(await readAll(log, PAYMENTS));
  const twice = [...times.values()].filter((count) => count > 1).length;
  assert.equal(times.size + twice, whole.messages + part.messages);
  await checkPool(log, core.module, network.network, 'main');
});

test('a network that takes less than the speed brings: time keeps with what was sent, and it is said', async () => {
  const log = memoryLog();
  const live = await startNetwork(log);
  const planned = new Map(
    [...planPayments(scenario)].map(({ uetr, atMs }) => [String(uetr), atMs]),
  );
  // A machine whose time goes on by its pauses, and by 100 ms for each message that is taken.
  let elapsedMs = 0;
  const aheadMs: number[] = [];
  const speeds: (number | null)[] = [];
  const slow = new Proxy(log, {
    get(target, name: keyof Log) {
      if (name !== 'produce') return target[name].bind(target);
      return async (...[topic, messages]: Parameters<Log['produce']>) => {
        const atMs = planned.get(messages[0]?.headers.ce_id ?? '');
        if (topic === PAYMENTS && atMs !== undefined) {
          const { timeMs, reachedSpeed } = driven.port.status();
          aheadMs.push(timeMs - atMs);
          speeds.push(reachedSpeed);
          elapsedMs += 100 * messages.length;
        }
        return target.produce(topic, messages);
      };
    },
  });
  const pause = async (ms: number) => {
    elapsedMs += ms;
    await live.context.pause(1);
  };
  const context = { ...live.context, log: slow, elapsedMs: () => elapsedMs, pause };
  const driven = await startDrive(context, {
    ...{ scenario, network, secretKeyOf: keyOf(scenario), speed: SPEED },
  });
  await until('all is sent', () => driven.figures().sent >= 400);
  await driven.stop();
  await live.stop();
  assert.ok(aheadMs.length > 10 && aheadMs.every((ms) => ms <= 1_000 * SPEED), `${aheadMs}`);
  const slowest = Math.min(...speeds.flatMap((one) => one ?? []));
  assert.ok(slowest > 0 && slowest < SPEED / 4, `${slowest}`);
  // 400 messages of 100 ms, where the day lasts a second or two.
  assert.ok(driven.figures().behindMs > 30_000, `${driven.figures().behindMs} ms`);
  assert.equal(driven.port.status().reachedSpeed, null, 'all is sent');
});

test('a log that is away is waited for: nothing is lost, nothing has two payloads', async () => {
  const log = memoryLog();
  const live = await startNetwork(log);
  let sends = 0;
  let failures = 0;
  /** Fails for a while, twice after it wrote and once before. */
  const shaky = new Proxy(log, {
    get(target, name: keyof Log) {
      if (name !== 'produce') return target[name].bind(target);
      return async (...[topic, messages]: Parameters<Log['produce']>) => {
        sends += 1;
        const fails = failures < 4 && (sends % 9 === 4 || sends % 9 === 5);
        if (fails && sends % 2 === 0) {
          failures += 1;
          throw new LogError('unavailable', 'the broker is away');
        }
        const places = await target.produce(topic, messages);
        if (!fails) return places;
        failures += 1;
        throw new LogError('unavailable', 'the broker is away');
      };
    },
  });
  const driven = await startDrive(
    { ...live.context, log: shaky },
    { scenario, network, secretKeyOf: keyOf(scenario), speed: SPEED },
  );
  await Promise.race([driven.ended, driven.done]);
  await driven.stop();
  await live.stop();
  assert.equal(failures, 4);
  const { sent, unanswered, settled, rejected } = driven.figures();
  assert.deepEqual([sent, unanswered, settled + rejected], [400, 0, 400]);
  refuseOtherPayloads(await readAll(log, PAYMENTS));
  await checkPool(log, core.module, network.network, 'main');
});

test('cycles follow the scenario’s time: a ring that only they can settle is settled at any speed', async () => {
  const ring = load('pssimpy-ring');
  const { summary } = await runScenario(ring);
  assert.ok(summary.settledByMechanism.gridlockResolution, 'by cycles alone');
  const log = memoryLog();
  const live = await startNetwork(log, ring);
  const driven = await drive(live, ring, SPEED);
  await Promise.race([driven.ended, driven.done]);
  await driven.stop();
  await live.stop();
  const { sent, settled } = driven.figures();
  assert.deepEqual([sent, settled], [summary.submitted, summary.settled]);
  const commands = await readAll(log, poolInput(ring.pools[0]?.name ?? ''));
  const cycles = commands.filter(({ value }) =>
    /"kind":"cycle"/.test(Buffer.from(value).toString()),
  );
  assert.ok(cycles.length > 10, `${cycles.length} cycles`);
  await checkPool(log, core.module, networkOf(ring).network, ring.pools[0]?.name ?? '');
});

test('a network that is not founded is not driven', async () => {
  const log = memoryLog();
  const context = processOver(log).context('drive');
  const options = { scenario, network, secretKeyOf: keyOf(scenario), speed: SPEED };
  await assert.rejects(startDrive(context, options), {
    name: 'BadInput',
    message: 'network sandbox-1 is not founded on this log: `corridor found` it first',
  });
  assert.deepEqual(await log.topics(), [], 'nothing was begun');
});
