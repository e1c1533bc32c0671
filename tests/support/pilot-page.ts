import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../services/platform/service/build-info.ts';

export const pageText = (page: string): string =>
  readFileSync(join(packageFolder, `docs/pilot-${page}.md`), 'utf8');

/** What docs/pilot-<page>.md has in the first row of its tables that begins with a measure; empty: it has none. */
export function toldOn(page: string, measure: string): readonly string[] {
  const rows = pageText(page)
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return rows.find(([, name]) => name === measure)?.slice(2, -1) ?? [];
}

/** Minor units of two decimals in whole units, rounded, as pages write them: `3,962,549`. */
export const wholeUnits = (minor: bigint): string =>
  String((minor + 50n) / 100n).replace(/\B(?=(\d{3})+$)/g, ',');
