/** Which columns the tables of a study have: study-tables.ts writes them, and no name of variants may be one. */
import { BANK_ROW_COLUMNS } from './cell-banks.ts';
import { CELL_ROW_COLUMNS, CORRIDOR_ROW_COLUMNS } from './cell-figures.ts';
import { repeatNames } from './grid.ts';

export const CELL_COLUMN = 'cell';

/** By table, columns of text that name a row inside its cell. */
export const NAMES_OF_ROWS = {
  cells: ['error'],
  banks: ['participant', 'currency'],
  corridors: ['kind', 'currency', 'currency2'],
} as const;

/** In lower case: figures, and what others begin with up to the dot. */
const COLUMNS: ReadonlySet<string> = new Set(
  [
    ...[CELL_COLUMN, ...Object.values(NAMES_OF_ROWS).flat()],
    ...[{}, { days: [] }].map((grid) => repeatNames(grid).column),
    ...[CELL_ROW_COLUMNS, BANK_ROW_COLUMNS, CORRIDOR_ROW_COLUMNS].flatMap((of) =>
      Object.entries(of).map(([name, kind]) => (kind === 'group' ? `${name}.` : name)),
    ),
  ].map((name) => name.toLowerCase()),
);

/** Whether a run may give some table of a study this column. What reads tables may not tell upper case from lower. */
export const isTableColumn = (name: string): boolean =>
  COLUMNS.has(name.toLowerCase().replace(/\..*/s, '.'));
