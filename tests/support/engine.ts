/**
 * The database engine that the test files of a run share, with a database for each that asks: what a
 * test writes, no other one reads. Tests that stop, kill or damage an engine start their own.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import type { Insertion } from '../../services/metrics/event-rows.ts';
import {
  type ClickHouseAddress,
  connectClickHouse,
} from '../../services/platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../../services/platform/clickhouse/embedded.ts';
import { wholeSchema } from '../../services/platform/clickhouse/migrate.ts';
import { schemaFolder } from '../../services/platform/service/shipped-files.ts';

/** Where the run's engine is, as JSON: set by `scripts/test.mjs`. */
const NAMED = 'CORRIDOR_TEST_ENGINE';

export interface RunningEngine {
  readonly address: ClickHouseAddress;
  stop(): Promise<void>;
}

/** An engine in a temporary folder, which goes when it stops. */
export async function startEngine(): Promise<RunningEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-engine-'));
  const server = await startEmbeddedClickHouse({ folder });
  const { url, username, password, database } = server;
  return {
    address: { url, username, password, database },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface OwnDatabase {
  readonly address: ClickHouseAddress;
  readonly client: ClickHouseClient;
  /** Drops the database. */
  close(): Promise<void>;
}

/**
 * A database of one's own on the run's engine, or on one started here where a test file runs by itself.
 * @param options.migrated whether it has the project's tables
 */
export async function ownDatabase({ migrated = true } = {}): Promise<OwnDatabase> {
  const named = process.env[NAMED];
  const engine = named === undefined ? await startEngine() : null;
  const shared = engine?.address ?? (JSON.parse(named as string) as ClickHouseAddress);
  const address = { ...shared, database: `test_${randomBytes(6).toString('hex')}` };
  const keeper = connectClickHouse(shared);
  await keeper.command({ query: `CREATE DATABASE ${address.database} ENGINE = Atomic` });
  const client = connectClickHouse(address);
  // As `migrate` makes them, in a third of the time: it asks for a statement at a time.
  const { tables, record } = wholeSchema(schemaFolder());
  if (migrated) await client.command({ query: `${tables};\n${record}` });
  return {
    address,
    client,
    async close() {
      await client.close();
      await keeper.command({ query: `DROP DATABASE ${address.database} SYNC` });
      await keeper.close();
      await engine?.stop();
    },
  };
}

/**
 * Several insertions as one of each table: each is a part of its own to every statement that reads the table, and is
 * folded by each of its views. Under the token of the first.
 */
export function joinedInsertions(all: readonly Insertion[]): Insertion[] {
  const some = new Map<string, Insertion & { readonly rows: object[] }>();
  for (const { table, rows, token } of all) {
    // Rows of an insertion have the same members.
    const key = `${table} ${Object.keys(rows[0] ?? {})}`;
    const before = some.get(key);
    if (before) for (const row of rows) before.rows.push(row);
    else some.set(key, { table, rows: [...rows], token });
  }
  return [...some.values()];
}
