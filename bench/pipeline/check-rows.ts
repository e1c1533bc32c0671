import type { ClickHouseStore } from '../../services/platform/clickhouse/reconnecting-store.ts';

const LOOK_MS = 200;
const LOOKS_MAX = 150;

/** Waits until the rows of all payments are in the store, each once and settled; throws where not. */
export async function checkRows(store: ClickHouseStore, payments: number): Promise<void> {
  const sql = `SELECT count() AS rows, uniqExact(uetr) AS uetrs, countIf(status = 'ACSC') AS settled
    FROM payments`;
  let found = '';
  for (let look = 0; look < LOOKS_MAX; look++) {
    const [row] = await store.query<{ rows: string; uetrs: string; settled: string }>(sql, {});
    found = `${row?.rows} rows of ${row?.uetrs} payments, ${row?.settled} settled`;
    if (found === `${payments} rows of ${payments} payments, ${payments} settled`) {
      process.stderr.write(`metrics had caught up after ${(look * LOOK_MS) / 1000} s\n`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`${payments} payments were sent, the store has ${found}: no figure`);
}
