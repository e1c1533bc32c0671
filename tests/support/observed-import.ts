/** An import with observed times (docs/observed.md), made of what a simulated run came to. */
import { stringify } from 'csv-stringify/sync';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import { amountText } from '../../services/protocol/names/minor-units.ts';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { observedScenario } from '../../services/scenario/observed-times.ts';
import { eachListed } from '../../services/scenario/payment-list.ts';
import { planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import type { PlannedPayment } from '../../services/scenario/planned-payment.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { createObservedSimulation } from '../../services/simulator/observed-simulation.ts';
import { followed } from './run.ts';

const wasm = compiledCore();

/** The files of an import, by name. */
export type ImportFiles = Readonly<Record<string, string>>;

const COLUMNS = [
  ...['date', 'time', 'debtor', 'creditor', 'currency', 'amount', 'priority', 'toCurrency'],
  ...['dealer', 'kind', 'reference', 'receives', 'receivesAmount'],
];

/** The scenario with the payments that it draws as a list, and without what would keep or forge any. */
export function listedImport(scenario: Scenario, csv = 'payments.csv'): ImportFiles {
  const { traffic, trades, events, ...document } = scenario.document;
  const {
    outages,
    corruptSignatures,
    repeatMessages,
    cancellations,
    returns,
    reorderings,
    ...changes
  } = events;
  const listed = { ...document, events: changes, payments: { csv } };
  const rows = [...planPayments(scenario)].map((payment) => cellsOf(scenario, payment));
  return {
    'scenario.yaml': JSON.stringify(listed),
    [csv]: `# Drawn by ${scenario.name}\n${stringify(rows, { header: true, columns: COLUMNS })}`,
  };
}

function cellsOf(scenario: Scenario, payment: PlannedPayment): string[] {
  const { participants, currencies } = scenario;
  const bic = (participant: number) => participants[participant]?.bic as string;
  const code = (currency: number) => currencies[currency]?.code as string;
  const amount = (minor: bigint, currency: number) =>
    amountText(minor, currencies[currency]?.minorUnits as number);
  const { kind, currency, currency2, amount2Minor, dealer, atMs } = payment;
  const isLeg = kind === 'leg';
  return [
    ...[payment.businessDate, new Date(atMs).toISOString().slice(11, 23)],
    ...[bic(payment.debtorAgent), bic(payment.creditorAgent), code(currency)],
    ...[amount(payment.amountMinor, currency), payment.priority],
    currency2 === null || isLeg ? '' : code(currency2),
    dealer === null ? '' : bic(dealer),
    kind === 'bank' ? 'bank' : '',
    isLeg ? payment.endToEndId : '',
    ...(isLeg && currency2 !== null
      ? [code(currency2), amount(amount2Minor as bigint, currency2)]
      : ['', '']),
  ];
}

export const loadImport = (files: ImportFiles): Scenario =>
  loadScenario('scenario.yaml', {
    readFile(path) {
      const text = files[path];
      if (text === undefined) throw new Error(`no such file: ${path}`);
      return text;
    },
  });

/** The observed times that a run's payments would have had. */
export function observedCsv(scenario: Scenario, rows: readonly PaymentRow[]): string {
  const settled = new Map(
    rows.map(({ uetr, status, finalAtMs }) => [uetr, status === 'settled' ? finalAtMs : null]),
  );
  const instant = (ms: number | null) => (ms === null ? '' : new Date(ms).toISOString());
  // Planned by time, those of one instant by row.
  const order = [...[...eachListed(scenario.listedPayments)].entries()].sort(
    ([, a], [, b]) => a.atMs - b.atMs,
  );
  const lines: string[] = [];
  for (const [index, { uetr }] of [...planPayments(scenario)].entries()) {
    const [row, { atMs }] = order[index] as (typeof order)[number];
    const own = settled.get(String(uetr)) ?? null;
    lines[row] = `${row + 1},${instant(atMs)},${instant(own)}`;
  }
  return `row,submitted,settled\n${lines.join('\n')}\n`;
}

/** The run of an import with observed times, without files and without the analysis store. */
export async function observed(files: ImportFiles) {
  const scenario = observedScenario(
    loadImport(files),
    'observed.csv',
    files['observed.csv'] as string,
  );
  const createCore = () => createSettlement(wasm);
  const simulation = createObservedSimulation({ scenario, createSettlement: createCore });
  const events: Uint8Array[] = [];
  const run = await followed(scenario, simulation, {
    signatures: false,
    onSlice: ({ steps }) => {
      for (const { batch } of steps) events.push(batch.events);
    },
  });
  return { ...run, scenario, simulation, events };
}
