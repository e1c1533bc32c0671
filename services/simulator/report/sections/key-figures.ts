import { section, type Tile, table, tiles } from '../elements.ts';
import { countText, durationText, ratioText, shareText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { appearance, shownMechanisms } from '../mechanisms.ts';
import type { SettledBucket, StatusCount, Waits } from '../queries/payments.ts';
import { amount, currencies, type View } from './view.ts';

export interface KeyFigures {
  readonly statuses: readonly StatusCount[];
  readonly waits: Waits | null;
  readonly settled: readonly SettledBucket[];
}

export function keyFigures(view: View, figures: KeyFigures): Markup {
  return section(
    'key-figures',
    'Key figures',
    tiles('Payments by outcome', outcomes(view, figures.statuses)),
    balance(view, figures.statuses),
    tiles('Time to finality', finality(figures.waits)),
    tiles('How payments settled', mechanisms(figures.settled)),
    byCurrency(view, figures.settled),
  );
}

const NUMBER_OF = (statuses: readonly StatusCount[], status: StatusCount['status']) =>
  statuses.find((row) => row.status === status)?.payments ?? 0;

function outcomes({ summary }: View, statuses: readonly StatusCount[]): Tile[] {
  const submitted = statuses.reduce((sum, { payments }) => sum + payments, 0);
  const tile = (name: string, status: StatusCount['status'], definition: string): Tile => {
    const count = NUMBER_OF(statuses, status);
    return { name, value: countText(count), note: shareText(count, submitted), definition };
  };
  return [
    {
      name: 'Submitted',
      value: countText(submitted),
      definition: 'Reached clearing; with forged messages, without repeats.',
    },
    tile('Settled', 'ACSC', 'Final: every leg is booked (ACSC).'),
    tile('Rejected', 'RJCT', 'Refused with a reason, nothing booked (RJCT).'),
    tile('Cancelled', 'CANC', 'Queued, and not funded by the close (CANC).'),
    tile('Queued at close', 'PDNG', 'Still waiting when the run ended (PDNG).'),
    {
      name: 'Repeated',
      value: countText(summary.repeated),
      definition: 'Sent again: told the first outcome once more.',
    },
  ];
}

/** The sums that must hold, in figures. */
function balance({ summary }: View, statuses: readonly StatusCount[]): Markup {
  const pairs: [StatusCount['status'], number][] = [
    ['ACSC', summary.settled],
    ['RJCT', summary.rejected],
    ['CANC', summary.cancelled],
    ['PDNG', summary.queuedAtClose],
  ];
  const agrees = pairs.every(([status, count]) => NUMBER_OF(statuses, status) === count);
  const parts = pairs.map(([status]) => countText(NUMBER_OF(statuses, status)));
  const submitted = pairs.reduce((sum, [status]) => sum + NUMBER_OF(statuses, status), 0);
  const check = (holds: boolean, yes: string, no: string) =>
    html`<li class="${holds ? 'good' : 'bad'}"><b>${holds ? '✓' : '✗'}</b><span>${holds ? yes : no}</span></li>`;
  return html`<ul class="checks">
${check(
  submitted === summary.submitted,
  `${countText(submitted)} submitted = ${parts.join(' + ')} (settled, rejected, cancelled, queued).`,
  `${countText(summary.submitted)} submitted, but ${parts.join(' + ')} accounted for.`,
)}
${check(
  summary.conserved,
  'Money is conserved: in every currency the balances sum to what was issued less redeemed.',
  'Money is not conserved: the balances of a currency do not sum to what was issued.',
)}
${check(
  agrees,
  'ClickHouse and summary.json agree: the figures here are queried from ClickHouse.',
  `ClickHouse and summary.json differ: the summary has ${pairs.map(([, count]) => countText(count)).join(', ')} (settled, rejected, cancelled, queued).`,
)}
</ul>`;
}

function finality(waits: Waits | null): Tile[] {
  const tile = (name: string, ms: number | null, definition: string) => ({
    name,
    value: durationText(ms),
    definition,
  });
  return [
    tile(
      'Time to finality, p50',
      waits?.p50Ms ?? null,
      'From submission to settlement: half of the settled payments took no longer.',
    ),
    tile(
      'p95',
      waits?.p95Ms ?? null,
      '95 % of the settled payments took no longer (nearest rank).',
    ),
    tile('p99', waits?.p99Ms ?? null, '99 % of the settled payments took no longer.'),
    tile('Longest', waits?.maxMs ?? null, 'The longest wait of a payment that settled.'),
  ];
}

function mechanisms(settled: readonly SettledBucket[]): Tile[] {
  const all = settled.reduce((sum, { payments }) => sum + payments, 0);
  return shownMechanisms(settled).map((mechanism) => {
    const count = settled
      .filter((row) => row.mechanism === mechanism)
      .reduce((sum, { payments }) => sum + payments, 0);
    return {
      name: `Settled ${appearance(mechanism).words}`,
      value: shareText(count, all),
      note: countText(count),
      definition: appearance(mechanism).definition,
    };
  });
}

function byCurrency(view: View, settled: readonly SettledBucket[]): Markup {
  const { delay, liquidity } = view.summary;
  const rows = currencies(view).map(({ code }) => {
    const mine = settled.filter(({ currency }) => currency === code);
    const value = mine.reduce((sum, { valueMinor }) => sum + valueMinor, 0n);
    const used = liquidity[code];
    return [
      code,
      countText(mine.reduce((sum, { payments }) => sum + payments, 0)),
      amount(view, value, code),
      ratioText(delay.settlementDelayIndicator[code] ?? null, 4),
      durationText(delay.valueWeightedDelayMs[code] ?? null),
      used && used.usage !== null ? `${ratioText(used.usage * 100, 1)} %` : '–',
      ratioText(used?.turnover ?? null, 1),
    ];
  });
  return html`${table(
    'By currency debited',
    [
      { head: 'Currency' },
      { head: 'Settled', numeric: true },
      { head: 'Value settled', numeric: true },
      { head: 'Delay indicator', numeric: true },
      { head: 'Value-weighted delay', numeric: true },
      { head: 'Liquidity used', numeric: true },
      { head: 'Turnover', numeric: true },
    ],
    rows,
  )}
<p class="def"><b>Delay indicator</b> Σ v(s − a) / Σ v(T − a): v value, a taken in by clearing, s settled (what did
not settle: cancelled, or the last close), T the close that follows; rejected payments left out. 0 is all at once, 1 all at the close. <b>Value-weighted delay</b> Σ v(s − a) / Σ v. <b>Liquidity used</b> Σ of the most that payments drew from each account
of all accounts / (opening balances + issued − redeemed + credit lines). <b>Turnover</b> value of all legs settled in
the currency / liquidity used. These four come from summary.json.</p>`;
}
