/** Sections that every page of a study has. */
import { nothing, section, table } from '../report/elements.ts';
import { html, type Markup } from '../report/html.ts';
import { numeric } from '../report/sections/section-input.ts';
import { cellAt, cellWords } from './grid.ts';
import type { Study } from './study-file.ts';
import type { StudyHeader, StudyResults } from './study-folder.ts';

/** Rows of a table on the page; the tables have all. */
export const ROWS_MAX = 300;

export function failedSection(study: Study, results: StudyResults): Markup {
  const cells = [...results.failed].sort((a, b) => a - b);
  return section(
    'failed',
    'Cells that failed',
    cells.length === 0
      ? nothing('Every cell ran.')
      : table('Cells without figures, and why', cells.slice(0, ROWS_MAX), [
          [numeric('Cell'), (cell) => String(cell)],
          [{ head: 'Setting', wraps: true }, (cell) => cellWords(study, cellAt(study, cell))],
          [{ head: 'Why', wraps: true }, (cell) => results.result(cell)?.error ?? ''],
        ]),
  );
}

/** @param tables what the tables beside the page have */
export function producedSection({ version, digest }: StudyHeader, tables: Markup): Markup {
  return section(
    'provenance',
    'What produced this',
    html`<p>Corridor ${version} ran each cell as <code>corridor run</code> does with the same overrides and seed: the events have the same
hash, which the tables have of each cell. ${tables}</p>`,
    html`<p class="def">SHA-256 of the study, its scenario and what that reads: <code>${digest}</code></p>`,
  );
}
