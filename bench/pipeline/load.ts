/**
 * The load of the benchmarks of the whole path: signed JSON payments of 64 banks, prepared beforehand,
 * sent either as fast as they are settled or at a rate, and followed to their last status. What does
 * not add up throws: it has no figure.
 */
import { randomBytes } from 'node:crypto';
import { loadMessages } from '../../services/drive/loadgen.ts';
import type { LogPort } from '../../services/live/service-context.ts';
import { readStatusReport } from '../../services/protocol/messages/status-report.ts';
import { SYSTEM_EVENT } from '../../services/protocol/messages/system-event.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { INTERIM_HEADER } from '../../services/protocol/names/message-headers.ts';
import { deliveriesOf, PAYMENTS, statusesOf } from '../../services/protocol/names/topic-plan.ts';
import { load } from '../../tests/support/run.ts';
import { quantile } from '../measure.ts';
import { PreparedLoad } from './prepared.ts';

export const BANKS = 64;
export const scenario = load('load');
export const bics = scenario.participants.map(({ bic }) => bic as Bic);
/** Messages in one call of a sender. */
const CALL_MESSAGES = 512;
/** Payments on their way at most: a sender that is faster than settlement waits. */
const ON_THE_WAY_MAX = 8_192;
const LOOK_MS = 10;
const READ_RECORDS = 4_096;
/** Between the subscription and the first payment. */
const SETTLE_MS = 1_000;

/** A live network that can be sent payments. */
export interface Path {
  readonly log: LogPort;
  secretKeyOf(bic: string): Uint8Array;
  /** Statuses that are out since the network began, by whatever its log or its services tell. */
  statusesOut(): Promise<number>;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Signed now: a payment is good for five minutes. */
export function prepare(path: Path, payments: number, seed: number): PreparedLoad {
  const request = {
    scenario,
    payments,
    banks: BANKS,
    seed,
    startMs: Date.now(),
    rate: 0,
    reads: false,
    secretKeyOf: path.secretKeyOf,
  };
  return new PreparedLoad(loadMessages(request));
}

/** Payments a second, from the first submission until the last status is out. */
export async function throughput(path: Path, load: PreparedLoad): Promise<number> {
  const before = await path.statusesOut();
  const startedMs = performance.now();
  let sent = 0;
  let out = 0;
  const calls: Promise<unknown>[] = [];
  while (out < load.length) {
    while (sent < load.length && sent - out < ON_THE_WAY_MAX) {
      const call = load.messages(sent, sent + CALL_MESSAGES);
      calls.push(path.log.produce(PAYMENTS, call));
      sent += call.length;
    }
    await pause(LOOK_MS);
    out = (await path.statusesOut()) - before;
  }
  const seconds = (performance.now() - startedMs) / 1000;
  await Promise.all(calls);
  return load.length / seconds;
}

/** Ms from the instant at which each payment was due to be sent until its bank has its last status. */
export async function latencies(path: Path, load: PreparedLoad, rate: number): Promise<number[]> {
  const dueMs = new Map<string, number>();
  const took: number[] = [];
  const seen = new Set<string>();
  const readers = await followStatuses(path.log, ({ key, headers }) => {
    if (headers[INTERIM_HEADER] !== undefined) return;
    const due = dueMs.get(key as string);
    if (due === undefined || seen.has(key as string)) return;
    seen.add(key as string);
    took.push(performance.now() - due);
  });
  const startMs = performance.now();
  let sent = 0;
  while (sent < load.length) {
    const due: Message[] = [];
    const nowMs = performance.now();
    for (; sent < load.length && startMs + (sent * 1000) / rate <= nowMs; sent++) {
      dueMs.set(load.uetrs[sent] as string, startMs + (sent * 1000) / rate);
      due.push(load.message(sent));
    }
    if (due.length > 0) await path.log.produce(PAYMENTS, due);
    await pause(1);
  }
  while (took.length < load.length) await pause(LOOK_MS);
  await readers.stop();
  const at = (q: number) => quantile(took, q).toFixed(0);
  process.stderr.write(
    `at ${rate} payments/s: p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, max ${at(1)} ms\n`,
  );
  return took;
}

/** Reads what comes to the banks' statuses from now on, by one subscription, as a gateway does. */
async function followStatuses(log: LogPort, take: (message: Message) => void) {
  const group = `bench-${randomBytes(4).toString('hex')}`;
  const topics = bics.map(statusesOf);
  const ends = topics.map(async (topic) => {
    return { topic, partition: 0, logOffset: await log.endOffset(topic, 0) };
  });
  await log.commit(group, await Promise.all(ends));
  const subscription = await log.subscribe({
    group,
    topics,
    maxRecords: READ_RECORDS,
    async handle({ records }) {
      for (const record of records) take(record);
    },
  });
  await pause(SETTLE_MS);
  return subscription;
}

/**
 * Every payment has one status, ACSC, at its sender, and one delivery at some bank; but for the business day,
 * of which all banks are told, and for marked repeats of what a verifier was handed again (on a machine that is short of time
 * its group may be shared out anew), nothing else.
 */
export async function checkAll(log: LogPort, sent: ReadonlySet<string>): Promise<void> {
  const judge = (value: Uint8Array) => {
    const status = readStatusReport(value)?.status;
    if (status !== 'ACSC') throw new Error(`a status says ${status}: no figure`);
  };
  const statuses = await uetrsIn(log, statusesOf, judge, [SYSTEM_EVENT]);
  const deliveries = await uetrsIn(log, deliveriesOf, () => {});
  for (const [what, found] of Object.entries({ statuses, deliveries }))
    if (found.length !== sent.size || !found.every((uetr) => sent.has(uetr as string)))
      throw new Error(`${sent.size} payments were sent, there are ${found.length} ${what}`);
}

async function uetrsIn(
  log: LogPort,
  topicOf: (bic: Bic) => string,
  look: (value: Uint8Array) => void,
  /** Types of messages that are about no payment. */
  beside: readonly string[] = [],
): Promise<(string | null)[]> {
  const keys: (string | null)[] = [];
  for (const bic of bics) {
    const topic = topicOf(bic);
    const end = await log.endOffset(topic, 0);
    for (let next = 0; next < end; ) {
      const records = await log.read(topic, 0, next, READ_RECORDS);
      for (const { key, value, headers, logOffset } of records) {
        next = logOffset + 1;
        if (beside.includes(headers.ce_type ?? '') || headers[INTERIM_HEADER]) continue;
        if (headers.ce_repeat === undefined) keys.push(key);
        look(value);
      }
    }
  }
  return keys;
}
