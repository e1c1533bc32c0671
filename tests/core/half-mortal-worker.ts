import { threadId } from 'node:worker_threads';
import {
  SLAB_FREE,
  SLAB_STATE,
  type Slab,
} from '../../services/core/verification/verification-lane.ts';
import serve, { type LaneService } from '../../services/core/verification/verification-worker.ts';

/**
 * For tests: of two workers one dies over its first slab, some milliseconds after it took it; the other
 * is the real one, and goes on writing into what it has.
 */
export default function serveOrDie(service: LaneService): void {
  if (threadId % 2 !== 0) {
    serve(service);
    return;
  }
  Atomics.wait((service.slabs[0] as Slab).header, SLAB_STATE, SLAB_FREE);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4);
  process.exit(1);
}
