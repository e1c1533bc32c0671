import { createHash } from 'node:crypto';

/**
 * The format of a run's `input.log`: everything that influenced settlement, in order, gzipped.
 *
 *     CORRIDOR-INPUT-1 LF
 *     <one line of JSON: InputLogHeader> LF
 *     then for each record: u8 index of its pool in the header, u32 length (little-endian), the value
 *       (see input-record)
 *     and at the end: u8 255, u32 length, JSON of InputLogTrailer
 *
 * Positions are not written: inside a pool they count from 0. A file without its trailer is torn.
 */
export interface InputLogHeader {
  readonly scenario: string;
  readonly seed: number;
  readonly version: string;
  readonly network: string;
  /** Whether its messages are signed. */
  readonly signatures: boolean;
  /** Whether they came over a live network, whose verifiers know of a key a while after its pool. */
  readonly isLive?: boolean;
  readonly pools: readonly string[];
}

export interface InputLogTrailer {
  /** Records by pool, in the header's order. */
  readonly records: readonly number[];
  readonly eventsHash: string;
  /** SHA-256 of all bytes before the trailer's frame, hex; older logs have neither digest. */
  readonly inputDigest?: string;
  /** SHA-256 of the run's summary.json, hex. */
  readonly summaryDigest?: string;
  /** The same of its scenario.json. */
  readonly scenarioDigest?: string;
}

const MAGIC = 'CORRIDOR-INPUT-1\n';
const TRAILER = 255;
const FRAME_BYTES = 5;
/** A record is a message of at most 64 KiB with its headers: more than this is no input log. */
const FRAME_BYTES_MAX = 1 << 24;

export function writeInputLogHeader(header: InputLogHeader): Uint8Array {
  return Buffer.from(`${MAGIC}${JSON.stringify(header)}\n`);
}

/** The frames of a pool's records, in memory of their own. */
export function writeInputFrames(
  poolIndex: number,
  values: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const { length } of values) size += FRAME_BYTES + length;
  const frames = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const value of values) {
    frames[at] = poolIndex;
    frames.writeUInt32LE(value.length, at + 1);
    frames.set(value, at + FRAME_BYTES);
    at += FRAME_BYTES + value.length;
  }
  return frames;
}

export const writeInputLogTrailer = (trailer: InputLogTrailer): Uint8Array =>
  writeInputFrames(TRAILER, [Buffer.from(JSON.stringify(trailer))]);

export class InputLogFault extends Error {
  override readonly name = 'InputLogFault';
  /** Whether it is no input log that this version reads, and not one that was changed. */
  readonly isForeign: boolean;
  constructor(message: string, isForeign = false) {
    super(message);
    this.isForeign = isForeign;
  }
}

function parsed(bytes: Uint8Array, part: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new InputLogFault(`its ${part} is not JSON`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isHeader = (value: unknown): value is InputLogHeader =>
  isObject(value) &&
  ['scenario', 'version', 'network'].every((key) => typeof value[key] === 'string') &&
  typeof value.signatures === 'boolean' &&
  ['boolean', 'undefined'].includes(typeof value.isLive) &&
  Number.isSafeInteger(value.seed) &&
  Array.isArray(value.pools) &&
  value.pools.length > 0 &&
  value.pools.length < TRAILER &&
  value.pools.every((pool) => typeof pool === 'string');

const TRAILER_KEYS = new Set([
  ...['records', 'eventsHash', 'inputDigest', 'summaryDigest', 'scenarioDigest'],
]);

const isTrailer = (value: unknown): value is InputLogTrailer =>
  isObject(value) &&
  typeof value.eventsHash === 'string' &&
  Object.keys(value).every((key) => TRAILER_KEYS.has(key)) &&
  ['string', 'undefined'].includes(typeof value.inputDigest) &&
  ['string', 'undefined'].includes(typeof value.summaryDigest) &&
  ['string', 'undefined'].includes(typeof value.scenarioDigest) &&
  Array.isArray(value.records) &&
  value.records.every((count) => Number.isSafeInteger(count));

export interface InputLogVisitor {
  header(header: InputLogHeader): void;
  record(poolIndex: number, value: Uint8Array): void;
  /** @param inputDigest of the bytes that were read before it, hex */
  trailer(trailer: InputLogTrailer, inputDigest: string): void;
}

/** Takes the unzipped bytes in pieces of any size and reports what is complete; throws InputLogFault. */
export class InputLogReader {
  readonly #visitor: InputLogVisitor;
  #rest: Buffer = Buffer.alloc(0);
  #header: InputLogHeader | null = null;
  #ended = false;
  readonly #digest = createHash('sha256');

  constructor(visitor: InputLogVisitor) {
    this.#visitor = visitor;
  }

  push(piece: Uint8Array): void {
    this.#rest = Buffer.concat([this.#rest, piece]);
    if (!this.#header && !this.#readHeader()) return;
    let at = 0;
    let digested = 0;
    const digest = () => {
      this.#digest.update(this.#rest.subarray(digested, at));
      digested = at;
    };
    while (this.#rest.length - at >= FRAME_BYTES) {
      const length = this.#rest.readUInt32LE(at + 1);
      if (length > FRAME_BYTES_MAX || this.#ended)
        throw new InputLogFault('it holds bytes that are no input record');
      if (this.#rest.length - at < FRAME_BYTES + length) break;
      const value = this.#rest.subarray(at + FRAME_BYTES, at + FRAME_BYTES + length);
      const index = this.#rest[at] as number;
      if (index === TRAILER) digest();
      this.#frame(index, value);
      at += FRAME_BYTES + length;
    }
    if (!this.#ended) digest();
    this.#rest = this.#rest.subarray(at);
  }

  /** Call at the end of the file: a log without its trailer is torn. */
  end(): void {
    if (!this.#ended) throw new InputLogFault('it ends before its trailer: the file is torn');
    if (this.#rest.length > 0) throw new InputLogFault('it goes on after its trailer');
  }

  #readHeader(): boolean {
    const start = this.#rest.toString('latin1', 0, MAGIC.length);
    if (!MAGIC.startsWith(start)) {
      const [, other] = /^CORRIDOR-INPUT-(\d+)/.exec(this.#rest.toString('latin1', 0, 32)) ?? [];
      throw new InputLogFault(
        other === undefined
          ? 'it is no input log of a run'
          : `its format is ${other}, this version reads 1: use the version that wrote it`,
        true,
      );
    }
    const lineEnd = this.#rest.indexOf('\n', MAGIC.length);
    if (lineEnd < 0) return false;
    const header = parsed(this.#rest.subarray(MAGIC.length, lineEnd), 'header');
    if (!isHeader(header)) throw new InputLogFault('its header is not that of an input log');
    this.#header = header;
    this.#digest.update(this.#rest.subarray(0, lineEnd + 1));
    this.#rest = this.#rest.subarray(lineEnd + 1);
    this.#visitor.header(header);
    return true;
  }

  #frame(index: number, value: Uint8Array): void {
    if (index === TRAILER) {
      this.#ended = true;
      const trailer = parsed(value, 'trailer');
      if (!isTrailer(trailer)) throw new InputLogFault('its trailer is not that of an input log');
      this.#visitor.trailer(trailer, this.#digest.digest('hex'));
      return;
    }
    if (index >= (this.#header as InputLogHeader).pools.length)
      throw new InputLogFault(`a record names pool ${index}, which the header does not`);
    this.#visitor.record(index, value);
  }
}
