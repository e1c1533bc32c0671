/**
 * The beginning of what a compressed batch unfolds to: enough to see who sent it, where the batch itself is
 * not read. Whoever may write a topic decides what is in it, so each codec ends at a bound, takes memory for
 * that bound and, of zstd, a window; what is broken ends where it breaks.
 */
import { constants, gunzipSync } from 'node:zlib';
import { Decompress } from 'fzstd';

/** Beyond the key and the headers of a record with the largest payload. */
const BEGINNING_BYTES = 131_072;
/** Of gzip: it unfolds to 1,032 times as much at most. */
const GZIP_BYTES = 4_096;
/** What every decoder of zstd should support: RFC 8878, section 3.1.1.1.2. */
const WINDOW_BYTES_MAX = 8_388_608;

/** @returns what could be unfolded, perhaps nothing; it may end anywhere */
export function unfoldBeginning(folded: Buffer, codec: string): Buffer {
  const out = new Beginning();
  try {
    CODECS[codec]?.(folded, out);
  } catch (error) {
    if (!isBroken(error)) throw error;
  }
  return out.bytes();
}

/** Bytes up to the bound, of which earlier ones may be copied. */
class Beginning {
  readonly #bytes = Buffer.alloc(BEGINNING_BYTES);
  #length = 0;

  get isFull(): boolean {
    return this.#length === BEGINNING_BYTES;
  }

