/**
 * What a bank that floods the topic `payments` costs the others: sixteen banks send steadily over a real Kafka,
 * alone, and beside one that writes as fast as its broker lets it, valid payments or bogus signatures. The
 * flooder comes by its own name and has the quota that `corridor found` sets, or FLOODS_QUOTA; it writes
 * FLOODS_BATCH (default 100) messages in one go. FLOODS_ROUNDS
 * (default 8) of blocks of FLOODS_SECONDS (default 5), as `floods/blocks.ts` has them. The services are processes, and
 * so is the flood.
 *
 * In one case the flood goes into a topic that no service reads. It costs the others the processors that
 * flooder and broker use, and nothing else. Names of cases behind the benchmark's: those alone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readEvents } from '../services/core/settlement/event-reader.ts';
import { type LoadMessage, loadMessages } from '../services/drive/loadgen.ts';
import { recordsOf } from '../services/live/topic-reader.ts';
import { startKafkaBroker } from '../services/platform/kafka-broker/start-kafka-broker.ts';
import { setQuotas } from '../services/platform/log/kafka/quotas.ts';
import type { Bic } from '../services/protocol/names/bic-and-uetr.ts';
import {
  PAYMENTS,
  poolEvents,
  poolInput,
  statusesOf,
} from '../services/protocol/names/topic-plan.ts';
import { isControl, readVerified } from '../services/protocol/records/input-record.ts';
import { BANK_BYTES_PER_SECOND, bankQuotas, byName } from '../services/sandbox/kafka-rights.ts';
import { freePorts } from '../tests/support/free-ports.ts';
import { type Block, CONTROL, fairness, inBlocks, NO_FLOOD } from './floods/blocks.ts';
import { FloodProcess } from './floods/flood-process.ts';
import type { TopicFlooder } from './floods/topic-flood.child.ts';
import { isAsked, printer, quantile } from './measure.ts';
import { startProcesses } from './pipeline/processes.ts';

const SECONDS = Number(process.env.FLOODS_SECONDS ?? 5);
const ROUNDS = Number(process.env.FLOODS_ROUNDS ?? 8);
const QUOTA = Number(process.env.FLOODS_QUOTA ?? BANK_BYTES_PER_SECOND);
const BATCH = Number(process.env.FLOODS_BATCH ?? 100);
/** Payments a second of the honest banks together. */
const RATE = 80;
const BANKS = 18;
/** What is not final by then has no figure: the bench fails. */
const FINAL_MAX_MS = 120_000;
const PASSWORD = 'of the flooder alone';

const UNREAD = 'unread';

/** By case: what the flooder writes, and where. */
const CASES = {
  [NO_FLOOD]: null,
  'valid payments': { kind: 'valid', topic: PAYMENTS },
  [CONTROL]: null,
  'bogus signatures': { kind: 'bogus', topic: PAYMENTS },
  'unread topic': { kind: 'bogus', topic: UNREAD },
} as const;
type Case = keyof typeof CASES;
const cases = (Object.keys(CASES) as Case[]).filter((name) => isAsked(name));

/** Until the log has stamped the payment, its input record, its events; until its final status is read, whose own time is its event's. */
const STAGES = ['sent', 'verified', 'settled', 'told'] as const;
interface Times {
  /** From when it was due until its final status came, ms. */
  readonly final: number;
  readonly stages: Record<(typeof STAGES)[number], number>;
}

