/** The messages of the crash test: each follows from its number, so that any can be checked. */
import type { LogMessage, TopicSpec } from '../../services/platform/log/log.ts';

export const CRASH_TOPICS: readonly TopicSpec[] = [
  { name: 'payments', partitions: 4, timestamps: 'append' },
  { name: 'pool.main.input', partitions: 1, timestamps: 'create' },
  { name: 'statuses', partitions: 2, timestamps: 'create' },
];

export const crashTopic = (call: number): string => CRASH_TOPICS[call % CRASH_TOPICS.length]!.name;

/** Between 0 and about 3,000 bytes that are like no other message's. */
export function crashMessage(number: number): LogMessage {
  const value = new Uint8Array((number * 7919) % 3_000);
  let state = number + 1;
  for (let i = 0; i < value.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    value[i] = state >>> 24;
  }
  return {
    key: number % 10 === 0 ? null : `BANK${number % 23}`,
    value,
    headers: { number: String(number), ce_type: 'pacs.008.001.08' },
  };
}
