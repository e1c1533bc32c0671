import { Piscina } from 'piscina';
import { VERIFICATION_RECORD_BYTES } from './record-writer.ts';
import { VerificationBuffer, type VerificationBufferOptions } from './verification-buffer.ts';

/** Memory that the pool's threads share; a slab holds one part of a batch and its verdicts. */
export interface Slab {
  readonly records: Uint8Array;
  readonly messages: Uint8Array;
  readonly verdicts: Uint8Array;
}

export interface WorkerSetUp {
  readonly wasm: WebAssembly.Module;
  readonly options: Required<VerificationBufferOptions>;
  readonly slabs: readonly Slab[];
  /** The keys in the order of their handles, 32 bytes each. */
  readonly keys: Uint8Array;
}

export interface Part {
  readonly slab: number;
  readonly count: number;
  readonly messageBytes: number;
  /** Keys registered when the part was filled. */
  readonly keyCount: number;
}

const { wasm, options, slabs, keys } = Piscina.workerData as WorkerSetUp;
const buffer = new VerificationBuffer(wasm, options);
let keyCount = 0;

/** Verifies a part in its slab; whether a batch failed and was verified one by one. */
export default function verifyPart(part: Part): boolean {
  for (; keyCount < part.keyCount; keyCount++)
    buffer.registerKey(keys.slice(32 * keyCount, 32 * keyCount + 32));
  if (part.count === 0) {
    buffer.warmUp();
    return false;
  }
  const { records, messages, verdicts } = slabs[part.slab] as Slab;
  buffer.input.records.set(records.subarray(0, part.count * VERIFICATION_RECORD_BYTES));
  buffer.input.messages.set(messages.subarray(0, part.messageBytes));
  const fellBack = buffer.verify(part.count);
  verdicts.set(buffer.verdicts.subarray(0, part.count));
  return fellBack;
}
