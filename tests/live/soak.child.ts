/** Loaded into a soak's process before all else (`--import`): answers each message with its memory. */
import { isMainThread } from 'node:worker_threads';

/** Bytes, after two collections of all that is garbage. */
export interface MemorySample {
  readonly rss: number;
  readonly heapUsed: number;
  readonly arrayBuffers: number;
}

if (isMainThread && process.send) {
  process.on('message', () => {
    const { gc } = globalThis;
    if (!gc) throw new Error('a soak measures after collections: start it with --expose-gc');
    gc();
    gc();
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    process.send?.({ rss, heapUsed, arrayBuffers } satisfies MemorySample);
  });
  process.channel?.unref();
}
