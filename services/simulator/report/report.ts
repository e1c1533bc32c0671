/**
 * `report.html`: one file that needs no script, font or host. Its figures are queried from the
 * analysis store; its charts are drawn here.
 */
import type { LiquidityChange } from '../results/run-results.ts';
import type { Summary } from '../results/summary.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { coarser, frameOf } from './frame.ts';
import { html, type Markup, trusted } from './html.ts';
import { marksOf } from './marks.ts';
import { Ask, type Query } from './queries/ask.ts';
import * as payments from './queries/payments.ts';
import { bounds, currencies, names, verification } from './queries/run.ts';
import * as state from './queries/state.ts';
import { corridors } from './sections/corridors.ts';
import { finality, WAIT_EDGES_MS } from './sections/finality.ts';
import { head } from './sections/head.ts';
import { keyFigures } from './sections/key-figures.ts';
import { liquidity } from './sections/liquidity.ts';
import { provenance } from './sections/provenance.ts';
import { queues } from './sections/queues.ts';
import { rejects } from './sections/rejects.ts';
import { REFUSALS_DRAWN, throughput } from './sections/throughput.ts';
import type { View } from './sections/view.ts';
import { STYLE } from './style.ts';

export interface ReportInput {
  /** Asks the database that the run filled; gives the rows of a statement. */
  readonly query: Query;
  /** The run's name in that database. */
  readonly run: string;
  readonly summary: Summary;
  readonly scenario: Scenario;
  /** The scenario's changes of liquidity, with what became of each. */
  readonly changes: readonly LiquidityChange[];
}

/** Percentiles are taken over spans so many times as long as a bucket: few payments say little. */
const PERCENTILE_BUCKETS = 3;

const CONTENTS = [
  ['key-figures', 'Key figures'],
  ['throughput', 'Throughput'],
  ['corridors', 'Corridors'],
  ['queues', 'Queues'],
  ['finality', 'Time to finality'],
  ['liquidity', 'Liquidity'],
  ['rejects', 'Rejected and cancelled'],
  ['provenance', 'What produced this'],
] as const;

/** The whole document. */
export async function renderReport({
  query,
  run,
  summary,
  scenario,
  changes,
}: ReportInput): Promise<string> {
  const ask = new Ask(query, run);
  const view: View = {
    scenario,
    summary,
    frame: frameOf(scenario, await bounds(ask)),
    marks: marksOf(scenario, changes),
    names: await names(ask),
    decimals: await currencies(ask),
  };
  return page(view, await sections(ask, view)).text;
}

/** Statements go one after the other: the report shares its machine with the run. */
async function sections(ask: Ask, view: View): Promise<Markup[]> {
  const { frame } = view;
  const settled = await payments.settledByBucket(ask, frame);
  const spans = coarser(frame, PERCENTILE_BUCKETS);
  return [
    head(view),
    contents(),
    keyFigures(view, {
      statuses: await payments.statuses(ask),
      waits: await payments.waits(ask),
      settled,
    }),
    throughput(view, settled, await payments.invalidSignatures(ask, REFUSALS_DRAWN)),
    corridors(view, await payments.corridors(ask)),
    queues(view, {
      buckets: await state.queueByBucket(ask, frame),
      peaks: await state.queuePeaks(ask),
      queued: await state.queuedPayments(ask),
      cycles: await state.cycles(ask),
    }),
    finality(view, {
      bins: await payments.waitBins(ask, WAIT_EDGES_MS),
      buckets: await payments.waitsByBucket(ask, spans),
      frame: spans,
    }),
    liquidity(view, await state.accounts(ask)),
    rejects(view, await payments.rejected(ask), await payments.cancelled(ask)),
    provenance(view, await verification(ask)),
  ];
}

function contents(): Markup {
  return html`<nav aria-label="Sections"><ul>${CONTENTS.map(
    ([id, title]) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav>
`;
}

function page({ scenario, summary }: View, content: readonly Markup[]): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="generator" content="Corridor ${summary.version}">
<link rel="icon" href="data:,">
<title>${scenario.name}, seed ${String(scenario.seed)}: Corridor report</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
${content}</body>
</html>
`;
}
