import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { Command, Option } from 'commander';
import { connectClickHouse } from '../platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../platform/clickhouse/embedded.ts';
import { BadInput } from './exit.ts';

/** What is exported, and in which order its rows stand. Money is in minor units, as signed 64-bit. */
const TABLES: Readonly<Record<string, string>> = {
  runs: 'run',
  currencies: 'run, currency',
  participants: 'run, bic',
  reference_rates: 'run, currency, currency2',
  scenario_events: 'run, from_time, kind, participant, text',
  payments_current: 'run, pool, payment_position',
  payments: 'run, pool, event_number',
  balances: 'run, pool, currency, participant, time',
  queue_samples: 'run, pool, currency, participant, time',
  cycles: 'run, pool, event_number',
  nettings: 'run, pool, event_number',
  held_up: 'run, pool, event_number',
  security_events: 'run, pool, event_number',
  verifier_batches: 'run, time, batch_size',
  reconciliations: 'run, time, pool, figure',
};

const FORMATS = { parquet: 'Parquet', csv: 'CSVWithNames', arrow: 'Arrow' } as const;
type Format = keyof typeof FORMATS;

/** Plain strings and times, as pandas and R read them. */
const SETTINGS = {
  output_format_parquet_string_as_string: 1,
  output_format_arrow_string_as_string: 1,
  output_format_arrow_low_cardinality_as_dictionary: 0,
  date_time_output_format: 'iso',
} as const;

export function exportCommand(): Command {
  return new Command('export')
    .description("write a run's tables for pandas, R or a spreadsheet, with a data dictionary")
    .argument('<run>', 'folder of a run')
    .addOption(
      new Option('--format <format>', 'of the files')
        .choices(Object.keys(FORMATS))
        .default('parquet'),
    )
    .option('--out <folder>', 'where the files go (default: <run>-export)')
    .option(
      '--tables <names>',
      `comma-separated, of: ${Object.keys(TABLES).join(', ')} (default: all of them)`,
    )
    .action(async (run: string, options: { format: Format; out?: string; tables?: string }) => {
      const tables = chosen(options.tables);
      const out = options.out ?? `${run.replace(/\/+$/, '')}-export`;
      const store = join(run, 'clickhouse');
      if (!existsSync(store))
        throw new BadInput(`${run}: it has no clickhouse folder; expected the folder of a run`);
      mkdirSync(out, { recursive: true });
      const server = await startEmbeddedClickHouse({ folder: store });
      const client = connectClickHouse(server);
      try {
        const there = await present(client);
        for (const table of tables.filter((name) => there.has(name))) {
          const file = join(out, `${table}.${options.format}`);
          await writeTable(client, table, options.format, file);
          process.stdout.write(`${file}\n`);
        }
        const dictionary = join(out, 'dictionary.csv');
        await writeQuery(client, dictionarySql(tables), 'CSVWithNames', dictionary);
        process.stdout.write(`${dictionary}\n`);
        const lacking = tables.filter((name) => !there.has(name));
        if (lacking.length > 0)
          process.stderr.write(
            `not in this run, which an earlier version wrote: ${lacking.join(', ')}\n`,
          );
      } finally {
        await client.close();
        await server.stop();
      }
    });
}

function chosen(list: string | undefined): string[] {
  if (list === undefined) return Object.keys(TABLES);
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => TABLES[name] === undefined);
  if (unknown !== undefined)
    throw new BadInput(
      `--tables ${unknown}: expected one or several of ${Object.keys(TABLES).join(', ')}`,
    );
  return names;
}

async function present(client: ClickHouseClient): Promise<ReadonlySet<string>> {
  const result = await client.query({ query: 'SHOW TABLES', format: 'JSONEachRow' });
  const rows = await result.json<{ name: string }>();
  return new Set(rows.map(({ name }) => name));
}

const writeTable = (client: ClickHouseClient, table: string, format: Format, file: string) =>
  writeQuery(client, `SELECT * FROM ${table} ORDER BY ${TABLES[table]}`, FORMATS[format], file);

/**
 * Every column of the tables with its type and what it means (infra/clickhouse's comments). A view
 * has no comments of its own: its columns mean what those of its table do.
 */
const dictionarySql = (tables: readonly string[]) =>
  `SELECT table, name AS column, type, multiIf(comment != '', comment,
     name = 'status_at', 'State time of the latest status, UTC',
     name = 'was_queued', '1 where it ever waited, else 0', meanings[name]) AS meaning
   FROM system.columns,
     (SELECT mapFromArrays(groupArray(name), groupArray(comment)) AS meanings FROM system.columns
      WHERE database = currentDatabase() AND table = 'payments') AS p
   WHERE database = currentDatabase() AND table IN (${tables.map((name) => `'${name}'`).join(', ')})
   ORDER BY table, position`;

/** The file appears when it is complete. */
async function writeQuery(
  client: ClickHouseClient,
  query: string,
  format: string,
  file: string,
): Promise<void> {
  const partial = `${file}.partial`;
  try {
    const { stream } = await client.exec({
      query: `${query} FORMAT ${format}`,
      clickhouse_settings: SETTINGS,
    });
    await pipeline(stream, createWriteStream(partial));
    renameSync(partial, file);
  } finally {
    rmSync(partial, { force: true });
  }
}
