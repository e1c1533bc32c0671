/** The truth about the anomalies of a scenario, and the accounts that its payments name: what no event tells. */
import { clickHouseTime } from '../../metrics/rows.ts';
import { planPayments } from '../../scenario/payments-in-sending-order.ts';
import type { PlannedPayment } from '../../scenario/planned-payment.ts';
import type { Scenario, ScenarioAnomaly } from '../../scenario/scenario.ts';

/** What a scenario injected, payment by payment; a bank that is silent has no payment. */
export interface FlowLabel {
  readonly injection: string;
  readonly kind: ScenarioAnomaly['kind'];
  /** BIC of who sends, or is silent. */
  readonly participant: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Empty where there is none. */
  readonly uetr: string;
  readonly endToEndId: string;
}

/** Rows that go on their way together. */
const ROWS_AT_ONCE = 4_096;

function labelOf(scenario: Scenario, payment: PlannedPayment): FlowLabel | null {
  const anomaly = payment.label === undefined ? undefined : scenario.anomalies[payment.label];
  if (anomaly === undefined || payment.isRepeat) return null;
  const { uetr, endToEndId, debtorAgent } = payment;
  return { ...labelFrom(scenario, anomaly, debtorAgent), uetr: `${uetr}`, endToEndId };
}

const labelFrom = (scenario: Scenario, anomaly: ScenarioAnomaly, participant: number) => ({
  injection: anomaly.name,
  kind: anomaly.kind,
  participant: scenario.participants[participant]!.bic,
  fromMs: anomaly.fromMs,
  untilMs: anomaly.untilMs,
});

/** Labels of a scenario: of banks that are silent, then of payments in sending order. Nothing that was run is looked at. */
export function* flowLabels(scenario: Scenario): Generator<FlowLabel, void> {
  const { anomalies } = scenario;
  for (const anomaly of anomalies)
    if (anomaly.kind === 'silentOutage')
      yield { ...labelFrom(scenario, anomaly, anomaly.bank), uetr: '', endToEndId: '' };
  if (anomalies.every(({ kind }) => kind === 'silentOutage')) return;
  for (const payment of planPayments(scenario)) {
    const label = labelOf(scenario, payment);
    if (label !== null) yield label;
  }
}

/** Rows of `labels` and `payment_accounts`, some thousand at a time; none where the scenario asks for neither. */
export function* labelTables(
  scenario: Scenario,
  run: string,
): Generator<{ readonly table: 'labels' | 'payment_accounts'; readonly rows: readonly object[] }> {
  yield* inBlocks('labels', labelRows(scenario, run));
  if (scenario.customers !== null) yield* inBlocks('payment_accounts', accountRows(scenario, run));
}

function* labelRows(scenario: Scenario, run: string) {
  for (const { fromMs, untilMs, endToEndId, ...label } of flowLabels(scenario))
    yield {
      ...{ run, ...label, from_time: clickHouseTime(fromMs), until_time: clickHouseTime(untilMs) },
      end_to_end_id: endToEndId,
    };
}

function* accountRows(scenario: Scenario, run: string) {
  for (const { accounts, uetr, isRepeat } of planPayments(scenario))
    if (accounts && !isRepeat)
      yield {
        ...{ run, uetr: `${uetr}` },
        ...{ debtor_account: accounts.debtor, creditor_account: accounts.creditor },
      };
}

function* inBlocks<Table>(table: Table, all: Iterable<object>) {
  let rows: object[] = [];
  for (const row of all) {
    rows.push(row);
    if (rows.length < ROWS_AT_ONCE) continue;
    yield { table, rows };
    rows = [];
  }
  if (rows.length > 0) yield { table, rows };
}
