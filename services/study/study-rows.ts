/**
 * A finished study or stress test as rows of the analysis store: what its tables say, a row for each figure. Money is in
 * minor units, as there.
 */
import { createHash } from 'node:crypto';
import { cellAt, cellCount, optionsOf, repeatLabel, repeatNames } from './grid.ts';
import { kindOfStudy } from './study-file.ts';
import type { StudyHeader, StudyResults } from './study-folder.ts';
import { NAME_COLUMNS, tableFigures } from './study-tables.ts';

/** In the order in which they are inserted: with the last the study is among the choices. */
export const STUDY_TABLES = ['study_figures', 'study_cells', 'studies'] as const;
export type StudyTable = (typeof STUDY_TABLES)[number];

export interface StudyRows {
  /** The name in the store: `<study>-<digest>`, of all that its cells come from. */
  readonly run: string;
  /** SHA-256 of the rows of cells and figures: other results of one study differ. */
  readonly results: string;
  readonly rows: Readonly<Record<StudyTable, readonly object[]>>;
}

export function studyRows(header: StudyHeader, results: StudyResults): StudyRows {
  const { study, digest, version, decimals } = header;
  const run = `${study.name}-${digest.slice(0, 8)}`;
  const cells = [...results.results()].map(({ cell: number, error }) => {
    const cell = cellAt(study, number);
    const labels = optionsOf(study, cell.picks).map(({ label }) => label);
    return {
      ...{ run, cell: number, variant: labels.join(', ') || 'the scenario' },
      settings: Object.fromEntries(study.dimensions.map(({ name }, at) => [name, labels[at]])),
      ...{ repeat: String(repeatLabel(cell)), error: error ?? '' },
    };
  });
  const figures = [...tableFigures(study, results)].map(
    ({ table, cell, names, figure, value }) => ({
      ...{ run, cell, of_table: table },
      ...Object.fromEntries(NAME_COLUMNS.map((name) => [name, names[name] ?? ''])),
      ...{ figure, value: numberOf(value), exact: String(value) },
    }),
  );
  const hash = createHash('sha256');
  for (const row of [...cells, ...figures]) hash.update(JSON.stringify(row));
  const digestOfResults = hash.digest('hex');
  const about = {
    ...{ run, kind: kindOfStudy(study), name: study.name, description: study.description },
    ...{ scenario: study.scenarioFile, version, digest, results: digestOfResults },
    ...{ cells: cellCount(study), failed: results.failed.size, repeats: repeatNames(study).column },
    ...{ reference_currency: study.stress?.referenceCurrency ?? '', decimals },
  };
  return {
    ...{ run, results: digestOfResults },
    rows: { study_figures: figures, study_cells: cells, studies: [about] },
  };
}

/** Null: it is a text. Money is a text of digits. */
function numberOf(value: string | number | boolean): number | null {
  if (typeof value !== 'string') return Number(value);
  return /^-?\d+$/.test(value) ? Number(value) : null;
}
