import type { ConsumerProgress, LoggedMessage, LogPort } from './service-context.ts';

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

const READ_RECORDS = 1_000;

/**
 * What stands in a partition, from an offset on (default: the first) up to its end, or to `end`. What
 * cannot be read is handed over too where `handsUnreadable` says so.
 */
export async function* recordsOf(
  log: Pick<LogPort, 'read' | 'startOffset'>,
  topic: string,
  partition = 0,
  {
    from,
    end = Number.POSITIVE_INFINITY,
    handsUnreadable = false,
  }: { readonly from?: number; readonly end?: number; readonly handsUnreadable?: boolean } = {},
): AsyncGenerator<LoggedMessage, void> {
  let next = from ?? (await log.startOffset(topic, partition));
  while (next < end) {
    const most = Math.min(READ_RECORDS, end - next);
    const records = await log.read(topic, partition, next, most, { handsUnreadable });
    if (records.length === 0) return;
    for (const record of records) {
      next = record.logOffset + 1;
      if (next <= end) yield record;
    }
  }
}
