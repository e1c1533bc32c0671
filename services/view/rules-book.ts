import type { CrossLimit, QueueState, Valuation } from '../core/settlement/queue-state.ts';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import type { CurrencyRules } from '../protocol/records/control-record.ts';

const UNVALUED: Valuation = { weight: 0n, haircutBps: 0n };

/** How each currency settles: the rules of the genesis until a record gives it its own. */
export class RulesBook {
  #usual: CurrencyRules | null = null;
  readonly #own = new Map<number, CurrencyRules>();
  readonly #valuations = new Map<number, Valuation>();
  /** Limits across currencies, by participant. */
  readonly #limits = new Map<number, CrossLimit>();

  /** @param currency null: the genesis */
  take(currency: number | null, rules: CurrencyRules): void {
    if (currency === null) this.#usual = rules;
    else this.#own.set(currency, rules);
  }

  /** Of an event that values a currency or sets a participant's limits across currencies. */
  takeAcross(event: SettlementEvent): void {
    if (event.kind === 'valuationSet') {
      const { currency, weight, haircutBps } = event;
      this.#valuations.set(currency, { weight, haircutBps });
    }
    if (event.kind !== 'crossLimitSet') return;
    const { participant, currency, aggregateShort, pooledCollateral } = event;
    this.#limits.delete(participant);
    if (aggregateShort !== null || pooledCollateral !== null)
      this.#limits.set(participant, { participant, currency, aggregateShort, pooledCollateral });
  }

  #of(currency: number): CurrencyRules | null {
    return this.#own.get(currency) ?? this.#usual;
  }

  /** By currency, as services/core reads them out of a core. */
  of(
    currencies: number,
  ): Pick<QueueState, 'mechanisms' | 'bypasses' | 'offsets' | 'valuations' | 'crossLimits'> {
    const each = Array.from({ length: currencies }, (_, currency) => this.#of(currency));
    return {
      mechanisms: each.map((rules) => rules?.cycleMechanism ?? 'none'),
      bypasses: each.map((rules) => rules?.queueRule === 'bypass-fifo'),
      offsets: each.map((rules) => rules?.bilateralOffsetting ?? false),
      valuations: each.map((_, at) => this.#valuations.get(at) ?? UNVALUED),
      crossLimits: [...this.#limits.values()].sort((a, b) => a.participant - b.participant),
    };
  }
}
