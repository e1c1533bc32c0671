/** Which of a source's files have payments, and which have balances. */
import { existsSync, realpathSync } from 'node:fs';
import { formatValue, ScenarioError } from '../scenario/scenario-error.ts';
import type { Mapping } from './mapping.ts';
import { headerOf, lacking, SourceTable, type TableMapping } from './source-table.ts';

export type SourceTables = Readonly<Record<'payments' | 'balances', SourceTable[]>>;

/**
 * Each file is what its header says: one with all columns of `payments`, or all of `balances`.
 * @param mappingName as messages name the mapping
 * @throws ScenarioError where a file is neither or both, or stands twice, or none has payments, or none the balances that are mapped
 */
export function tablesOf(
  files: readonly string[],
  mapping: Mapping,
  mappingName: string,
): SourceTables {
  const tables: SourceTables = { payments: [], balances: [] };
  const seen = new Set<string>();
  for (const path of files) {
    const real = existsSync(path) ? realpathSync(path) : path;
    if (seen.has(real))
      throw new ScenarioError(`${path}: it stands twice: expected each file once`);
    seen.add(real);
    const kinds = (['payments', 'balances'] as const).flatMap((kind) => {
      const table = mapping[kind] as TableMapping | undefined;
      if (table === undefined) return [];
      const header = headerOf(path, table);
      if (header === null)
        throw new ScenarioError(`${path}: it is empty: expected a header and rows`);
      return [{ kind, table, header, lacks: lacking(table, header.names) }];
    });
    const fitting = kinds.filter(({ lacks }) => lacks.length === 0);
    const [best] = [...kinds].sort((a, b) => a.lacks.length - b.lacks.length);
    if (fitting.length === 0 && best !== undefined)
      throw new ScenarioError(
        `${path}:${best.header.line}: column ${formatValue(best.lacks[0])}: missing: expected in the header (${best.header.names.join(', ')}), as ${best.kind} of ${mappingName} names it`,
      );
    const [found, other] = fitting;
    if (found === undefined || other !== undefined)
      throw new ScenarioError(
        `${path}: it has the columns of payments and of balances: expected the columns of one of them, as ${mappingName} names them`,
      );
    tables[found.kind].push(new SourceTable(path, found.header, found.table));
  }
  if (tables.payments.length === 0)
    throw new ScenarioError(`${files.join(', ')}: expected a file with the columns of payments`);
  if (mapping.balances !== undefined && tables.balances.length === 0)
    throw new ScenarioError(
      `${files.join(', ')}: expected a file of balances too, as ${mappingName} has columns of them`,
    );
  return tables;
}
