/** Values of several currencies made comparable: at the scenario's reference rates, for reading only. */
import { Exact } from '../protocol/names/minor-units.ts';
import { referenceRate } from '../scenario/rates-and-rounding.ts';
import type { ScenarioCurrency } from '../scenario/scenario.ts';
import type { ScenarioDocument } from '../scenario/schema.ts';

export interface ReferenceValue {
  /** The currency in which values are given. */
  readonly currency: string;
  readonly decimals: number;
  /** Where the rates come from; null where nothing is converted. */
  readonly source: { readonly text: string; readonly date: string } | null;
  /** Minor units of that currency, rounded half-even. */
  convert(minor: bigint, currency: string): bigint;
  /** The same unrounded, for weights: small values do not vanish. */
  exact(minor: bigint, currency: string): ExactDecimal;
}

type ExactDecimal = InstanceType<typeof Exact>;

/** The part of a scenario that values depend on. */
interface Valued {
  readonly currencies: readonly Pick<ScenarioCurrency, 'code' | 'minorUnits'>[];
  readonly document: Pick<ScenarioDocument, 'rates'>;
}

/** Null where the scenario has several currencies and no rates for all of them. */
export function referenceValue(scenario: Valued): ReferenceValue | null {
  const decimalsOf = new Map(scenario.currencies.map(({ code, minorUnits }) => [code, minorUnits]));
  const [only] = scenario.currencies;
  if (only && scenario.currencies.length === 1)
    return {
      currency: only.code,
      decimals: only.minorUnits,
      source: null,
      convert: (minor) => minor,
      exact: (minor) => new Exact(minor.toString()),
    };
  const { rates } = scenario.document;
  const decimals = rates && decimalsOf.get(rates.base);
  if (!rates || decimals === undefined) return null;
  const lacking = [...decimalsOf.keys()].some(
    (code) => code !== rates.base && typeof referenceRate(rates, code, rates.base) === 'string',
  );
  if (lacking) return null;
  const exact = (minor: bigint, currency: string) => {
    const amount = new Exact(minor.toString());
    if (currency === rates.base) return amount;
    const shift = new Exact(10).pow(decimals - (decimalsOf.get(currency) ?? 0));
    return amount.mul(referenceRate(rates, currency, rates.base)).mul(shift);
  };
  return {
    currency: rates.base,
    decimals,
    source: { text: rates.source, date: rates.date },
    exact,
    convert: (minor, currency) => BigInt(exact(minor, currency).toFixed(0)),
  };
}
