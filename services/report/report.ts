/**
 * `report.html`: one file that needs no font or host, and no script to be read: a script copies tables
 * as CSV. Its figures are queried from the analysis store or come from the run's indicators; its
 * charts are drawn here.
 */
import type { Scenario } from '../scenario/scenario.ts';
import { marksOf } from './event-marks.ts';
import type { LiquidityChange } from './figures/run-books.ts';
import type { Indicators } from './figures/run-indicators.ts';
import type { Summary } from './figures/summary.ts';
import type { Markup } from './html.ts';
import { contentsNav, page } from './page.ts';
import { Ask, type Query } from './queries/ask-store.ts';
import {
  bounds,
  clickHouseVersion,
  minorUnitsByCurrency as decimals,
  names,
  verification,
} from './queries/names-times-verification.ts';
import type { SettledBucket } from './queries/payments.ts';
import * as payments from './queries/payments.ts';
import * as state from './queries/queues-and-accounts.ts';
import { concentrationSection } from './sections/concentration.ts';
import { conditionsSection } from './sections/conditions.ts';
import { configurationSection } from './sections/configuration.ts';
import { corridorsSection } from './sections/corridors.ts';
import { coverSection } from './sections/cover.ts';
import { currenciesSection } from './sections/currencies.ts';
import { finalitySection, WAIT_EDGES_MS } from './sections/finality.ts';
import { headSection } from './sections/head.ts';
import { indicatorsSection } from './sections/indicators.ts';
import { intradaySection } from './sections/intraday-liquidity.ts';
import { keyFiguresSection } from './sections/key-figures.ts';
import { provenanceSection } from './sections/provenance.ts';
import { queuesSection } from './sections/queues.ts';
import { rejectsSection } from './sections/rejects.ts';
import type { View } from './sections/section-input.ts';
import { supplySection } from './sections/supply.ts';
import { REFUSALS_DRAWN, throughputSection } from './sections/throughput.ts';
import { fineBuckets, type Profile, profileOf } from './sections/throughput-profile.ts';
import { coarser, type Frame, frameOf } from './time-frame.ts';

export interface ReportInput {
  /** Asks the database that the run filled; gives the rows of a statement. */
  readonly query: Query;
  /** The run's name in that database. */
  readonly run: string;
  readonly summary: Summary;
  readonly indicators: Indicators;
  readonly scenario: Scenario;
  /** The scenario's changes of liquidity, with what became of each. */
  readonly changes: readonly LiquidityChange[];
}

/** Percentiles are taken over spans so many times as long as a bucket: few payments say little. */
const PERCENTILE_BUCKETS = 3;

const CONTENTS = [
  ['key-figures', 'Key figures'],
  ['indicators', 'Indicators'],
  ['throughput', 'Throughput'],
  ['queues', 'Queues and gridlocks'],
  ['finality', 'Time to finality'],
  ['conditions', 'Chains, conditions and earmarks'],
  ['supply', 'Money by issuer'],
  ['currencies', 'Currencies'],
  ['intraday', 'Intraday liquidity'],
  ['concentration', 'Concentration'],
  ['cover', 'Credit and liquidity resources'],
  ['corridors', 'Corridors'],
  ['rejects', 'Rejected and cancelled'],
  ['configuration', 'Configuration'],
  ['provenance', 'What produced this'],
] as const;

/** The whole document. */
export async function renderReport(input: ReportInput): Promise<string> {
  const { query, run, summary, scenario } = input;
  const title = `${scenario.name}, seed ${scenario.seed}`;
  return page({
    version: summary.version,
    title: `${title}: Corridor report`,
    running: `${title}, events ${summary.eventsHash.slice(0, 12)}`,
    fileName: `${scenario.name}-${scenario.seed}`,
    content: await sections(new Ask(query, run), input),
  }).text;
}

async function viewOf(ask: Ask, input: ReportInput): Promise<View> {
  const { summary, indicators, scenario, changes } = input;
  const [during, named, digits] = await Promise.all([bounds(ask), names(ask), decimals(ask)]);
  return {
    ...{ scenario, summary, indicators },
    frame: frameOf(scenario, during),
    marks: marksOf(scenario, changes),
    names: named,
    decimals: digits,
  };
}

/**
 * Statements go side by side: the run is over, and each alone would leave a processor idle. So would they all, if
 * nothing were drawn before the last is answered: each section is drawn when what it shows is there.
 */
function sections(ask: Ask, input: ReportInput): Promise<Markup[]> {
  const { summary } = input;
  const begun = viewOf(ask, input);
  /** Statements that cut time into buckets wait for where it begins. */
  const within = <T>(asks: (view: View) => Promise<T>): Promise<T> => begun.then(asks);
  const drawn = async <A extends readonly unknown[]>(
    draw: (view: View, ...answers: A) => Markup,
    ...answers: { readonly [I in keyof A]: Promise<A[I]> }
  ): Promise<Markup> => {
    const [view, ...answered] = await Promise.all([begun, ...answers]);
    // Promise.all gives a tuple's types as an array's.
    return draw(view, ...(answered as unknown as A));
  };
  const settled = within(({ frame }) => payments.settledByBucket(ask, frame));
  const throughput = within(async (view) => profile(ask, view, await settled));
  return Promise.all([
    drawn(headSection),
    contentsNav(CONTENTS.filter(([id]) => (id !== 'conditions' && id !== 'supply') || summary[id])),
    drawn(
      (view, statuses, waits, settled) => keyFiguresSection(view, { statuses, waits, settled }),
      payments.statuses(ask),
      payments.waits(ask),
      settled,
    ),
    drawn(indicatorsSection),
    drawn(throughputSection, settled, throughput, payments.invalidSignatures(ask, REFUSALS_DRAWN)),
    drawn(
      (view, buckets, peaks, queued, cycles) =>
        queuesSection(view, { buckets, peaks, queued, cycles }),
      within(({ frame }) => state.queueByBucket(ask, frame)),
      state.queuePeaks(ask),
      state.queuedPayments(ask),
      state.cycleCounts(ask),
    ),
    drawn(
      (view, bins, buckets) => finalitySection(view, { bins, buckets, frame: spansOf(view.frame) }),
      payments.waitBins(ask, WAIT_EDGES_MS),
      within(({ frame }) => payments.waitsByBucket(ask, spansOf(frame))),
    ),
    drawn(conditionsSection),
    drawn(supplySection),
    drawn(currenciesSection, state.accountRows(ask)),
    drawn(intradaySection),
    drawn(concentrationSection),
    drawn(coverSection),
    drawn(corridorsSection),
    drawn(rejectsSection, payments.rejected(ask), payments.cancelled(ask)),
    drawn(configurationSection),
    drawn(
      (view, verified, clickHouse) => provenanceSection(view, verified, { clickHouse }),
      verification(ask),
      clickHouseVersion(ask),
    ),
  ]);
}

const spansOf = (frame: Frame): Frame => coarser(frame, PERCENTILE_BUCKETS);

/** One date is its own profile; several are laid over each other, from finer buckets. */
async function profile(ask: Ask, view: View, settled: readonly SettledBucket[]): Promise<Profile> {
  const { frame } = view;
  if (!frame.severalDates) return { frame, settled };
  const buckets = fineBuckets(frame);
  return profileOf(view, buckets, await payments.settledByBucket(ask, buckets));
}
