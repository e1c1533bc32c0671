/** Customers' accounts and labelled anomalies of a checked document. What they make of the flow: anomaly-draws.ts. */
import { INT64_MAX } from '../protocol/names/minor-units.ts';
import { addedBy } from './anomaly-draws.ts';
import type { LookUps } from './look-ups.ts';
import { quotedMinor } from './rates-and-rounding.ts';
import { customersOf } from './resolve-events.ts';
import { checkWorth, resolveAmounts } from './resolve-flows.ts';
import type {
  DrawnAmounts,
  Outage,
  ScenarioAnomaly,
  ScenarioCustomers,
  ScenarioDeposits,
  ScenarioFlow,
} from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';
import { type AnomalyDocument, INJECTED_MAX } from './schema-anomalies.ts';
import { PAYMENTS_MAX } from './schema-traffic.ts';

/** Over all banks: each has an account that is kept in memory. */
const CUSTOMERS_MAX = 1_000_000;
/** So that more and more payments can leave within it. */
const LASTS_MS_MIN = 1_000;

/** Fields beside those of all kinds, by kind; true: needed. */
const FIELDS: Readonly<
  Record<AnomalyDocument['kind'], Partial<Record<keyof AnomalyDocument, boolean>>>
> = {
  hijackedKey: { bank: true, flow: true, payments: true, amounts: true },
  mistypedAmount: { bank: true, flow: true, payments: false, factor: true },
  run: { bank: true, flow: true, payments: true, amounts: false },
  ring: { banks: true, flow: true, rounds: true, amounts: false },
  stuckBatch: { bank: true, flow: true, payments: true, times: false },
  silentOutage: { bank: true },
};
const OF_SOME = [
  'bank',
  'banks',
  'flow',
  'payments',
  'amounts',
  'factor',
  'rounds',
  'times',
] as const;

export function resolveCustomers(
  { customers }: ScenarioDocument,
  directory: LookUps,
): ScenarioCustomers | null {
  if (customers === undefined) return null;
  const { perBank, banks = {}, ...how } = customers;
  const isBank = directory.participants.map(
    ({ accounts, role }) => accounts.length > 0 && role !== 'customer',
  );
  const counts = isBank.map((is) => (is ? perBank : 0));
  for (const [bic, count] of Object.entries(banks)) {
    const path = ['customers', 'banks', bic];
    const bank = directory.participant(path, bic);
    if (!isBank[bank])
      directory.fail(path, 'a participant with accounts, which is no customer', bic);
    counts[bank] = count;
  }
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all > CUSTOMERS_MAX)
    directory.fail(
      ['customers', 'perBank'],
      `at most ${CUSTOMERS_MAX} customers of all banks together`,
      perBank,
    );
  return { counts, ...how };
}

/** @param flows as they were resolved, in the file's order; and so are the customers */
export function resolveAnomalies(
  document: ScenarioDocument,
  directory: LookUps,
  flows: readonly ScenarioFlow[],
  customers: ScenarioCustomers | null,
): ScenarioAnomaly[] {
  const { anomalies = [] } = document;
  const names = new Map<string, number>();
  let planned = flows.reduce(
    (sum, { paymentsPerDate }) => sum + paymentsPerDate * document.businessDates.length,
    0,
  );
  return anomalies.map((one, index) => {
    const path = ['anomalies', index];
    const earlier = names.get(one.name);
    if (earlier !== undefined)
      directory.fail(
        [...path, 'name'],
        `each name once; anomalies[${earlier}] has this one`,
        one.name,
      );
    names.set(one.name, index);
    checkFields(one, path, directory);
    if (one.kind !== 'silentOutage' && customers === null)
      directory.fail(
        [...path, 'kind'],
        'silentOutage, or `customers` in the scenario, whose accounts the payments name',
        one.kind,
      );
    const anomaly = resolveAnomaly(one, path, directory, flows, customers);
    const added = addedBy(anomaly);
    const last =
      one.times !== undefined ? 'times' : one.rounds !== undefined ? 'rounds' : 'payments';
    if (added > INJECTED_MAX)
      directory.fail([...path, last], `at most ${INJECTED_MAX} payments in all`, one[last]);
    planned += added;
    if (planned > PAYMENTS_MAX)
      directory.fail(
        [...path, last],
        `at most ${PAYMENTS_MAX} payments over all flows, dates and anomalies`,
        one[last],
      );
    return anomaly;
  });
}

function checkFields(one: AnomalyDocument, path: Path, { fail }: LookUps): void {
  const fields = FIELDS[one.kind];
  for (const field of OF_SOME) {
    if (fields[field] === true && one[field] === undefined)
      fail([...path, field], `a value: ${one.kind} needs it`);
    if (fields[field] === undefined && one[field] !== undefined)
      fail([...path, field], `nothing here: ${one.kind} has no such field`, one[field]);
  }
}

