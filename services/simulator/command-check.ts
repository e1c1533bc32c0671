import { createSignatureCheck } from '../core/signing.ts';
import type { ControlRecord, Genesis } from '../protocol/control-record.ts';
import { commandRecordFault, type OperatorCheck } from '../protocol/operator-command.ts';

/** What the gateway writes of itself: the passing of time, and the opening hours it was given. */
const UNSIGNED: ReadonlySet<ControlRecord['kind']> = new Set(['tick', 'open', 'close']);

/**
 * Checks a pool's control records against its genesis: where that names an operator key, what
 * follows the records written together with it is signed by that key, or is time passing.
 */
export class CommandCheck {
  #genesis: Genesis | null = null;
  #check: OperatorCheck | null = null;
  #beganMs = 0;
  #isOpening = false;

  /** A message of a participant: the opening records are over. */
  message(): void {
    this.#isOpening = false;
  }

  /** Why a record should not be there; null where it may. */
  fault(record: ControlRecord): string | null {
    if (record.kind === 'genesis') {
      this.#genesis = record;
      this.#beganMs = record.timeMs;
      this.#isOpening = true;
      const { operatorKey } = record;
      this.#check = operatorKey ? createSignatureCheck(Buffer.from(operatorKey, 'hex')) : null;
      return null;
    }
    if (!this.#genesis || !this.#check) return null;
    if (!record.command && UNSIGNED.has(record.kind)) return null;
    if (record.command || record.timeMs !== this.#beganMs) this.#isOpening = false;
    return this.#isOpening ? null : commandRecordFault(record, this.#genesis, this.#check);
  }
}
