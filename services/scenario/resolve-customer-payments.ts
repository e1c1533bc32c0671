/** Flows of customers' payments: which banks they go between, through whom, and for how much. */

import type { LookUps } from './look-ups.ts';
import type { WeighedRow } from './networks/pair-weights.ts';
import { convertMinor } from './rates-and-rounding.ts';
import {
  checkWorth,
  counterpartyRows,
  resolveAmounts,
  resolvePriorities,
  UNCHANGED_PRICE,
} from './resolve-flows.ts';
import { resolveArrivals, resolveWindow } from './resolve-profiles.ts';
import { resolvePrice } from './resolve-trades.ts';
import type { CounterpartyRow, ScenarioCustomerFlow, ScenarioDeposits } from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';
import type { CustomerPaymentsDocument } from './schema-deposits.ts';
import { PAYMENTS_MAX } from './schema-traffic.ts';
import { cumulate } from './weighted-picks.ts';

/** Of a payment across currencies, in which a dealer stands between the banks. */
const LEGS_MOST = 4;

export function resolveCustomerPayments(
  document: ScenarioDocument,
  directory: LookUps,
  deposits: readonly ScenarioDeposits[],
): ScenarioCustomerFlow[] {
  const { traffic, trades, chainFlows = [], customerPayments = [] } = document;
  const names = new Set([...traffic, ...trades, ...chainFlows].map(({ name }) => name));
  let total = 0;
  return customerPayments.map((flow, index) => {
    const path = ['customerPayments', index];
    if (names.has(flow.name))
      directory.fail([...path, 'name'], 'each name once, among all flows', flow.name);
    names.add(flow.name);
    total += LEGS_MOST * flow.paymentsPerDate * document.businessDates.length;
    if (total > PAYMENTS_MAX)
      directory.fail(
        [...path, 'paymentsPerDate'],
        `at most ${PAYMENTS_MAX / LEGS_MOST} payments of customers over all flows and dates`,
        flow.paymentsPerDate,
      );
    return resolveFlow(flow, path, document, directory, deposits);
  });
}

function resolveFlow(
  flow: CustomerPaymentsDocument,
  path: Path,
  document: ScenarioDocument,
  directory: LookUps,
  deposits: readonly ScenarioDeposits[],
): ScenarioCustomerFlow {
  const currency = directory.currency([...path, 'currency'], flow.currency);
  const to = flow.to === undefined ? currency : directory.currency([...path, 'to'], flow.to);
  const [paid, received] = [directory.currencies[currency]!, directory.currencies[to]!];
  if (paid.pool !== received.pool)
    directory.fail([...path, 'to'], `a currency of the same pool as ${flow.currency}`, flow.to);
  const amounts = resolveAmounts(flow, path, directory, currency);
  if (currency === to && flow.price !== undefined)
    directory.fail([...path, 'price'], 'none inside one currency', flow.price);
  const price =
    currency === to
      ? UNCHANGED_PRICE
      : resolvePrice(
          { ...flow, delivers: paid.code, receives: received.code },
          path,
          document,
          directory,
        );
  checkWorth(flow, path, directory, amounts, received, (minor) =>
    convertMinor(minor, price, paid.minorUnits, received.minorUnits),
  );
  const { name, paymentsPerDate } = flow;
  return {
    ...{ name, currency, to, paymentsPerDate, price },
    arrivals: resolveArrivals(flow, path, document, directory, currency, to),
    ...resolveWindow(flow, path, document, directory),
    ...amounts,
    sigma: flow.amounts.sigma,
    priorityWeights: resolvePriorities(flow, path, directory),
    dealers: resolveDealers(flow, path, directory, currency, to),
    counterparties: bankRows(flow, path, directory, deposits, currency, to),
    sendsWithinMs: flow.sendsWithinSeconds * 1000,
  };
}

