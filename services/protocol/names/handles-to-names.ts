import type { ControlRecord, Role } from '../records/control-record.ts';
import type { Bic } from './bic-and-uetr.ts';
import type { Syntax } from './content-type.ts';

export interface Participant {
  readonly bic: Bic;
  readonly name: string;
  readonly role: Role;
  /** In which it is told of what it did not send; absent: JSON. */
  readonly syntax?: Syntax | undefined;
}

export interface CurrencyEntry {
  readonly currency: string;
  readonly minorUnits: number;
  /** The most that one payment may have, minor units; absent: the network has no policy for it. */
  readonly maximumMinor?: string;
}

/** The names of a directory, by handle. */
export interface DirectoryNames {
  readonly participants: readonly Participant[];
  readonly currencies: readonly CurrencyEntry[];
}

/** A name for a reader; empty where a refused message named what the pool does not know. */
export const bicOf = ({ participants }: DirectoryNames, handle: number): string =>
  participants[handle]?.bic ?? '';
export const currencyOf = ({ currencies }: DirectoryNames, handle: number): string =>
  currencies[handle]?.currency ?? '';

/**
 * The names behind the handles in a pool's records and events: participants and currencies in the
 * order in which the log registers them. Clearing and every reader of its events fold the control
 * records that the events accept, and no others, so they agree.
 */
export class Directory {
  readonly participants: Participant[] = [];
  readonly currencies: CurrencyEntry[] = [];
  readonly #participantHandles = new Map<string, number>();
  readonly #currencyHandles = new Map<string, number>();

  /** With the names that another directory had, in their order. */
  static from(names: DirectoryNames): Directory {
    const directory = new Directory();
    for (const participant of names.participants) directory.#addParticipant(participant);
    for (const entry of names.currencies) directory.#addCurrency(entry);
    return directory;
  }

  fold(control: ControlRecord): void {
    if (control.kind === 'participant') {
      const { bic, name, role, syntax } = control;
      this.#addParticipant({ bic, name, role, ...(syntax && { syntax }) });
    } else if (control.kind === 'currency') {
      const { currency, minorUnits, maximumMinor } = control;
      this.#addCurrency({ currency, minorUnits, ...(maximumMinor && { maximumMinor }) });
    }
  }

  #addParticipant(participant: Participant): void {
    if (this.#participantHandles.has(participant.bic)) return;
    this.#participantHandles.set(participant.bic, this.participants.length);
    this.participants.push(participant);
  }

  #addCurrency(entry: CurrencyEntry): void {
    if (this.#currencyHandles.has(entry.currency)) return;
    this.#currencyHandles.set(entry.currency, this.currencies.length);
    this.currencies.push(entry);
  }

  participantHandle(bic: string): number | undefined {
    return this.#participantHandles.get(bic);
  }

  /** In which syntax a participant is told of what it did not send itself. */
  syntaxOf(bic: string): Syntax {
    return this.#participant(bic)?.syntax ?? 'json';
  }

  /** Undefined: it is no participant. */
  roleOf(bic: string): Role | undefined {
    return this.#participant(bic)?.role;
  }

  #participant(bic: string): Participant | undefined {
    const handle = this.#participantHandles.get(bic);
    return handle === undefined ? undefined : this.participants[handle];
  }

  currencyHandle(currency: string): number | undefined {
    return this.#currencyHandles.get(currency);
  }

  /** The minor units of a currency or security that a message names which was taken. */
  readonly decimals = (code: string): number =>
    this.currency(this.currencyHandle(code) ?? 0).minorUnits;

  bic(handle: number): Bic {
    const participant = this.participants[handle];
    if (!participant) throw new RangeError(`no participant has the handle ${handle}`);
    return participant.bic;
  }

  currency(handle: number): CurrencyEntry {
    const entry = this.currencies[handle];
    if (!entry) throw new RangeError(`no currency has the handle ${handle}`);
    return entry;
  }
}
