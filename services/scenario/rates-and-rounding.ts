/**
 * Reference rates to dealers' quotes, and amounts through quotes. Rates are units of the second
 * currency for one unit of the first, in major units. The figures are the scenario's own (`rates`, `schema.ts`).
 */

import { Exact, type Rate } from '../protocol/names/minor-units.ts';
import type { Rounding } from './decimal-amounts.ts';
import { sendingTimeMs } from './outages.ts';
import { SeededStream } from './random-streams.ts';
import type { OpenHours, Scenario, ScenarioQuote } from './scenario.ts';

/** ISO 20022's BaseOneRate has at most 10 decimals and 11 digits. */
export const RATE_DECIMALS_MAX = 10;

type ExactDecimal = InstanceType<typeof Exact>;

export interface ReferenceRates {
  readonly base: string;
  readonly perBase: Readonly<Record<string, string>>;
  readonly pairs: Readonly<Record<string, string>>;
}

/**
 * The reference rate of a pair: the pair's own if there is one (or 1 / that of its inverse), else
 * perBase[to] / perBase[from], with perBase[base] = 1. Not rounded beyond 60 digits.
 * Returns the currency that lacks a rate, as text, if there is none.
 */
export function referenceRate(
  rates: ReferenceRates,
  from: string,
  to: string,
): ExactDecimal | string {
  const direct = rates.pairs[`${from}/${to}`];
  if (direct !== undefined) return new Exact(direct);
  const inverse = rates.pairs[`${to}/${from}`];
  if (inverse !== undefined) return new Exact(1).div(inverse);
  const perBase = (code: string) => (code === rates.base ? '1' : rates.perBase[code]);
  const [fromPerBase, toPerBase] = [perBase(from), perBase(to)];
  if (fromPerBase === undefined) return from;
  if (toPerBase === undefined) return to;
  return new Exact(toPerBase).div(fromPerBase);
}

/**
 * reference x (1 - spread / 10,000), rounded half-even to so many significant digits and at most
 * RATE_DECIMALS_MAX decimals, without trailing zeros. A mantissa of 0 means that nothing is left.
 */
export function quoteRate(
  reference: ExactDecimal,
  spreadBasisPoints: number,
  significantDigits: number,
): Rate {
  const rate = reference.mul(new Exact(1).sub(new Exact(spreadBasisPoints).div(10_000)));
  const decimals = significantDigits - 1 - rate.e;
  const rounded =
    decimals > RATE_DECIMALS_MAX
      ? rate.toDecimalPlaces(RATE_DECIMALS_MAX)
      : rate.toSignificantDigits(significantDigits);
  const scale = rounded.decimalPlaces();
  return { mantissa: BigInt(rounded.mul(new Exact(10).pow(scale)).toFixed(0)), scale };
}

/** amount x rate in minor units of the second currency, rounded to the nearest. */
export function convertMinor(
  amountMinor: bigint,
  rate: Rate,
  minorUnitsFrom: number,
  minorUnitsTo: number,
  rounding: Rounding = 'half-even',
): bigint {
  const shift = minorUnitsTo - minorUnitsFrom - rate.scale;
  const product = amountMinor * rate.mantissa;
  if (shift >= 0) return product * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  const quotient = product / divisor;
  const twice = (product % divisor) * 2n;
  if (twice !== divisor) return twice > divisor ? quotient + 1n : quotient;
  if (rounding === 'half-even') return quotient + (quotient % 2n);
  return rounding === 'half-up' ? quotient + 1n : quotient;
}

/** What a quote credits for an amount of the currency sold to the dealer, minor units. */
export const quotedMinor = (
  { currencies }: Pick<Scenario, 'currencies'>,
  { from, to, rate, rounding }: ScenarioQuote,
  minor: bigint,
): bigint =>
  convertMinor(minor, rate, currencies[from]!.minorUnits, currencies[to]!.minorUnits, rounding);

/** A dealer's quote that goes out as a message. */
export interface PlannedQuote {
  readonly atMs: number;
  readonly businessDate: string;
  /** Lower-case UUID, version 4. */
  readonly id: string;
  readonly quote: ScenarioQuote;
  readonly validUntilMs: number;
}

/**
 * The quotes of all dates in order of time (ties in the file's order): each pair is quoted when both
 * of its currencies have opened, and again whenever the quote before runs out, until one closes. A
 * quote that falls into an outage of its dealer goes out at the outage's end, if it is then still valid.
 */
export function planQuotes(scenario: Scenario): PlannedQuote[] {
  const planned: PlannedQuote[] = [];
  for (const [index, businessDate] of scenario.businessDates.entries())
    for (const quote of scenario.quotes) {
      const hours = commonHours(scenario, quote.from, quote.to, index);
      if (hours === null) continue;
      const ids = new SeededStream(
        scenario.seed,
        'quotes',
        businessDate,
        quoteName(scenario, quote),
      );
      const validMs = quote.validMs ?? hours.closesMs - hours.opensMs;
      for (let fromMs = hours.opensMs; fromMs < hours.closesMs; fromMs += validMs) {
        const validUntilMs = Math.min(fromMs + validMs, hours.closesMs);
        const atMs = sendingTimeMs(scenario, quote.dealer, fromMs);
        const id = String(ids.uuid());
        if (atMs !== null && atMs < validUntilMs)
          planned.push({ atMs, businessDate, id, quote, validUntilMs });
      }
    }
  return planned.sort((a, b) => a.atMs - b.atMs);
}

function quoteName(scenario: Scenario, quote: ScenarioQuote): string {
  const code = (currency: number) => scenario.currencies[currency]!.code;
  return `${scenario.participants[quote.dealer]!.bic} ${code(quote.from)}/${code(quote.to)}`;
}

/** The hours of a date in which both currencies are open; null if there are none. */
function commonHours(
  scenario: Pick<Scenario, 'currencies'>,
  from: number,
  to: number,
  dateIndex: number,
): OpenHours | null {
  const a = scenario.currencies[from]?.hours[dateIndex];
  const b = scenario.currencies[to]?.hours[dateIndex];
  if (!a || !b) return null;
  const opensMs = Math.max(a.opensMs, b.opensMs);
  const closesMs = Math.min(a.closesMs, b.closesMs);
  return opensMs < closesMs ? { opensMs, closesMs } : null;
}
