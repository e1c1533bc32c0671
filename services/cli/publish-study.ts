import { inGeneration } from '../metrics/run-generations.ts';
import type { ClickHouseAddress } from '../platform/clickhouse/client.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { forget } from '../replay/forget-rows-of-run.ts';
import { type NamedStore, withStore } from '../replay/named-store.ts';
import { cellCount } from '../study/grid.ts';
import { readStudyFolder } from '../study/study-folder.ts';
import { STUDY_TABLES, type StudyRows, studyRows } from '../study/study-rows.ts';

const BLOCK_ROWS = 20_000;

/** What a server has of a run or a study. */
export interface Published {
  readonly run: string;
  /** That the server has of it, as counted there. */
  readonly rows: number;
  /** Those that it had not before. */
  readonly added: number;
}

/**
 * Copies a finished study or stress test. Doing it again changes nothing.
 * @returns null: the folder is no study's
 * @throws BadInput where cells have not run, or the server has other results of it
 */
export async function publishStudy(
  folder: string,
  address: ClickHouseAddress,
  replace: boolean,
): Promise<Published | null> {
  const found = readStudyFolder(folder);
  if (found === null) return null;
  const { header, results } = found;
  try {
    const whole = cellCount(header.study);
    if (results.size < whole)
      throw new BadInput(
        `${folder}: ${results.size} of ${whole} cells have run: expected a whole study; the command that began it goes on with the rest`,
      );
    return await publishRows(folder, studyRows(header, results), address, replace);
  } finally {
    results.close();
  }
}

const publishRows = (
  folder: string,
  { run, results, rows }: StudyRows,
  address: ClickHouseAddress,
  replace: boolean,
): Promise<Published> =>
  withStore({ address }, async (store) => {
    await store.upToDate();
    if (replace) await forget(store, run);
    const [there] = await store.query<{ results: string }>(
      'SELECT results FROM studies WHERE run = {run:String}',
      { run },
    );
    if (there && there.results !== results)
      throw new BadInput(
        `${folder}: the server has ${run} with other results: expected the same; --replace removes those`,
      );
    const before = await countOf(store, run);
    const own = inGeneration(store, run);
    for (const table of STUDY_TABLES)
      for (let at = 0; at < rows[table].length; at += BLOCK_ROWS)
        await own.insert(
          table,
          rows[table].slice(at, at + BLOCK_ROWS),
          `${run}/${results}/${table}/${at / BLOCK_ROWS}`,
        );
    const after = await countOf(store, run);
    const count = STUDY_TABLES.reduce((sum, table) => sum + rows[table].length, 0);
    if (after !== count)
      throw new Error(
        `${folder}: in ${address.url} ${run} has ${after} of ${count} rows: rows were removed or added there; --replace publishes it anew`,
      );
    return { run, rows: count, added: after - before };
  });

async function countOf({ query }: Pick<NamedStore, 'query'>, run: string): Promise<number> {
  const counts = STUDY_TABLES.map(
    (table) => `SELECT count() AS n FROM ${table} WHERE run = {run:String}`,
  );
  const [found] = await query<{ n: string }>(
    `SELECT sum(n) AS n FROM (${counts.join(' UNION ALL ')})`,
    { run },
  );
  return Number(found?.n);
}
