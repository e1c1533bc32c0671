import {
  type AuditedAccounts,
  AuditedAccountsBook,
  type NoteAccount,
  type ToldAccounts,
} from '../../analysis/audited-accounts-book.ts';
import type { EventCursor } from '../../core/settlement/event-cursor.ts';
import type { DirectoryNames } from '../../protocol/names/handles-to-names.ts';
import { HeldUpBook, type HeldUpFigures } from './held-up-book.ts';

/** What books over the ledger of a pool come to; it can be sent from thread to thread. */
export interface LedgerFigures {
  readonly accounts: AuditedAccounts;
  /** Empty of an observation: nobody decided what waited, so nobody knows why. */
  readonly heldUp: readonly HeldUpFigures[];
}

interface BooksOverLedgerOptions {
  /** Of an observation. */
  readonly note?: NoteAccount;
  /** Where somebody else keeps ledger and days of the same events. */
  readonly told?: ToldAccounts;
}

/**
 * The books of a pool that ask for its ledger: its accounts, and what held its payments up. The thread that writes the tables
 * folds them over the ledger of their rows; a run without tables and an observation fold them themselves.
 */
export class BooksOverLedger {
  readonly #accounts: AuditedAccountsBook;
  readonly #heldUp: HeldUpBook | null;

  constructor(directory: DirectoryNames, { note, told }: BooksOverLedgerOptions = {}) {
    this.#accounts = new AuditedAccountsBook(note, told);
    this.#heldUp = note ? null : new HeldUpBook(directory, told?.ledger);
  }

  /** @param events bytes, as events.ts lays them out: where nobody tells it of ledger and days */
  fold(events: Uint8Array): void {
    this.#accounts.fold(events);
    this.#heldUp?.fold(events);
  }

  /** Before ledger and days, which are told, have the event. */
  pass(event: EventCursor): void {
    this.#accounts.pass(event);
    this.#heldUp?.pass(event);
  }

  take(event: EventCursor): void {
    this.#accounts.take(event);
    this.#heldUp?.take(event);
  }

  /** No event follows. */
  end(): LedgerFigures {
    this.#heldUp?.end();
    return {
      accounts: this.#accounts.end(),
      heldUp: this.#heldUp?.rows ?? [],
    };
  }
}
