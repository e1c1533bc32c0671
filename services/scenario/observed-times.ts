/**
 * The table of observed settlement times that stands beside a table of payments: columns row (1 for the
 * first row of payments, comments and header not counted), submitted and settled (empty: never), instants
 * in UTC with ms. It has each payment once, in their order.
 */
import type { CurrencyRules } from '../protocol/records/control-record.ts';
import { COMMENTED, type CsvRow, csvRows } from './csv-table.ts';
import { listedMs, withBeside } from './payment-list.ts';
import type { Scenario } from './scenario.ts';
import { formatValue, ScenarioError } from './scenario-error.ts';

/** The file's name, in the folder of an import as in the inputs of a run. */
export const OBSERVED_FILE = 'observed.csv';

const COLUMNS = ['row', 'submitted', 'settled'] as const;
type Column = (typeof COLUMNS)[number];

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const INSTANT_EXPECTED = 'an instant in UTC with ms, such as 2026-03-16T09:30:00.000Z';

/** No settlement of the core's: no cycle, no netting, no offsetting. */
const NO_RULES: Partial<CurrencyRules> = {
  ...{ cycleMechanism: 'none', entryOffsetting: false, bilateralOffsetting: false },
};

/**
 * A scenario as its payments were observed: without rules, requests, outages and whatever else would
 * decide when they settle. Accounts, hours and changes of liquidity are the scenario's.
 * @param file the path that messages name
 * @param text of the table of observed times
 * @throws ScenarioError naming file, line, column, value and expectation
 */
export function observedScenario(scenario: Scenario, file: string, text: string): Scenario {
  const { flows, trades, chains, settlement } = scenario;
  if (chains.length > 0)
    throw new ScenarioError(
      `${scenario.file}: chains: ${chains.length}: expected none beside ${file}, which has times of listed payments alone: list their legs in the CSV as payments, or settle the chains with \`corridor run\``,
    );
  const drawn = flows.length + trades.length;
  if (drawn > 0)
    throw new ScenarioError(
      `${scenario.file}: traffic: ${drawn} flows: expected none beside ${file}: it has times of listed payments alone`,
    );
  return {
    ...scenario,
    listedPayments: withBeside(scenario.listedPayments, (listed) => ({
      ...listed,
      cancelAfterMs: null,
    })),
    settlement: {
      ...settlement,
      rules: settlement.rules.map((rules) => ({ ...rules, ...NO_RULES })),
      common: { ...settlement.common, ...NO_RULES },
      ...{ cycleEveryMs: 0, certificates: false },
    },
    ...{ outages: [], corruptSignatures: [], repeatMessages: [], cancellations: [] },
    ...{
      returns: [],
      reorderings: [],
      requestEvents: [],
      defaults: [],
      revocations: [],
      cycles: [],
    },
    observedMs: parseObserved(file, text, scenario),
    variant: 'observed',
  };
}

function parseObserved(
  file: string,
  text: string,
  { listedPayments }: Pick<Scenario, 'listedPayments'>,
): (number | null)[] {
  const settledMs: (number | null)[] = [];
  for (const { record, line } of rowsOf(file, text)) {
    const fail = (column: Column, expected: string): never => {
      const value = record[column];
      const shown = formatValue(value === '' ? undefined : value);
      throw new ScenarioError(`${file}:${line}: column ${column}: ${shown}: expected ${expected}`);
    };
    const { row, submitted, settled } = record;
    checkRow(row, settledMs.length + 1, listedPayments.length, (expected) => fail('row', expected));
    const submittedMs = instantOf(submitted) ?? fail('submitted', INSTANT_EXPECTED);
    const atMs = listedMs(listedPayments, settledMs.length);
    if (submittedMs !== atMs)
      fail('submitted', `${new Date(atMs).toISOString()}, when row ${row} of the payments has it`);
    const atSettlement =
      settled === ''
        ? null
        : (instantOf(settled) ?? fail('settled', `${INSTANT_EXPECTED}, or none`));
    if (atSettlement !== null && atSettlement < submittedMs)
      fail('settled', `an instant from its submission on, ${submitted}`);
    settledMs.push(atSettlement);
  }
  if (settledMs.length < listedPayments.length)
    throw new ScenarioError(
      `${file}: column row: ${settledMs.length + 1}: missing: expected all ${listedPayments.length} rows of the payments`,
    );
  return settledMs;
}

function checkRow(
  row: string,
  next: number,
  payments: number,
  fail: (expected: string) => never,
): void {
  if (row === String(next) && next <= payments) return;
  const number = /^[1-9][0-9]*$/.test(row) ? Number(row) : 0;
  if (number < 1 || number > payments)
    fail(`the number of a row of the payments, 1 to ${payments}`);
  if (number < next) fail(`each row once; ${row} came before`);
  fail(`${next}: rows stand in the order of the payments, and none is left out`);
}

function instantOf(text: string): number | null {
  if (!INSTANT.test(text)) return null;
  const ms = Date.parse(text);
  // Some days that no calendar has are taken for the first of the next month.
  return Number.isNaN(ms) || new Date(ms).toISOString() !== text ? null : ms;
}

type ObservedRow = Readonly<Record<Column, string>>;

function rowsOf(file: string, text: string): CsvRow<ObservedRow>[] {
  let hasHeader = false;
  const columns = (header: string[]) => {
    hasHeader = true;
    return checkHeader(file, header);
  };
  const rows = csvRows<ObservedRow>(file, text, { ...COMMENTED, columns });
  if (!hasHeader) checkHeader(file, []);
  return rows;
}

function checkHeader(file: string, header: string[]): string[] {
  const found = header.join(',');
  if (found === COLUMNS.join(',')) return header;
  const shown = formatValue(found === '' ? undefined : found);
  throw new ScenarioError(`${file}: header: ${shown}: expected ${COLUMNS.join(',')}`);
}
