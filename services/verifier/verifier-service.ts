import { PoolClosedError } from '../core/verification/verification-pool.ts';
import { IDLE_WAIT_MS, persist, together } from '../live/retry-loop.ts';
import type { MessageBatch, RunningService, ServiceContext } from '../live/service-context.ts';
import { progressIn } from '../live/topic-reader.ts';
import type { Currencies } from '../protocol/messages/instruction.ts';
import type { Message } from '../protocol/names/message.ts';
import { PAYMENTS, PAYMENTS_REJECTED, poolInput, TELEMETRY } from '../protocol/names/topic-plan.ts';
import { telemetryMessage } from '../protocol/records/telemetry.ts';
import { unverifiable } from './dead-letters.ts';
import { KeyFeed } from './key-feed.ts';
import { type LanePosition, startLanes } from './messages-waiting-for-verification.ts';
import { NOTICES_LOGGED_PER_MINUTE } from './notices-logged-per-minute.ts';
import {
  createVerifier,
  type InputForPool,
  type SignatureVerification,
  VerdictMissing,
  type VerifiedBatch,
  type Verifier,
} from './verifier.ts';

/**
 * Verifiers of a network, live: the members of one consumer group share the partitions of
 * `payments`. What they read comes in turns that are fair to its senders. Each turn's records go to the
 * pools' inputs and what cannot be attributed to `payments.rejected`; when both are durable the
 * partition's position is committed, the first offset whose turn is not over. After a crash what stands
 * from there on comes again, and clearing knows its messages by their identities.
 */
export interface VerifierServiceOptions {
  readonly network: string;
  readonly currencies: Currencies;
  readonly defaultPool: string;
  readonly paymentPartitions: number;
  readonly verification: SignatureVerification;
  /** See VerifierOptions; default NOTICES_LOGGED_PER_MINUTE. */
  readonly noticesPerMinute?: number;
  /** Threads that verify beside this one, at present; default 0. */
  readonly threads?: () => number;
}

export const VERIFIERS_GROUP = 'verifiers';
/** More are verified together where there are more: batches pay. */
const BATCH_RECORDS = 1024;
/** Positions are committed so often at most; what comes between is verified again after a crash. */
const COMMIT_MS = 100;

export async function startVerifier(
  context: ServiceContext,
  options: VerifierServiceOptions,
): Promise<RunningService> {
  const { log, probes } = context;
  const { network, currencies, defaultPool, verification } = options;
  const { noticesPerMinute = NOTICES_LOGGED_PER_MINUTE } = options;
  const verifier = createVerifier(
    { network, currencies, defaultPool, noticesPerMinute },
    verification,
  );
  let keysKnown = 0;
  const tellRoom = watchRoom(context, verification);
  const keys = await KeyFeed.start(context, (key) => {
    verifier.learn(key);
    keysKnown += 1;
    tellRoom();
  });
  probes.readiness('keys', () => (keysKnown > 0 ? null : 'no participant is known yet'));
  let stopping = false;
  const lanes = startLanes({
    senderOf: (message) => verifier.senderOf(message),
    take: createWork(context, options, verifier, () => stopping),
    commit: committing(context, () => stopping),
    elapsedMs: context.elapsedMs,
  });
  let shares = 0;
  /** Who knows nobody would refuse the first messages of a network that is being founded. */
  const knowsSomebody = async () => {
    while (keysKnown === 0 && !stopping) await context.pause(IDLE_WAIT_MS);
    return keysKnown > 0;
  };
  const subscribing = log.subscribe({
    group: VERIFIERS_GROUP,
    topics: [PAYMENTS],
    maxRecords: BATCH_RECORDS,
    // What a bank sent may hold up nobody: it is refused.
    handsUnreadable: true,
    handle: async (batch) => {
      const share = shares;
      // What is shared out anew meanwhile comes again.
      if ((await knowsSomebody()) && share === shares) await lanes.offer(batch);
    },
    released() {
      shares += 1;
      lanes.forget();
    },
  });
  const subscription = await subscribing.catch(async (error: unknown) => {
    await keys.stop();
    throw error;
  });
  const handled = new Map<number, number>();
  for (let partition = 0; partition < options.paymentPartitions; partition++)
    probes.consumer(`payments/${partition}`, {
      // Another member of the group may have the partition: what counts is that somebody handles it.
      ...progressIn(log, PAYMENTS, partition, () => handled.get(partition) ?? null),
      end: async () => {
        handled.set(partition, (await log.committed(VERIFIERS_GROUP, PAYMENTS, partition)) ?? 0);
        return log.endOffset(PAYMENTS, partition);
      },
    });
  const stop = async () => {
    stopping = true;
    // As long as the turns in hand commit, the member stays in its group.
    await lanes.stop();
    await subscription.stop();
  };
  return together([keys, lanes, { stop, done: subscription.stopped }]);
}

/** The positions of all partitions in one call, so often at most. Of one partition one is asked for at a time. */
function committing(
  context: ServiceContext,
  stopping: () => boolean,
): (position: LanePosition) => Promise<void> {
  const { log, reached, elapsedMs, pause } = context;
  const waiting = new Map<number, LanePosition>();
  let next: Promise<void> | null = null;
  let committedMs = Number.NEGATIVE_INFINITY;
  const commit = async () => {
    // Also without a pause: what all partitions ask for in this turn of the event loop goes together.
    await pause(stopping() ? 0 : Math.max(0, committedMs + COMMIT_MS - elapsedMs()));
    const positions = [...waiting.values()];
    waiting.clear();
    next = null;
    committedMs = elapsedMs();
    reached('verifier.beforeCommit');
    await persist(context, stopping, () => log.commit(VERIFIERS_GROUP, positions));
    reached('verifier.afterCommit');
  };
  return (position) => {
    waiting.set(position.partition, position);
    next ??= commit();
    return next;
  };
}

