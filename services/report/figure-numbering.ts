/**
 * Figures and tables are numbered in the order in which they stand on the page. Whoever makes one does
 * not know what stands before it, so it leaves marks, and the page puts the numbers in. A mark is a
 * comment of HTML, which text that is escaped cannot contain.
 */
import { html, type Markup, trusted } from './html.ts';

type Numbered = 'figure' | 'table';

/** The number of the next figure or table. Of a table also the caption, by which a figure finds it. */
export const nextNumber = (of: Numbered, caption = ''): Markup =>
  trusted(`<!--next ${of}:${html`${caption}`.text}-->`);

/** The number that `nextNumber` gave before it. */
export const sameNumber = (of: Numbered): Markup => trusted(`<!--same ${of}:-->`);

/** The number of the table with a caption, wherever on the page it stands. */
export const tableNumber = (caption: string): Markup =>
  trusted(`<!--see table:${html`${caption}`.text}-->`);

const MARK = /<!--(next|same|see) (figure|table):([\s\S]*?)-->/g;

/** @throws Error where a figure names a table that the page does not have */
export function numbered(page: Markup): Markup {
  const last: Record<Numbered, number> = { figure: 0, table: 0 };
  const tables = new Map<string, number>();
  const placed = page.text.replace(MARK, (mark, kind: string, of: Numbered, caption: string) => {
    if (kind === 'see') return mark;
    if (kind === 'next') last[of]++;
    if (kind === 'next' && of === 'table') tables.set(caption, last[of]);
    return String(last[of]);
  });
  return trusted(
    placed.replace(MARK, (_mark, _kind, _of, caption: string) => {
      const number = tables.get(caption);
      if (number === undefined) throw new Error(`no table "${caption}" on the page`);
      return String(number);
    }),
  );
}
