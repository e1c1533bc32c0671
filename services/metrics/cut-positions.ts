import type { LogPort } from '../live/ports.ts';

/**
 * Where a reader that inserts blocks of rows stands. Before a block is inserted, where it ends is
 * remembered, and afterwards that it is done: after a crash between the two the block is cut at the
 * same place again, so its token is the same and the store drops what it has.
 */
export class CutPositions {
  readonly #log: LogPort;
  readonly #group: string;
  readonly #topic: string;
  readonly #reached: (point: string) => void;
  readonly #reader: string;

  /** @param reader how points name whose positions these are */
  constructor(
    log: LogPort,
    group: string,
    topic: string,
    reader: string,
    reached: (point: string) => void,
  ) {
    this.#log = log;
    this.#group = group;
    this.#topic = topic;
    this.#reader = reader;
    this.#reached = reached;
  }

  /** Up to where blocks are inserted; null: none was yet. */
  done(): Promise<number | null> {
    return this.#log.committed(this.#group, this.#topic, 0);
  }

  /** Where the block after `done` must end, if one was begun. */
  async begun(): Promise<number | null> {
    const [done, begun] = await Promise.all([
      this.done(),
      this.#log.committed(`${this.#group}.begun`, this.#topic, 0),
    ]);
    return begun !== null && begun > (done ?? 0) ? begun : null;
  }

  async begin(next: number): Promise<void> {
    this.#reached(`${this.#reader}.beforeBegin`);
    await this.#commit(`${this.#group}.begun`, next);
    this.#reached(`${this.#reader}.afterBegin`);
  }

  async end(next: number): Promise<void> {
    this.#reached(`${this.#reader}.beforeDone`);
    await this.#commit(this.#group, next);
    this.#reached(`${this.#reader}.afterDone`);
  }

  #commit(group: string, logOffset: number): Promise<void> {
    return this.#log.commit(group, [{ topic: this.#topic, partition: 0, logOffset }]);
  }
}
