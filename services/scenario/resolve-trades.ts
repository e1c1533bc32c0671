/** Flows of trades between two banks: PvP, and DvP where one side is a security. */
import { parseRate, type Rate } from '../protocol/names/minor-units.ts';
import type { LookUps } from './look-ups.ts';
import { convertMinor, quoteRate, RATE_DECIMALS_MAX, referenceRate } from './rates-and-rounding.ts';
import {
  checkWorth,
  counterpartyRows,
  productRows,
  resolveAmounts,
  resolvePriorities,
  weighedBanks,
} from './resolve-flows.ts';
import { resolveArrivals, resolveWindow } from './resolve-profiles.ts';
import type { ScenarioTrades } from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';
import { PAYMENTS_MAX } from './schema-traffic.ts';

type TradesDocument = ScenarioDocument['trades'][number];

/** Digits of a price that follows from reference rates. */
const PRICE_DIGITS = 10;

export function resolveTrades(document: ScenarioDocument, directory: LookUps): ScenarioTrades[] {
  const names = new Set(document.traffic.map(({ name }) => name));
  let total = 0;
  return document.trades.map((trades, index) => {
    const path = ['trades', index];
    if (names.has(trades.name))
      directory.fail([...path, 'name'], 'each name once, among flows and trades', trades.name);
    names.add(trades.name);
    total += 2 * trades.tradesPerDate * document.businessDates.length;
    if (total > PAYMENTS_MAX)
      directory.fail(
        [...path, 'tradesPerDate'],
        `at most ${PAYMENTS_MAX / 2} trades over all dates`,
        trades.tradesPerDate,
      );
    return resolveOne(trades, path, document, directory);
  });
}

function resolveOne(
  trades: TradesDocument,
  path: Path,
  document: ScenarioDocument,
  directory: LookUps,
): ScenarioTrades {
  const { currencies } = directory;
  const delivers = directory.currency([...path, 'delivers'], trades.delivers);
  const receives = directory.currency([...path, 'receives'], trades.receives);
  const [given, taken] = [currencies[delivers]!, currencies[receives]!];
  if (delivers === receives || (given.isSecurity && taken.isSecurity))
    directory.fail(
      [...path, 'receives'],
      `another currency, or a security, for ${trades.delivers}`,
      trades.receives,
    );
  if (given.pool !== taken.pool)
    directory.fail([...path, 'receives'], `one of the same pool as ${given.code}`, trades.receives);
  const amounts = resolveAmounts(trades, path, directory, delivers);
  const price = resolvePrice(trades, path, document, directory);
  checkWorth(trades, path, directory, amounts, taken, (minor) =>
    convertMinor(minor, price, given.minorUnits, taken.minorUnits),
  );
  return {
    name: trades.name,
    delivers,
    receives,
    tradesPerDate: trades.tradesPerDate,
    arrivals: resolveArrivals(trades, path, document, directory, delivers, receives),
    ...resolveWindow(trades, path, document, directory),
    ...amounts,
    sigma: trades.amounts.sigma,
    price,
    counterparties: counterparties(trades, path, directory, delivers, receives),
    priorityWeights: resolvePriorities(trades, path, directory),
    counterpartyAfterMs: trades.counterpartyAfterSeconds * 1000,
    unmatchedEvery: trades.unmatchedEvery ?? null,
  };
}

/** Units of what is received for one of what is delivered, by a flow of trades, or a leg of one of chains. */
export function resolvePrice(
  { price, delivers, receives }: Pick<TradesDocument, 'price' | 'delivers' | 'receives'>,
  path: Path,
  { rates }: ScenarioDocument,
  { fail }: LookUps,
): Rate {
  const at = [...path, 'price'];
  if (price !== undefined)
    return (
      parseRate(price) ??
      fail(at, `a price above 0 of at most ${RATE_DECIMALS_MAX} decimals`, price)
    );
  const reference = rates === undefined ? '' : referenceRate(rates, delivers, receives);
  if (typeof reference === 'string')
    return fail(at, `the price of ${delivers} in ${receives}, or reference rates for the pair`);
  return quoteRate(reference, 0, PRICE_DIGITS);
}

/** Each bank trades with each other one, by the product of their weights; both need both accounts. */
function counterparties(
  trades: TradesDocument,
  path: Path,
  directory: LookUps,
  delivers: number,
  receives: number,
) {
  const at = [...path, 'banks'];
  const banks = weighedBanks(trades.banks, at, directory, [delivers, receives]);
  return counterpartyRows(productRows(banks, banks), trades.name, path, directory);
}
