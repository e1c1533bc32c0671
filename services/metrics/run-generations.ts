import type { AnalysisStore } from './analysis-store.ts';

/** The generation that a run's rows are of: 0 until they were removed. */
export const GENERATION_SQL =
  'SELECT max(generation) AS generation FROM run_generations WHERE run = {run:String}';

/** Asks the store which generation of a run's rows it takes. */
export async function generationOf(
  store: Pick<AnalysisStore, 'query'>,
  run: string,
): Promise<number> {
  const [row] = await store.query<{ generation: string }>(GENERATION_SQL, { run });
  return Number(row?.generation ?? 0);
}

/** A token as the store has not had it in an earlier generation. */
export const tokenIn = (generation: number, token: string): string =>
  generation === 0 ? token : `${token}/${generation}`;

/**
 * The store for who inserts the rows of one run. It remembers tokens longer than rows: what was removed
 * comes again under the tokens of a new generation, which is asked for once: none may begin meanwhile.
 */
export function inGeneration(store: AnalysisStore, run: string): AnalysisStore {
  let known: number | undefined;
  const { remedy } = store;
  return {
    ...(remedy !== undefined && { remedy }),
    query: (sql, params) => store.query(sql, params),
    async insert(table, rows, token) {
      known ??= await generationOf(store, run);
      await store.insert(table, rows, tokenIn(known, token));
    },
  };
}
