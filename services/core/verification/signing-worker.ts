import { type MessagePort, workerData } from 'node:worker_threads';
import { SigningBuffer, type SigningLimits } from './signing-buffer.ts';
import { SLAB_COUNT, SLAB_MESSAGE_BYTES, type Slab, serveSlabs } from './verification-lane.ts';
import { VERIFICATION_RECORD_BYTES } from './verification-records.ts';

export interface SigningWork {
  readonly wasm: WebAssembly.Module;
  readonly secretKeys: readonly Uint8Array[];
  readonly limits: SigningLimits;
  readonly slabs: readonly Slab[];
  /** Takes a number for each slab. */
  readonly port: MessagePort;
}

const { wasm, secretKeys, limits, slabs, port } = workerData as SigningWork;
const buffer = new SigningBuffer(wasm, secretKeys, limits);

/** Signs what stands in a slab; the signatures go into its records. */
function sign({ header, records, messages }: Slab): number {
  const count = header[SLAB_COUNT] as number;
  const { input } = buffer;
  const own = count * VERIFICATION_RECORD_BYTES;
  input.records.set(records.subarray(0, own));
  input.messages.set(messages.subarray(0, header[SLAB_MESSAGE_BYTES]));
  buffer.sign(count);
  records.set(input.records.subarray(0, own));
  return count;
}

serveSlabs(slabs, port, sign);
