/** How the figures of a study stand on its page. */
import { Cell, foldedTable } from '../report/elements.ts';
import { percentText, ratioText } from '../report/format.ts';
import { html, type Markup } from '../report/html.ts';
import type { Estimate } from './confidence-intervals.ts';
import type { StudyView } from './study-view.ts';

/** From so many rows on a table is folded. */
const FOLDED = 40;

export const foldedIfLong = (summary: string, rows: number, content: Markup): Markup =>
  rows > FOLDED ? foldedTable(`${summary}: ${rows} rows`, content) : content;

export function estimateText(of: Estimate | null, text: (value: number) => string): string {
  if (of === null) return '–';
  const interval = of.halfWidth === null ? '' : ` ± ${text(of.halfWidth)}`;
  return text(of.mean) + interval;
}

/** @param all of how many there should be the mean; one over fewer says so, and each part stays on a line */
export function estimateCell(
  of: Estimate | null,
  text: (value: number) => string,
  all: number,
): Cell {
  if (of === null) return new Cell('–', '');
  const { n, halfWidth } = of;
  const csv = String(of.mean);
  const mean = text(of.mean);
  const more = [
    ...(halfWidth === null ? [] : [`± ${text(halfWidth)}`]),
    ...(n < all ? [`(${n} of ${all})`] : []),
  ];
  if (more.length === 0) return new Cell(mean, csv);
  const parts = more.map((part) => html` <span>${part}</span>`);
  return new Cell(html`<span class="estimate"><span>${mean}</span>${parts}</span>`, csv);
}

export function signedEstimateText(of: Estimate | null, text: (value: number) => string): string {
  if (of === null) return '–';
  return signOf(of.mean) + estimateText({ ...of, mean: Math.abs(of.mean) }, text);
}

/** Before the text of a difference without its sign. */
export const signOf = (value: number): string => (value > 0 ? '+' : value < 0 ? '−' : '');

export const sharePercent = (share: number) => percentText(share, 2);
export const rhoText = (rho: number) => ratioText(rho, 4);
/** Minor units × ms, as units of the currency × hours. */
export const lockedText = (view: Pick<StudyView, 'header'>, code: string) => {
  const text = moneyOf(view, code);
  return (minorMs: number) => text(minorMs / HOUR_MS);
};
const HOUR_MS = 3_600_000;
/** In units of the currency; of thousands the decimals say nothing. */
export const moneyOf =
  ({ header }: Pick<StudyView, 'header'>, code: string) =>
  (minor: number) => {
    const decimals = header.decimals[code] ?? 0;
    const amount = minor / Number(`1e${decimals}`);
    return ratioText(amount, Math.abs(amount) < 1000 ? decimals : 0);
  };
