import type { MessagePort } from 'node:worker_threads';
import {
  SLAB_FREE,
  SLAB_STATE,
  type Slab,
} from '../../services/core/verification/verification-lane.ts';

/** For tests: a worker that answers for no slab but ends its thread once it has taken one. */
export default function die({ slabs }: { slabs: readonly Slab[]; port: MessagePort }): void {
  const { header } = slabs[0] as Slab;
  Atomics.wait(header, SLAB_STATE, SLAB_FREE);
  process.exit(1);
}
