import {
  type EmbeddedClickHouse,
  startEmbeddedClickHouse,
} from '../platform/clickhouse/embedded.ts';

/** After a start that failed: each costs a process and a second of a core. */
const RETRY_MS = 30_000;

/** The engine of a sandbox's tables. */
export interface SandboxStore {
  /** Starts the engine where it does not run: when rows come, and again after it ended by itself. */
  address(): Promise<EmbeddedClickHouse>;
  /** Why it does not run, in one line; null: it runs, or was not asked to. */
  fault(): string | null;
  stop(): Promise<void>;
}

/** @param tell called once with each fault, and with null when the engine runs after one */
export function createSandboxStore(
  folder: string,
  tell: (fault: string | null) => void,
  elapsedMs: () => number = () => performance.now(),
): SandboxStore {
  let running: Promise<EmbeddedClickHouse> | undefined;
  let failed: { readonly error: Error; readonly line: string; readonly atMs: number } | undefined;

  async function start(): Promise<EmbeddedClickHouse> {
    try {
      const server = await startEmbeddedClickHouse({ folder });
      void server.exited.then((fault) => {
        running = undefined;
        // The next that asks starts it again at once.
        if (fault !== null) note(new Error(fault), elapsedMs() - RETRY_MS);
      });
      if (failed) tell(null);
      failed = undefined;
      return server;
    } catch (error) {
      running = undefined;
      note(error as Error, elapsedMs());
      throw error;
    }
  }

  function note(error: Error, atMs: number): void {
    const line = error.message.replace(/\s+/g, ' ').trim();
    if (line !== failed?.line) tell(line);
    failed = { error, line, atMs };
  }

  return {
    async address() {
      if (!running && failed && elapsedMs() - failed.atMs < RETRY_MS) throw failed.error;
      running ??= start();
      return running;
    },
    fault: () => failed?.line ?? null,
    async stop() {
      const server = await running?.catch(() => undefined);
      await server?.stop();
    },
  };
}
