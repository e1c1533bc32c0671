import type { ClickHouseClient } from '@clickhouse/client';

/**
 * Inserts rows once: a second insertion under the same token changes nothing, in the table and in what
 * views fold from it; what a token is made of: metrics/insert-topic-in-blocks.ts, event-rows.ts. After a crash a
 * reader makes the same blocks again, so the same tokens: metrics/same-blocks-after-a-crash.ts. How long it is remembered: the tables of
 * infra/clickhouse. Rows have the same members. They go as arrays: half the bytes of objects, and a
 * third less time.
 */
export async function insertRows(
  client: ClickHouseClient,
  table: string,
  rows: readonly object[],
  token: string,
): Promise<void> {
  const [first] = rows as readonly Record<string, unknown>[];
  if (!first) return;
  const columns = Object.keys(first) as [string, ...string[]];
  await client.insert({
    table,
    columns,
    values: (rows as readonly Record<string, unknown>[]).map((row) =>
      columns.map((column) => row[column]),
    ),
    format: 'JSONCompactEachRow',
    clickhouse_settings: { insert_deduplication_token: token },
  });
}
