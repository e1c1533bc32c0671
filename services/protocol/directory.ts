import type { ControlRecord, Role } from './control-record.ts';
import type { Bic } from './identifiers.ts';

export interface Participant {
  readonly bic: Bic;
  readonly name: string;
  readonly role: Role;
}

export interface CurrencyEntry {
  readonly currency: string;
  readonly minorUnits: number;
}

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

  fold(control: ControlRecord): void {
    if (control.kind === 'participant' && !this.#participantHandles.has(control.bic)) {
      this.#participantHandles.set(control.bic, this.participants.length);
      this.participants.push({ bic: control.bic, name: control.name, role: control.role });
    } else if (control.kind === 'currency' && !this.#currencyHandles.has(control.currency)) {
      this.#currencyHandles.set(control.currency, this.currencies.length);
      this.currencies.push({ currency: control.currency, minorUnits: control.minorUnits });
    }
  }

  participantHandle(bic: string): number | undefined {
    return this.#participantHandles.get(bic);
  }

  currencyHandle(currency: string): number | undefined {
    return this.#currencyHandles.get(currency);
  }

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
