import { hash } from 'node:crypto';
import { TreeHashing } from '../../services/core/evidence/tree-hashing.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import { checkpointText } from '../../services/evidence/checkpoint.ts';
import { EventLog } from '../../services/evidence/event-transparency-log.ts';
import { formatNote, signNote } from '../../services/evidence/signed-note.ts';
import { CHECKPOINT_FILE, type TileFiles } from '../../services/evidence/tiles.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';

export const ORIGIN = 'corridor.example/sandbox-1/pool/main';
export const logSigner = createSigner(Buffer.alloc(32, 7));
export const hashing = new TreeHashing(compiledCore());
const START_MS = Date.UTC(2026, 2, 16, 23, 59, 0);

/** Of a day: 32 bytes. */
export const dayKey = (day: string): Buffer =>
  Buffer.from(hash('sha256', `key ${day}`, 'hex'), 'hex');

/** Events of no meaning, but with numbers, times over two days, and every byte drawn. */
export function someEvents(count: number, from = 1): Buffer {
  const events = Buffer.alloc(count * 128);
  for (let at = 0; at < count; at += 1) {
    const event = events.subarray(at * 128, (at + 1) * 128);
    for (let piece = 0; piece < 4; piece += 1)
      event.set(Buffer.from(hash('sha256', `${from + at}/${piece}`, 'hex'), 'hex'), 32 * piece);
    event.writeBigUInt64LE(BigInt(from + at), 0);
    event.writeBigInt64LE(BigInt(START_MS + (from + at) * 100), 16);
  }
  return events;
}

/**
 * Files in memory, and a log of so many events in them with its checkpoint.
 * @param other number of an event that is another than in the log without it: a fork from there on
 */
export function sampleLog(size: number, pieces: readonly number[] = [size], other = 0) {
  const files = new Map<string, Uint8Array>();
  const log = new EventLog(hashing, dayKey);
  let from = 1;
  for (const count of pieces) {
    const events = someEvents(count, from);
    const at = other - from;
    if (at >= 0 && at < count)
      events.writeUInt8(events.readUInt8(at * 128 + 60) ^ 1, at * 128 + 60);
    for (const { path, bytes } of log.append(events)) files.set(path, bytes);
    from += count;
  }
  for (const { path, bytes } of log.tree.partialTiles()) files.set(path, bytes);
  const root = log.tree.root();
  const text = checkpointText({ origin: ORIGIN, size, root });
  const checkpoint = formatNote({ text, signatures: [signNote(text, ORIGIN, logSigner)] });
  files.set(CHECKPOINT_FILE, Buffer.from(checkpoint));
  return { files, root, checkpoint, text, reader: readerOf(files) };
}

export const readerOf = (files: ReadonlyMap<string, Uint8Array>): TileFiles => ({
  read: (path) => {
    const bytes = files.get(path);
    if (!bytes) throw new Error(`${path}: not there`);
    return bytes;
  },
});
