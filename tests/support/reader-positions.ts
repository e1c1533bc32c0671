/** What the engine would answer to POSITION_SQL. */
export const storedPosition = (
  rows: readonly { table: string; row: Record<string, unknown> }[],
  reader: unknown,
) => {
  const own = rows.flatMap(({ table, row }) =>
    table === 'reader_positions' && row.reader === reader ? [row] : [],
  );
  const most = (name: string) => String(Math.max(0, ...own.map((row) => Number(row[name]))));
  return { begun: most('begun'), done: most('done'), sampled: most('sampled_ms') };
};
