import type { LogRecord } from '../log.ts';
import { checksumOf, damagedAt, type PartitionPlace } from './checksums.ts';

/**
 * A run is consecutive records of one partition that were produced by one call. The embedded log keeps
 * them as these bytes in memory, between its threads and in its file: what nobody reads is never made
 * an object, and a row of the file holds many. One record after the other, little-endian:
 *
 *    0 f64 time, ms                  8 u32 bytes of the key, plus one (0: none)
 *   12 u32 bytes of the headers     16 u32 bytes of the value
 *   20 key (UTF-8), headers (UTF-8, a JSON object), value
 */
const HEAD_BYTES = 20;
/** UTF-8 has at most so many bytes for a unit of UTF-16. */
const UNIT_BYTES = 3;
/** A run that is longer goes on as the next: whoever wants one record of it reads all. */
export const RUN_BYTES_MAX = 131_072;
/** `{}`, as which no headers are written. */
const NO_HEADERS_BYTES = 2;

/** Where a run lies in what was put together with others. */
export interface RunPlace {
  readonly start: number;
  readonly end: number;
  readonly count: number;
  /** Time of its last record, ms. */
  readonly lastMs: number;
}

/** A run with its place in a partition, in memory or as a row of the file. */
export interface Run {
  readonly firstOffset: number;
  readonly count: number;
  /** Time of its last record, ms. */
  readonly lastMs: number;
  readonly bytes: Buffer;
  /** See `runChecksum`; null where a version without checksums wrote it. */
  readonly checksum: number | null;
}

/** Over the run, where it lies, and what its row says of it. */
export const runChecksum = (
  { topic, partition }: Pick<PartitionPlace, 'topic' | 'partition'>,
  { firstOffset, count, lastMs, bytes }: Omit<Run, 'checksum'>,
): number => checksumOf([topic, partition, firstOffset, count, lastMs], bytes);

/** @throws LogError `damaged` where it is not what was written there */
export function checkRun(run: Run, place: PartitionPlace): void {
  const { firstOffset, count, bytes, checksum } = run;
  const last = firstOffset + count - 1;
  const range = count === 1 ? `record ${last}` : `the records from ${firstOffset} to ${last}`;
  const [are, their] = count === 1 ? ['is', 'its'] : ['are', 'their'];
  if (!(bytes instanceof Uint8Array))
    throw damagedAt(place, firstOffset, `${range} ${are} no bytes`);
  if (checksum === null) {
    if (firstOffset + count <= place.unchecked && holdsRecords(bytes, count)) return;
    throw damagedAt(place, firstOffset, `${range} ${are} torn, or lost ${their} checksum`);
  }
  const found = runChecksum(place, run);
  if (found === checksum) return;
  const [was, is] = [checksum, found].map((sum) => sum.toString(16).padStart(8, '0'));
  throw damagedAt(place, firstOffset, `${range} changed (checksum ${was}, now ${is})`);
}

/** All that can be told of a run without a checksum: its lengths and its headers fit. */
function holdsRecords(bytes: Buffer, count: number): boolean {
  const view = viewOf(bytes);
  let records = 0;
  let at = 0;
  for (; at + HEAD_BYTES <= bytes.length; records++) {
    const { keyEnd, headersEnd, end } = layoutAt(view, at);
    if (end > bytes.length) return false;
    try {
      JSON.parse(bytes.toString('utf8', keyEnd, headersEnd));
    } catch {
      return false;
    }
    at = end;
  }
  return at === bytes.length && records === count;
}

const viewOf = ({ buffer, byteOffset, length }: Buffer) => new DataView(buffer, byteOffset, length);

/** Where the parts of the record at `at` lie. */
function layoutAt(view: DataView, at: number) {
  const keyBytes = view.getUint32(at + 8, true);
  const keyStart = at + HEAD_BYTES;
  const keyEnd = keyStart + Math.max(0, keyBytes - 1);
  const headersEnd = keyEnd + view.getUint32(at + 12, true);
  const end = headersEnd + view.getUint32(at + 16, true);
  return { hasKey: keyBytes > 0, keyStart, keyEnd, headersEnd, end };
}

const FIRST_BYTES = 65_536;

/**
 * Puts runs together in one piece of memory, which another thread is shown. It is shared, and not handed over: what
 * comes back from a thread the collector counts as new, all of it, however little was in it, and collects for it.
 */
export class RunWriter {
  #bytes: Buffer;
  #view: DataView;
  #length = 0;

  /** @param memory to be used again; it is exchanged for a larger one where that is needed */
  constructor(memory = new SharedArrayBuffer(FIRST_BYTES)) {
    this.#bytes = Buffer.from(memory);
    this.#view = new DataView(memory);
  }

  /** Bytes put so far. */
  get length(): number {
    return this.#length;
  }

  get memory(): SharedArrayBuffer {
    return this.#bytes.buffer as unknown as SharedArrayBuffer;
  }

  /** Takes back what was put after `length` was so much. */
  truncate(length: number): void {
    this.#length = length;
  }

  put(timeMs: number, key: string | null, headers: string, value: Uint8Array): void {
    const texts = ((key?.length ?? 0) + headers.length) * UNIT_BYTES;
    this.#makeRoom(HEAD_BYTES + texts + value.length);
    const bytes = this.#bytes;
    const at = this.#length;
    const keyStart = at + HEAD_BYTES;
    const keyEnd = key === null ? keyStart : keyStart + bytes.write(key, keyStart);
    const headersEnd = keyEnd + bytes.write(headers, keyEnd);
    bytes.set(value, headersEnd);
    const view = this.#view;
    view.setFloat64(at, timeMs, true);
    view.setUint32(at + 8, key === null ? 0 : keyEnd - keyStart + 1, true);
    view.setUint32(at + 12, headersEnd - keyEnd, true);
    view.setUint32(at + 16, value.length, true);
    this.#length = headersEnd + value.length;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.from(new SharedArrayBuffer(Math.max(needed, this.#bytes.length * 2)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/**
 * Adds a run's records from an offset on to `into`, which takes `recordsMax` in all.
 * @throws LogError `damaged` where the run is not what was written there
 */
export function readRun(
  run: Run,
  place: PartitionPlace,
  fromOffset: number,
  recordsMax: number,
  into: LogRecord[],
): void {
  checkRun(run, place);
  const { topic, partition } = place;
  const { bytes } = run;
  const view = viewOf(bytes);
  let logOffset = run.firstOffset;
  for (let at = 0; at < bytes.length && into.length < recordsMax; logOffset++) {
    const { hasKey, keyStart, keyEnd, headersEnd, end } = layoutAt(view, at);
    if (logOffset >= fromOffset)
      into.push({
        topic,
        partition,
        logOffset,
        timestampMs: view.getFloat64(at, true),
        key: hasKey ? bytes.toString('utf8', keyStart, keyEnd) : null,
        value: bytes.subarray(headersEnd, end),
        headers:
          headersEnd - keyEnd === NO_HEADERS_BYTES
            ? {}
            : JSON.parse(bytes.toString('utf8', keyEnd, headersEnd)),
      });
    at = end;
  }
}
