import { type AnalysisStore, ask, put } from './analysis-store.ts';

/** How far a reader's rows are, as the store has it; rows of a run and reader are merged by max. */
export const POSITION_SQL = `SELECT max(begun) AS begun, max(done) AS done FROM reader_positions
WHERE run = {run:String} AND reader = {reader:String}`;

export interface CutPosition {
  /** Log offset at which the block ends that was begun last; 0: none was. */
  readonly begun: number;
  /** Log offset up to which all rows are in the store. */
  readonly done: number;
}

/** Asks the store for a reader's position. */
export async function cutPosition(
  store: Pick<AnalysisStore, 'query'>,
  run: string,
  reader: string,
): Promise<CutPosition> {
  const [row] = await store.query<{ begun: string; done: string }>(POSITION_SQL, { run, reader });
  return { begun: Number(row?.begun ?? 0), done: Number(row?.done ?? 0) };
}

/** Another process inserts the rows of the same run: one of the two must be stopped. */
export class OwnerFault extends Error {
  override readonly name = 'OwnerFault';
  readonly kind = 'ownerDiffers';
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
  readonly #run: string;
  readonly #reader: string;
  readonly #service: string;
  readonly #reached: (point: string) => void;

  /** @param service how points name whose positions these are */
  constructor(
    store: AnalysisStore,
    of: { readonly run: string; readonly reader: string; readonly service: string },
    reached: (point: string) => void,
  ) {
    this.#store = store;
    this.#run = of.run;
    this.#reader = of.reader;
    this.#service = of.service;
    this.#reached = reached;
  }

  /** The end of the block after `done` is `begun` where one was begun: then it is above `done`. */
  last(): Promise<CutPosition> {
    return ask(() => cutPosition(this.#store, this.#run, this.#reader));
  }

  /**
   * Makes the block from `from` up to `next` this process's: no row of it may be inserted before.
   * @throws OwnerFault where another process has begun a block there, or gone on from there
   */
  async begin(from: number, next: number): Promise<void> {
    this.#reached(`${this.#service}.beforeBegin`);
    await this.#put({ begun: next, done: 0 }, `begun-from/${from}`);
    const { begun, done } = await this.last();
    // A process that slept for so long that the store has forgotten its token sees `done` ahead of it.
    if (begun !== next || done > from)
      throw new OwnerFault(
        `another metrics service inserts the rows of run ${this.#run} (${this.#reader}: it is at ${begun}, this one at ${from}): run one process a network`,
      );
    this.#reached(`${this.#service}.afterBegin`);
  }

  async end(next: number): Promise<void> {
    this.#reached(`${this.#service}.beforeDone`);
    await this.#put({ begun: 0, done: next }, `done/${next}`);
    this.#reached(`${this.#service}.afterDone`);
  }

  #put(position: CutPosition, what: string): Promise<void> {
    const row = { run: this.#run, reader: this.#reader, ...position };
    const token = `${this.#run}/${this.#reader}/${what}`;
    return put(this.#store, 'reader_positions', [row], token);
  }
}
