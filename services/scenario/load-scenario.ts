/**
 * A scenario file to a `Scenario`: YAML, overrides, schema, then what a schema cannot say (names that
 * must exist, decimals, calendars, rates). Pure: the caller gives a function that reads a text file.
 */
import { posix } from 'node:path';
import { standingOrdersAtMs } from './genesis-time.ts';
import { parsePaymentsCsv } from './listed-payments.ts';
import type { LookUps } from './look-ups.ts';
import { parseTotalsCsv } from './networks/totals-csv.ts';
import { type OverridingFlags, overridesOf } from './overrides-by-flags.ts';
import { NO_PAYMENTS } from './payment-list.ts';
import { checkMovedByRegisters } from './registers.ts';
import { resolveAnomalies, resolveCustomers, silentOutages } from './resolve-anomalies.ts';
import { resolveNames } from './resolve-calendar-currencies-pools.ts';
import { resolveChainFlows } from './resolve-chain-flows.ts';
import { resolveChains } from './resolve-chains.ts';
import { resolveAttestations, resolveAttestors, resolveRecords } from './resolve-conditions.ts';
import { resolveCustomerPayments } from './resolve-customer-payments.ts';
import { withDeposits } from './resolve-deposits.ts';
import { resolveEvents } from './resolve-events.ts';
import { resolveFlows } from './resolve-flows.ts';
import { standingOrders } from './resolve-participants.ts';
import { resolveQuotes } from './resolve-quotes.ts';
import { resolveRecordFlows } from './resolve-record-flows.ts';
import { resolveSettlement } from './resolve-settlement.ts';
import { resolveTrades } from './resolve-trades.ts';
import type { PaymentList, Scenario, ScenarioQuote } from './scenario.ts';
import { type Fail, unreadable } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';
import { checkDocument } from './yaml-against-schema.ts';

export interface LoadOptions extends OverridingFlags {
  /** Returns a file's text; what it throws becomes a ScenarioError. */
  readonly readFile: (path: string) => string;
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
  const overrides = overridesOf(options);
  const checked = checkDocument(file, readText(file, options), overrides);
  const { fail } = checked;
  const document = withTotals(file, checked.document, fail, options);
  const { instructionsOf } = options;
  const draws = instructionsOf === undefined;
  const { directory, deposits } = withDeposits(document, {
    ...resolveNames(document, fail),
    draws,
  });
  const quotes = resolveQuotes(document, directory);
  const flows = resolveFlows(document, directory, quotes);
  const trades = resolveTrades(document, directory);
  const chains = draws ? resolveChains(document, directory) : [];
  const listedPayments = draws
    ? readPayments(file, document, directory, quotes, options)
    : NO_PAYMENTS;
  const recordFlows = draws ? resolveRecordFlows(document, directory) : [];
  const chainFlows = resolveChainFlows(document, directory, recordFlows);
  const customerFlows = resolveCustomerPayments(document, directory, deposits);
  // A counterfactual has the labels of the run that it took its instructions of.
  const customers = draws ? resolveCustomers(document, directory) : null;
  const anomalies = draws ? resolveAnomalies(document, directory, flows, customers) : [];
  const attestations = draws ? resolveAttestations(document, directory, chains) : [];
  const attestors = draws ? resolveAttestors(document, directory) : [];
  checkMovedByRegisters(
    {
      ...{ ...directory, deposits, document, attestors, chains, chainFlows, customerFlows },
      ...{ trades, listedPayments },
    },
    fail,
  );
  const records = draws ? resolveRecords(document, directory, recordFlows) : [];
  const isDrawn = [flows, trades, chains, chainFlows, customerFlows, records, recordFlows].some(
    ({ length }) => length > 0,
  );
  if (draws && !isDrawn && document.payments === undefined)
    fail(['traffic'], 'a flow, trades, chains, records, or payments from a CSV', document.traffic);
  const calendar = { currencies: directory.currencies, listedPayments };
  const standing = standingOrders(document, directory, standingOrdersAtMs(calendar));
  const { rates } = document;
  const events = resolveEvents(document, directory, standing, deposits);
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
    chains,
    chainFlows,
    deposits,
    customerFlows,
    customers,
    anomalies,
    attestations,
    attestors,
    records,
    recordFlows,
    listedPayments,
    settlement: resolveSettlement(document, directory, options.proposes),
    statements: document.statements ?? null,
    batchSize: document.batchSize,
    tickMs: document.tickMs,
    ...events,
    outages: [...events.outages, ...silentOutages(anomalies, deposits)],
    document,
    ...(instructionsOf !== undefined && { instructionsOf }),
  };
}

/** Totals that stand in a CSV, in their places of the document: the record of a run is whole without it. */
function withTotals(
  file: string,
  document: ScenarioDocument,
  fail: Fail,
  options: LoadOptions,
): ScenarioDocument {
  const names = {
    flows: document.traffic.map(({ name }) => name),
    banks: document.participants.map(({ bic }) => bic),
  };
  const traffic = document.traffic.map((flow, index) => {
    const { fitted } = flow.network ?? {};
    if (fitted?.csv === undefined) return flow;
    const { csv, ...inline } = fitted;
    const [other] = Object.keys(inline);
    if (other !== undefined)
      fail(
        ['traffic', index, 'network', 'fitted', other],
        'none beside csv',
        fitted[other as 'sent'],
      );
    const path = besideScenario(file, csv);
    const totals = parseTotalsCsv(path, readText(path, options), flow.name, names);
    return { ...flow, network: { ...flow.network, fitted: totals } };
  });
  return { ...document, traffic };
}

/** A path that a scenario's file names is sought from its folder. */
const besideScenario = (file: string, path: string): string =>
  posix.isAbsolute(path) ? path : posix.join(posix.dirname(file), path);

function readPayments(
  file: string,
  document: ScenarioDocument,
  directory: LookUps,
  quotes: readonly ScenarioQuote[],
  options: LoadOptions,
): PaymentList {
  if (document.payments === undefined) return NO_PAYMENTS;
  const { csv, otherDates } = document.payments;
  const path = besideScenario(file, csv);
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