function resolveDealers(
  { dealers, currency: code, to: toCode }: CustomerPaymentsDocument,
  path: Path,
  directory: LookUps,
  currency: number,
  to: number,
): ScenarioCustomerFlow['dealers'] {
  const at = [...path, 'dealers'];
  if (currency === to) {
    if (dealers !== undefined) directory.fail(at, 'no dealers inside one currency', dealers);
    return null;
  }
  const used = Object.entries(dealers ?? {}).filter(([, weight]) => weight > 0);
  if (used.length === 0)
    directory.fail(at, `a dealer with a weight above 0 for ${code}/${toCode}`, dealers);
  const participants = used.map(([bic]) => {
    const dealer = directory.participant([...at, bic], bic);
    for (const one of [currency, to]) directory.needAccount([...at, bic], dealer, one);
    return dealer;
  });
  return { participants, cumulative: cumulate(used.map(([, weight]) => weight)) };
}

/** A bank and how many customers it has in a currency, with the bank's weight. */
interface WeighedDeposits {
  readonly bank: number;
  readonly customers: number;
  readonly weight: number;
}

/** Which bank's customers pay those of which bank: its own too, where they are two. */
function bankRows(
  flow: CustomerPaymentsDocument,
  path: Path,
  directory: LookUps,
  deposits: readonly ScenarioDeposits[],
  currency: number,
  to: number,
): CounterpartyRow[] {
  const { onUs, dealers = {} } = flow;
  if (onUs !== undefined && currency !== to)
    directory.fail([...path, 'onUs'], 'none across currencies', onUs);
  const payers = weighed('payers', flow, path, directory, deposits, currency);
  const payees = weighed('payees', flow, path, directory, deposits, to);
  const isDealer = (bank: number) => (dealers[directory.participants[bank]!.bic] ?? 0) > 0;
  const between = [...payers, ...payees].find(({ bank }) => currency !== to && isDealer(bank));
  if (between)
    directory.fail(
      [...path, 'dealers'],
      'dealers other than the banks of payers and payees',
      directory.participants[between.bank]!.bic,
    );
  const weighedRows = payers.map((payer): WeighedRow => {
    const others = payees.filter(({ bank }) => bank !== payer.bank);
    const outside = others.reduce((sum, { weight }) => sum + weight, 0);
    const weightOf = ({ bank, weight, customers }: WeighedDeposits): number => {
      const isOwn = bank === payer.bank && currency === to;
      if (isOwn && customers < 2) return 0;
      if (onUs === undefined) return weight;
      return isOwn ? onUs : (weight / outside) * (1 - onUs);
    };
    return [payer.bank, payer.weight, payees.map((payee) => [payee.bank, weightOf(payee)])];
  });
  const rows = counterpartyRows(weighedRows, flow.name, path, directory);
  const alone = rows.find(({ creditorAgents }) => creditorAgents.length === 0);
  if (alone)
    directory.fail(
      path,
      `somebody whom customers of ${directory.participants[alone.debtorAgent]!.bic} can pay`,
      flow.name,
    );
  return rows;
}

/** The banks of one side, by default all with deposits in the currency by the number of their customers. */
function weighed(
  side: 'payers' | 'payees',
  flow: CustomerPaymentsDocument,
  path: Path,
  directory: LookUps,
  deposits: readonly ScenarioDeposits[],
  currency: number,
): WeighedDeposits[] {
  const { code } = directory.currencies[currency]!;
  const at = [...path, side];
  const own = deposits.filter((one) => one.currency === currency);
  const given = flow[side];
  for (const bic of Object.keys(given ?? {})) {
    const bank = directory.participant([...at, bic], bic);
    if (!own.some((one) => one.bank === bank))
      directory.fail([...at, bic], `a bank with deposits in ${code}`, bic);
  }
  const used = own
    .map(({ bank, customers: { length: customers } }) => ({
      ...{ bank, customers },
      weight: given ? (given[directory.participants[bank]!.bic] ?? 0) : customers,
    }))
    .filter(({ weight }) => weight > 0);
  if (used.length === 0)
    directory.fail(
      given ? at : [...path, side === 'payers' ? 'currency' : 'to'],
      `a bank with deposits in ${code} and a weight above 0`,
      given ?? code,
    );
  return used;
}
