/** Runs for a claim: by the direct door, in this process, without files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../platform/service/build-info.ts';
import type { PaymentRow } from '../report/figures/payment-table.ts';
import { RunResults } from '../report/figures/run-books.ts';
import type { Summary } from '../report/figures/summary.ts';
import { createCore } from '../run/write-run.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createDirectSimulation } from '../simulator/direct-simulation.ts';

export interface SmallRun {
  readonly scenario: Scenario;
  readonly summary: Summary;
  /** In the order in which they came in. */
  readonly rows: readonly PaymentRow[];
  /** Closing balance in minor units, by bank and currency as `ALFADE00 EUR`. */
  readonly balances: ReadonlyMap<string, bigint>;
}

/** @throws where two ways of counting disagree */
export async function runOf(scenario: Scenario): Promise<SmallRun> {
  const run = createDirectSimulation({ scenario, createSettlement: createCore, signatures: false });
  const results = new RunResults(scenario, run);
  for await (const slice of run.run()) results.take(slice);
  return {
    scenario,
    summary: results.summary({ version: '', overrides: [], signatures: false }),
    rows: [...results.rows()].sort((a, b) => a.position - b.position),
    balances: new Map(
      results
        .accounts()
        .map(({ bic, currencyCode, balanceMinor }) => [`${bic} ${currencyCode}`, balanceMinor]),
    ),
  };
}

/** A scenario of the project, by its name, with overrides. */
export const projectScenario = (name: string, set: readonly string[]): Scenario =>
  loadScenario(join(packageFolder, 'scenarios', `${name}.yaml`), {
    readFile: (path) => readFileSync(path, 'utf8'),
    set,
  });

/** One that a claim writes down itself. */
export const writtenScenario = (
  document: object,
  csv: string,
  set: readonly string[] = [],
): Scenario =>
  loadScenario('claim.yaml', {
    readFile: (path) => (path === 'claim.csv' ? csv : JSON.stringify(document)),
    set,
  });

/** Of a bank that a claim calls A: a test BIC. */
export const bicOfLetter = (letter: string): string => `${letter.repeat(4)}DE00`;

/** Time, from, to, amount. */
export type SmallPayment = readonly [time: string, from: string, to: string, amount: number];

export interface SmallDay {
  /** Opening balances by the bank's letter, in whole units of the test currency XTS. */
  readonly balances: Readonly<Record<string, number>>;
  readonly payments: readonly SmallPayment[];
  readonly settlement: object;
  readonly opens?: string;
  readonly closes?: string;
  readonly events?: object;
  /** What an account has besides its balance. */
  readonly accounts?: Readonly<Record<string, object>>;
}

/** A day of few payments in one currency without decimals. */
export function smallDay({
  balances,
  payments,
  settlement,
  opens = '08:00',
  closes = '18:00',
  events = {},
  accounts = {},
}: SmallDay): Promise<SmallRun> {
  const rows = payments.map(([time, from, to, amount]) =>
    ['2026-03-16', time, bicOfLetter(from), bicOfLetter(to), 'XTS', amount, ''].join(','),
  );
  const document = {
    name: 'claim',
    businessDates: ['2026-03-16'],
    currencies: { XTS: { opens, closes, zone: 'UTC' } },
    participants: Object.entries(balances).map(([letter, balance]) => ({
      bic: bicOfLetter(letter),
      name: letter,
      accounts: { XTS: { balance: String(balance), ...accounts[letter] } },
    })),
    payments: { csv: 'claim.csv' },
    settlement,
    events,
    tickMs: 60_000,
  };
  const csv = ['date,time,debtor,creditor,currency,amount,priority', ...rows, ''].join('\n');
  return runOf(writtenScenario(document, csv));
}

/** Closing balances of such a day: `A 20, B 0`. */
export const balancesText = ({ balances }: SmallRun, letters: readonly string[]): string =>
  letters.map((letter) => `${letter} ${balances.get(`${bicOfLetter(letter)} XTS`)}`).join(', ');

/** Which payments settled, by their number from 1: `1 3 4`, or `none`. */
export function settledText({ rows }: SmallRun): string {
  const numbers = rows.flatMap(({ status }, at) => (status === 'settled' ? [at + 1] : []));
  return numbers.length === 0 ? 'none' : numbers.join(' ');
}
