/**
 * The broker stops, is killed and hangs while payments come over HTTP: the intake answers "try later",
 * takes payments again and settles them within 30 s of the broker's return, and nothing that it took is
 * lost.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startGateway } from '../../services/gateway/gateway-service.ts';
import type { KafkaBroker } from '../../services/platform/kafka-broker/start-kafka-broker.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { openConfiguredLog } from '../../services/platform/service/log-variables.ts';
import { headersForHttp } from '../../services/protocol/names/http-headers.ts';
import { statusesOf } from '../../services/protocol/names/topic-plan.ts';
import { startOwnBroker } from '../support/kafka-broker.ts';
import { core, liveNetwork, POOL, processOver, scenario, startNetwork } from '../support/live.ts';
import { ALFA, BETA, bankAs, CUSTOMERS, paymentOf } from './banks.ts';
import { checkPool } from './topics-against-replay.ts';
import { uetrOf } from './traffic.ts';

const RESUMES_MS = 30_000;
const SEED = 81;
/** Requests under way together, each with a payment of its own. */
const SENDERS = 4;
/** Payments that are taken between two disturbances. */
const LOAD = 100;
/** The UETR of a status that is final and good. */
const SETTLED = /"OrgnlUETR":"([^"]+)".*"TxSts":"ACSC"/;
const PAUSES_S = process.env.CORRIDOR_LONG_TESTS ? [1, 5, 15, 30, 60] : [1, 15];

const broker = await startOwnBroker();
if ('skip' in broker) it('the broker is away', { skip: broker.skip }, () => {});
else describe('the broker is away under load over HTTP', () => disturbances(broker));

/** Sends payments over HTTP until it is stopped, and remembers how each was answered. */
function startSenders(url: string) {
  const banks = [bankAs(scenario, ALFA), bankAs(scenario, BETA)];
  const accepted: string[] = [];
  const unsure: string[] = [];
  const state = { running: true, next: 0, later: 0, acceptedAtMs: 0, latest: '' };
  const post = async (index: number) => {
    const isBack = index % 2 === 1;
    const fields = isBack ? { debtorAgent: BETA, creditorAgent: ALFA } : {};
    const message = banks[index % 2]!.pay(paymentOf(SEED, index, fields), CUSTOMERS, Date.now());
    const answer = await fetch(`${url}/payments`, {
      method: 'POST',
      headers: headersForHttp(message.headers),
      body: new Uint8Array(message.value),
    });
    const body = (await answer.json()) as { type?: string; status?: number };
    if (answer.status === 202) {
      accepted.push(uetrOf(SEED, index));
      state.acceptedAtMs = Date.now();
      state.latest = uetrOf(SEED, index);
      return;
    }
    unsure.push(uetrOf(SEED, index));
    assert.equal(answer.status, 503, JSON.stringify(body));
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
    assert.match(answer.headers.get('retry-after') ?? '', /^[1-9][0-9]*$/);
    assert.equal(body.status, 503);
    assert.ok(
      ['urn:corridor:problem:log-unavailable', 'urn:corridor:problem:overloaded'].includes(
        body.type ?? '',
      ),
      body.type,
    );
    state.later += 1;
  };
  const loop = async () => {
    while (state.running) {
      await post(state.next++);
      await pause(20);
    }
  };
  const done = Promise.all(Array.from({ length: SENDERS }, loop));
  done.catch(() => {});
  return {
    state,
    accepted,
    unsure,
    async stop() {
      state.running = false;
      await done;
    },
    /** Fails as soon as an answer is not as it should be. */
    async until(what: string, withinMs: number, isSo: () => boolean): Promise<void> {
      for (const deadline = Date.now() + withinMs; !isSo(); ) {
        await Promise.race([done, pause(20)]);
        assert.ok(Date.now() < deadline, `${what}: not within ${withinMs / 1000} s`);
      }
    },
  };
}

/** What the banks are told to have settled, read on at each call. */
function createSettled(log: Log) {
  const next = new Map([statusesOf(ALFA), statusesOf(BETA)].map((topic) => [topic, 0]));
  const settled = new Set<string>();
  return async (uetr: string): Promise<boolean> => {
    for (const [topic, from] of next) {
      const records = await log.read(topic, 0, from, 1_000);
      for (const { value, logOffset } of records) {
        const [, named = ''] = SETTLED.exec(Buffer.from(value).toString()) ?? [];
        settled.add(named);
        next.set(topic, logOffset + 1);
      }
    }
    return settled.has(uetr);
  };
}

