import type { ConsumerProgress, LogPort } from './ports.ts';

/**
 * How far a reader of a partition is, for the watchdog.
 * @param position offset of the next record to be handled; null: not known yet
 */
export function progressIn(
  log: Pick<LogPort, 'read' | 'endOffset'>,
  topic: string,
  partition: number,
  position: () => number | null,
): ConsumerProgress {
  return {
    position,
    end: () => log.endOffset(topic, partition),
    nextRecord: (from) => nextRecord(log, topic, partition, from),
  };
}

/**
 * Offset of the first record from an offset on; null where there is none. What lies before the end of a
 * partition need not be one: on Kafka a transaction ends with a marker, which takes an offset and is
 * nobody's to read.
 */
export async function nextRecord(
  log: Pick<LogPort, 'read'>,
  topic: string,
  partition: number,
  from: number,
): Promise<number | null> {
  const [record] = await log.read(topic, partition, from, 1, { handsUnreadable: true });
  return record?.logOffset ?? null;
}
