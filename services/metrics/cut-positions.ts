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

/**
 * Where a reader that inserts blocks of rows stands. It is in the store beside the rows, so that a log
 * that forgets its readers repeats nothing and an emptied store is filled again. Before a block is
 * inserted, where it ends is remembered, and afterwards that it is done: after a crash between the two
 * the block is cut at the same place again, so its token is the same and the store drops what it has.
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

  async begin(next: number): Promise<void> {
    this.#reached(`${this.#service}.beforeBegin`);
    await this.#put('begun', { begun: next, done: 0 }, next);
    this.#reached(`${this.#service}.afterBegin`);
  }

  async end(next: number): Promise<void> {
    this.#reached(`${this.#service}.beforeDone`);
    await this.#put('done', { begun: 0, done: next }, next);
    this.#reached(`${this.#service}.afterDone`);
  }

  #put(what: string, position: CutPosition, next: number): Promise<void> {
    const row = { run: this.#run, reader: this.#reader, ...position };
    const token = `${this.#run}/${this.#reader}/${what}/${next}`;
    return put(this.#store, 'reader_positions', [row], token);
  }
}