function disturbances(kafka: KafkaBroker): void {
  let log: Log;
  let live: Awaited<ReturnType<typeof startNetwork>>;
  let gateway: Awaited<ReturnType<typeof startGateway>>;
  let senders: ReturnType<typeof startSenders>;
  let isSettled: ReturnType<typeof createSettled>;
  after(async () => {
    await kafka.kill();
  });

  const faults: [string, boolean, () => Promise<void>, () => Promise<void> | void][] = [
    ['stopped', true, () => kafka.stop(), () => kafka.start()],
    ['killed', true, () => kafka.kill(), () => kafka.start()],
    ...PAUSES_S.map((seconds): (typeof faults)[number] => [
      `paused for ${seconds} s`,
      // Requests wait longer than a short pause lasts.
      seconds > 10,
      async () => {
        await kafka.pause();
        await pause(seconds * 1000);
      },
      () => kafka.resume(),
    ]),
  ];

  it('begins', async () => {
    const config = { CORRIDOR_LOG: `kafka:${kafka.brokers}` };
    log = await openConfiguredLog(config, 'test');
    live = await startNetwork(log, { services: ['clearing', 'verifier', 'notifier'] });
    const shared = processOver(log);
    gateway = await startGateway(shared.context('gateway'), {
      network: liveNetwork,
      version: 'test',
      registry: shared.registry,
      host: '127.0.0.1',
      port: 0,
      name: 'gateway',
    });
    isSettled = createSettled(log);
    senders = startSenders(gateway.url);
    await senders.until('load', RESUMES_MS, () => senders.accepted.length > LOAD);
  });

  /** The readers that are behind, in words. */
  const behind = async () => {
    const { health } = live.shared;
    await health.look();
    const late = health.samples().filter(({ lagRecords }) => lagRecords > 0);
    return late.map(({ reader, lagRecords }) => `${reader} by ${lagRecords}`).join(', ');
  };

  for (const [name, refuses, away, back] of faults)
    it(`${name}: it is told as try later, and payments are taken and settle again`, async (t) => {
      const laterBefore = senders.state.later;
      await away();
      if (refuses)
        await senders.until('try later', RESUMES_MS, () => senders.state.later > laterBefore);
      await back();
      const backAtMs = Date.now();
      const isTaken = () => senders.state.acceptedAtMs > backAtMs;
      await senders.until('payments are taken again', RESUMES_MS, isTaken);
      const { acceptedAtMs: takenAtMs, latest } = senders.state;
      while (!(await isSettled(latest))) {
        live.goesOn();
        if (Date.now() - backAtMs > RESUMES_MS)
          assert.fail(`what was taken since its return does not settle: ${await behind()}`);
        await pause(20);
      }
      const settledAtMs = Date.now();
      const before = senders.accepted.length;
      await senders.until('load', RESUMES_MS, () => senders.accepted.length > before + LOAD);
      t.diagnostic(
        `taken again ${takenAtMs - backAtMs} ms, settled ${settledAtMs - backAtMs} ms after its return`,
      );
    });

  it('nothing that was taken is lost, and nothing settled twice', async (t) => {
    await senders.stop();
    // Between what a service has read and what it has written nobody is behind: the newest are waited for.
    const newest = new Set(senders.accepted.slice(-100));
    for (const startedMs = Date.now(); newest.size > 0 && Date.now() - startedMs < RESUMES_MS; ) {
      for (const uetr of newest) if (await isSettled(uetr)) newest.delete(uetr);
      if (newest.size > 0) await pause(20);
    }
    await live.quiet();
    await gateway.stop();
    await live.stop();
    const { outcomes } = await checkPool(log, core.module, liveNetwork.network, POOL);
    for (const uetr of senders.accepted) assert.deepEqual(outcomes.get(uetr), ['settled'], uetr);
    // What was told "try later" may be there or not, and never in part.
    const arrived = senders.unsure.filter((uetr) => outcomes.has(uetr));
    for (const uetr of arrived) assert.deepEqual(outcomes.get(uetr), ['settled'], uetr);
    t.diagnostic(
      `${senders.accepted.length} taken, ${senders.unsure.length} told "try later", of which ${arrived.length} had been written`,
    );
    await log.close();
  });
}
