/**
 * Record batches as a fetch brings them. Whoever may write a topic decides what is in them, so they are
 * read in one pass over their bytes, with nothing that grows faster than these:
 *
 * - kafkajs copies all headers of a record for each header, and hands a batch's records to one call as
 *   arguments: a message of 2 MiB of headers takes it hours, and 150,000 small records end it.
 * - 2 MiB can unfold to gigabytes, and kafkajs ends at any codec but gzip. Here gzip is unfolded up to
 *   what an uncompressed batch may have, and no other codec: a batch beyond that is read as one
 *   message that says so, in the place of its last record, and whom the records at its beginning name. What
 *   those are told of it: verifier/verifier.ts, `withNotices`. The broker cannot be asked to unfold it: it takes
 *   memory for all of a batch before it holds it against any limit.
 *
 *   batch     i64 first offset, i32 bytes that follow, i32 epoch, i8 2, u32 CRC-32C, i16 attributes,
 *             i32 last delta, i64 first and i64 greatest time, i64 producer, i16 epoch,
 *             i32 sequence, i32 records
 *   record    varint bytes that follow, i8 0, varint time delta, varint delta, key and value (varint
 *             bytes, -1: none), varint headers: name, value
 *
 * https://kafka.apache.org/documentation/#recordbatch
 */
import { gunzipSync } from 'node:zlib';
import type { KafkaMessage } from 'kafkajs';
import { MESSAGE_BYTES_MAX } from '../../log.ts';
import { unfoldBeginning } from './bounded-decompression.ts';

/** A message as kafkajs' consumer takes it, of which its types know less. */
export type FetchedMessage = Omit<KafkaMessage, 'headers'> & {
  readonly headers: Readonly<Record<string, string>>;
  readonly magicByte: number;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
  /** Why the batch could not be read that this stands for. */
  readonly unreadable?: string;
  /** Whom the records at its beginning name as their senders. */
  readonly claims?: readonly string[];
};

interface BatchContext {
  readonly firstOffset: string;
  readonly lastOffsetDelta: number;
  readonly producerId: string;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
}

const MAGIC = 2;
/** Where a batch has its fields, in bytes from its begin. */
const AT = {
  bytes: 8,
  magic: 16,
  attributes: 21,
  lastDelta: 23,
  firstTime: 27,
  greatestTime: 35,
  producer: 43,
  count: 57,
  records: 61,
} as const;
/** `bytes` counts what comes after itself. */
const BYTES_BEFORE = 12;

const CODECS = ['', 'gzip', 'snappy', 'lz4', 'zstd', 'codec 5', 'codec 6', 'codec 7'] as const;
const CODEC = 0x07;
const APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/**
 * Kafka limits batches, not messages. A batch has the largest message and room for lengths and
 * header counts around it; one that is compressed may unfold to as much.
 */
export const BATCH_BYTES_MAX = 2 * MESSAGE_BYTES_MAX;
/**
 * A few bytes unfold to many empty records, each of which is work, and a refusal on disk, for all that
 * come after. Signatures do not compress: of signed messages more is left, whatever folds them.
 */
const FOLDED_BYTES_MIN = 32;

/** Names of headers come again and again: by a sum of their bytes, the last that had it. To make a text takes five times as long. */
const NAMES: string[] = new Array(256).fill('');
const NAME_BYTES = 32;

function nameIn(bytes: Buffer, start: number, end: number): string {
  let sum = 0;
  let isAscii = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    sum = (31 * sum + byte) & 0xff;
    isAscii &&= byte < 0x80;
  }
  const known = NAMES[sum] as string;
  if (known.length === end - start) {
    let at = start;
    while (at < end && known.charCodeAt(at - start) === bytes[at]) at++;
    if (at === end) return known;
  }
  const name = bytes.toString('utf8', start, end);
  // Of ASCII alone its units are its bytes: of any other, bytes that are another name, or none, may be the same.
  if (isAscii) NAMES[sum] = name;
  return name;
}

