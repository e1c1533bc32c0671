/**
 * The analysis store as a live reader uses it: connects and brings the schema up to date at the first
 * insertion, and again after a failure, so that a server may start later or go away for a while.
 */
import { type ClickHouseClient, ClickHouseError } from '@clickhouse/client';
import { type ClickHouseAddress, connectClickHouse } from './client.ts';
import { insertRows } from './insert-once.ts';
import { migrate, SchemaFault } from './migrate.ts';

export interface ClickHouseStore {
  /** Inserts rows once: a second insertion under the same token changes nothing. */
  insert(table: string, rows: readonly object[], token: string): Promise<void>;
  /** Rows of an answer, integers of 64 bits and more as strings; `{name:Type}` takes its parameter. */
  query<Row>(sql: string, params: Readonly<Record<string, unknown>>): Promise<Row[]>;
  /**
   * Rejects with a SchemaFault where the server has another schema, and with an AccessFault where it
   * does not let this user in; one that is away may be any.
   */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** What a server answers to a wrong user, password or database. */
const REFUSALS: ReadonlySet<string> = new Set([
  'AUTHENTICATION_FAILED',
  'ACCESS_DENIED',
  'UNKNOWN_DATABASE',
]);

/** The server does not let this user in. */
export class AccessFault extends Error {
  override readonly name = 'AccessFault';
}

/**
 * @param address asked for at each connection: an engine of one's own has a new one when it restarts
 * @param schemaFolder the numbered SQL files
 */
export function createStore(
  address: () => Promise<ClickHouseAddress>,
  schemaFolder: string,
): ClickHouseStore {
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

  async function withClient<T>(use: (client: ClickHouseClient) => Promise<T>): Promise<T> {
    connection ??= connect();
    try {
      return await use(await connection);
    } catch (error) {
      await disconnect();
      throw error;
    }
  }

  return {
    insert: (table, rows, token) => withClient((client) => insertRows(client, table, rows, token)),
    query: <Row>(sql: string, params: Readonly<Record<string, unknown>>) =>
      withClient(async (client) => {
        const result = await client.query({
          query: sql,
          query_params: { ...params },
          format: 'JSONEachRow',
        });
        return result.json<Row>();
      }),
    async check() {
      await withClient(async () => {}).catch((error: unknown) => {
        if (error instanceof SchemaFault) throw error;
        if (error instanceof ClickHouseError && REFUSALS.has(error.type ?? ''))
          throw new AccessFault(error.message.split('\n')[0]);
      });
    },
    close: disconnect,
  };
}
