import { poolInput } from '../protocol/names/topic-plan.ts';
import type { LogPort } from './service-context.ts';

/** Records read together. */
const READ_RECORDS = 500;

interface PlacedRecord {
  readonly position: number;
  readonly value: Uint8Array;
}

/**
 * Records of a pool's input that events name, in the order of their positions.
 * @throws Error where the input has none at one of them
 */
export async function placedRecords(
  log: Pick<LogPort, 'read'>,
  pool: string,
  positions: Iterable<number>,
): Promise<PlacedRecord[]> {
  const topic = poolInput(pool);
  const wanted = [...positions].sort((one, other) => one - other);
  const found: PlacedRecord[] = [];
  while (found.length < wanted.length) {
    const from = wanted[found.length] as number;
    const records = await log.read(topic, 0, from, READ_RECORDS);
    if (records.length === 0)
      throw new Error(`${topic} ends before position ${from}, which events name`);
    for (const { logOffset, value } of records)
      if (logOffset === wanted[found.length]) found.push({ position: logOffset, value });
  }
  return found;
}
