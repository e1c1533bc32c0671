import type { CaseReport, CaseState } from '../live/case-book.ts';
import { CaseFollower } from '../live/case-follower.ts';
import type { LogPort } from '../live/service-context.ts';
import { recordsOf } from '../live/topic-reader.ts';
import { CASES } from '../protocol/names/topic-plan.ts';

/** The cases of alerts as the topic `cases` has them. It is read when somebody asks: an operator gives a few commands a day. */
export class CaseDesk {
  readonly #log: Pick<LogPort, 'read' | 'startOffset'>;
  readonly #follower: CaseFollower;
  #next: number | null = null;
  /** One after the other: records count in their order. */
  #reading: Promise<void> = Promise.resolve();

  constructor(log: Pick<LogPort, 'read' | 'startOffset'>, pools: readonly string[]) {
    this.#log = log;
    this.#follower = new CaseFollower(log, pools);
  }

  /** Not closed, the oldest first: of these pools, and those of no pool. */
  async open(pools: readonly string[]): Promise<CaseState[]> {
    await this.#readOn();
    const { book } = this.#follower;
    return book.open().filter((state) => {
      const pool = book.poolOf(state);
      return pool === null || pools.includes(pool);
    });
  }

  /** What became of a command, in each of these pools that took one of this id. */
  async reports(pools: readonly string[], id: string): Promise<CaseReport[]> {
    await this.#readOn();
    return pools.flatMap((pool) => this.#follower.book.report(pool, id) ?? []);
  }

  #readOn(): Promise<void> {
    this.#reading = this.#reading.catch(() => {}).then(() => this.#readToEnd());
    return this.#reading;
  }

  async #readToEnd(): Promise<void> {
    this.#next ??= await this.#log.startOffset(CASES, 0);
    for await (const message of recordsOf(this.#log, CASES, 0, { from: this.#next })) {
      await this.#follower.take(message);
      this.#next = message.logOffset + 1;
    }
  }
}
