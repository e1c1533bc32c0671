import type { EventOf } from '../core/settlement/settlement-event.ts';
import type { DirectoryNames } from '../protocol/names/handles-to-names.ts';
import type { LedgerAccount } from './ledger.ts';
import { type NeedForecast, NeedForecasts } from './need-forecasts.ts';
import { type AccountHour, AccountHours, type HourNeed } from './needs-by-hour.ts';

/** An account of a bank at a full hour, with what is forecast; null: too few dates before have this hour. */
export interface HourForecast extends AccountHour {
  readonly forecast: NeedForecast | null;
}

/**
 * What the banks of a pool need until the close, hour by hour, and what is forecast of it. Holders of deposits, and issuers
 * in what they issue, find no liquidity and have no need.
 */
export class LiquidityNeeds {
  readonly #directory: Pick<DirectoryNames, 'participants'>;
  readonly #hours = new AccountHours();
  readonly #forecasts = new NeedForecasts();
  /** By currency. */
  readonly #issuers = new Map<number, number>();

  /** The directory must know who is a customer before an hour of its account. */
  constructor(directory: Pick<DirectoryNames, 'participants'>) {
    this.#directory = directory;
  }

  appoint({ participant, currency }: EventOf<'issuerSet'>): void {
    this.#issuers.set(currency, participant);
  }

  /** The account changed. */
  note(account: LedgerAccount): void {
    this.#hours.note(account);
  }

  /** The full hours before this time, of an event that is not taken yet. */
  passed(timeMs: number): readonly HourForecast[] {
    const hours = this.#hours.passed(timeMs);
    return hours.length === 0 ? [] : this.#forecastOf(hours);
  }

  /** The opening's hour of a new date. */
  opened(event: EventOf<'opened'>, accounts: Iterable<LedgerAccount>): readonly HourForecast[] {
    return this.#forecastOf(this.#hours.opened(event, accounts));
  }

  /** What was needed on the date, from which later forecasts are made. */
  closed(event: EventOf<'closed'>): readonly HourNeed[] {
    const needs = this.#hours.closed(event).filter((need) => this.#isBanks(need));
    this.#forecasts.learn(needs);
    return needs;
  }

  #forecastOf(hours: readonly AccountHour[]): HourForecast[] {
    return hours
      .filter((hour) => this.#isBanks(hour))
      .map((hour) => ({ ...hour, forecast: this.#forecasts.of(hour) }));
  }

  #isBanks({ participant, currency }: AccountHour): boolean {
    return (
      this.#issuers.get(currency) !== participant &&
      this.#directory.participants[participant]?.role !== 'customer'
    );
  }
}
