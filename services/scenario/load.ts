/**
 * A scenario file to a `Scenario`: YAML, overrides, schema, then what a schema cannot say (names that
 * must exist, decimals, calendars, rates). Pure: the caller gives a function that reads a text file.
 */
import { posix } from 'node:path';
import { standingOrdersAtMs } from './beginning.ts';
import { checkDocument } from './document.ts';
import { unreadable } from './errors.ts';
import { parsePaymentsCsv } from './listed-payments.ts';
import type { LookUps } from './look-ups.ts';
import { resolveNames } from './resolve.ts';
import { resolveEvents } from './resolve-events.ts';
import { resolveFlows } from './resolve-flows.ts';
import { standingOrders } from './resolve-participants.ts';
import { resolveQuotes } from './resolve-quotes.ts';
import { resolveSettlement } from './resolve-settlement.ts';
import { resolveTrades } from './resolve-trades.ts';
import type { ListedPayment, Scenario, ScenarioQuote } from './scenario.ts';
import type { ScenarioDocument } from './schema.ts';

export interface LoadOptions {
  /** Returns a file's text; what it throws becomes a ScenarioError. */
  readonly readFile: (path: string) => string;
  /** `dot.path=yaml-scalar`, applied in order before checking. */
  readonly set?: readonly string[];
  /** Takes the place of the file's seed. */
  readonly seed?: number;
  /** Of a counterfactual: what banks sent was recorded, and no file of payments is read. */
  readonly instructionsOf?: string;
  /** Whether cycles settle what a mechanism of one's own proposes, in place of what the file says. */
  readonly proposes?: boolean;
}

/**
 * @param file path of the YAML file; a CSV of payments is sought from its folder
 * @throws ScenarioError whose message is one line: file, path in the file, value, expectation
 */
export function loadScenario(file: string, options: LoadOptions): Scenario {
  const overrides = [...(options.set ?? [])];
  if (options.seed !== undefined) overrides.push(`seed=${options.seed}`);
  const { document, fail } = checkDocument(file, readText(file, options), overrides);
  const { instructionsOf } = options;
  const draws = instructionsOf === undefined;
  const directory = { ...resolveNames(document, fail), draws };
  const quotes = resolveQuotes(document, directory);
  const flows = resolveFlows(document, directory, quotes);
  const trades = resolveTrades(document, directory);
  const listedPayments = draws ? readPayments(file, document, directory, quotes, options) : [];
  if (draws && flows.length + trades.length === 0 && document.payments === undefined)
    fail(['traffic'], 'a flow, trades, or payments from a CSV', document.traffic);
  const calendar = { currencies: directory.currencies, listedPayments };
  const standing = standingOrders(document, directory, standingOrdersAtMs(calendar));
  const { rates } = document;
  return {
    file,
    name: document.name,
    description: document.description,
    seed: document.seed,
    network: document.network,
    businessDates: directory.businessDates,
    pools: directory.pools,
    currencies: directory.currencies,
    participants: directory.participants,
    ratesSource: rates === undefined ? null : { source: rates.source, date: rates.date },
    quotes,
    flows,
    trades,
    listedPayments,
    settlement: resolveSettlement(document, directory, options.proposes),
    batchSize: document.batchSize,
    tickMs: document.tickMs,
    ...resolveEvents(document, directory, standing),
    document,
    ...(instructionsOf !== undefined && { instructionsOf }),
  };
}

function readPayments(
  file: string,
  document: ScenarioDocument,
  directory: LookUps,
  quotes: readonly ScenarioQuote[],
  options: LoadOptions,
): ListedPayment[] {
  if (document.payments === undefined) return [];
  const { csv, otherDates } = document.payments;
  const path = posix.isAbsolute(csv) ? csv : posix.join(posix.dirname(file), csv);
  const text = readText(path, options);
  return parsePaymentsCsv(path, text, directory, quotes, otherDates === 'skip');
}

function readText(path: string, { readFile }: LoadOptions): string {
  try {
    return readFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}
