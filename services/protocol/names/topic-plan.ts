import type { Bic } from './bic-and-uetr.ts';

/**
 * The topics of a network. Who writes and who reads each: `services/sandbox/kafka-rights.ts`. What became of payments is in
 * `pool.<pool>.events`, as `records/events-message.ts` writes it; what a bank's topics hold: `services/contracts/bank-topics.ts`.
 */
export const POOL_PATTERN = '^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$';
const POOL = new RegExp(POOL_PATTERN);
export const PAYMENTS = 'payments';
export const PAYMENTS_REJECTED = 'payments.rejected';
export const PARTICIPANTS = 'participants';
/** At which rates, and up to how much, payments can be made that change currency. */
export const QUOTES = 'quotes';
export const TELEMETRY = 'telemetry';
/** What became of the operator's commands. */
export const COMMANDS = 'commands';
/** The checkpoints of the pools' transparency logs, as signed notes; keyed by the log's origin. */
export const BLOCKS = 'blocks';
/** Their cosignatures: signed notes with the log's line and those of witnesses and auditors; keyed by the log's origin. */
export const COSIGNATURES = 'cosignatures';
/** Cases of alerts: what the rules found, and what operators commanded about it (records/case-record.ts). */
export const CASES = 'cases';
/** Which key the salts of a log's day come from, by its digest: the first word of a log and day holds. */
export const DAY_KEYS = 'daykeys';

export const poolInput = (pool: string) => `pool.${pool}.input`;
export const poolEvents = (pool: string) => `pool.${pool}.events`;
export const statusesOf = (bic: Bic) => `statuses.${bic}`;
export const deliveriesOf = (bic: Bic) => `deliveries.${bic}`;
export const statementsOf = (bic: Bic) => `statements.${bic}`;
/** Which bank a topic tells of its messages or accounts; null: none. What others sent it is not told. */
export const bankToldBy = (topic: string): Bic | null =>
  topic.startsWith('statuses.') || topic.startsWith('statements.')
    ? (topic.slice(topic.indexOf('.') + 1) as Bic)
    : null;

/** The pools whose input is among these topics. */
export const poolsOf = (topics: Iterable<string>): string[] =>
  [...topics].flatMap((topic) => {
    const pool = topic.split('.')[1] ?? '';
    return topic === poolInput(pool) && POOL.test(pool) ? [pool] : [];
  });

/** The key on `payments`: all that a bank sends keeps its order, in one partition (platform/log/kafka/wire/partitioner.ts). */
export const paymentsKeyOf = (sender: string): string => sender;

/** Partitions of `payments` where a network's file says nothing else: in a simulation, and of a new sandbox. */
export const PAYMENT_PARTITIONS = 4;

/** A topic to be created: `append` means that the log stamps each record with its own clock. */
export interface TopicPlan {
  readonly name: string;
  readonly partitions: number;
  readonly timestamps: 'create' | 'append';
  readonly compacted?: boolean;
  /** What is older may be forgotten, ms; absent: it is kept for ever. */
  readonly retentionMs?: number;
}

const DAY_MS = 86_400_000;
const MESSAGES_KEPT = { retentionMs: 30 * DAY_MS };
const TELEMETRY_KEPT = { retentionMs: 7 * DAY_MS };

const one = (name: string): TopicPlan => ({
  name,
  partitions: 1,
  timestamps: 'create',
  compacted: false,
});

/** The topics that a participant alone may read. */
export const topicsOf = (bic: Bic): TopicPlan[] =>
  [statusesOf(bic), deliveriesOf(bic), statementsOf(bic)].map((name) => ({
    ...one(name),
    ...MESSAGES_KEPT,
  }));

/** Every topic of a network with these pools and participants, in a fixed order.
 * @param paymentPartitions of the network's file; a new one has PAYMENT_PARTITIONS */
export function topicPlan(
  pools: readonly string[],
  bics: readonly Bic[],
  paymentPartitions: number,
): TopicPlan[] {
  return [
    {
      name: PAYMENTS,
      partitions: paymentPartitions,
      timestamps: 'append',
      compacted: false,
      ...MESSAGES_KEPT,
    },
    { ...one(PAYMENTS_REJECTED), ...MESSAGES_KEPT },
    { ...one(PARTICIPANTS), compacted: true },
    { ...one(QUOTES), compacted: true },
    { ...one(COMMANDS), compacted: true },
    { ...one(BLOCKS), compacted: true },
    // Under one key a bank could displace what another wrote.
    { ...one(COSIGNATURES), ...MESSAGES_KEPT },
    one(DAY_KEYS),
    one(CASES),
    { ...one(TELEMETRY), ...TELEMETRY_KEPT },
    ...pools.flatMap((pool) => [one(poolInput(pool)), one(poolEvents(pool))]),
    ...bics.flatMap(topicsOf),
  ];
}
