import type { MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { VerificationBuffer, type VerificationBufferOptions } from './batch-size-and-key-room.ts';
import {
  SLAB_COUNT,
  SLAB_KEY_COUNT,
  SLAB_MESSAGE_BYTES,
  type Slab,
  serveSlabs,
} from './verification-lane.ts';
import { messageOffset, VERIFICATION_RECORD_BYTES } from './verification-records.ts';

export interface WorkerSetUp {
  readonly wasm: WebAssembly.Module;
  readonly options: Required<VerificationBufferOptions>;
  /** The keys in the order of their handles, 32 bytes each. */
  readonly keys: Uint8Array;
}

export interface LaneService {
  readonly slabs: readonly Slab[];
  /** Takes a number for each slab: which of its batches failed and were verified one by one. */
  readonly port: MessagePort;
}

/** A worker's only task: verifies the slabs of a lane in their order until it is told to stop. */
export default function serve({ slabs, port }: LaneService): void {
  const { wasm, options, keys } = Piscina.workerData as WorkerSetUp;
  const buffer = new VerificationBuffer(wasm, options);
  let keyCount = 0;
  serveSlabs(slabs, port, (slab) => {
    const { header } = slab;
    for (; keyCount < (header[SLAB_KEY_COUNT] as number); keyCount++)
      buffer.registerKey(keys.slice(32 * keyCount, 32 * keyCount + 32));
    return verifySlab(buffer, slab);
  });
}

/**
 * Verifies what stands in a slab, batch after batch; one with no records asks for a warm-up.
 * @returns which batches failed and were verified one by one, a bit for each
 */
function verifySlab(buffer: VerificationBuffer, slab: Slab): number {
  const { header, records, messages, verdicts } = slab;
  const count = header[SLAB_COUNT] as number;
  if (count === 0) buffer.warmUp();
  const { recordsMax } = buffer.input;
  let fallbacks = 0;
  for (let from = 0, b = 0; from < count; from += recordsMax, b++) {
    const end = Math.min(count, from + recordsMax);
    buffer.input.records.set(
      records.subarray(from * VERIFICATION_RECORD_BYTES, end * VERIFICATION_RECORD_BYTES),
    );
    // Messages keep their offsets, so that the records need no change.
    const start = messageOffset(records, from);
    const stop = end < count ? messageOffset(records, end) : header[SLAB_MESSAGE_BYTES];
    buffer.input.messages.set(messages.subarray(start, stop), start);
    if (buffer.verify(end - from)) {
      fallbacks |= 1 << b;
      // With the marks of those that were in the equation.
      const marked = buffer.input.records.subarray(0, (end - from) * VERIFICATION_RECORD_BYTES);
      records.set(marked, from * VERIFICATION_RECORD_BYTES);
    }
    verdicts.set(buffer.verdicts.subarray(0, end - from), from);
  }
  return fallbacks;
}
