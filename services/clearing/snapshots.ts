import type { ServiceContext } from '../live/service-context.ts';
import { poolEvents, poolInput } from '../protocol/names/topic-plan.ts';
import { readEventsHeaders } from '../protocol/records/events-message.ts';
import { RULES_VERSION } from '../protocol/records/rules-version.ts';
import {
  readSnapshot,
  type Snapshot,
  type SnapshotHead,
  type SnapshotStore,
  snapshotName,
  writeSnapshot,
} from './snapshot-format.ts';

/**
 * Which snapshot a start begins from, and the writing of one. Its bytes: snapshot-format.ts. When one is
 * due: `#keepSnapshot` of clearing-service.ts.
 */

/** Input records between two snapshots, unless a setting says otherwise. */
export const SNAPSHOT_RECORDS = 100_000;

/** Older ones are removed: the newest may prove useless. */
const KEPT = 2;

/** What a snapshot must have been made of to be of use here. */
export interface SnapshotOrigin {
  readonly network: string;
  readonly pool: string;
  /** SHA-256 of the core's module, hex. */
  readonly module: string;
}

/** Keeps the snapshots of a pool's clearing, and finds the one to start from. */
export class Snapshots {
  readonly #context: ServiceContext;
  readonly #store: SnapshotStore;
  readonly #origin: SnapshotOrigin;
  #writing: Promise<void> | undefined;

  constructor(context: ServiceContext, store: SnapshotStore, origin: SnapshotOrigin) {
    this.#context = context;
    this.#store = store;
    this.#origin = origin;
  }

  /** The newest that is whole and that the topics confirm; null: start from genesis. */
  async newest(): Promise<Snapshot | null> {
    const { logger } = this.#context;
    for (const name of await this.#store.names())
      try {
        const snapshot = readSnapshot(await this.#store.read(name));
        await this.#confirm(snapshot.head);
        const { position, eventNumber } = snapshot.head;
        logger.info({ snapshot: name, position, eventNumber }, 'starts from a snapshot');
        return snapshot;
      } catch (error) {
        if ('kind' in (error as object)) throw error;
        const { message } = error as Error;
        logger.warn({ snapshot: name, reason: message }, 'passes over a snapshot');
      }
    logger.info({}, 'starts from the genesis');
    return null;
  }

  /** Throws an Error that says in what the topics, or this program, contradict it. */
  async #confirm(head: SnapshotHead): Promise<void> {
    const { network, pool, module } = this.#origin;
    if (head.network !== network || head.pool !== pool)
      throw new Error(`it is of pool ${head.pool} of network ${head.network}`);
    if (head.rulesVersion !== RULES_VERSION || head.module !== module)
      throw new Error(`it was made by another version of the core (rules ${head.rulesVersion})`);
    const { log } = this.#context;
    const end = await log.endOffset(poolInput(pool), 0);
    if (head.position > end)
      throw new Error(`it stands at position ${head.position}, and the input ends at ${end}`);
    if (head.eventsOffset === null) return;
    const eventsEnd = await log.endOffset(poolEvents(pool), 0);
    const [message] =
      head.eventsOffset < eventsEnd
        ? await log.read(poolEvents(pool), 0, head.eventsOffset, 1)
        : [];
    if (message?.logOffset !== head.eventsOffset)
      throw new Error(`the events topic has no message at offset ${head.eventsOffset}`);
    const { firstNumber, count, digestAfter } = readEventsHeaders(message.headers);
    if (firstNumber + count - 1 !== head.eventNumber || digestAfter !== head.digest)
      throw new Error(`the events topic has another history up to number ${head.eventNumber}`);
  }

  get busy(): boolean {
    return this.#writing !== undefined;
  }

  /** Begins to write one; what goes wrong is logged, since the log is enough without it. */
  write(snapshot: Omit<Snapshot, 'head'>, at: Omit<SnapshotHead, keyof SnapshotOrigin>): void {
    const { logger, elapsedMs } = this.#context;
    const head = { ...at, ...this.#origin };
    const startedMs = elapsedMs();
    const pieces = writeSnapshot({ ...snapshot, head });
    const stoodMs = Math.round(elapsedMs() - startedMs);
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#writing = this.#keep(snapshotName(head), pieces)
      .then(() => {
        const tookMs = Math.round(elapsedMs() - startedMs);
        logger.info({ position: at.position, bytes, stoodMs, tookMs }, 'wrote a snapshot');
      })
      .catch((error: Error) =>
        logger.warn({ reason: error.message }, 'a snapshot cannot be written'),
      )
      .finally(() => {
        this.#writing = undefined;
      });
  }

  async #keep(name: string, pieces: readonly Uint8Array[]): Promise<void> {
    const { reached } = this.#context;
    reached('clearing.beforeSnapshot');
    await this.#store.write(name, pieces);
    reached('clearing.afterSnapshot');
    reached('clearing.beforeRemoval');
    for (const old of (await this.#store.names()).slice(KEPT)) await this.#store.remove(old);
    reached('clearing.afterRemoval');
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#writing;
  }
}
