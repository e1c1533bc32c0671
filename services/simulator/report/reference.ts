/** Values of several currencies made comparable: at the scenario's reference rates, for reading only. */
import { Exact } from '../../protocol/money.ts';
import { referenceRate } from '../scenario/rates.ts';
import type { Scenario } from '../scenario/scenario.ts';

export interface ReferenceValue {
  /** The currency in which values are given. */
  readonly currency: string;
  readonly decimals: number;
  /** Where the rates come from; null where nothing is converted. */
  readonly source: { readonly text: string; readonly date: string } | null;
  /** Minor units of that currency, rounded half-even. */
  convert(minor: bigint, currency: string): bigint;
}

/** Null where the scenario has several currencies and no rates for all of them. */
export function referenceValue(scenario: Scenario): ReferenceValue | null {
  const decimalsOf = new Map(scenario.currencies.map(({ code, minorUnits }) => [code, minorUnits]));
  const [only] = scenario.currencies;
  if (only && scenario.currencies.length === 1)
    return {
      currency: only.code,
      decimals: only.minorUnits,
      source: null,
      convert: (minor) => minor,
    };
  const { rates } = scenario.document;
  const decimals = rates && decimalsOf.get(rates.base);
  if (!rates || decimals === undefined) return null;
  const lacking = [...decimalsOf.keys()].some(
    (code) => code !== rates.base && typeof referenceRate(rates, code, rates.base) === 'string',
  );
  if (lacking) return null;
  return {
    currency: rates.base,
    decimals,
    source: { text: rates.source, date: rates.date },
    convert(minor, currency) {
      if (currency === rates.base) return minor;
      const rate = referenceRate(rates, currency, rates.base);
      const shift = new Exact(10).pow(decimals - (decimalsOf.get(currency) ?? 0));
      return BigInt(new Exact(minor.toString()).mul(rate).mul(shift).toFixed(0));
    },
  };
}
