/**
 * The accounts of customers that the payments of a flow name. Who pays whom among a bank's customers follows from streams
 * of its own and from what was drawn before: the banks, and the amount. So it moves no other draw. Scenarios: `customers`.
 */

import type { Uuid } from './drawn-uuids.ts';
import { SeededStream, shuffle } from './random-streams.ts';
import type { CustomerAccounts, DrawnAmounts, Scenario, ScenarioCustomers } from './scenario.ts';
import { cumulate, Picks } from './weighted-picks.ts';

/** The customers of one bank. */
interface BankCustomers {
  /** The most active first. */
  readonly accounts: readonly string[];
  readonly taken: ReadonlySet<string>;
  /** Places in `accounts`, by activity. */
  readonly byActivity: Picks;
  /** Places in `bySize`, by activity: from who pays small amounts to who pays large ones. */
  readonly payers: Picks;
  readonly bySize: Uint32Array;
  /** Of each so many: where its regular payees stand among the customers of any bank, from 0 to 1. */
  readonly regulars: Float64Array;
}

type WithCustomers = Pick<Scenario, 'seed' | 'participants' | 'customers'>;

const BELOW_ONE = 1 - Number.EPSILON / 2;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The last digits of an account of a bank. */
const numberOf = (stream: SeededStream): string =>
  String(Math.floor(stream.uniform() * 1e10)).padStart(10, '0');

const books = new WeakMap<ScenarioCustomers, Map<number, BankCustomers>>();

/** Drawn when a bank is asked for first. */
function customersOf({ seed, participants, customers }: WithCustomers, bank: number) {
  const { counts, activity, regulars } = customers as ScenarioCustomers;
  const book = books.get(customers as ScenarioCustomers) ?? new Map<number, BankCustomers>();
  books.set(customers as ScenarioCustomers, book);
  const known = book.get(bank);
  if (known) return known;
  const bic = participants[bank]!.bic;
  const count = counts[bank]!;
  const stream = (purpose: string) => new SeededStream(seed, 'accounts', bic, purpose);
  const numbers = stream('numbers');
  const taken = new Set<string>();
  while (taken.size < count) taken.add(`${bic}-${numberOf(numbers)}`);
  // No powers: random-streams.ts.
  const weights = Array.from({ length: count }, (_, place) =>
    Math.exp(-activity * Math.log(place + 1)),
  );
  const bySize = shuffle(
    Uint32Array.from({ length: count }, (_, place) => place),
    stream('sizes'),
  );
  const ofRegulars = stream('regulars');
  const drawn: BankCustomers = {
    accounts: [...taken],
    taken,
    byActivity: new Picks(cumulate(weights)),
    payers: new Picks(cumulate(Array.from(bySize, (place) => weights[place]!))),
    bySize,
    regulars: Float64Array.from({ length: count * regulars }, () => ofRegulars.uniform()),
  };
  book.set(bank, drawn);
  return drawn;
}

/** A customer of a bank, drawn by activity. @param u in [0, 1) */
export function anyAccount(scenario: WithCustomers, bank: number, u: number): string {
  const { accounts, byActivity } = customersOf(scenario, bank);
  return accounts[byActivity.at(u)]!;
}

/** All customers of a bank in random order. */
export function shuffledAccounts(
  scenario: WithCustomers,
  bank: number,
  stream: SeededStream,
): string[] {
  const { accounts } = customersOf(scenario, bank);
  const places = Uint32Array.from({ length: accounts.length }, (_, place) => place);
  return Array.from(shuffle(places, stream), (place) => accounts[place]!);
}

/** An account at a bank that no payment of `traffic` names. @param others that it shall not be either; it is put there */
export function strangeAccount(
  scenario: WithCustomers,
  bank: number,
  stream: SeededStream,
  others: Set<string>,
): string {
  const { taken } = customersOf(scenario, bank);
  const { bic } = scenario.participants[bank]!;
  for (;;) {
    const account = `${bic}-${numberOf(stream)}`;
    if (taken.has(account) || others.has(account)) continue;
    others.add(account);
    return account;
  }
}

/** The EndToEndId of a payment that names accounts: what an anomaly adds has one like the others. */
export const customersReference = (uetr: Uuid): string => `${uetr}`.replaceAll('-', '');

/** What of a payment was drawn before its accounts. */
interface DrawnBefore {
  readonly debtorAgent: number;
  readonly creditorAgent: number;
  readonly amountMinor: bigint;
}

/** The accounts of a flow's payments, one after the other. @param amounts the flow's */
export function drawAccounts(
  scenario: WithCustomers,
  { medianMinor, sigma }: DrawnAmounts,
  stream: (purpose: string) => SeededStream,
): (drawn: DrawnBefore) => CustomerAccounts {
  const { regulars, toRegulars, ownAmounts } = scenario.customers as ScenarioCustomers;
  const [payers, choices, payees] = [stream('payers'), stream('regulars'), stream('payees')];
  const logMedian = Math.log(Number(medianMinor));
  const others = Math.sqrt(1 - ownAmounts * ownAmounts);
  return ({ debtorAgent, creditorAgent, amountMinor }) => {
    const from = customersOf(scenario, debtorAgent);
    const to = customersOf(scenario, creditorAgent);
    const size = sigma === 0 ? 0 : (Math.log(Number(amountMinor)) - logMedian) / sigma;
    const mixed = ownAmounts * size + others * payers.normal();
    // The logistic function in the place of the normal distribution's, which it resembles.
    const share = 1 / (1 + Math.exp(-1.702 * mixed));
    const payer = from.bySize[from.payers.at(Math.min(share, BELOW_ONE))]!;
    const isRegular = choices.uniform() < toRegulars && regulars > 0;
    const u = payees.uniform();
    let place = u;
    if (isRegular) {
      // At each bank others: places are moved on by as much as no two banks have in common.
      const own = from.regulars[payer * regulars + Math.floor(u * regulars)]!;
      const moved = own + (creditorAgent + 1) * GOLDEN;
      place = Math.min(moved - Math.floor(moved), BELOW_ONE);
    }
    return { debtor: from.accounts[payer]!, creditor: to.accounts[to.byActivity.at(place)]! };
  };
}
