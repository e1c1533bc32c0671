/**
 * The analysis store as a live reader uses it: connects and brings the schema up to date at the first
 * insertion, and again after a failure, so that a server may start later or go away for a while.
 */
import type { ClickHouseClient } from '@clickhouse/client';
import { type ClickHouseAddress, connectClickHouse } from './client.ts';
import { migrate } from './migrate.ts';

export interface Store {
  /** Inserts rows once: a second insertion under the same token changes nothing. */
  insert(table: string, rows: readonly object[], token: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param address asked for at each connection: an engine of one's own has a new one when it restarts
 * @param schemaFolder the numbered SQL files
 */
export function createStore(
  address: () => Promise<ClickHouseAddress>,
  schemaFolder: string,
): Store {
  let connection: Promise<ClickHouseClient> | undefined;

  async function connect(): Promise<ClickHouseClient> {
    const client = connectClickHouse(await address());
    try {
      await migrate(client, schemaFolder);
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  async function disconnect(): Promise<void> {
    const before = connection;
    connection = undefined;
    const client = await before?.catch(() => undefined);
    await client?.close();
  }

  return {
    async insert(table, rows, token) {
      connection ??= connect();
      try {
        const client = await connection;
        await client.insert({
          table,
          values: [...rows],
          format: 'JSONEachRow',
          clickhouse_settings: { insert_deduplication_token: token },
        });
      } catch (error) {
        await disconnect();
        throw error;
      }
    },
    close: disconnect,
  };
}
