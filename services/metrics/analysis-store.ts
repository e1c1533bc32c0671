/** The analysis store: ClickHouse, behind services/platform/clickhouse. */
export interface AnalysisStore {
  /** What to do where it has rows that the log does not have; default: what holds for a server. */
  readonly remedy?: string;
  /** Inserts rows once: a second insertion under the same token changes nothing. */
  insert(table: string, rows: readonly object[], token: string): Promise<void>;
  /** Rows of an answer, integers of 64 bits and more as strings; `{name:Type}` takes its parameter. */
  query<Row>(sql: string, params: Readonly<Record<string, unknown>>): Promise<Row[]>;
}

/** Whatever the store says may pass: it may be away, starting, or short of room. */
export async function put(
  store: AnalysisStore,
  table: string,
  rows: readonly object[],
  token: string,
): Promise<void> {
  try {
    await store.insert(table, rows, token);
  } catch (error) {
    throw passing(`the analysis store does not take rows of ${table}`, error);
  }
}

/** As `put`, for a question. */
export async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw passing('the analysis store does not answer', error);
  }
}

function passing(what: string, cause: unknown): Error {
  const error = new Error(`${what}: ${(cause as Error).message}`);
  return Object.assign(error, { kind: 'unavailable' });
}
