import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { type ClickHouseAddress, connectClickHouse } from '../platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../platform/clickhouse/embedded.ts';
import { insertRows } from '../platform/clickhouse/insert-once.ts';
import { migrate } from '../platform/clickhouse/migrate.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { schemaFolder } from '../platform/service/shipped-files.ts';
import type { Query } from '../report/queries/ask-store.ts';
import { storeError } from './damaged-store.ts';
import { wantedRun } from './recorded-inputs.ts';

/** An analysis store: a server, or the folder of an engine that is not running. */
export type StorePlace = { readonly folder: string } | { readonly address: ClickHouseAddress };

/** An analysis store that a command opened. */
export interface NamedStore {
  readonly query: Query;
  /** Inserts rows once: a second insertion under the same token changes nothing. */
  insert(table: string, rows: readonly object[], token: string): Promise<void>;
  /** A statement without an answer; a change of rows that are there is made when it returns. */
  command(sql: string, params: Readonly<Record<string, unknown>>): Promise<void>;
  /** Brings its tables to this version's schema. */
  upToDate(): Promise<void>;
}

/**
 * Where a sandbox has its rows, and under which name.
 * @throws BadInput where the folder is none
 */
export function sandboxStore(folder: string): { readonly place: StorePlace; readonly run: string } {
  const network = join(folder, 'network.json');
  if (!existsSync(network))
    throw new BadInput(`${folder}: it holds no network.json; expected the folder of a sandbox`);
  return {
    place: { folder: join(folder, 'clickhouse') },
    run: (JSON.parse(readFileSync(network, 'utf8')) as { run: string }).run,
  };
}

export async function withStore<T>(
  place: StorePlace,
  use: (store: NamedStore) => Promise<T>,
): Promise<T> {
  const server = 'folder' in place ? await startEmbeddedClickHouse(place) : null;
  const client = connectClickHouse(server ?? (place as { address: ClickHouseAddress }).address);
  try {
    return await use(storeOn(client));
  } catch (error) {
    throw 'folder' in place ? storeError(place.folder, error) : error;
  } finally {
    await client.close();
    await server?.stop();
  }
}

/** The store that a client is connected to. */
export const storeOn = (client: ClickHouseClient): NamedStore => ({
  query: queryOf(client),
  insert: (table, rows, token) => insertRows(client, table, rows, token),
  async command(sql, params) {
    await client.command({
      query: sql,
      query_params: { ...params },
      clickhouse_settings: { mutations_sync: '2' },
    });
  },
  async upToDate() {
    await migrate(client, schemaFolder());
  },
});

const queryOf =
  (client: ClickHouseClient): Query =>
  async <Row>(sql: string, params: Readonly<Record<string, unknown>>) => {
    const result = await client.query({
      query: sql,
      query_params: { ...params },
      format: 'JSONEachRow',
      // On a replicated server: never a replica that is behind.
      clickhouse_settings: { select_sequential_consistency: '1' },
    });
    return result.json<Row>();
  };

/** The name under which a store's rows stand. @throws BadInput where it is not the only one */
export async function onlyRun(query: Query, where: string): Promise<string> {
  const runs = await query<{ run: string }>('SELECT DISTINCT run FROM runs ORDER BY run', {});
  if (runs.length === 1) return runs[0]?.run as string;
  throw new BadInput(
    runs.length === 0
      ? `${where}: it has no run in its tables`
      : `${where}: --run: expected one of ${runs.map(({ run }) => run).join(', ')}`,
  );
}

/** The tables of a run. @throws BadInput where the folder has none: opening them would make some */
export function storeOf(run: string): string {
  const folder = join(run, 'clickhouse');
  if (!existsSync(join(folder, 'store')))
    throw new BadInput(
      `${run}: it has no clickhouse folder; expected the folder of ${wantedRun(run)}`,
    );
  return folder;
}