/** Says once that keys have found no room in the verifier's tables, and keeps the figure. */
function watchRoom(
  { figures, logger }: ServiceContext,
  verification: SignatureVerification,
): () => void {
  const gauge = figures.gauge(
    'corridor_verifier_keys_without_room',
    'Keys beyond the room of the verifier’s tables, whose signatures take three times the time',
  );
  let told = 0;
  return () => {
    const { keysWithoutRoom } = verification.figures;
    if (keysWithoutRoom === told) return;
    if (told === 0)
      logger.warn({}, 'no room for another key: signatures under further ones take longer');
    told = keysWithoutRoom;
    gauge(told);
  };
}

function createWork(
  context: ServiceContext,
  { verification, threads = () => 0 }: VerifierServiceOptions,
  verifier: Verifier,
  stopping: () => boolean,
) {
  const { log, logger, reached, figures, elapsedMs, nowMs } = context;
  const count = {
    messages: figures.counter('corridor_messages_total', 'Messages read from payments'),
    invalid: figures.counter('corridor_messages_invalid_total', 'Messages that did not verify'),
    rejected: figures.counter('corridor_messages_rejected_total', 'Messages that name no sender'),
  };
  const duration = figures.duration('corridor_verifier_batch_seconds', 'Time to verify a batch');

  const produce = async (to: string, messages: readonly Message[]) => {
    const name = POINTS[to] ?? 'Input';
    reached(`verifier.before${name}`);
    await log.produce(to, messages);
    reached(`verifier.after${name}`);
  };

  return async ({ topic, partition, records }: MessageBatch): Promise<void> => {
    reached('verifier.beforeVerification');
    for (const { logOffset, unreadable } of records)
      if (unreadable !== undefined)
        logger.error({ topic, partition, logOffset, reason: unreadable }, 'refuses the unreadable');
    const startedMs = elapsedMs();
    const verified = await verifyEach(context, verifier, records);
    const tookMs = elapsedMs() - startedMs;
    reached('verifier.beforeOutputs');
    const telemetry = telemetryMessage('verifier', {
      atMs: nowMs(),
      batchSize: records.length,
      valid: verified.valid,
      invalid: verified.invalid,
      durationNs: BigInt(Math.round(tookMs * 1e6)),
      threads: threads(),
      keysWithoutRoom: verification.figures.keysWithoutRoom,
    });
    await persist(context, stopping, () =>
      Promise.all([
        ...outputs(verified).map(([to, messages]) => produce(to, messages)),
        produce(TELEMETRY, [telemetry]),
      ]),
    );
    reached('verifier.afterOutputs');
    count.messages(records.length);
    count.invalid(verified.invalid);
    count.rejected(verified.rejected.length);
    duration(tookMs / 1000);
  };
}

/** How points name what is written; all else is a pool's input. */
const POINTS: Readonly<Record<string, string>> = {
  [PAYMENTS_REJECTED]: 'Rejected',
  [TELEMETRY]: 'Telemetry',
};

function outputs({ inputs, rejected }: VerifiedBatch): [string, Message[]][] {
  const byTopic = new Map<string, Message[]>();
  for (const { pool, value } of inputs) {
    const topic = poolInput(pool);
    const messages = byTopic.get(topic) ?? [];
    messages.push({ key: pool, value, headers: {} });
    byTopic.set(topic, messages);
  }
  if (rejected.length > 0) byTopic.set(PAYMENTS_REJECTED, rejected);
  return [...byTopic];
}

const isNoMessagesFault = (error: unknown) =>
  error instanceof VerdictMissing || error instanceof PoolClosedError;

/**
 * A message must not be able to stop its partition, whatever is in it: where a batch fails, its
 * messages are taken one by one, and one that fails alone is rejected. A verdict that is not there is
 * no message's fault: it ends the service before anything is written.
 */
async function verifyEach(
  { logger }: ServiceContext,
  verifier: Verifier,
  records: MessageBatch['records'],
): Promise<VerifiedBatch> {
  try {
    return await verifier.verify(records);
  } catch (error) {
    if (isNoMessagesFault(error)) throw error;
    const { message } = error as Error;
    logger.warn({ messages: records.length, reason: message }, 'verifies one by one');
  }
  const inputs: InputForPool[] = [];
  const rejected: Message[] = [];
  const counts = { valid: 0, invalid: 0 };
  const failures: unknown[] = [];
  for (const record of records)
    try {
      const one = await verifier.verify([record]);
      inputs.push(...one.inputs);
      rejected.push(...one.rejected);
      counts.valid += one.valid;
      counts.invalid += one.invalid;
    } catch (error) {
      if (isNoMessagesFault(error)) throw error;
      const { partition, logOffset } = record;
      const { message } = error as Error;
      logger.error({ partition, logOffset, reason: message }, 'a message cannot be verified');
      failures.push(error);
      rejected.push(unverifiable(record));
    }
  // Where not one can be verified it is not the messages that are at fault.
  if (failures.length === records.length && failures.length > 1) throw failures[0];
  return { inputs, rejected, ...counts };
}
