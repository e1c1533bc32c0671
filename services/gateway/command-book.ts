import type { LogPort } from '../live/ports.ts';
import { COMMANDS } from '../protocol/names/topic-plan.ts';
import {
  type CommandReport,
  commandAgainKey,
  commandKey,
  readCommandMessage,
} from '../protocol/records/command-report.ts';

const READ_RECORDS = 500;

/**
 * What became of the operator's commands, from the topic `commands`. It is read when somebody asks: an
 * operator gives a few commands a day.
 */
export class CommandBook {
  readonly #log: Pick<LogPort, 'read' | 'startOffset'>;
  readonly #reports = new Map<string, CommandReport>();
  #next: number | null = null;
  /** Reads follow one another: two at a time would take the same records. */
  #reading: Promise<void> = Promise.resolve();

  constructor(log: Pick<LogPort, 'read' | 'startOffset'>) {
    this.#log = log;
  }

  /** As the topic has it now; `waitMs`: it may wait so long for one more record first. */
  async find(pool: string, id: string, waitMs = 0): Promise<CommandReport | undefined> {
    await this.#refresh(waitMs);
    return this.#reports.get(commandKey(pool, id));
  }

  /** What came last under an id that was taken before. */
  again(pool: string, id: string): CommandReport | undefined {
    return this.#reports.get(commandAgainKey(pool, id));
  }

  #refresh(waitMs: number): Promise<void> {
    const reading = this.#reading.then(() => this.#readOn(waitMs));
    this.#reading = reading.catch(() => {});
    return reading;
  }

  async #readOn(waitMs: number): Promise<void> {
    this.#next ??= await this.#log.startOffset(COMMANDS, 0);
    for (let first = true; ; first = false) {
      const options = { waitMs: first ? waitMs : 0 };
      const records = await this.#log.read(COMMANDS, 0, this.#next, READ_RECORDS, options);
      if (records.length === 0) return;
      for (const { key, value, logOffset } of records) {
        this.#reports.set(key ?? '', readCommandMessage(value));
        this.#next = logOffset + 1;
      }
    }
  }
}
