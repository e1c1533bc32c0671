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
import { coarser, frameOf } from './time-frame.ts';

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
export async function renderReport({
  query,
  run,
  summary,
  indicators: figures,
  scenario,
  changes,
}: ReportInput): Promise<string> {
  const ask = new Ask(query, run);
  const [during, named, digits] = await Promise.all([bounds(ask), names(ask), decimals(ask)]);
  const view: View = {
    scenario,
    summary,
    indicators: figures,
    frame: frameOf(scenario, during),
    marks: marksOf(scenario, changes),
    names: named,
    decimals: digits,
  };
  const title = `${scenario.name}, seed ${scenario.seed}`;
  return page({
    version: summary.version,
    title: `${title}: Corridor report`,
    running: `${title}, events ${summary.eventsHash.slice(0, 12)}`,
    fileName: `${scenario.name}-${scenario.seed}`,
    content: await sections(ask, view),
  }).text;
}

/** Statements go side by side: the run is over, and each alone would leave a processor idle. */
async function sections(ask: Ask, view: View): Promise<Markup[]> {
  const { frame } = view;
  const spans = coarser(frame, PERCENTILE_BUCKETS);
  const settledAndProfile = payments.settledByBucket(ask, frame).then(async (settled) => ({
    settled,
    profile: await profile(ask, view, settled),
  }));
  const [
    { settled, profile: throughput },
    statuses,
    waits,
    invalidSignatures,
    queueBuckets,
    peaks,
    queued,
    cycles,
    bins,
    waitBuckets,
    accounts,
    rejected,
    cancelled,
    verified,
    clickHouse,
  ] = await Promise.all([
    settledAndProfile,
    payments.statuses(ask),
    payments.waits(ask),
    payments.invalidSignatures(ask, REFUSALS_DRAWN),
    state.queueByBucket(ask, frame),
    state.queuePeaks(ask),
    state.queuedPayments(ask),
    state.cycleCounts(ask),
    payments.waitBins(ask, WAIT_EDGES_MS),
    payments.waitsByBucket(ask, spans),
    state.accountRows(ask),
    payments.rejected(ask),
    payments.cancelled(ask),
    verification(ask),
    clickHouseVersion(ask),
  ]);
  return [
    headSection(view),
    contentsNav(
      CONTENTS.filter(([id]) => (id !== 'conditions' && id !== 'supply') || view.summary[id]),
    ),
    keyFiguresSection(view, { statuses, waits, settled }),
    indicatorsSection(view),
    throughputSection(view, settled, throughput, invalidSignatures),
    queuesSection(view, { buckets: queueBuckets, peaks, queued, cycles }),
    finalitySection(view, { bins, buckets: waitBuckets, frame: spans }),
    conditionsSection(view),
    supplySection(view),
    currenciesSection(view, accounts),
    intradaySection(view),
    concentrationSection(view),
    coverSection(view),
    corridorsSection(view),
    rejectsSection(view, rejected, cancelled),
    configurationSection(view),
    provenanceSection(view, verified, { clickHouse }),
  ];
}

/** One date is its own profile; several are laid over each other, from finer buckets. */
async function profile(ask: Ask, view: View, settled: readonly SettledBucket[]): Promise<Profile> {
  const { frame } = view;
  if (!frame.severalDates) return { frame, settled };
  const buckets = fineBuckets(frame);
  return profileOf(view, buckets, await payments.settledByBucket(ask, buckets));
}
