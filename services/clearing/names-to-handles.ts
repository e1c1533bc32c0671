import { NONE16, NONE32 } from '../core/settlement/records.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';

/** Which accounts there are, by the core's handles. */
interface Accounts {
  hasAccount(participant: number, currency: number): boolean;
}

/** Names as the core's handles; a name that the log has not registered is none. */
export class Names {
  readonly #directory: Directory;
  readonly #accounts: Accounts;

  constructor(directory: Directory, accounts: Accounts) {
    this.#directory = directory;
    this.#accounts = accounts;
  }

  participant(bic: string): number {
    return this.#directory.participantHandle(bic) ?? NONE32;
  }

  currency(currency: string): number {
    return this.#directory.currencyHandle(currency) ?? NONE16;
  }

  roleOf(bic: string): string | undefined {
    return this.#directory.roleOf(bic);
  }

  hasAccount(bic: string, currency: string): boolean {
    return this.#accounts.hasAccount(this.participant(bic), this.currency(currency));
  }

  /** The handle that a participant or currency gets next; none for one that is known already. */
  nextParticipant(bic: string): number {
    const known = this.#directory.participantHandle(bic) !== undefined;
    return known ? NONE32 : this.#directory.participants.length;
  }

  nextCurrency(currency: string): number {
    const known = this.#directory.currencyHandle(currency) !== undefined;
    return known ? NONE16 : this.#directory.currencies.length;
  }
}
