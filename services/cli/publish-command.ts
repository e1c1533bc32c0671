import { fileURLToPath } from 'node:url';
import type { ClickHouseClient } from '@clickhouse/client';
import { Command } from 'commander';
import { type ClickHouseAddress, connectClickHouse } from '../platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../platform/clickhouse/embedded.ts';
import { insertRows } from '../platform/clickhouse/insert.ts';
import { migrate } from '../platform/clickhouse/migrate.ts';
import { schemaFolder } from '../platform/service/core-file.ts';
import { type ClickHouseFlags, clickHouseAddress } from './clickhouse-flags.ts';
import { BadInput } from './exit.ts';
import { storeOf } from './run-folder.ts';

/** Tables that a run's rows are inserted into; views fold the others there as they did here. */
const TABLES = [
  'currencies',
  'participants',
  'reference_rates',
  'scenario_events',
  'payments',
  'balances',
  'queue_samples',
  'cycles',
  'certificates',
  'nettings',
  'held_up',
  'security_events',
  'verifier_batches',
  // Last: with it the run is among the choices.
  'runs',
] as const;
const BLOCK_ROWS = 20_000;
/** A certificate has as many characters as its queues had payments, a few hundred times. */
const CERTIFICATES_AT_ONCE = 100;

export function publishCommand(): Command {
  return new Command('publish')
    .description(
      'copy the rows of finished runs to a ClickHouse server, to compare them in Grafana',
    )
    .argument('<folder...>', 'folders of runs')
    .option('--clickhouse-url <url>', 'the HTTP interface of the server')
    .option('--clickhouse-user <name>', 'who writes there')
    .option('--clickhouse-password-file <file>', 'a file that holds the password')
    .option('--clickhouse-database <name>', 'the database; it must exist', 'corridor')
    .action(async (folders: readonly string[], flags: ClickHouseFlags) => {
      const address = clickHouseAddress('publish', flags);
      for (const folder of folders) {
        const { run, rows } = await publish(folder, address);
        process.stdout.write(`${folder}: ${run}, ${rows} rows, in ${address.url}\n`);
      }
    });
}

/**
 * Copies a run. Doing it again changes nothing: blocks are cut in the same order and have tokens. Throws
 * BadInput where the folder has no run, or the server another history under its name.
 */
export async function publish(
  folder: string,
  address: ClickHouseAddress,
): Promise<{ readonly run: string; readonly rows: number }> {
  const engine = await startEmbeddedClickHouse({ folder: storeOf(folder) });
  const from = connectClickHouse(engine);
  const to = connectClickHouse(address);
  try {
    const schema = fileURLToPath(schemaFolder());
    // A run of an earlier version has an earlier schema.
    await migrate(from, schema);
    await migrate(to, schema);
    const [own] = await ask<RunRow>(from, 'SELECT run, events_hash FROM runs');
    if (!own) throw new BadInput(`${folder}: it has no run in its tables`);
    await refuseOther(folder, own, to);
    let rows = 0;
    for (const table of TABLES)
      rows +=
        table === 'certificates'
          ? await copyCertificates(own.run, from, to)
          : await copy(table, own.run, from, to);
    return { run: own.run, rows };
  } finally {
    await from.close();
    await to.close();
    await engine.stop();
  }
}

interface RunRow {
  readonly run: string;
  readonly events_hash: string;
}

async function ask<Row>(client: ClickHouseClient, query: string, run = ''): Promise<Row[]> {
  return (await client.query({ query, query_params: { run }, format: 'JSONEachRow' })).json();
}

async function refuseOther(folder: string, own: RunRow, to: ClickHouseClient): Promise<void> {
  const there = await ask<RunRow>(
    to,
    'SELECT run, events_hash FROM runs WHERE run = {run:String}',
    own.run,
  );
  const other = there.find(({ events_hash }) => events_hash !== own.events_hash);
  if (other)
    throw new BadInput(
      `${folder}: the server has ${own.run} with other events (eventsHash ${other.events_hash}): another version of Corridor ran it`,
    );
}

/** The number of rows copied. */
async function copy(
  table: string,
  run: string,
  from: ClickHouseClient,
  to: ClickHouseClient,
): Promise<number> {
  const rows = await ask<object>(
    from,
    `SELECT * FROM ${table} WHERE run = {run:String} ORDER BY ALL`,
    run,
  );
  for (let at = 0; at < rows.length; at += BLOCK_ROWS)
    await insertRows(
      to,
      table,
      rows.slice(at, at + BLOCK_ROWS),
      `${run}/published/${table}/${at / BLOCK_ROWS}`,
    );
  return rows.length;
}

/** The same, a part of them in memory at a time. */
async function copyCertificates(
  run: string,
  from: ClickHouseClient,
  to: ClickHouseClient,
): Promise<number> {
  for (let at = 0; ; at += CERTIFICATES_AT_ONCE) {
    const rows = await ask<object>(
      from,
      `SELECT * FROM certificates WHERE run = {run:String} ORDER BY pool, event_number
       LIMIT ${CERTIFICATES_AT_ONCE} OFFSET ${at}`,
      run,
    );
    await insertRows(to, 'certificates', rows, `${run}/published/certificates/${at}`);
    if (rows.length < CERTIFICATES_AT_ONCE) return at + rows.length;
  }
}
