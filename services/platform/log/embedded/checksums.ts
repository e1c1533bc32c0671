/**
 * Checksums of what the embedded log keeps: each row of its file has one, over its columns and the
 * place where it belongs (record-runs.ts for a run of messages, store-table.ts for the other rows). A
 * bit that flips, or a row that comes to lie elsewhere, is found when it is read. CRC-32, as zlib has
 * it, finds every change within 32 bits, and of others all but one in 2^32.
 */
import { crc32 } from 'node:zlib';
import { LogError } from '../log.ts';

/** @param bytes what belongs to the row beside its columns */
export function checksumOf(columns: readonly (string | number)[], bytes?: Uint8Array): number {
  const first = crc32(JSON.stringify(columns));
  return bytes === undefined ? first : crc32(bytes, first);
}

/** A partition of the log in a folder. */
export interface PartitionPlace {
  readonly folder: string;
  readonly topic: string;
  readonly partition: number;
  /** Records before this offset were written by a version without checksums. */
  readonly unchecked: number;
}

/** @param what is wrong, in words */
export function damaged(folder: string, what: string, cause?: unknown): LogError {
  return new LogError(
    'damaged',
    `the log in ${folder} is damaged: ${what}; restore it from a copy`,
    {
      cause,
    },
  );
}

export function damagedAt(
  { folder, topic, partition }: Omit<PartitionPlace, 'unchecked'>,
  logOffset: number,
  what: string,
  cause?: unknown,
): LogError {
  return damaged(
    folder,
    `topic ${topic} partition ${partition} offset ${logOffset}: ${what}`,
    cause,
  );
}