const print = printer('floods-topic');
const folder = mkdtempSync(join(tmpdir(), 'corridor-floods-topic-'));
const [port = 0, controllerPort = 0, banksPort = 0] = await freePorts(3);
const banks = `127.0.0.1:${banksPort}`;
const flooder = 'LB01DE00' as Bic;
const listeners = `PLAINTEXT://127.0.0.1:${port},BANKS://${banks}`;
const broker = await startKafkaBroker({
  ...{ folder: join(folder, 'broker'), port, controllerPort, temporary: true },
  scramUsers: { [flooder]: PASSWORD },
  properties: {
    listeners: `${listeners},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': listeners,
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,BANKS:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.name.banks.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.banks.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  },
});
const network = await startProcesses({
  ...{ brokers: broker.brokers, folder, verifiers: 1, pools: 1 },
});
await network.log.createTopics([{ name: UNREAD, partitions: 4, timestamps: 'append' }]);
const script = fileURLToPath(new URL('./floods/topic-flood.child.js', import.meta.url));
const flood = new FloodProcess(script, {
  ...{ brokers: banks, bic: flooder, password: PASSWORD, batch: BATCH },
} satisfies TopicFlooder);
try {
  await setQuotas({ brokers: [broker.brokers] }, bankQuotas([flooder], byName, QUOTA));
  const blocks = await inBlocks(cases, ROUNDS, measure);
  for (const line of fairness('fair-p99-topic', blocks)) print(line);
} finally {
  flood.stop();
  await network.stop();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** What each of the others' payments took, stage by stage, and what the flood got. */
async function measure(name: Case, seed: number): Promise<Block> {
  const order = CASES[name];
  const lines = honest(seed);
  const begin = order && (await flood.prepare({ ...order, seed, seconds: SECONDS }));
  const before = { busyMs: busyMs(), atMs: performance.now() };
  const [times, report] = await Promise.all([send(lines), begin?.()]);
  const busy = (busyMs() - before.busyMs) / (performance.now() - before.atMs);
  const stages = STAGES.flatMap((stage) =>
    [0.5, 0.99].map((q) => ({
      name: `${stage} p${q * 100}`,
      value: quantile(
        times.map((one) => one.stages[stage]),
        q,
      ),
      unit: 'ms',
    })),
  );
  const written = (report?.written ?? 0) / SECONDS;
  return {
    final: times.map(({ final }) => final),
    figures: [
      ...stages,
      ...(order ? [{ name: 'flood', value: written, unit: 'messages/s' }] : []),
      { name: 'machine', value: busy, unit: 'processors' },
    ],
  };
}

/** Of all processors of the machine, whatever used them. */
function busyMs(): number {
  return cpus().reduce(
    (sum, { times }) => sum + times.user + times.nice + times.sys + times.irq,
    0,
  );
}

/** Payments of all banks but the flooder. */
function honest(seed: number): LoadMessage[] {
  const { scenario, secretKeyOf } = network;
  const all = loadMessages({
    ...{ scenario, payments: RATE * SECONDS * 2, banks: BANKS, seed, startMs: Date.now() },
    ...{ rate: 0, reads: false, secretKeyOf },
  });
  return [...all].filter(({ from }) => from.bic !== flooder).slice(0, RATE * SECONDS);
}

async function send(lines: readonly LoadMessage[]): Promise<Times[]> {
  const input = poolInput('main');
  const inputFrom = await network.log.endOffset(input, 0);
  const eventsFrom = await network.log.endOffset(poolEvents('main'), 0);
  /** By UETR, until it is final. */
  const waiting = new Map<string, { dueMs: number; place: string }>();
  const told: { dueMs: number; place: string; final: number }[] = [];
  const topics = [...new Set(lines.map(({ from }) => statusesOf(from.bic)))];
  const ends = await Promise.all(topics.map((topic) => network.log.endOffset(topic, 0)));
  let isOver = false;
  const follow = async (topic: string, from: number) => {
    for (let next = from; !isOver; ) {
      const records = await network.log.read(topic, 0, next, 500, { waitMs: 500 });
      const nowMs = performance.now();
      for (const { value, logOffset } of records) {
        next = logOffset + 1;
        const text = Buffer.from(value).toString('utf8');
        const uetr = /"OrgnlUETR":"([^"]+)"/.exec(text)?.[1] ?? '';
        const one = waiting.get(uetr);
        if (one === undefined || !/"TxSts":"ACSC"/.test(text)) continue;
        waiting.delete(uetr);
        told.push(Object.assign(one, { final: nowMs - one.dueMs }));
      }
    }
  };
  const following = topics.map((topic, at) => follow(topic, ends[at] as number));
  const startMs = performance.now();
  const sending: Promise<unknown>[] = [];
  for (const [index, { uetr, message }] of lines.entries()) {
    const dueMs = startMs + (index * 1000) / RATE;
    while (performance.now() < dueMs) await pause(1);
    const one = { dueMs, place: '' };
    waiting.set(uetr, one);
    const sent = network.log.produce(PAYMENTS, [message]).then(([placed]) => {
      one.place = `${placed?.partition}/${placed?.logOffset}`;
    });
    sending.push(sent);
  }
  await Promise.all(sending);
  const endMs = performance.now() + FINAL_MAX_MS;
  while (waiting.size > 0 && performance.now() < endMs) await pause(20);
  isOver = true;
  await Promise.all(following);
  if (waiting.size > 0) throw new Error(`${waiting.size} honest payments did not settle`);
  const verified = await verifiedFrom(input, inputFrom);
  const settled = await settledFrom(poolEvents('main'), eventsFrom);
  return told.map(({ dueMs, place, final }) => {
    const { appendedAtMs, inputAtMs, position } = verified.get(place) as Verified;
    const settledAtMs = settled.get(position) as number;
    const dueAtMs = performance.timeOrigin + dueMs;
    return {
      final,
      stages: {
        sent: appendedAtMs - dueAtMs,
        verified: inputAtMs - appendedAtMs,
        settled: settledAtMs - inputAtMs,
        told: dueAtMs + final - settledAtMs,
      },
    };
  });
}

interface Verified {
  readonly appendedAtMs: number;
  readonly inputAtMs: number;
  readonly position: number;
}

/** By partition and offset of the message. */
async function verifiedFrom(topic: string, from: number): Promise<Map<string, Verified>> {
  const verified = new Map<string, Verified>();
  for await (const { value, logOffset, timestampMs } of recordsOf(network.log, topic, 0, {
    from,
  })) {
    if (isControl(value)) continue;
    const { partition, logOffset: place, appendedAtMs } = readVerified(value);
    verified.set(`${partition}/${place}`, {
      ...{ appendedAtMs, inputAtMs: timestampMs },
      position: logOffset,
    });
  }
  return verified;
}

/** By position of the input record: when the first of its events came into the log. */
async function settledFrom(topic: string, from: number): Promise<Map<number, number>> {
  const settled = new Map<number, number>();
  for await (const { value, timestampMs } of recordsOf(network.log, topic, 0, { from }))
    for (const { position } of readEvents(value))
      if (!settled.has(position)) settled.set(position, timestampMs);
  return settled;
}
