import type { LogPort } from '../live/service-context.ts';
import { COMMANDS } from '../protocol/names/topic-plan.ts';
import {
  type CommandReport,
  commandAgainKey,
  commandKey,
  readCommandMessage,
} from '../protocol/records/command-report.ts';
import type { SystemKeyRecord } from '../protocol/records/control-record.ts';

const READ_RECORDS = 500;
/** How long one look waits for the topic: between two the request may end. */
const LOOK_MS = 200;

type BookLog = Pick<LogPort, 'read' | 'startOffset'>;

/** Until when somebody waits for an outcome. */
export interface Waiting {
  readonly waitMs: number;
  /** Aborted when the gateway closes: nobody waits longer. */
  readonly closing: AbortSignal;
}

/**
 * What became of the operator's commands, from the topic `commands`. It is read when somebody asks: an operator
 * gives a few commands a day. Who may command: routes-operator.ts.
 */
export class CommandBook {
  readonly #log: BookLog;
  readonly #elapsedMs: () => number;
  readonly #reports = new Map<string, CommandReport>();
  #next: number | null = null;
  /** All who wait look together. */
  #look: Promise<void> | null = null;

  /** @param elapsedMs of a clock that never goes back */
  constructor(log: BookLog, elapsedMs: () => number) {
    this.#log = log;
    this.#elapsedMs = elapsedMs;
  }

  /** As the topic has it now; who waits for others holds nobody up. */
  async find(pool: string, id: string): Promise<CommandReport | undefined> {
    await this.#readOn(0);
    return this.#reports.get(commandKey(pool, id));
  }

  /** Of those pools that took a command of this id; waits until one has. */
  async findAmong(
    pools: readonly string[],
    id: string,
    { waitMs, closing }: Waiting,
  ): Promise<CommandReport[]> {
    const beganMs = this.#elapsedMs();
    await this.#readOn(0);
    for (;;) {
      const found = pools.flatMap((pool) => this.#reports.get(commandKey(pool, id)) ?? []);
      const leftMs = closing.aborted ? 0 : waitMs - (this.#elapsedMs() - beganMs);
      if (found.length > 0 || leftMs <= 0) return found;
      this.#look ??= this.#readOn(Math.min(LOOK_MS, leftMs)).finally(() => {
        this.#look = null;
      });
      await this.#look;
    }
  }

  /** Keys of operators and of the node that commands of a pool changed, in the order of its log; as the topic has them now. */
  async keyChanges(pool: string): Promise<SystemKeyRecord[]> {
    await this.#readOn(0);
    return [...this.#reports.values()]
      .filter((report) => report.pool === pool)
      .sort((one, other) => one.eventNumber - other.eventNumber)
      .flatMap(({ key }) => key ?? []);
  }

  /** What came last under an id that was taken before. */
  again(pool: string, id: string): CommandReport | undefined {
    return this.#reports.get(commandAgainKey(pool, id));
  }

  /** Takes what the topic has; `waitMs`: it may wait so long for one more record first. */
  async #readOn(waitMs: number): Promise<void> {
    if (this.#next === null) {
      const start = await this.#log.startOffset(COMMANDS, 0);
      this.#next ??= start;
    }
    for (let first = true; ; first = false) {
      const options = { waitMs: first ? waitMs : 0 };
      const records = await this.#log.read(COMMANDS, 0, this.#next, READ_RECORDS, options);
      if (records.length === 0) return;
      for (const { key, value, logOffset } of records) {
        // Somebody else may have read it meanwhile.
        if (logOffset < this.#next) continue;
        this.#reports.set(key ?? '', readCommandMessage(value));
        this.#next = logOffset + 1;
      }
    }
  }
}
