import type { NamedStore } from './named-store.ts';

/** Tables whose rows have a run: positions first, so that a reader that starts meanwhile finds none. */
const TABLES = `SELECT name FROM system.tables
WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'run_generations'
  AND name IN (SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'run')
ORDER BY name != 'reader_positions', name`;

/**
 * Removes a run's rows from every table and begins a new generation of them, last: whoever inserts them
 * again uses tokens that the store has not had, and nobody does while some are still there. Nobody may
 * insert rows of the run meanwhile. What was interrupted is done again.
 * @returns how many rows were removed
 */
export async function forget(
  store: Pick<NamedStore, 'query' | 'command' | 'insert'>,
  run: string,
): Promise<number> {
  let removed = 0;
  for (const { name } of await store.query<{ name: string }>(TABLES, {})) {
    const [found] = await store.query<{ rows: string }>(
      `SELECT count() AS rows FROM ${name} WHERE run = {run:String}`,
      { run },
    );
    if (Number(found?.rows) === 0) continue;
    removed += Number(found?.rows);
    await store.command(`ALTER TABLE ${name} DELETE WHERE run = {run:String}`, { run });
  }
  const generation = Date.now();
  await store.insert(
    'run_generations',
    [{ run, generation, events_hash: '' }],
    `${run}/generations/${generation}`,
  );
  return removed;
}
