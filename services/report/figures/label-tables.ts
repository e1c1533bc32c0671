/** The truth about the anomalies of a scenario, and the accounts that its payments name: what no event tells. */
import { clickHouseTime, type LabelTable } from '../../metrics/store-rows.ts';
import { planPayments } from '../../scenario/payments-in-sending-order.ts';
import type { PlannedPayment } from '../../scenario/planned-payment.ts';
import type { CustomerAccounts, Scenario, ScenarioAnomaly } from '../../scenario/scenario.ts';

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

const labelFrom = (scenario: Scenario, anomaly: ScenarioAnomaly, participant: number) => ({
  injection: anomaly.name,
  kind: anomaly.kind,
  participant: scenario.participants[participant]!.bic,
  fromMs: anomaly.fromMs,
  untilMs: anomaly.untilMs,
});

/** Of scenarios whose plan was drawn: that takes a good part of a run's time, and a run needs its labels twice or thrice. */
const drawn = new WeakMap<Scenario, readonly FlowLabel[]>();

type NamedPayment = Pick<PlannedPayment, 'uetr'> & { readonly accounts: CustomerAccounts };

/** The payments that name accounts, in sending order. All that have a label do; the labels come at the end. */
function* namedPayments(scenario: Scenario): Generator<NamedPayment, readonly FlowLabel[]> {
  const { anomalies, customers } = scenario;
  const labels = anomalies.flatMap((one): FlowLabel[] =>
    one.kind === 'silentOutage'
      ? [{ ...labelFrom(scenario, one, one.bank), uetr: '', endToEndId: '' }]
      : [],
  );
  for (const payment of customers === null ? [] : planPayments(scenario)) {
    const { accounts, label, debtorAgent, uetr, endToEndId, isRepeat } = payment;
    if (!accounts || isRepeat) continue;
    if (label !== undefined)
      labels.push({
        ...labelFrom(scenario, anomalies[label]!, debtorAgent),
        ...{ uetr: `${uetr}`, endToEndId },
      });
    yield { uetr, accounts };
  }
  drawn.set(scenario, labels);
  return labels;
}

/** Labels of a scenario: of banks that are silent, then of payments in sending order. Nothing that was run is looked at. */
export function flowLabels(scenario: Scenario): readonly FlowLabel[] {
  const known = drawn.get(scenario);
  if (known) return known;
  const payments = namedPayments(scenario);
  let step = payments.next();
  while (!step.done) step = payments.next();
  return step.value;
}

/** Rows of `payment_accounts` and `labels`, some thousand at a time; none where the scenario asks for neither. */
export function* labelTables(
  scenario: Scenario,
  run: string,
): Generator<{ readonly table: LabelTable; readonly rows: readonly object[] }> {
  // In this order: the draw of the accounts has the labels too.
  if (scenario.customers !== null) yield* inBlocks('payment_accounts', accountRows(scenario, run));
  yield* inBlocks('labels', labelRows(scenario, run));
}

function* labelRows(scenario: Scenario, run: string) {
  for (const { fromMs, untilMs, endToEndId, ...label } of flowLabels(scenario))
    yield {
      ...{ run, ...label, from_time: clickHouseTime(fromMs), until_time: clickHouseTime(untilMs) },
      end_to_end_id: endToEndId,
    };
}

function* accountRows(scenario: Scenario, run: string) {
  for (const { accounts, uetr } of namedPayments(scenario))
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
