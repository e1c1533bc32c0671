import type { ServiceContext } from '../live/service-context.ts';
import { type AnalysisStore, ask, put } from './analysis-store.ts';

/** How far a reader's rows are, as the store has it; rows of a run and reader are merged by max. */
export const POSITION_SQL = `SELECT max(begun) AS begun, max(done) AS done, max(sampled_ms) AS sampled
FROM reader_positions WHERE run = {run:String} AND reader = {reader:String}`;

export interface CutPosition {
  /** Log offset at which the block ends that was begun last; 0: none was. */
  readonly begun: number;
  /** Log offset up to which all rows are in the store. */
  readonly done: number;
  /** Time of the last samples of the state that are in, ms; 0: there are none, or it was not kept then. */
  readonly sampledMs: number;
}

/** Asks the store for a reader's position. */
export async function cutPosition(
  store: Pick<AnalysisStore, 'query'>,
  run: string,
  reader: string,
): Promise<CutPosition> {
  const [row] = await store.query<{ begun: string; done: string; sampled: string }>(POSITION_SQL, {
    run,
    reader,
  });
  return {
    begun: Number(row?.begun ?? 0),
    done: Number(row?.done ?? 0),
    sampledMs: Number(row?.sampled ?? 0),
  };
}

/** Rows of the run were removed, and the store still drops what it remembers to have had. */
class RowsGone extends Error {
  override readonly name = 'RowsGone';
  readonly kind = 'rowsGone';
}

/**
 * The store has rows of what the log does not have: one of the two was restored from another time. As for a store that is
 * away, its reader waits: what comes into the log meanwhile is not what the store has under these offsets.
 */
class StoreAhead extends Error {
  override readonly name = 'StoreAhead';
  readonly kind = 'unavailable';
}

/** Another process inserts the rows of the same run: one of the two must be stopped. */
class OwnerFault extends Error {
  override readonly name = 'OwnerFault';
  readonly kind = 'ownerDiffers';
}

interface PositionOf {
  readonly run: string;
  readonly reader: string;
  /** How points name whose positions these are. */
  readonly service: string;
  /** Of whose first partition these are offsets. */
  readonly topic: string;
}

/**
 * Where a reader that inserts blocks of rows stands. It is in the store beside the rows, so that a log
 * that forgets its readers repeats nothing and an emptied store is filled again. Before a block is
 * inserted, where it ends is remembered, and afterwards that it is done: after a crash between the two
 * the block is cut at the same place again, so its token is the same and the store drops what it has.
 *
 * Of two processes that read the same, one begins the block after an offset: the row's token names that
 * offset, so the store takes the first such row and drops the other. Each looks afterwards whose it took.
 */
export class CutPositions {
  readonly #store: AnalysisStore;
  readonly #of: PositionOf;
  readonly #log: Pick<ServiceContext['log'], 'endOffset'>;
  readonly #reached: (point: string) => void;
  #ahead: StoreAhead | null = null;
  /** What this process knows to be in. */
  #done = 0;

  constructor(
    store: AnalysisStore,
    of: PositionOf,
    { log, reached }: Pick<ServiceContext, 'log' | 'reached'>,
  ) {
    this.#store = store;
    this.#of = of;
    this.#log = log;
    this.#reached = reached;
  }

  /** Why this reader waits for as long as it runs; null: it does not. */
  get fault(): string | null {
    return this.#ahead?.message ?? null;
  }

  /**
   * The end of the block after `done` is `begun` where one was begun: then it is above `done`.
   * @throws StoreAhead, from then on always
   */
  async last(): Promise<CutPosition> {
    if (this.#ahead) throw this.#ahead;
    const position = await this.#ask();
    const { run, topic } = this.#of;
    const last = Math.max(position.begun, position.done);
    const end = await this.#log.endOffset(topic, 0);
    if (last > end) {
      const remedy =
        this.#store.remedy ?? `stop metrics, and let \`corridor forget\` remove the rows of ${run}`;
      this.#ahead = new StoreAhead(
        `the analysis store has topic ${topic} up to offset ${last}, and the log ends at ${end}: the store is of a later time than the log; ${remedy}`,
      );
      throw this.#ahead;
    }
    this.#done = position.done;
    return position;
  }

  #ask(): Promise<CutPosition> {
    return ask(() => cutPosition(this.#store, this.#of.run, this.#of.reader));
  }

  /**
   * Makes the block from `from` up to `next` this process's: no row of it may be inserted before.
   * @throws OwnerFault where another process has begun a block there, or gone on from there; RowsGone
   * where nobody has, and the store drops what begins it or has lost what this process knows to be in
   */
  async begin(from: number, next: number): Promise<void> {
    this.#reached(`${this.#of.service}.beforeBegin`);
    await this.#put({ begun: next, done: 0, sampledMs: 0 }, `begun-from/${from}`);
    const { begun, done } = await this.#ask();
    if (begun === 0 || done < this.#done)
      throw new RowsGone(
        `rows of run ${this.#of.run} were removed from the store, which remembers their insertion and drops it (${this.#of.reader}, at ${from}): \`corridor forget\` lets them come again`,
      );
    // A process that slept for so long that the store has forgotten its token sees `done` ahead of it.
    if (begun !== next || done > from)
      throw new OwnerFault(
        `another metrics service inserts the rows of run ${this.#of.run} (${this.#of.reader}: it is at ${begun}, this one at ${from}): run one process a network`,
      );
    this.#reached(`${this.#of.service}.afterBegin`);
  }

  /** @param sampledMs time of the last samples of the state so far */
  async end(next: number, sampledMs = 0): Promise<void> {
    this.#reached(`${this.#of.service}.beforeDone`);
    await this.#put({ begun: 0, done: next, sampledMs }, `done/${next}`);
    this.#done = next;
    this.#reached(`${this.#of.service}.afterDone`);
  }

  #put({ begun, done, sampledMs }: CutPosition, what: string): Promise<void> {
    const row = { run: this.#of.run, reader: this.#of.reader, begun, done, sampled_ms: sampledMs };
    const token = `${this.#of.run}/${this.#of.reader}/${what}`;
    return put(this.#store, 'reader_positions', [row], token);
  }
}
