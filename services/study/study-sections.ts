/** Sections that every page of a study has. */
import { nothing, section, table } from '../report/elements.ts';
import { html, type Markup } from '../report/html.ts';
import { numeric } from '../report/sections/section-input.ts';
import { cellAt, cellWords } from './grid.ts';
import { cellNames, type Study } from './study-file.ts';
import type { StudyHeader, StudyResults } from './study-folder.ts';

/** Rows of a table on the page; the tables have all. */
export const ROWS_MAX = 300;

export function failedSection(title: string, study: Study, results: StudyResults): Markup {
  const cells = [...results.failed].sort((a, b) => a - b);
  return section(
    'failed',
    title,
    cells.length === 0
      ? nothing(`Every ${cellNames(study).one} ran.`)
      : table(`${title}, and why`, cells.slice(0, ROWS_MAX), [
          [numeric('Cell'), (cell) => String(cell)],
          [{ head: 'Setting', wraps: true }, (cell) => cellWords(study, cellAt(study, cell))],
          [{ head: 'Why', wraps: true }, (cell) => results.result(cell)?.error ?? ''],
        ]),
  );
}

/** @param tables what the tables beside the page have */
export function producedSection({ version, digest, study }: StudyHeader, tables: Markup): Markup {
  return section(
    'provenance',
    'What produced this',
    html`<p>Corridor ${version} ran each ${cellNames(study).one} as <code>corridor run</code> does with the same overrides and seed: the events have the same
hash, which the tables have of each. ${tables}</p>`,
    html`<p class="def">SHA-256 of the study, its scenario and what that reads: <code>${digest}</code></p>`,
  );
}
