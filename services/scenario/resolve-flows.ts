/** Flows of generated payments: profiles, counterparties, amounts and dealers. */
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import { INT64_MAX, type Rate } from '../protocol/names/minor-units.ts';
import type { LookUps } from './look-ups.ts';
import type { WeighedRow } from './networks/pair-weights.ts';
import { fitFlow } from './networks/resolve-fitted.ts';
import { linkedRows, massPower } from './networks/resolve-network.ts';
import { quotedMinor } from './rates-and-rounding.ts';
import { checkProfiles, resolveArrivals, resolveWindow } from './resolve-profiles.ts';
import type { CounterpartyRow, ScenarioCurrency, ScenarioFlow, ScenarioQuote } from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';
import { PAYMENTS_MAX } from './schema-traffic.ts';
import { cumulate } from './weighted-picks.ts';

type FlowDocument = ScenarioDocument['traffic'][number];

export function resolveFlows(
  document: ScenarioDocument,
  directory: LookUps,
  quotes: readonly ScenarioQuote[],
): ScenarioFlow[] {
  checkProfiles(document, directory);
  const names = new Map<string, number>();
  let total = 0;
  return document.traffic.map((flow, index) => {
    const path = ['traffic', index];
    const earlier = names.get(flow.name);
    if (earlier !== undefined)
      directory.fail(
        [...path, 'name'],
        `each name once; traffic[${earlier}] has this one`,
        flow.name,
      );
    names.set(flow.name, index);
    total += flow.paymentsPerDate * document.businessDates.length;
    if (total > PAYMENTS_MAX)
      directory.fail(
        [...path, 'paymentsPerDate'],
        `at most ${PAYMENTS_MAX} payments over all flows and dates`,
        flow.paymentsPerDate,
      );
    return resolveFlow(flow, path, document, directory, quotes);
  });
}

function resolveFlow(
  flow: FlowDocument,
  path: Path,
  document: ScenarioDocument,
  directory: LookUps,
  quotes: readonly ScenarioQuote[],
): ScenarioFlow {
  const from = directory.currency([...path, 'from'], flow.from);
  const to = flow.to === undefined ? from : directory.currency([...path, 'to'], flow.to);
  if (directory.currencies[from]!.pool !== directory.currencies[to]!.pool)
    directory.fail([...path, 'to'], `a currency of the same pool as ${flow.from}`, flow.to);
  if (flow.kind === 'bank' && from !== to)
    directory.fail([...path, 'kind'], 'customer: a pacs.009 has one currency', flow.kind);
  const dealers = resolveDealers(flow, path, directory, quotes, from, to);
  const amounts = resolveAmounts(flow, path, directory, from);
  for (const { quote } of dealers)
    checkWorth(flow, path, directory, amounts, directory.currencies[to]!, (minor) =>
      quotedMinor(directory, quote, minor),
    );
  const dealerNumbers = dealers.map(({ quote }) => quote.dealer);
  const rows = resolveRows(flow, path, directory, from, to, dealerNumbers);
  const { network } = flow;
  const at = [...path, 'network'];
  const linked = network
    ? linkedRows(network, rows, flow.name, document.seed, at, directory)
    : rows;
  const arrivals = resolveArrivals(flow, path, document, directory, from, to);
  return {
    name: flow.name,
    kind: flow.kind,
    from,
    to,
    paymentsPerDate: flow.paymentsPerDate,
    arrivals,
    ...resolveWindow(flow, path, document, directory),
    ...amounts,
    sigma: flow.amounts.sigma,
    dealers,
    counterparties: counterpartyRows(linked, flow.name, path, directory),
    fitted: network?.fitted
      ? fitFlow(network.fitted, {
          flow,
          rows,
          arrivals,
          document,
          directory,
          path: [...at, 'fitted'],
        })
      : null,
    priorityWeights: resolvePriorities(flow, path, directory),
  };
}

