/**
 * What a crash left is held against its checksums. When a commit is on the disk: sqlite-file-and-fsync.ts.
 *
 * SQLite's write-ahead log beside the embedded log's file, which is there while it is open and after
 * a crash. SQLite takes what it holds up to the first frame that does not fit its checksum and drops
 * the rest without a word: that is right for the transaction that a crash tore, which nobody was told
 * of, and wrong for a bit that flipped before transactions that were acknowledged. Told apart here: a
 * transaction begins only when the one before is on the disk.
 * https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { damaged } from './checksums.ts';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The last bit: words are taken big-endian. */
const MAGIC = 0x377f0682;
/** In the file's header: 2 while there is a write-ahead log. */
const WRITE_VERSION_AT = 18;

const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

function readAt(descriptor: number, bytes: number, position: number): Buffer {
  const piece = Buffer.alloc(bytes);
  return piece.subarray(0, readSync(descriptor, piece, 0, bytes, position));
}

/** Whether the last process that wrote the file closed it: then it can be read as it is. */
export function isClosed(file: string): boolean {
  if (sizeOf(`${file}-wal`) > 0 || sizeOf(`${file}-journal`) > 0) return false;
  const descriptor = openSync(file, 'r');
  try {
    return readAt(descriptor, 1, WRITE_VERSION_AT)[0] !== 2;
  } finally {
    closeSync(descriptor);
  }
}

type Sums = readonly [number, number];

function addSums([first, second]: Sums, bytes: Buffer, isBig: boolean): Sums {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let [a, b] = [first, second];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    a = (a + view.getUint32(at, !isBig) + b) >>> 0;
    b = (b + view.getUint32(at + 4, !isBig) + a) >>> 0;
  }
  return [a, b];
}

const sumsAt = (bytes: Buffer, at: number): Sums => [
  bytes.readUInt32BE(at),
  bytes.readUInt32BE(at + 4),
];
const isSame = (some: Sums, others: Sums) => some[0] === others[0] && some[1] === others[1];

/** @throws LogError `damaged` where SQLite would drop transactions that were acknowledged */
export function checkWriteAhead(file: string): void {
  const wal = `${file}-wal`;
  const size = sizeOf(wal);
  if (size <= HEADER_BYTES) return;
  const descriptor = openSync(wal, 'r');
  try {
    checkFrames(dirname(file), descriptor, size);
  } finally {
    closeSync(descriptor);
  }
}

function checkFrames(folder: string, descriptor: number, size: number): void {
  const header = readAt(descriptor, HEADER_BYTES, 0);
  const isBig = header.readUInt32BE(0) === MAGIC + 1;
  let sums = addSums([0, 0], header.subarray(0, HEADER_BYTES - 8), isBig);
  if (header.readUInt32BE(0) >>> 1 !== MAGIC >>> 1 || !isSame(sums, sumsAt(header, 24)))
    throw damaged(folder, 'log.sqlite-wal: its header is not what was written');
  const frameBytes = FRAME_HEADER_BYTES + header.readUInt32BE(8);
  const salts = sumsAt(header, 16);
  let firstBad: number | null = null;
  /** Whether a transaction ended behind the first frame that does not fit. */
  let ended = false;
  for (let frame = 0; HEADER_BYTES + (frame + 1) * frameBytes <= size; frame++) {
    const bytes = readAt(descriptor, frameBytes, HEADER_BYTES + frame * frameBytes);
    const isOfThisLog = isSame(salts, sumsAt(bytes, 8));
    if (firstBad === null) {
      sums = addSums(sums, bytes.subarray(0, 8), isBig);
      sums = addSums(sums, bytes.subarray(FRAME_HEADER_BYTES), isBig);
      if (!isOfThisLog || !isSame(sums, sumsAt(bytes, 16))) firstBad = frame;
    }
    if (firstBad === null || !isOfThisLog) continue;
    if (ended)
      throw damaged(
        folder,
        `log.sqlite-wal frame ${firstBad} is not what was written, and others follow`,
      );
    ended = bytes.readUInt32BE(4) > 0;
  }
}
