import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type ClickHouseAddress,
  connectClickHouse,
} from '../../services/platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../../services/platform/clickhouse/embedded.ts';
import { createStore } from '../../services/platform/clickhouse/reconnecting-store.ts';
import { schemaFolder } from '../../services/platform/service/shipped-files.ts';

/** A million payments are copied by one command. */
const FILL_TIMEOUT_MS = 600_000;

/** An engine of one's own in a folder that goes with it. */
export async function startEngine() {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-analytics-'));
  const server = await startEmbeddedClickHouse({ folder });
  const client = connectClickHouse(server, FILL_TIMEOUT_MS);
  const store = createStore(
    async (): Promise<ClickHouseAddress> => server,
    fileURLToPath(schemaFolder()),
  );
  // Brings the schema.
  await store.query('SELECT 1', {});
  return {
    client,
    store,
    command: (query: string) => client.command({ query }),
    async ask(query: string): Promise<Record<string, string>[]> {
      return (await client.query({ query, format: 'JSONEachRow' })).json();
    },
    async stop() {
      await store.close();
      await client.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type EngineOfOnesOwn = Awaited<ReturnType<typeof startEngine>>;