function resolveDealers(
  flow: FlowDocument,
  path: Path,
  directory: LookUps,
  quotes: readonly ScenarioQuote[],
  from: number,
  to: number,
): { quote: ScenarioQuote; weight: number }[] {
  const at = [...path, 'dealers'];
  if (from === to) {
    if (flow.dealers !== undefined)
      directory.fail(at, 'no dealers inside one currency', flow.dealers);
    return [];
  }
  const dealers = Object.entries(flow.dealers ?? {}).map(([bic, weight]) => {
    const dealer = directory.participant([...at, bic], bic);
    const quote = quotes.find(
      (candidate) => candidate.dealer === dealer && candidate.from === from && candidate.to === to,
    );
    if (quote === undefined)
      return directory.fail([...at, bic], `a dealer that quotes ${flow.from}/${flow.to}`, bic);
    return { quote, weight };
  });
  const used = dealers.filter(({ weight }) => weight > 0);
  if (used.length === 0)
    directory.fail(
      at,
      `at least one dealer with a weight above 0 for ${flow.from}/${flow.to}`,
      flow.dealers,
    );
  return used;
}

export function resolveAmounts(
  flow: Pick<FlowDocument, 'amounts'>,
  path: Path,
  directory: LookUps,
  from: number,
) {
  const at = [...path, 'amounts'];
  const read = (key: 'median' | 'min' | 'max') =>
    directory.amount([...at, key], flow.amounts[key], from);
  const medianMinor = read('median');
  const minMinor = read('min');
  const maxMinor = read('max');
  if (minMinor === 0n) directory.fail([...at, 'min'], 'an amount above 0', flow.amounts.min);
  if (medianMinor < minMinor || medianMinor > maxMinor)
    directory.fail([...at, 'median'], 'an amount from min to max', flow.amounts.median);
  if (maxMinor > BigInt(Number.MAX_SAFE_INTEGER))
    directory.fail(
      [...at, 'max'],
      `at most ${Number.MAX_SAFE_INTEGER} minor units, as what is drawn is exact only up to there`,
      flow.amounts.max,
    );
  return { medianMinor, minMinor, maxMinor };
}

/** What stays in one currency is worth itself. */
export const UNCHANGED_PRICE: Rate = { mantissa: 1n, scale: 0 };

/** The smallest amount must be worth something in the second currency, the largest must fit. */
export function checkWorth(
  { amounts }: Pick<FlowDocument, 'amounts'>,
  path: Path,
  { fail }: LookUps,
  { minMinor, maxMinor }: { minMinor: bigint; maxMinor: bigint },
  { code }: ScenarioCurrency,
  worth: (minor: bigint) => bigint,
): void {
  const at = [...path, 'amounts'];
  if (worth(minMinor) === 0n)
    fail([...at, 'min'], `an amount worth at least one minor unit of ${code}`, amounts.min);
  if (worth(maxMinor) > INT64_MAX)
    fail([...at, 'max'], `an amount that fits 64 bits in ${code}`, amounts.max);
}

/** The bank of a BIC at a place, with accounts in currencies; fails where it is none for the flow. */
type Member = (at: Path, bic: string, currencies: readonly number[]) => number;

function resolveRows(
  flow: FlowDocument,
  path: Path,
  directory: LookUps,
  from: number,
  to: number,
  dealers: readonly number[],
): WeighedRow[] {
  const member: Member = (at, bic, currencies) => {
    const participant = memberOf(directory)(at, bic, currencies);
    if (dealers.includes(participant))
      directory.fail(at, 'a bank other than the dealers between the two currencies', bic);
    return participant;
  };
  if (flow.matrix !== undefined) return matrixRows(flow, path, directory, from, to, member);
  const creditors = weighedBanks(flow.creditors, [...path, 'creditors'], directory, [to], member);
  const debtors = weighedBanks(flow.debtors, [...path, 'debtors'], directory, [from], member);
  const { debtorExponent = 1, creditorExponent = 1 } = flow.network?.gravity ?? {};
  return productRows(
    debtors.map(([bank, mass]) => [bank, massPower(mass, debtorExponent)] as const),
    creditors.map(([bank, mass]) => [bank, massPower(mass, creditorExponent)] as const),
  );
}