function resolveAnomaly(
  one: AnomalyDocument,
  path: Path,
  directory: LookUps,
  flows: readonly ScenarioFlow[],
  customers: ScenarioCustomers | null,
): ScenarioAnomaly {
  const { fail } = directory;
  const dateIndex = directory.dateIndex([...path, 'date'], one.date);
  const fromMs = directory.momentMs([...path, 'from'], dateIndex, one.from);
  const untilMs = directory.momentMs([...path, 'until'], dateIndex, one.until);
  if (untilMs - fromMs < LASTS_MS_MIN)
    fail([...path, 'until'], `a time at least a second after from, ${one.from}`, one.until);
  const base = { name: one.name, fromMs, untilMs };
  const bankAt = () => directory.participant([...path, 'bank'], one.bank as string);
  if (one.kind === 'silentOutage') return { ...base, kind: one.kind, bank: bankAt() };
  const flow = flowOf(one, path, directory, flows);
  const ofFlow = flows[flow]!;
  checkOpen(one, path, directory, ofFlow, dateIndex, { fromMs, untilMs });
  const inFlow = { ...base, flow, dateIndex };
  if (one.kind === 'ring') {
    const banks = ringOf(one, path, directory, ofFlow, customers);
    const amounts = amountsOf(one, path, directory, ofFlow);
    return { ...inFlow, kind: one.kind, banks, rounds: one.rounds as number, amounts };
  }
  const bank = bankAt();
  if (!ofFlow.counterparties.some(({ debtorAgent }) => debtorAgent === bank))
    fail([...path, 'bank'], `a bank that pays in the flow ${ofFlow.name}`, one.bank);
  const ofBank = { ...inFlow, bank, payments: one.payments ?? 1 };
  switch (one.kind) {
    case 'mistypedAmount': {
      const factor = BigInt(one.factor as number);
      checkFactor(one, path, directory, ofFlow, factor);
      return { ...ofBank, kind: one.kind, factor };
    }
    case 'stuckBatch':
      return { ...ofBank, kind: one.kind, times: one.times ?? 1 };
    default:
      return { ...ofBank, kind: one.kind, amounts: amountsOf(one, path, directory, ofFlow) };
  }
}

/** Its place among the flows. */
function flowOf(
  { flow: name }: AnomalyDocument,
  path: Path,
  { fail }: LookUps,
  flows: readonly ScenarioFlow[],
): number {
  const known = flows.flatMap(({ name, kind }) => (kind === 'customer' ? [name] : []));
  const flow = flows.findIndex((one) => one.name === name && one.kind === 'customer');
  return flow >= 0
    ? flow
    : fail(
        [...path, 'flow'],
        `a flow of customers' payments (${known.join(', ') || 'none'})`,
        name,
      );
}

/** The time of an anomaly lies where its flow can have payments. */
function checkOpen(
  one: AnomalyDocument,
  path: Path,
  { fail, currencies, businessDates }: LookUps,
  flow: ScenarioFlow,
  dateIndex: number,
  { fromMs, untilMs }: Pick<ScenarioAnomaly, 'fromMs' | 'untilMs'>,
): void {
  for (const { code, hours } of [flow.from, flow.to].map((currency) => currencies[currency]!)) {
    const open = hours[dateIndex];
    const date = businessDates[dateIndex];
    if (!open) throw fail([...path, 'date'], `a date on which ${code} opens`, date);
    if (fromMs < open.opensMs)
      fail([...path, 'from'], `a time from which on ${code} is open on ${date}`, one.from);
    if (untilMs > open.closesMs)
      fail([...path, 'until'], `a time up to which ${code} is open on ${date}`, one.until);
  }
}

function ringOf(
  { banks = [], flow: name }: AnomalyDocument,
  path: Path,
  directory: LookUps,
  flow: ScenarioFlow,
  customers: ScenarioCustomers | null,
): number[] {
  if (flow.from !== flow.to)
    directory.fail(
      [...path, 'flow'],
      'a flow inside one currency: what a ring pays comes back',
      name,
    );
  return banks.map((bic, place) => {
    const at = [...path, 'banks', place];
    if (banks.indexOf(bic) < place) directory.fail(at, 'each bank once', bic);
    const bank = directory.participant(at, bic);
    directory.needAccount(at, bank, flow.from);
    if (customers?.counts[bank] === 0)
      directory.fail(at, 'a bank that `customers` has customers of', bic);
    return bank;
  });
}

/** Its own amounts, or the flow's. */
function amountsOf(
  { amounts }: AnomalyDocument,
  path: Path,
  directory: LookUps,
  flow: ScenarioFlow,
): DrawnAmounts {
  if (amounts === undefined) {
    const { medianMinor, sigma, minMinor, maxMinor } = flow;
    return { medianMinor, sigma, minMinor, maxMinor };
  }
  const resolved = resolveAmounts({ amounts }, path, directory, flow.from);
  for (const { quote } of flow.dealers)
    checkWorth({ amounts }, path, directory, resolved, directory.currencies[flow.to]!, (minor) =>
      quotedMinor(directory, quote, minor),
    );
  return { ...resolved, sigma: amounts.sigma };
}

/** The largest amount of the flow, times the factor, must fit. */
function checkFactor(
  { factor: written }: AnomalyDocument,
  path: Path,
  directory: LookUps,
  { maxMinor, dealers }: ScenarioFlow,
  factor: bigint,
): void {
  const most = maxMinor * factor;
  const worth = [most, ...dealers.map(({ quote }) => quotedMinor(directory, quote, most))];
  if (worth.some((minor) => minor > INT64_MAX))
    directory.fail(
      [...path, 'factor'],
      'a factor with which the amounts of the flow fit 64 bits',
      written,
    );
}

/** What silent banks do not send: outages like others, which nothing tells. */
export const silentOutages = (
  anomalies: readonly ScenarioAnomaly[],
  deposits: readonly ScenarioDeposits[],
): Outage[] =>
  anomalies.flatMap((one) =>
    one.kind === 'silentOutage'
      ? [
          {
            ...{ participant: one.bank, fromMs: one.fromMs, untilMs: one.untilMs },
            ...{ ...customersOf(one.bank, deposits), reaction: null, isSilent: true },
          },
        ]
      : [],
  );
