/** What became of chains and of what was set aside for them, who attested, and what that locked. */

import { Cell, section, table } from '../elements.ts';
import { DEFINITIONS, type Definition } from '../figure-definitions.ts';
import { countText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import {
  amountCell,
  bankCell,
  countCell,
  durationCell,
  durationColumn,
  numeric,
  type View,
} from './section-input.ts';

const HOUR_MS = 3_600_000n;
const D = DEFINITIONS;

const defined = ({ name, definition }: Definition): Cell =>
  new Cell(html`${name}<span class="def">${definition}</span>`, name);

/** Shown where there are any. */
export function conditionsSection(view: View): Markup {
  const { conditions, chains } = view.summary;
  if (!conditions) return html``;
  const { chains: of, earmarks, attestations, waitedForLast, locked } = conditions;
  const outcomes: readonly [string, number][] = [
    ['Complete', chains?.matched ?? 0],
    ['Condition met', of.met],
    ['of these by silence', of.metBySilence],
    ['Settled', chains?.settled ?? 0],
    ['Refused by attestors', of.refused],
    ['Ended at the deadline', of.deadline],
    ['Ended as earmarks expired', of.expired],
    ['Ended as the cap was reached', of.capped],
    ['Went on without earmarks, as the cap was reached', of.unearmarked],
    ['Promised to what another pool decides', of.promised],
    ['Waiting at the end', of.waiting],
  ];
  const ends: readonly [string, number][] = [
    ['Set aside', earmarks.set],
    ['Settled', earmarks.settled],
    ['Expired', earmarks.expired],
    ['Released', earmarks.released],
    ['Still set aside at the end', earmarks.standing],
  ];
  const spans = [
    { of: D.lastAttestation, figures: conditions.timeToLastAttestation },
    { of: D.attestationToSettlement, figures: conditions.attestationToSettlement },
  ];
  return section(
    'conditions',
    'Chains, conditions and earmarks',
    table(D.chainOutcomes.name, outcomes, [
      [{ head: 'Chains', wraps: true }, ([name]) => name],
      [numeric('Number'), ([, count]) => countCell(count)],
    ]),
    html`<p class="def">${D.chainOutcomes.definition}</p>`,
    table('From the last leg to the last attestation, and on to settlement', spans, [
      [{ head: 'Time', wraps: true }, ({ of: one }) => defined(one)],
      [numeric('Chains'), ({ figures }) => countCell(figures.chains)],
      [durationColumn('p50'), ({ figures }) => durationCell(figures.p50Ms)],
      [durationColumn('p95'), ({ figures }) => durationCell(figures.p95Ms)],
      [durationColumn('p99'), ({ figures }) => durationCell(figures.p99Ms)],
      [durationColumn('Longest'), ({ figures }) => durationCell(figures.maxMs)],
    ]),
    table(D.attestations.name, told(attestations), [
      [
        'Attestor',
        ({ attestor, others }) =>
          others === undefined ? bankCell(view, attestor) : `${countText(others)} others`,
      ],
      [numeric('Accepted'), ({ accepted }) => countCell(accepted)],
      [numeric('Refused'), ({ refused }) => countCell(refused)],
      [numeric('Held'), ({ held }) => countCell(held)],
      [numeric('Recorded'), ({ recorded }) => countCell(recorded)],
      [numeric('Not counted'), ({ notCounted }) => countCell(notCounted)],
    ]),
    html`<p class="def">${D.attestations.definition}</p>`,
    table(D.waitedForLast.name, mostFirst(waitedForLast), [
      ['Attestor', ({ attestor }) => bankCell(view, attestor)],
      [numeric('Chains'), (row) => countCell(row.chains)],
      [durationColumn('Longest'), ({ longestMs }) => durationCell(longestMs)],
    ]),
    html`<p class="def">${D.waitedForLast.definition}</p>`,
    table(D.earmarkOutcomes.name, ends, [
      [{ head: 'Legs', wraps: true }, ([name]) => name],
      [numeric('Number'), ([, count]) => countCell(count)],
    ]),
    html`<p class="def">${D.earmarkOutcomes.definition}</p>`,
    table('Liquidity locked, by bank and currency', locked, [
      ['Bank', ({ participant }) => bankCell(view, participant)],
      ['Currency', ({ currency }) => currency],
      [numeric('Legs'), (row) => countCell(row.earmarks)],
      [
        numeric('Earmarked, most'),
        ({ peakMinor, currency }) => amountCell(view, BigInt(peakMinor), currency),
      ],
      [
        numeric('Amount × hours'),
        ({ lockedMinorMs, currency }) => amountCell(view, hours(BigInt(lockedMinorMs)), currency),
      ],
    ]),
    html`<p class="def"><b>${D.locked.name}</b> ${D.locked.definition} Here in units × hours, rounded down to a minor
unit × hour; summary.json is exact. <b>${D.earmarkedPeak.name}</b> ${D.earmarkedPeak.definition}</p>`,
  );
}

/** Attestors that have a row of their own. */
const ATTESTORS_TOLD = 40;

type Attestor = NonNullable<View['summary']['conditions']>['attestations'][number];

/** Those for whom chains waited first, by how much they said of chains, then who recorded most; of many some, and one row of the others. */
function told(all: readonly Attestor[]): readonly (Attestor & { readonly others?: number })[] {
  const ofChains = (one: Attestor) => one.accepted + one.refused + one.held;
  const said = (one: Attestor) => ofChains(one) + one.recorded + one.notCounted;
  const ordered = [...all].sort((a, b) => ofChains(b) - ofChains(a) || said(b) - said(a));
  if (all.length <= ATTESTORS_TOLD) return ordered;
  const rest = ordered.slice(ATTESTORS_TOLD);
  const sum = (field: 'accepted' | 'refused' | 'held' | 'recorded' | 'notCounted') =>
    rest.reduce((total, one) => total + one[field], 0);
  const others = {
    ...{ attestor: '', others: rest.length, accepted: sum('accepted'), refused: sum('refused') },
    ...{ held: sum('held'), recorded: sum('recorded'), notCounted: sum('notCounted') },
  };
  return [...ordered.slice(0, ATTESTORS_TOLD), others];
}

/** Those for whom most chains waited; of many some. */
const mostFirst = <Row extends { readonly chains: number }>(all: readonly Row[]): readonly Row[] =>
  [...all].sort((a, b) => b.chains - a.chains).slice(0, ATTESTORS_TOLD);

const hours = (minorMs: bigint): bigint => minorMs / HOUR_MS;