const memberOf =
  (directory: LookUps): Member =>
  (at, bic, currencies) => {
    const participant = directory.participant(at, bic);
    for (const currency of currencies) directory.needAccount(at, participant, currency);
    return participant;
  };

type WeighedBank = readonly [participant: number, weight: number];

/** The banks of a mapping with their weights; by default all with such accounts, by their sizes. */
export function weighedBanks(
  weights: Readonly<Record<string, number>> | undefined,
  path: Path,
  directory: LookUps,
  currencies: readonly number[],
  member = memberOf(directory),
): WeighedBank[] {
  if (weights !== undefined)
    return Object.entries(weights).map(([bic, weight]) => [
      member([...path, bic], bic, currencies),
      weight,
    ]);
  return directory.participants.flatMap(({ role, size, accounts }, participant) => {
    const held = accounts.map(({ currency }) => currency);
    const isMember = role === 'bank' && currencies.every((currency) => held.includes(currency));
    return isMember ? [[participant, size] as const] : [];
  });
}

/** Each debtor pays each other creditor; the weight of two banks is the product of theirs. */
export const productRows = (
  debtors: readonly WeighedBank[],
  creditors: readonly WeighedBank[],
): WeighedRow[] =>
  debtors.map(([debtor, weight]) => {
    const others = creditors.filter(([creditor]) => creditor !== debtor);
    return [debtor, weight * others.reduce((sum, [, other]) => sum + other, 0), others];
  });

/** The rows that have a weight; there must be one. */
export function counterpartyRows(
  rows: readonly WeighedRow[],
  name: string,
  path: Path,
  directory: LookUps,
): CounterpartyRow[] {
  const used = rows.filter(([, weight]) => weight > 0);
  if (used.length === 0) directory.fail(path, 'two banks with accounts and weights above 0', name);
  return used.map(([debtorAgent, weight, creditors]) => {
    const paid = creditors.filter(([, creditorWeight]) => creditorWeight > 0);
    return {
      debtorAgent,
      weight,
      creditorAgents: paid.map(([creditor]) => creditor),
      cumulative: cumulate(paid.map(([, creditorWeight]) => creditorWeight)),
    };
  });
}

function matrixRows(
  flow: FlowDocument,
  path: Path,
  directory: LookUps,
  from: number,
  to: number,
  member: Member,
): WeighedRow[] {
  for (const key of ['debtors', 'creditors'] as const)
    if (flow[key] !== undefined)
      directory.fail([...path, key], 'either matrix, or debtors and creditors', flow[key]);
  const network = Object.keys(flow.network ?? {}).find((kind) => kind !== 'fitted');
  if (network !== undefined)
    directory.fail([...path, 'network', network], 'none beside matrix, but fitted', network);
  return Object.entries(flow.matrix ?? {}).map(([bic, row]) => {
    const at = [...path, 'matrix', bic];
    const debtor = member(at, bic, [from]);
    const creditors = Object.entries(row).map(([other, weight]) => {
      if (other === bic) directory.fail([...at, other], "a bank other than the debtor's", other);
      return [member([...at, other], other, [to]), weight] as const;
    });
    return [debtor, creditors.reduce((sum, [, weight]) => sum + weight, 0), creditors];
  });
}

export function resolvePriorities(
  flow: Pick<FlowDocument, 'priorities'>,
  path: Path,
  directory: LookUps,
): number[] {
  const weights = PRIORITIES.map((priority) => flow.priorities[priority]);
  if (weights.every((weight) => weight === 0))
    directory.fail([...path, 'priorities'], 'a weight above 0', flow.priorities);
  return weights;
}
