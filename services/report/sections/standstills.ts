/** Gridlocks and deadlocks, and what netting cycles did. */

import { DEFINITIONS, type Definition } from '../definitions.ts';
import { Cell, table } from '../elements.ts';
import type { StandstillFigures } from '../figures/run-indicators.ts';
import { countText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import type { CycleCount } from '../queries/state.ts';
import { countCell, durationCell, durationColumn, numeric, type View } from './section-input.ts';

export function standstillTable(view: View, rows: readonly CycleCount[]): Markup {
  const netted = rows.find(({ outcome }) => outcome === 'netted');
  const { rules } = view.scenario.settlement;
  const looks = rules.some(
    ({ cycleMechanism }) => cycleMechanism !== 'none' && cycleMechanism !== 'deferredNet',
  );
  const nets = rules.every(({ cycleMechanism }) => cycleMechanism === 'deferredNet');
  return html`${looks ? found(view, rows) : nets ? NETS : NOBODY_LOOKS}
${
  netted !== undefined &&
  html`<p>Net settlement: <b>${countText(netted.cycles)}</b> cycles settled the nets of
${countText(netted.settled)} accepted payments.</p>`
}`;
}

const NETS = html`<p class="def"><b>Gridlocks and deadlocks</b> are of queues that cycles look at; what is accepted for
netting waits in none.</p>`;

const NOBODY_LOOKS = html`<p class="def"><b>Gridlocks and deadlocks</b> are found by cycles that look at the queues. In this
run none did, so their number is not known: what waited may have been in gridlock. Run the same scenario with
<code>--set settlement.cycle=gridlockResolution</code> to see.</p>`;

const OUTCOMES = [
  ['gridlock', 'settled a set'],
  ['deadlock', 'found nothing that could settle'],
  ['unresolved', 'found a set and settled none of it'],
  ['undecided', 'settled nothing, and whether anything could is not decided'],
] as const;

function found({ indicators }: View, rows: readonly CycleCount[]): Markup {
  const { gridlocks, deadlocks, gridlocksLeft } = indicators;
  const cycles = (outcome: string) => rows.find((row) => row.outcome === outcome)?.cycles ?? 0;
  return html`${table(
    'Gridlocks and deadlocks, of all currencies that a cycle looks at together',
    [
      { head: 'What', wraps: true },
      numeric('Number'),
      numeric('Settled'),
      numeric('Most in one'),
      durationColumn('Median', 'Median duration'),
      durationColumn('Longest', 'Longest duration'),
      durationColumn('In all', 'Total duration'),
    ],
    [
      row(DEFINITIONS.gridlock, gridlocks, gridlocks.payments),
      row(DEFINITIONS.deadlock, deadlocks, null),
      ...(gridlocksLeft.number > 0
        ? [row(DEFINITIONS.gridlockLeft, gridlocksLeft, null, 'Gridlocks left')]
        : []),
    ],
  )}
<p class="def"><b>Settled</b>: payments, by the cycles that found the gridlocks. <b>Most in one</b>: payments in the largest such set;
payments that waited when one of the others was found. ${OUTCOMES.flatMap(([outcome, words]) => {
    const count = cycles(outcome);
    return count === 0
      ? []
      : [`${countText(count)} ${count === 1 ? 'cycle' : 'cycles'} ${words}. `];
  })}</p>`;
}

function row(
  { name, definition }: Definition,
  of: StandstillFigures,
  settled: number | null,
  plural = `${name}s`,
) {
  return [
    new Cell(html`${plural}<span class="def">${definition}</span>`, plural),
    countCell(of.number),
    settled === null ? '–' : countCell(settled),
    countCell(of.mostPayments),
    durationCell(of.p50Ms),
    durationCell(of.longestMs),
    durationCell(of.number === 0 ? null : of.totalMs),
  ];
}
