import type { CycleMechanism } from '../../core/records.ts';
import type { CurrencyRules } from '../../protocol/control-record.ts';

/** How each currency settles: the rules of the genesis until a record gives it its own. */
export class RulesBook {
  #usual: CurrencyRules | null = null;
  readonly #own = new Map<number, CurrencyRules>();
  /** Participants that have limits across their currencies. */
  readonly #limited = new Set<number>();

  /** @param currency null: the genesis */
  take(currency: number | null, rules: CurrencyRules): void {
    if (currency === null) this.#usual = rules;
    else this.#own.set(currency, rules);
  }

  /** A participant got limits across its currencies; -1: none. */
  limit(participant: number, aggregate: bigint, pooled: bigint): void {
    if (aggregate < 0n && pooled < 0n) this.#limited.delete(participant);
    else this.#limited.add(participant);
  }

  #of(currency: number): CurrencyRules | null {
    return this.#own.get(currency) ?? this.#usual;
  }

  /** By currency, as services/core reads them out of a core. */
  of(currencies: number): {
    mechanisms: CycleMechanism[];
    bypasses: boolean[];
    offsets: boolean[];
    acrossCurrencies: boolean;
  } {
    const each = Array.from({ length: currencies }, (_, currency) => this.#of(currency));
    return {
      mechanisms: each.map((rules) => rules?.cycleMechanism ?? 'none'),
      bypasses: each.map((rules) => rules?.queueRule === 'bypass-fifo'),
      offsets: each.map((rules) => rules?.bilateralOffsetting ?? false),
      acrossCurrencies: this.#limited.size > 0,
    };
  }
}
