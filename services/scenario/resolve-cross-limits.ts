/** Limits of participants across their currencies, and what a currency is worth to them. */
import { Exact } from '../protocol/names/minor-units.ts';
import type { LookUps } from './look-ups.ts';
import { referenceRate } from './rates-and-rounding.ts';
import type { AcrossCurrencies, ScenarioCurrency, ScenarioParticipant } from './scenario.ts';
import type { Fail, Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';

type Participant = ScenarioDocument['participants'][number];

/** The weights of a pool's currencies add up to less than this (services/core/settlement/records.ts). */
const WEIGHTS_BELOW = new Exact(2).pow(48);

/** @param directory whose participants are not yet known */
export function resolveAcross(
  path: Path,
  { accounts, acrossCurrencies: across, bic }: Participant,
  directory: LookUps,
): AcrossCurrencies | null {
  if (across === undefined) return null;
  const currency = directory.currency([...path, 'currency'], across.currency);
  if (accounts[across.currency] === undefined)
    directory.fail([...path, 'currency'], `a currency in which ${bic} has an account`);
  const amount = (key: string, text: string | undefined): bigint | null =>
    text === undefined ? null : directory.amount([...path, key], text, currency);
  return {
    currency,
    aggregateShortMinor: amount('aggregateShortLimit', across.aggregateShortLimit),
    pooledCollateralMinor: amount('pooledCollateral', across.pooledCollateral),
  };
}

/**
 * Values the currencies of every pool in which a participant has such limits: the reference rate of a
 * minor unit into the limit's currency, all times the largest power of ten that the core can take,
 * rounded half-even. A security has no rate and counts nothing.
 */
export function valued(
  document: ScenarioDocument,
  currencies: readonly ScenarioCurrency[],
  participants: readonly ScenarioParticipant[],
  fail: Fail,
): ScenarioCurrency[] {
  const units = new Map<number, number>();
  for (const { acrossCurrencies: across } of participants) {
    const pool = currencies[across?.currency ?? -1]?.pool;
    if (across && pool !== undefined && !units.has(pool)) units.set(pool, across.currency);
  }
  const worth = currencies.map((currency) => {
    const unit = currencies[units.get(currency.pool) ?? -1];
    if (unit === undefined || currency.isSecurity) return new Exact(0);
    const { rates } = document;
    const rate =
      currency === unit
        ? new Exact(1)
        : rates === undefined
          ? currency.code
          : referenceRate(rates, currency.code, unit.code);
    if (typeof rate === 'string' || !rate.isFinite() || rate.isZero())
      return fail(['rates'], `a rate of ${currency.code} in ${unit.code}, for acrossCurrencies`);
    return rate.mul(new Exact(10).pow(unit.minorUnits - currency.minorUnits));
  });
  return currencies.map((currency, number) => {
    const ofPool = worth.filter((_, other) => currencies[other]?.pool === currency.pool);
    const total = ofPool.reduce((sum, one) => sum.add(one), new Exact(0));
    if (total.isZero()) return currency;
    // Half a unit of each is left for rounding.
    const room = WEIGHTS_BELOW.sub(ofPool.length).div(total);
    const scale = new Exact(10).pow(room.log(10).floor());
    const weight = worth[number]?.mul(scale).toDecimalPlaces(0) ?? new Exact(0);
    return { ...currency, weight: BigInt(weight.toFixed(0)) };
  });
}
