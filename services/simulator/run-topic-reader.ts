import type { SimulationLog, SimulationMessage } from './simulation-log.ts';

/** Records read in one call. */
const READ_RECORDS = 4096;

/**
 * The one reader of a partition, going on from the record after the last. With `forgets` it lets the
 * log drop what it has read, so that a run over topics in memory holds no more than is under way.
 */
export class TopicReader {
  readonly #log: SimulationLog;
  readonly #topic: string;
  readonly #partition: number;
  readonly #forgets: boolean;
  #next = 0;

  constructor(log: SimulationLog, topic: string, partition: number, forgets: boolean) {
    this.#log = log;
    this.#topic = topic;
    this.#partition = partition;
    this.#forgets = forgets;
  }

  /** Offset of the next record: how many this reader has taken. */
  get next(): number {
    return this.#next;
  }

  async readNew(): Promise<SimulationMessage[]> {
    const records: SimulationMessage[] = [];
    for (;;) {
      const batch = await this.#log.read(this.#topic, this.#partition, this.#next, READ_RECORDS);
      const last = batch[batch.length - 1];
      if (!last) break;
      for (const record of batch) records.push(record);
      this.#next = last.logOffset + 1;
    }
    if (this.#forgets && records.length > 0)
      await this.#log.deleteBefore(this.#topic, this.#partition, this.#next);
    return records;
  }
}