/** Reads a record; throws RangeError rather than beyond the end. */
class Cursor {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Zigzag; exact to 53 bits. */
  varint(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('a record ends in the middle of a number');
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  bytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('a record is longer than its batch');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** Of a name that comes twice the last counts. Nobody has a header `__proto__`. */
  headers(): Record<string, string> {
    const headers: Record<string, string> = {};
    for (let left = this.varint(); left > 0; left--) {
      const name = this.#text(true);
      const value = this.#text(false);
      if (name !== '__proto__') headers[name] = value;
    }
    return headers;
  }

  /** Bytes that are no UTF-8 are read with replacements; none as empty. */
  #text(isName: boolean): string {
    const length = this.varint();
    if (length <= 0) return '';
    const start = this.#at;
    const end = start + length;
    if (end > this.#bytes.length) throw new RangeError('a record is longer than its batch');
    this.#at = end;
    return isName && length <= NAME_BYTES
      ? nameIn(this.#bytes, start, end)
      : this.#bytes.toString('utf8', start, end);
  }
}

function readContext(batch: Buffer): BatchContext {
  const attributes = batch.readInt16BE(AT.attributes);
  return {
    firstOffset: String(batch.readBigInt64BE(0)),
    lastOffsetDelta: batch.readInt32BE(AT.lastDelta),
    producerId: String(batch.readBigInt64BE(AT.producer)),
    inTransaction: (attributes & TRANSACTIONAL) !== 0,
    isControlBatch: (attributes & CONTROL) !== 0,
  };
}

/** The records of a compressed batch; a text: why they are not read. */
function unfold(batch: Buffer, codec: string, count: number): Buffer | string {
  if (codec !== 'gzip')
    return `are compressed by ${codec}; expected uncompressed records, or by gzip`;
  if (batch.length - AT.records < count * FOLDED_BYTES_MIN)
    return `are compressed to less than ${FOLDED_BYTES_MIN} bytes each: nothing signed is`;
  try {
    return gunzipSync(batch.subarray(AT.records), { maxOutputLength: BATCH_BYTES_MAX });
  } catch (error) {
    return (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
      ? `unfold to more than ${BATCH_BYTES_MAX} bytes`
      : `are compressed by gzip, which cannot be unfolded (${(error as Error).message})`;
  }
}

/** Of one producer, which sends under one name. */
const CLAIMS_MAX = 8;
const SOURCE = 'ce_source';

/** Whom records name, as far as they can be read: by their header, or where it is missing by their key. */
function claimsIn(records: Buffer): string[] {
  const claims = new Set<string>();
  const cursor = new Cursor(records, 0);
  let key: Buffer | null = null;
  try {
    while (claims.size < CLAIMS_MAX) {
      cursor.varint();
      cursor.skip(1);
      cursor.varint();
      cursor.varint();
      key = cursor.bytes();
      cursor.bytes();
      const source = cursor.headers()[SOURCE] ?? '';
      const claim: string | undefined = source !== '' ? source : key?.toString();
      key = null;
      if (claim !== undefined) claims.add(claim);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // The beginning ends in this record, behind its key.
    if (key !== null) claims.add(key.toString());
  }
  return [...claims];
}

function readBatch(batch: Buffer, into: FetchedMessage[]): void {
  const batchContext = readContext(batch);
  const attributes = batch.readInt16BE(AT.attributes);
  const firstOffset = Number(batchContext.firstOffset);
  const firstTimeMs = Number(batch.readBigInt64BE(AT.firstTime));
  const greatestTime = String(batch.readBigInt64BE(AT.greatestTime));
  const count = batch.readInt32BE(AT.count);
  const codec = CODECS[attributes & CODEC] as string;
  const records = codec === '' ? batch : unfold(batch, codec, count);
  if (typeof records === 'string') {
    into.push({
      magicByte: MAGIC,
      attributes: 0,
      batchContext,
      timestamp: greatestTime,
      offset: String(firstOffset + batchContext.lastOffsetDelta),
      key: null,
      value: null,
      headers: {},
      isControlRecord: false,
      unreadable: `${count} records from offset ${firstOffset} on ${records}`,
      claims: claimsIn(unfoldBeginning(batch.subarray(AT.records), codec)),
    });
    return;
  }
  const cursor = new Cursor(records, records === batch ? AT.records : 0);
  for (let index = 0; index < count; index++) {
    cursor.varint();
    // Attributes, of which Kafka defines none.
    cursor.skip(1);
    const timeDeltaMs = cursor.varint();
    const offset = String(firstOffset + cursor.varint());
    const timestamp =
      (attributes & APPEND_TIME) === 0 ? String(firstTimeMs + timeDeltaMs) : greatestTime;
    const key = cursor.bytes();
    const value = cursor.bytes();
    const headers = cursor.headers();
    into.push({
      magicByte: MAGIC,
      attributes: 0,
      batchContext,
      timestamp,
      offset,
      key,
      value,
      headers,
      isControlRecord: batchContext.isControlBatch,
    });
  }
}

/** Whether these are batches of this format: what older brokers keep is not. */
export const areBatches = (bytes: Buffer): boolean =>
  bytes.length <= AT.magic || bytes[AT.magic] === MAGIC;

/** The messages of whole batches; a fetch may end in the middle of one. */
export function decodeBatches(bytes: Buffer): FetchedMessage[] {
  const messages: FetchedMessage[] = [];
  for (let at = 0; bytes.length - at >= AT.records; ) {
    const end = at + BYTES_BEFORE + bytes.readInt32BE(at + AT.bytes);
    if (end > bytes.length) break;
    readBatch(bytes.subarray(at, end), messages);
    at = end;
  }
  return messages;
}
