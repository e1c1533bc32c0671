import { createHash } from 'node:crypto';
import type { CommandOutcome } from '../core/settlement/events.ts';
import { payloadDigest } from '../protocol/names/signing-text.ts';
import type { SignedCommand } from '../protocol/records/control-record.ts';

/** A command as a snapshot holds it. */
export interface TakenCommand {
  readonly id: string;
  /** SHA-256 of what was signed, hex. */
  readonly digest: string;
}

/**
 * The operator's commands that this pool has taken: a command takes effect once, however often and
 * through however many gateways it was sent. They are kept for good: an operator gives a few commands a
 * day, and each costs some 200 bytes.
 */
export class TakenCommands {
  readonly #taken: Map<string, string>;

  /** @param taken what an earlier instance's `entries` gave */
  constructor(taken: readonly TakenCommand[] = []) {
    this.#taken = new Map(taken.map(({ id, digest }) => [id, digest]));
  }

  entries(): TakenCommand[] {
    return [...this.#taken].map(([id, digest]) => ({ id, digest }));
  }

  /** Null: it is new, and taken from now on. Else why it has no effect. */
  take({ id, payload }: SignedCommand): Extract<CommandOutcome, 'repeated' | 'conflicting'> | null {
    const digest = payloadDigest(Buffer.from(payload)).toString('hex');
    const before = this.#taken.get(id);
    if (before !== undefined) return before === digest ? 'repeated' : 'conflicting';
    this.#taken.set(id, digest);
    return null;
  }
}

/** How records and events name a command: its id may be longer than their 16 bytes. */
export const commandName = (id: string): Buffer =>
  createHash('sha256').update(id).digest().subarray(0, 16);
