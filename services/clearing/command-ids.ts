import type { ControlRecord } from '../protocol/records/control-record.ts';

/**
 * The ids of the operator's commands that this pool has taken: a command takes effect once, however
 * often and through however many gateways it was sent. They are kept for good: an operator gives
 * a few commands a day, and each costs some 100 bytes.
 */
export class CommandIds {
  readonly #taken: Set<string>;

  /** @param taken the ids of an earlier instance's `entries` */
  constructor(taken: readonly string[] = []) {
    this.#taken = new Set(taken);
  }

  entries(): string[] {
    return [...this.#taken];
  }

  /** False for a command that was taken before; what is no command is always taken. */
  admit({ command }: ControlRecord): boolean {
    if (!command) return true;
    if (this.#taken.has(command.id)) return false;
    this.#taken.add(command.id);
    return true;
  }
}
