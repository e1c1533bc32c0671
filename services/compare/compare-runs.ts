/**
 * Compares finished runs: configuration first, then figures, banks, corridors and payments. Payments are not matched
 * where other ones were planned: `planDifferences` in configuration-differences.ts.
 */
import { referenceValue } from '../report/reference-rates.ts';
import { cyclesLook } from '../scenario/resolve-settlement.ts';
import type { Comparison, PaymentComparison } from './comparison-json.ts';
import { configurationDifferences, planDifferences } from './configuration-differences.ts';
import {
  compareCorridors,
  compareLeaves,
  currencyIn,
  summaryLeaves,
} from './figure-differences.ts';
import { type ComparedRun, comparedRuns, decimalsByCurrency } from './finished-run.ts';
import { BankTallies, compareBanks } from './outcome-by-bank.ts';
import { compareHours, HourTallies } from './outcome-by-bank-and-hour.ts';
import { FateComparison, type ValueOrder } from './payment-fates.ts';
import { PaymentIndex } from './payment-index.ts';
import { paymentsIn } from './payments-csv-reader.ts';
import type { Reasons } from './reasons-of-changes.ts';
import { observedAccounts, replayedAccounts, replayedReasons } from './replay-threads.ts';
import type { AccountFacts } from './replayed-accounts.ts';

export interface CompareRequest {
  /** Folders; the others are held against the first. */
  readonly runs: readonly string[];
  /** Of the payments that changed their fate, how many are explained, the largest. */
  readonly explained: number;
}

/** A comparison, and what is needed to write its amounts. */
export interface Compared {
  readonly comparison: Comparison;
  readonly decimals: (currency: string) => number;
}

/** @throws BadInput where a folder is no run, or none that this version can compare */
export async function compareRuns({ runs: names, explained }: CompareRequest): Promise<Compared> {
  const runs = comparedRuns(names);
  const summaries = runs.map(({ summary }) => summary);
  const configuration = configurationDifferences(runs);
  const currencies = new Set(
    summaries.flatMap(({ indicators }) => indicators.currencies.map(({ currency }) => currency)),
  );
  const decimals = decimalsByCurrency(runs);
  const plans = runs.map((_, other) => planDifferences(configuration, runs, other));
  const payments = await comparePayments(runs, plans, orderOf(runs[0], decimals), explained);
  return {
    comparison: {
      runs: runs.map(({ name, summary }) => {
        const { scenario, seed, version, signatures, overrides, eventsHash } = summary;
        const isObserved = summary.observed !== undefined;
        return {
          ...{ run: name, scenario, seed, version, signatures, isObserved, overrides, eventsHash },
        };
      }),
      sameEvents: summaries.every(({ eventsHash }) => eventsHash === summaries[0]?.eventsHash),
      lacking: [...runs.flatMap(lacking), ...runs.filter((run) => !looks(run)).map(notLooking)],
      configuration,
      figures: compareLeaves(
        runs.map((run) => summaryLeaves(run.summary, looks(run))),
        currencyIn(currencies),
      ),
      banks: payments.banks,
      hours: payments.hours,
      corridors: compareCorridors(summaries),
      payments: payments.comparisons,
    },
    decimals,
  };
}

/** Of each file that a run may lack, what is not compared then. */
const NEEDS: readonly (readonly ['document' | 'paymentsCsv' | 'inputLog', string])[] = [
  [
    'document',
    'no scenario.json, which runs of this version write: of configurations the name, seed, version, signatures and overrides are compared',
  ],
  [
    'paymentsCsv',
    'no payments.csv, which `corridor run --results full` writes: banks and payments are not compared',
  ],
  [
    'inputLog',
    'no input.log, from which payments are explained and the accounts of banks replayed: neither is compared',
  ],
];

/** An observation has the times that it was made of in place of an input log. */
const lacking = (run: ComparedRun): string[] =>
  NEEDS.filter(([file]) => run[file] === null)
    .filter(([file]) => file !== 'inputLog' || run.observedTimes === null)
    .map(([, words]) => `${run.name} holds ${words}`);

const looks = ({ document, summary }: ComparedRun): boolean =>
  summary.observed === undefined &&
  (document === null || (!('proposals' in summary) && cyclesLook(document)));
const notLooking = ({ name, summary }: ComparedRun): string =>
  summary.observed === undefined
    ? `${name} has no cycles that look at queues: its gridlocks and deadlocks are not known`
    : `${name} is observed: nothing in it was settled by the core, and its mechanisms, cycles and reasons of waits are not known; what settled at one instant counts as booked together, so its liquidity used is the least that any order needs`;

const accountsOf = ({ name, inputLog }: ComparedRun): Promise<AccountFacts> =>
  inputLog === null ? observedAccounts(name) : replayedAccounts(name);
