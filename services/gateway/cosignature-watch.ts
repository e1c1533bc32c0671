import { type Checkpoint, parseCheckpoint, unprovenCheckpoint } from '../evidence/checkpoint.ts';
import type { CosignedCheckpoints } from '../evidence/cosigned-checkpoints.ts';
import { provenPrefix } from '../evidence/followed-log.ts';
import { parseVerifierKey } from '../evidence/signed-note.ts';
import { CHECKPOINT_FILE, subtreesOf, TileFault, tileFilesOf } from '../evidence/tiles.ts';
import { startLoop } from '../live/retry-loop.ts';
import type { RunningService, ServiceContext } from '../live/service-context.ts';
import { TELEMETRY } from '../protocol/names/topic-plan.ts';
import { type CosignatureTelemetry, cosignaturesTelemetry } from '../protocol/records/telemetry.ts';
import type { PoolLogs } from './payment-receipt.ts';

export interface CosignatureWatchOptions {
  /** A name of this gateway's own. */
  readonly name: string;
  /** Verifier keys of the pools' logs. */
  readonly logKeys: ReadonlyMap<string, string>;
  readonly logs: PoolLogs;
  readonly cosigned: Pick<CosignedCheckpoints, 'catchUp' | 'size' | 'sizes' | 'checkpoints'>;
}

const LOOK_MS = 1_000;
/** Forks that are told apart: one is enough. */
const FORKS_MAX = 1_000;

/**
 * Looks every second how far the policy's witnesses have cosigned the pools' logs, and whether what they cosigned is in
 * the log that this gateway has: tells both in `telemetry`, a fork in the service's log too. From which wait on that is an
 * alert: live/alert-thresholds.ts.
 */
export function startCosignatureWatch(
  context: ServiceContext,
  options: CosignatureWatchOptions,
): RunningService {
  const { figures, log, pause } = context;
  const waitingSeconds = figures.gauge(
    'corridor_cosignatures_waiting_seconds',
    'For how long a checkpoint of a pool’s log has waited at most for the policy’s quorum',
  );
  const forks = figures.gauge(
    'corridor_cosignatures_forks',
    'Cosigned checkpoints that contradict the pools’ logs',
  );
  const watched = [...options.logKeys].map(
    ([pool, logKey]) => new WatchedLog(context, options, pool, logKey),
  );
  return startLoop(context, async () => {
    await options.cosigned.catchUp();
    const seen = watched.map((one) => one.look());
    waitingSeconds(Math.max(0, ...seen.map(({ waitingMs }) => waitingMs)) / 1000);
    forks(seen.reduce((sum, one) => sum + one.forks, 0));
    await log.produce(TELEMETRY, seen.map(cosignaturesTelemetry));
    await pause(LOOK_MS);
  });
}

class WatchedLog {
  readonly #context: ServiceContext;
  readonly #options: CosignatureWatchOptions;
  readonly #pool: string;
  readonly #origin: string;
  /** The oldest checkpoint that was seen and is not cosigned. */
  #waiting: { readonly size: number; readonly sinceMs: number } | null = null;
  /** Checkpoints that the log begins with. */
  #held: ReadonlySet<string> = new Set();
  readonly #forks = new Set<string>();
  /** Why its files could not be read at the last look; empty: they could. */
  #unread = '';

  constructor(
    context: ServiceContext,
    options: CosignatureWatchOptions,
    pool: string,
    logKey: string,
  ) {
    this.#context = context;
    this.#options = options;
    this.#pool = pool;
    this.#origin = parseVerifierKey(logKey).name;
  }

  look(): CosignatureTelemetry {
    const { elapsedMs, nowMs } = this.#context;
    const { cosigned, name: instance } = this.#options;
    const size = cosigned.size(this.#origin);
    const sealed = this.#heldTo(cosigned.checkpoints(this.#origin));
    if (this.#waiting && size >= this.#waiting.size) this.#waiting = null;
    if (sealed > size) this.#waiting ??= { size: sealed, sinceMs: elapsedMs() };
    const [firstFork = ''] = this.#forks;
    return {
      ...{ kind: 'cosignatures', atMs: nowMs(), instance, pool: this.#pool },
      ...{ sealed, cosigned: size, forks: this.#forks.size, firstFork },
      cosigners: [...cosigned.sizes(this.#origin)].map(([key, of]) => ({
        name: key.name,
        size: of,
      })),
      waiting: this.#waiting?.size ?? 0,
      waitingMs: this.#waiting ? elapsedMs() - this.#waiting.sinceMs : 0,
    };
  }

  /** Payments come in whatever the log's files are: 0 where they cannot be read. */
  #heldTo(checkpoints: readonly string[]): number {
    try {
      const sealed = this.#hold(checkpoints);
      this.#unread = '';
      return sealed;
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#unread)
        this.#context.logger.warn(
          { pool: this.#pool, reason: message },
          'what was cosigned cannot be held against the log',
        );
      this.#unread = message;
      return 0;
    }
  }

  /** Holds what was cosigned against the log. @returns how far that is sealed */
  #hold(checkpoints: readonly string[]): number {
    const { logs } = this.#options;
    const note = logs.read(this.#pool, CHECKPOINT_FILE);
    if (!note) return 0;
    const sealed = unprovenCheckpoint(Buffer.from(note).toString());
    const held = new Set<string>();
    for (const text of checkpoints) {
      const { size, root } = parseCheckpoint(text);
      // What is newer than the folder's waits for the next look.
      if (size > sealed.size || this.#forks.has(forkText(size, root))) continue;
      const own = this.#held.has(text) ? root : this.#rootOf(size, sealed);
      if (own === null) continue;
      if (Buffer.compare(own, root) === 0) held.add(text);
      else this.#tell(forkText(size, root));
    }
    this.#held = held;
    return sealed.size;
  }

  /** Null: its tiles are not whole, or do not lead to its own checkpoint, and it is not known. */
  #rootOf(size: number, sealed: Checkpoint): Uint8Array | null {
    const { logs } = this.#options;
    const files = tileFilesOf((path) => logs.read(this.#pool, path));
    try {
      return provenPrefix(subtreesOf(files, sealed.size, logs.hashing()), size, sealed);
    } catch (error) {
      if (!(error instanceof TileFault)) throw error;
      return null;
    }
  }

  #tell(fork: string): void {
    if (this.#forks.size >= FORKS_MAX) return;
    this.#forks.add(fork);
    this.#context.logger.error(
      { pool: this.#pool, origin: this.#origin, fork },
      'a witness cosigned a checkpoint that is not of this log',
    );
  }
}

const forkText = (size: number, root: Uint8Array): string =>
  `${size} entries with root ${Buffer.from(root).toString('base64')}`;
