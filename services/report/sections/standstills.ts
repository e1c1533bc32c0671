/** Gridlocks and deadlocks, and what netting cycles did. */

import type { GrossOutcome } from '../../core/settlement/events.ts';
import { Cell, table } from '../elements.ts';
import { DEFINITIONS } from '../figure-definitions.ts';
import { countText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import type { CycleCount } from '../queries/queues-and-accounts.ts';
import { countCell, durationCell, durationColumn, numeric, type View } from './section-input.ts';

export function standstillTable(view: View, rows: readonly CycleCount[]): Markup {
  const netted = rows.find(({ outcome }) => outcome === 'netted');
  const { rules } = view.scenario.settlement;
  const looks = rules.some(
    ({ cycleMechanism }) => !['none', 'deferredNet', 'proposed'].includes(cycleMechanism),
  );
  const nets = rules.every(({ cycleMechanism }) => cycleMechanism === 'deferredNet');
  if (view.scenario.observedMs !== undefined) return NOT_OBSERVED;
  return html`${looks ? foundTable(view, rows) : nets ? NETS : NOBODY_LOOKS}
${
  netted !== undefined &&
  html`<p>Net settlement: <b>${countText(netted.cycles)}</b> cycles settled the nets of
${countText(netted.settled)} accepted payments.</p>`
}`;
}

const NETS = html`<p class="def"><b>Gridlocks and deadlocks</b> are of queues that cycles look at; what is accepted for
netting waits in none.</p>`;

const NOT_OBSERVED = html`<p class="def"><b>Gridlocks and deadlocks</b> are found by the core's cycles. This run is observed and has
none, so their number is not known. <code>corridor run</code> on its <code>scenario.json</code> settles the same payments by the
scenario's rules, and tells them.</p>`;

const NOBODY_LOOKS = html`<p class="def"><b>Gridlocks and deadlocks</b> are found by the core's cycles that look at the queues. In
this run none did, so their number is not known: what waited may have been in gridlock. Run the same scenario with
<code>--set settlement.cycle=gridlockResolution</code> to see.</p>`;

/** By the outcomes of gross cycles (docs/indicators.md). */
const OUTCOMES = [
  ['resolved', 'settled a set'],
  ['deadlock', 'found nothing that could settle'],
  ['gridlock', 'found a set and settled none of it'],
  ['undecided', 'settled nothing, and whether anything could is not decided'],
] as const satisfies readonly (readonly [GrossOutcome, string])[];

function foundTable({ indicators }: View, rows: readonly CycleCount[]): Markup {
  const { gridlocks, deadlocks, gridlocksLeft } = indicators;
  const cycles = (outcome: string) => rows.find((row) => row.outcome === outcome)?.cycles ?? 0;
  const left = {
    ...{ of: gridlocksLeft, ...DEFINITIONS.gridlockLeft },
    ...{ plural: 'Gridlocks left', settled: null },
  };
  const found = [
    { of: gridlocks, ...DEFINITIONS.gridlock, plural: 'Gridlocks', settled: gridlocks.payments },
    { of: deadlocks, ...DEFINITIONS.deadlock, plural: 'Deadlocks', settled: null },
    ...(gridlocksLeft.number > 0 ? [left] : []),
  ];
  const title = 'Gridlocks and deadlocks, of all currencies that a cycle looks at together';
  return html`${table(title, found, [
    [
      { head: 'What', wraps: true },
      ({ plural, definition }) =>
        new Cell(html`${plural}<span class="def">${definition}</span>`, plural),
    ],
    [numeric('Number'), ({ of }) => countCell(of.number)],
    [numeric('Settled'), ({ settled }) => (settled === null ? '–' : countCell(settled))],
    [numeric('Most in one'), ({ of }) => countCell(of.mostPayments)],
    [durationColumn('Median', 'Median duration'), ({ of }) => durationCell(of.p50Ms)],
    [durationColumn('Longest', 'Longest duration'), ({ of }) => durationCell(of.longestMs)],
    [
      durationColumn('In all', 'Total duration'),
      ({ of }) => durationCell(of.number === 0 ? null : of.totalMs),
    ],
  ])}
<p class="def"><b>Settled</b>: payments, by the cycles that found the gridlocks. <b>Most in one</b>: payments in the largest such set;
payments that waited when one of the others was found. ${OUTCOMES.flatMap(([outcome, words]) => {
    const count = cycles(outcome);
    return count === 0
      ? []
      : [`${countText(count)} ${count === 1 ? 'cycle' : 'cycles'} ${words}. `];
  })}</p>`;
}
