/**
 * What a bank that floods the topic `payments` costs the others: sixteen banks send steadily over a real Kafka,
 * alone, and beside one that writes as fast as its broker lets it, valid payments or bogus signatures. The
 * flooder comes by its own name and has the quota that `corridor found` sets; once more without one. In turn,
 * FLOODS_ROUNDS (default 3) times FLOODS_SECONDS (default 15) each; figures are medians. The services are
 * processes, and so is the flood.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type LoadMessage, loadMessages } from '../services/drive/loadgen.ts';
import { startKafkaBroker } from '../services/platform/kafka-broker/broker.ts';
import { setQuotas } from '../services/platform/log/kafka/quotas.ts';
import type { Bic } from '../services/protocol/names/identifiers.ts';
import { PAYMENTS, statusesOf } from '../services/protocol/names/topic-plan.ts';
import { BANK_BYTES_PER_SECOND, bankQuotas, byName } from '../services/sandbox/kafka-rights.ts';
import { freePorts } from '../tests/support/free-ports.ts';
import type { FloodOrders, FloodWritten } from './floods/topic-flood.child.ts';
import { median, printer, quantile } from './measure.ts';
import { startProcesses } from './pipeline/processes.ts';

const SECONDS = Number(process.env.FLOODS_SECONDS ?? 15);
const ROUNDS = Number(process.env.FLOODS_ROUNDS ?? 3);
/** Payments a second of the honest banks together. */
const RATE = 80;
const BANKS = 18;
/** What is not final by then has no figure: the bench fails. */
const FINAL_MAX_MS = 120_000;
const PASSWORD = 'of the flooder alone';

/** By case: what the flooder writes, and its quota. */
const CASES = {
  'no flood': { flood: null, quota: true },
  'valid payments': { flood: 'valid', quota: true },
  'bogus signatures': { flood: 'bogus', quota: true },
  'bogus signatures, no quota': { flood: 'bogus', quota: false },
} as const;
type Case = keyof typeof CASES;

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
try {
  const rounds: Record<string, { p50: number; p99: number }[]> = {};
  // The first warms up.
  await measure('no flood', 0);
  for (let round = 1; round <= ROUNDS; round++)
    for (const name of Object.keys(CASES) as Case[]) {
      const took = await measure(name, round);
      rounds[name] = [
        ...(rounds[name] ?? []),
        { p50: quantile(took, 0.5), p99: quantile(took, 0.99) },
      ];
    }
  const of = (name: string, which: 'p50' | 'p99') =>
    median((rounds[name] ?? []).map((round) => round[which]));
  const plain = { unit: 'ms', vs: null, ratio: null };
  for (const name of Object.keys(CASES)) {
    print({ case: `${name}: final p50`, value: of(name, 'p50'), ...plain });
    print({ case: `${name}: final p99`, value: of(name, 'p99'), ...plain });
  }
  const alone = of('no flood', 'p99');
  const beside = Math.max(of('valid payments', 'p99'), of('bogus signatures', 'p99'));
  print({
    ...{ case: 'fair-p99-topic', value: beside, unit: 'ms' },
    ...{ vs: 'no flood', ratio: beside / alone },
  });
} finally {
  await network.stop();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** @returns ms from when each of the others' payments was due to its final status */
async function measure(name: Case, round: number): Promise<number[]> {
  const { flood, quota } = CASES[name];
  const [own] = bankQuotas([flooder], byName, BANK_BYTES_PER_SECOND);
  const none = { writtenBytesPerSecond: null, readBytesPerSecond: null, requestPercent: null };
  await setQuotas({ brokers: [broker.brokers] }, [
    quota && own ? own : { principal: flooder, ...none },
  ]);
  const lines = honest(1 + round * 10 + Object.keys(CASES).indexOf(name));
  const flooding = flood && startFlood({ kind: flood, seed: round });
  await flooding?.ready;
  const took = await send(lines);
  const written = await flooding?.written;
  if (written) {
    const plain = { vs: null, ratio: null };
    const rate = written.messages / SECONDS;
    print({ case: `${name}: flood`, value: rate, unit: 'messages/s', ...plain });
  }
  return took;
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

async function send(lines: readonly LoadMessage[]): Promise<number[]> {
  const dueMs = new Map<string, number>();
  const final: number[] = [];
  const topics = [...new Set(lines.map(({ from }) => statusesOf(from.bic)))];
  const ends = await Promise.all(topics.map((topic) => network.log.endOffset(topic, 0)));
  let isOver = false;
  const follow = async (topic: string, from: number) => {
    for (let next = from; !isOver; ) {
      const records = await network.log.read(topic, 0, next, 500, { waitMs: 100 });
      const nowMs = performance.now();
      for (const { value, logOffset } of records) {
        next = logOffset + 1;
        const text = Buffer.from(value).toString('utf8');
        const uetr = /"OrgnlUETR":"([^"]+)"/.exec(text)?.[1] ?? '';
        const due = dueMs.get(uetr);
        if (due === undefined || !/"TxSts":"ACSC"/.test(text)) continue;
        dueMs.delete(uetr);
        final.push(nowMs - due);
      }
    }
  };
  const following = topics.map((topic, at) => follow(topic, ends[at] as number));
  const startMs = performance.now();
  const sending: Promise<unknown>[] = [];
  for (const [index, { uetr, message }] of lines.entries()) {
    const due = startMs + (index * 1000) / RATE;
    while (performance.now() < due) await pause(1);
    dueMs.set(uetr, due);
    sending.push(network.log.produce(PAYMENTS, [message]));
  }
  await Promise.all(sending);
  const endMs = performance.now() + FINAL_MAX_MS;
  while (dueMs.size > 0 && performance.now() < endMs) await pause(20);
  isOver = true;
  await Promise.all(following);
  if (dueMs.size > 0) throw new Error(`${dueMs.size} honest payments did not settle`);
  return final;
}

/** `ready` when it has prepared what it writes; it begins then. */
function startFlood(orders: Pick<FloodOrders, 'kind' | 'seed'>) {
  const child = fork(fileURLToPath(new URL('./floods/topic-flood.child.js', import.meta.url)), [
    JSON.stringify({
      ...orders,
      brokers: banks,
      bic: flooder,
      password: PASSWORD,
      seconds: SECONDS,
    }),
  ]);
  const written = new Promise<FloodWritten>((resolve, reject) => {
    child.on('message', (message: FloodWritten | { prepared: number }) => {
      if ('messages' in message) resolve(message);
    });
    child.once('exit', (code) => code !== 0 && reject(new Error(`the flood ended with ${code}`)));
  });
  return {
    ready: new Promise<void>((resolve) => child.once('message', () => resolve())),
    written,
  };
}
