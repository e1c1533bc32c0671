import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { Command, Option } from 'commander';
import {
  DICTIONARY,
  dictionarySql,
  EXPORTED_TABLES,
  FORMATS,
  type Format,
  isExported,
  SETTINGS,
  tableSql,
} from '../export/export-tables.ts';
import { connectClickHouse } from '../platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../platform/clickhouse/embedded.ts';
import { BadInput, Interrupted, nothingWritten } from '../platform/exit-codes.ts';
import { WholeFolder } from '../platform/whole-folder.ts';
import { storeError } from '../replay/damaged-store.ts';
import { storeOf } from '../replay/named-store.ts';
import { exportPssimpy } from './export-to-pssimpy.ts';

interface ExportFlags {
  readonly format: Format | 'pssimpy';
  readonly out?: string;
  readonly currency?: string;
  readonly tables?: string;
}

export function exportCommand(): Command {
  return new Command('export')
    .description("write a run's tables for pandas, R or a spreadsheet, with a data dictionary")
    .argument('<run>', 'folder of a run; with --format pssimpy also a scenario')
    .addOption(
      new Option(
        '--format <format>',
        'of the files; pssimpy: banks, accounts and payments for PSSimPy (docs/import-rivals.md)',
      )
        .choices([...Object.keys(FORMATS), 'pssimpy'])
        .default('parquet'),
    )
    .option('--out <folder>', 'where the files go (default: <run>-export)')
    .option(
      '--tables <names>',
      `comma-separated, of: ${Object.keys(EXPORTED_TABLES).join(', ')} (default: all of them)`,
    )
    .option('--currency <code>', 'with --format pssimpy, where the scenario has several')
    .action(async (run: string, { format, currency, ...flags }: ExportFlags) => {
      if (format === 'pssimpy') {
        if (flags.tables !== undefined)
          throw new BadInput('--tables: expected none with --format pssimpy, which has its own');
        exportPssimpy(run, flags.out, currency);
        return;
      }
      if (currency !== undefined)
        throw new BadInput('--currency: expected it with --format pssimpy alone');
      await exportRun(run, { format, ...flags });
    });
}

async function exportRun(
  run: string,
  { format, out, tables: list }: Pick<ExportFlags, 'out' | 'tables'> & { readonly format: Format },
): Promise<void> {
  const tables = chosen(list);
  const store = storeOf(run);
  const given = out ?? `${run.replace(/\/+$/, '')}-export`;
  let folder: WholeFolder | undefined;
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  try {
    folder = new WholeFolder(given, { word: 'export', isOurs: isExported, mark: DICTIONARY });
    const { written, lacking } = await writeTables(store, folder, tables, format, interrupt.signal);
    folder.finish();
    process.stdout.write(written.map((name) => `${join(given, name)}\n`).join(''));
    if (lacking.length > 0)
      process.stderr.write(
        `not in this run, which an earlier version wrote: ${lacking.join(', ')}\n`,
      );
  } catch (error) {
    folder?.discard();
    // Whatever failed after Ctrl-C failed because of it.
    if (interrupt.signal.aborted)
      throw new Interrupted(`interrupted; nothing was written to ${given}`);
    throw nothingWritten(given, error);
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
}

async function writeTables(
  store: string,
  folder: WholeFolder,
  tables: readonly string[],
  format: Format,
  signal: AbortSignal,
): Promise<{ written: string[]; lacking: string[] }> {
  const server = await startEmbeddedClickHouse({ folder: store });
  const client = connectClickHouse(server);
  try {
    const there = await present(client);
    const known = tables.filter((name) => there.has(name));
    const written: string[] = [];
    const write = async (name: string, query: string, as: string) => {
      signal.throwIfAborted();
      await writeQuery(client, query, as, folder.file(name), signal);
      written.push(name);
    };
    for (const table of known) await write(`${table}.${format}`, tableSql(table), FORMATS[format]);
    await write(DICTIONARY, dictionarySql(known), 'CSVWithNames');
    signal.throwIfAborted();
    return { written, lacking: tables.filter((name) => !there.has(name)) };
  } catch (error) {
    throw storeError(store, error);
  } finally {
    await client.close();
    await server.stop();
  }
}

function chosen(list: string | undefined): string[] {
  if (list === undefined) return Object.keys(EXPORTED_TABLES);
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => EXPORTED_TABLES[name] === undefined);
  if (unknown !== undefined)
    throw new BadInput(
      `--tables ${unknown}: expected one or several of ${Object.keys(EXPORTED_TABLES).join(', ')}`,
    );
  return [...new Set(names)];
}

async function present(client: ClickHouseClient): Promise<ReadonlySet<string>> {
  const result = await client.query({ query: 'SHOW TABLES', format: 'JSONEachRow' });
  const rows = await result.json<{ name: string }>();
  return new Set(rows.map(({ name }) => name));
}

async function writeQuery(
  client: ClickHouseClient,
  query: string,
  format: string,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const { stream } = await client.exec({
    query: `${query} FORMAT ${format}`,
    clickhouse_settings: SETTINGS,
    abort_signal: signal,
  });
  await pipeline(stream, createWriteStream(file), { signal });
}
