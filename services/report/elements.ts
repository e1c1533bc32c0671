/** Building blocks of the report's page. */

import { nextNumber, sameNumber, tableNumber } from './figure-numbering.ts';
import { type Content, html, type Markup } from './html.ts';

export interface Column {
  readonly head: string;
  /** Figures stand to the right. */
  readonly numeric?: boolean;
  /** Words, which may wrap. */
  readonly wraps?: boolean;
  /** Its name in CSV, where that says more: a unit; or the names of the fields that it has there. */
  readonly csvHead?: string | readonly string[];
}

/**
 * What a reader sees, and the same for a machine: without separators, units and words, in a field for each name
 * that its column has in CSV.
 */
export class Cell {
  readonly shown: Content;
  readonly csv: string;
  constructor(shown: Content, csv: string | readonly string[]) {
    this.shown = shown;
    this.csv = fieldsText(csv);
  }
}

/** As the page's script divides them, by tabs. */
const fieldsText = (csv: string | readonly string[]): string =>
  [csv]
    .flat()
    .map((field) => field.replaceAll('\t', ' '))
    .join('\t');

/** From so many columns on a table is dense: on paper its names take two lines. */
const DENSE = 9;

/** A column, or the head of one of text, and a row's cell in it. */
export type ColumnOf<Row> = readonly [
  column: string | Column,
  cell: (row: Row, index: number) => Content | Cell,
];

/** @param caption says what the rows are, with units */
export function table<Row>(
  caption: string,
  rows: readonly Row[],
  parts: readonly ColumnOf<Row>[],
): Markup {
  const columns = parts.map(([column]) => (typeof column === 'string' ? { head: column } : column));
  const cell = (part: Content | Cell, index: number) => {
    const column = columns[index];
    const shown = part instanceof Cell ? part.shown : part;
    const csv = part instanceof Cell && part.csv !== part.shown && html` data-csv="${part.csv}"`;
    if (index === 0) return html`<th scope="row"${classOf(column)}${csv}>${shown}</th>`;
    return html`<td${classOf(column)}${csv}>${shown}</td>`;
  };
  const heads = columns.map((column: Column) => {
    const csv = column.csvHead !== undefined && html` data-csv="${fieldsText(column.csvHead)}"`;
    return html`<th scope="col"${classOf(column)}${csv}>${column.head}</th>`;
  });
  // The caption stands outside what scrolls, so that it wraps on a narrow screen.
  return html`<div class="table" id="table-${nextNumber('table', caption)}"><div class="captioned"><div><b class="number">Table ${sameNumber('table')}.</b> <p class="caption">${caption}</p></div>
<button type="button" class="copy" hidden aria-label="Copy as CSV: ${caption}">Copy as CSV</button></div>
<p class="cue" id="cue-${sameNumber('table')}" hidden>Wider than the window: scroll sideways →</p>
<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table${columns.length >= DENSE && html` class="dense"`} aria-label="${caption}">
<thead><tr>${heads}</tr></thead>
<tbody>${rows.map(
    (row, at) => html`<tr>${parts.map(([, of], index) => cell(of(row, at), index))}</tr>
`,
  )}</tbody></table></div></div>`;
}

function classOf(column: Column | undefined): Markup | false {
  if (column?.numeric) return html` class="num"`;
  return (column?.wraps ?? false) && html` class="words"`;
}

/** Terms with what is said of each. */
export function facts(items: readonly (readonly [string, Content])[]): Markup {
  return html`<dl class="facts">${items.map(
    ([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`,
  )}</dl>`;
}

/** A long table, folded. */
export function foldedTable(summary: string, content: Markup): Markup {
  return html`<details><summary>${summary}</summary>${content}</details>`;
}

export interface LegendItem {
  readonly text: string;
  readonly colour: string;
  readonly shape: 'square' | 'line' | 'triangle' | 'stroke' | 'diamond';
  readonly dash?: readonly number[];
}

export function legend(items: readonly LegendItem[]): Markup {
  return html`<ul class="legend">${items.map(
    (item) => html`<li>${swatch(item)}${item.text}</li>`,
  )}</ul>`;
}

function swatch({ shape, colour, dash = [] }: LegendItem): Markup {
  const drawing = {
    square: html`<rect width="12" height="12" y="1" rx="2" fill="${colour}"/>`,
    line: html`<path d="M0 7H26" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dash.join(' ')}"/>`,
    triangle: html`<path d="M1 3H11L6 11Z" fill="${colour}"/>`,
    diamond: html`<path d="M6 1L11 7L6 13L1 7Z" fill="${colour}"/>`,
    stroke: html`<path d="M6 0V14" stroke="${colour}" stroke-width="2.5"/>`,
  }[shape];
  const width = shape === 'line' ? 26 : 12;
  return html`<svg class="swatch" width="${width}" height="14" viewBox="0 0 ${width} 14" aria-hidden="true">${drawing}</svg>`;
}

export interface FigureParts {
  readonly title: string;
  /** What is drawn, with its definition. */
  readonly text: Content;
  /** What is counted or measured along the axes. */
  readonly unit: string;
  /** Caption of the table on the page that has what is drawn in figures. */
  readonly source: string;
  readonly legend?: Markup;
  readonly chart: Markup;
}

/** A numbered figure; the page's script saves it as SVG. */
export function figure({ title, text, unit, source, legend: key, chart }: FigureParts): Markup {
  const number = sameNumber('figure');
  const from = tableNumber(source);
  return html`<figure id="figure-${nextNumber('figure')}">
<figcaption><div class="captioned"><h3><b class="number">Figure ${number}.</b> <span class="title">${title}</span></h3>
<button type="button" class="save" hidden aria-label="Save as SVG: figure ${number}, ${title}">Save as SVG</button></div><p class="def said">${text}</p>
<p class="def source">Unit: ${unit}. In figures: <a href="#table-${from}">table ${from}</a>.</p>${key ?? null}</figcaption>
${chart}
</figure>`;
}

/** In place of a figure of which there is nothing to draw. */
export const noFigure = (title: string, text: string): Markup =>
  html`<div><h3>${title}</h3>${nothing(text)}</div>`;

export function section(id: string, title: string, ...content: readonly Content[]): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>
`;
}

export interface Tile {
  readonly name: string;
  readonly value: Content;
  /** Beside the value: a share. */
  readonly note?: Content;
  readonly definition: string;
}

export function tiles(label: string, items: readonly Tile[]): Markup {
  return html`<dl class="tiles" style="--tiles:${items.length}" aria-label="${label}">${items.map(
    ({ name, value, note, definition }) => html`<div>
<dt>${name}</dt><dd class="value">${value}${note === undefined ? null : html` <small>${note}</small>`}</dd>
<dd class="def">${definition}</dd></div>
`,
  )}</dl>`;
}

export const nothing = (text: string): Markup => html`<p class="nothing">${text}</p>`;