  append(bytes: Uint8Array): void {
    const taken = bytes.subarray(0, BEGINNING_BYTES - this.#length);
    this.#bytes.set(taken, this.#length);
    this.#length += taken.length;
  }

  /** Copies what lies so far back; what is copied may begin to repeat itself. */
  repeat(back: number, count: number): void {
    if (back <= 0 || back > this.#length) throw new RangeError('a copy from before the beginning');
    const end = Math.min(this.#length + count, BEGINNING_BYTES);
    for (; this.#length < end; this.#length++)
      this.#bytes[this.#length] = this.#bytes[this.#length - back] as number;
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Errors by which decoders say that bytes are not theirs; fzstd and zlib have a code. */
const isBroken = (error: unknown): boolean =>
  error instanceof RangeError || error instanceof TypeError || 'code' in (error as object);

const CODECS: Readonly<Record<string, (folded: Buffer, out: Beginning) => void>> = {
  gzip: (folded, out) =>
    out.append(gunzipSync(folded.subarray(0, GZIP_BYTES), { finishFlush: constants.Z_SYNC_FLUSH })),
  snappy: unfoldSnappy,
  lz4: unfoldLz4,
  zstd: unfoldZstd,
};

/** Of Java's producers: a magic, two numbers, then blocks behind their length. */
const FRAMED_SNAPPY = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const FRAMED_SNAPPY_HEAD = 16;

function unfoldSnappy(folded: Buffer, out: Beginning): void {
  if (!folded.subarray(0, FRAMED_SNAPPY.length).equals(FRAMED_SNAPPY)) {
    snappyBlock(folded, out);
    return;
  }
  for (let at = FRAMED_SNAPPY_HEAD; at < folded.length && !out.isFull; ) {
    const length = folded.readUInt32BE(at);
    snappyBlock(folded.subarray(at + 4, at + 4 + length), out);
    at += 4 + length;
  }
}

/** https://github.com/google/snappy/blob/main/format_description.txt */
function snappyBlock(block: Buffer, out: Beginning): void {
  let at = 0;
  while (block.readUInt8(at++) >= 0x80);
  while (at < block.length && !out.isFull) {
    const tag = block.readUInt8(at++);
    const kind = tag & 3;
    if (kind === 0) {
      const extra = Math.max(0, (tag >> 2) - 59);
      const length = extra === 0 ? (tag >> 2) + 1 : block.readUIntLE(at, extra) + 1;
      out.append(block.subarray(at + extra, at + extra + length));
      at += extra + length;
    } else if (kind === 1) {
      out.repeat(((tag >> 5) << 8) | block.readUInt8(at), ((tag >> 2) & 7) + 4);
      at += 1;
    } else {
      const bytes = kind === 2 ? 2 : 4;
      out.repeat(block.readUIntLE(at, bytes), (tag >> 2) + 1);
      at += bytes;
    }
  }
}

const LZ4_MAGIC = 0x184d2204;
const LZ4_STORED = 0x80000000;

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md */
function unfoldLz4(folded: Buffer, out: Beginning): void {
  if (folded.readUInt32LE(0) !== LZ4_MAGIC) throw new RangeError('no frame of lz4');
  const flags = folded.readUInt8(4);
  const [hasSize, hasDictionary, hasChecksums] = [flags & 0x08, flags & 0x01, flags & 0x10];
  let at = 7 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0);
  while (!out.isFull) {
    const size = folded.readUInt32LE(at);
    if (size === 0) return;
    const length = size % LZ4_STORED;
    const block = folded.subarray(at + 4, at + 4 + length);
    if (size >= LZ4_STORED) out.append(block);
    else lz4Block(block, out);
    at += 4 + length + (hasChecksums ? 4 : 0);
  }
}

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
function lz4Block(block: Buffer, out: Beginning): void {
  let at = 0;
  const extended = (nibble: number): number => {
    if (nibble < 15) return nibble;
    for (let length = nibble; ; ) {
      const more = block.readUInt8(at++);
      length += more;
      if (more < 0xff) return length;
    }
  };
  while (at < block.length && !out.isFull) {
    const token = block.readUInt8(at++);
    const literals = extended(token >> 4);
    out.append(block.subarray(at, at + literals));
    at += literals;
    if (at >= block.length) return;
    const back = block.readUInt16LE(at);
    at += 2;
    out.repeat(back, extended(token & 0x0f) + 4);
  }
}

/** Ends the library where there is enough. */
class Enough extends RangeError {}

const ZSTD_MAGIC = 0xfd2fb528;

function unfoldZstd(folded: Buffer, out: Beginning): void {
  if (folded.readUInt32LE(0) !== ZSTD_MAGIC || windowBytes(folded) > WINDOW_BYTES_MAX) return;
  const decoder = new Decompress((block) => {
    out.append(block);
    if (out.isFull) throw new Enough();
  });
  decoder.push(firstFrame(folded), true);
}

/** Behind it may stand others, whose windows nobody has judged: RFC 8878, section 3.1.1. */
function firstFrame(folded: Buffer): Buffer {
  const flags = folded.readUInt8(4);
  const isSingle = (flags & 0x20) !== 0;
  const contentSize = flags >> 6 === 0 ? Number(isSingle) : 2 ** (flags >> 6);
  let at = 5 + Number(!isSingle) + ([0, 1, 2, 4][flags & 3] as number) + contentSize;
  for (let isLast = false; !isLast && at + 3 <= folded.length; ) {
    const header = folded.readUIntLE(at, 3);
    const isRun = ((header >> 1) & 3) === 1;
    at += 3 + (isRun ? 1 : header >> 3);
    isLast = (header & 1) !== 0;
  }
  return folded.subarray(0, at + ((flags & 4) !== 0 ? 4 : 0));
}

/** What a decoder takes memory for: RFC 8878, section 3.1.1.1. */
function windowBytes(frame: Buffer): number {
  const flags = frame.readUInt8(4);
  const isSingle = (flags & 0x20) !== 0;
  if (!isSingle) {
    const descriptor = frame.readUInt8(5);
    const base = 2 ** (10 + (descriptor >> 3));
    return base + (base / 8) * (descriptor & 7);
  }
  const at = 5 + ([0, 1, 2, 4][flags & 3] as number);
  switch (flags >> 6) {
    case 0:
      return frame.readUInt8(at);
    case 1:
      return frame.readUInt16LE(at) + 256;
    case 2:
      return frame.readUInt32LE(at);
    default:
      return Number(frame.readBigUInt64LE(at));
  }
}