const reasonsOf = ({ name, inputLog }: ComparedRun, uetrs: readonly string[]): Promise<Reasons> =>
  inputLog === null ? Promise.resolve(new Map()) : replayedReasons(name, uetrs);

/** Payments of several currencies are put in order at the reference rates, where there are any. */
function orderOf(first: ComparedRun, decimals: (currency: string) => number): ValueOrder {
  const { document, summary } = first;
  const codes = Object.keys(summary.settledValueMinor);
  const reference =
    document &&
    referenceValue({
      currencies: codes.map((code) => ({ code, minorUnits: decimals(code) })),
      document,
    });
  if (reference)
    return {
      by:
        reference.source === null
          ? `value in ${reference.currency}`
          : `value in ${reference.currency} at the scenario’s reference rates`,
      weight: (minor, currency) =>
        currency === '' ? 0 : reference.exact(minor, currency).toNumber(),
    };
  return {
    by: 'share of the value that settled in their currency in the first run',
    weight: (minor, currency) =>
      Number(minor) / Math.max(1, Number(summary.settledValueMinor[currency] ?? 0)),
  };
}

/** Reads the payments of all runs, one run after another. */
async function comparePayments(
  runs: readonly ComparedRun[],
  plans: readonly (readonly string[])[],
  order: ValueOrder,
  explained: number,
): Promise<Pick<Comparison, 'banks' | 'hours'> & { readonly comparisons: Comparison['payments'] }> {
  if (runs.some(({ paymentsCsv }) => paymentsCsv === null))
    return { banks: null, hours: null, comparisons: null };
  const hasInputs = runs.every((run) => run.inputLog !== null || run.observedTimes !== null);
  const index = new PaymentIndex();
  const books: { banks: BankTallies; hours: HourTallies }[] = [];
  const comparisons: PaymentComparison[] = [];
  for (const [at, run] of runs.entries()) {
    const facts = hasInputs ? await accountsOf(run) : null;
    const book = facts && { banks: new BankTallies(facts), hours: new HourTallies(facts) };
    if (book) books.push(book);
    const isMatched = plans[at]?.length === 0;
    const fates = at > 0 && isMatched ? new FateComparison(index, order, explained) : null;
    for await (const payment of paymentsIn(run.paymentsCsv as string)) {
      book?.banks.take(payment);
      book?.hours.take(payment);
      if (at === 0) index.add(payment);
      else fates?.take(payment);
    }
    if (at > 0) comparisons.push(comparisonOf(run, plans[at] ?? [], fates, order));
  }
  return {
    banks: hasInputs ? compareBanks(books.map(({ banks }) => banks)) : null,
    hours: hasInputs ? compareHours(books.map(({ hours }) => hours)) : null,
    comparisons: hasInputs ? await withReasons(runs, comparisons, explained) : comparisons,
  };
}

function comparisonOf(
  { name }: ComparedRun,
  plan: readonly string[],
  fates: FateComparison | null,
  order: ValueOrder,
): PaymentComparison {
  const { counts, largest } = (fates ?? new FateComparison(new PaymentIndex(), order, 0)).end();
  const unmatched =
    plan.length > 0
      ? `its plan of payments is another (${plan.slice(0, 3).join(', ')}${plan.length > 3 ? ` and ${plan.length - 3} more` : ''})`
      : counts.matched === 0
        ? 'no payment has the UETR and the terms of one of the first run'
        : null;
  return {
    ...{ run: name, unmatched, ...counts, order: order.by },
    largest: unmatched === null ? largest.map((p) => ({ ...p, reasons: [null, null] })) : [],
  };
}

async function withReasons(
  runs: readonly ComparedRun[],
  comparisons: readonly PaymentComparison[],
  explained: number,
): Promise<PaymentComparison[]> {
  const wanted = comparisons.map(({ largest }) => largest.slice(0, explained).map((p) => p.uetr));
  const first = await reasonsOf(runs[0] as ComparedRun, [...new Set(wanted.flat())]);
  const done: PaymentComparison[] = [];
  for (const [index, comparison] of comparisons.entries()) {
    const asked = new Set(wanted[index]);
    const other = await reasonsOf(runs[index + 1] as ComparedRun, [...asked]);
    const reasonOf = (of: ReadonlyMap<string, readonly string[]>, uetr: string) =>
      asked.has(uetr) ? (of.get(uetr) ?? null) : null;
    done.push({
      ...comparison,
      largest: comparison.largest.map((payment) => ({
        ...payment,
        reasons: [reasonOf(first, payment.uetr), reasonOf(other, payment.uetr)],
      })),
    });
  }
  return done;
}
