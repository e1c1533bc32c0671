/** Building blocks of the report's page. */
import { html, type Markup, type Part } from './html.ts';

export interface Column {
  readonly head: string;
  /** Figures stand to the right. */
  readonly numeric?: boolean;
}

/** @param caption says what the rows are, with units */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Part[])[],
): Markup {
  const cell = (tag: 'th' | 'td', part: Part, index: number) => {
    const numeric = columns[index]?.numeric ?? false;
    if (tag === 'th') return html`<th scope="col"${numericClass(numeric)}>${part}</th>`;
    if (index === 0) return html`<th scope="row"${numericClass(numeric)}>${part}</th>`;
    return html`<td${numericClass(numeric)}>${part}</td>`;
  };
  // The caption stands outside what scrolls, so that it wraps on a narrow screen.
  return html`<div><p class="caption">${caption}</p>
<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table aria-label="${caption}">
<thead><tr>${columns.map(({ head }, index) => cell('th', head, index))}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr>${row.map((part, index) => cell('td', part, index))}</tr>
`,
  )}</tbody></table></div></div>`;
}

const numericClass = (numeric: boolean) => numeric && html` class="num"`;

/** A long table, folded. */
export function folded(summary: string, content: Markup): Markup {
  return html`<details><summary>${summary}</summary>${content}</details>`;
}

export interface LegendItem {
  readonly text: string;
  readonly colour: string;
  readonly shape: 'square' | 'line' | 'triangle' | 'stroke';
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
    stroke: html`<path d="M6 0V14" stroke="${colour}" stroke-width="2.5"/>`,
  }[shape];
  const width = shape === 'line' ? 26 : 12;
  return html`<svg class="swatch" width="${width}" height="14" viewBox="0 0 ${width} 14" aria-hidden="true">${drawing}</svg>`;
}

export interface FigureParts {
  readonly title: string;
  /** What is drawn, with its definition. */
  readonly text: Part;
  readonly legend?: Markup;
  readonly chart: Markup;
}

export function figure({ title, text, legend: key, chart }: FigureParts): Markup {
  return html`<figure>
<figcaption><h3>${title}</h3><p class="def">${text}</p>${key ?? null}</figcaption>
${chart}
</figure>`;
}

export function section(id: string, title: string, ...content: readonly Part[]): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>
`;
}

export interface Tile {
  readonly name: string;
  readonly value: Part;
  /** Beside the value: a share. */
  readonly note?: Part;
  readonly definition: string;
  readonly state?: 'good' | 'bad';
}

export function tiles(label: string, items: readonly Tile[]): Markup {
  return html`<dl class="tiles" style="--tiles:${items.length}" aria-label="${label}">${items.map(
    ({
      name,
      value,
      note,
      definition,
      state,
    }) => html`<div${state === undefined ? null : html` class="${state}"`}>
<dt>${name}</dt><dd class="value">${value}${note === undefined ? null : html` <small>${note}</small>`}</dd>
<dd class="def">${definition}</dd></div>
`,
  )}</dl>`;
}

export const nothing = (text: string): Markup => html`<p class="nothing">${text}</p>`;
