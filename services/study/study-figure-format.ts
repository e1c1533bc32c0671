/** How the figures of a study stand on its page. */
import { durationText } from '../protocol/names/vocabulary.ts';
import { Cell, type Column, foldedTable } from '../report/elements.ts';
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

/** How the values of a figure are written for a reader, and in CSV: in the unit that is named there. */
export interface FigureForm {
  readonly text: (value: number) => string;
  readonly csv: (value: number) => number;
  /** Null: it is a share, a ratio or a number. */
  readonly unit: string | null;
}

/** A column's name in CSV. */
export const csvName = (name: string, { unit }: FigureForm): string =>
  unit === null ? name : `${name} (${unit})`;

/** A column of estimates: in CSV the mean, half of its interval's width, and over how many it is. */
export const estimateColumn = (head: string, form: FigureForm): Column => ({
  head,
  numeric: true,
  csvHead: [csvName(head, form), csvName(`${head}, half of the interval`, form), `${head}, n`],
});

/** @param all of how many there should be the mean; one over fewer says so, and each part stays on a line */
export function estimateCell(of: Estimate | null, form: FigureForm, all: number): Cell {
  if (of === null) return new Cell('–', ['', '', '0']);
  const { n, halfWidth } = of;
  const { text } = form;
  const csv = [form.csv(of.mean), halfWidth === null ? '' : form.csv(halfWidth), n].map(String);
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

const asItIs = (value: number): number => value;
export const SHARE: FigureForm = {
  text: (share) => percentText(share, 2),
  csv: asItIs,
  unit: null,
};
/** Of a share the difference is in points, not in per cent of it. */
export const SHARE_DIFFERENCE: FigureForm = {
  text: (value) => `${ratioText(value * 100, 2)} pp`,
  csv: asItIs,
  unit: null,
};
export const RHO: FigureForm = { text: (rho) => ratioText(rho, 4), csv: asItIs, unit: null };
export const COUNT: FigureForm = { text: (count) => ratioText(count, 1), csv: asItIs, unit: null };
export const DURATION: FigureForm = { text: durationText, csv: asItIs, unit: 'ms' };

const HOUR_MS = 3_600_000;
/** Minor units × ms, as units of the currency × hours. */
export function lockedForm(view: Pick<StudyView, 'header'>, code: string): FigureForm {
  const { text, csv } = moneyForm(view, code);
  return {
    text: (minorMs) => text(minorMs / HOUR_MS),
    csv: (minorMs) => csv(minorMs / HOUR_MS),
    unit: `${code} × hours`,
  };
}
/** In units of the currency; of thousands the decimals say nothing to a reader. */
export function moneyForm({ header }: Pick<StudyView, 'header'>, code: string): FigureForm {
  const decimals = header.decimals[code] ?? 0;
  const amountOf = (minor: number) => minor / Number(`1e${decimals}`);
  return {
    text: (minor) => {
      const amount = amountOf(minor);
      return ratioText(amount, Math.abs(amount) < 1000 ? decimals : 0);
    },
    csv: amountOf,
    unit: code,
  };
}
