/**
 * Brings a database to the schema of a folder of SQL files, `001_name.sql`, `002_...` (those of the analysis store:
 * infra/clickhouse/): each is applied once, in order. Statements end with a semicolon at the end of a line.
 *
 * ClickHouse has no transactions over DDL: a file that failed halfway is applied again from its
 * start, so its statements say IF NOT EXISTS.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';

const FILE_NAME = /^\d{3}_[a-z0-9_]+\.sql$/;

const TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (
    file String,
    sha256 String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
  ) ENGINE = MergeTree ORDER BY file`;

function statementsOf(sql: string): string[] {
  return sql
    .replace(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

interface SchemaFile {
  readonly file: string;
  readonly sha256: string;
  readonly statements: readonly string[];
}

/** In their order. */
const schemaFiles = (folder: string): SchemaFile[] =>
  readdirSync(folder)
    .filter((name) => FILE_NAME.test(name))
    .sort()
    .map((file) => {
      const sql = readFileSync(join(folder, file), 'utf8');
      const sha256 = createHash('sha256').update(sql).digest('hex');
      return { file, sha256, statements: statementsOf(sql) };
    });

export interface WholeSchema {
  /** What makes the tables in an empty database. */
  readonly tables: string;
  /** What says that they are there. */
  readonly record: string;
}

/** What `migrate` does to an empty database, for an engine that takes many statements at once. */
export function wholeSchema(folder: string): WholeSchema {
  const files = schemaFiles(folder);
  const rows = files.map(({ file, sha256 }) => `('${file}', '${sha256}')`);
  return {
    tables: [TABLE, ...files.flatMap(({ statements }) => statements)].join(';\n'),
    record: `INSERT INTO schema_migrations (file, sha256) VALUES ${rows.join(', ')}`,
  };
}

async function applied(client: ClickHouseClient): Promise<Map<string, string>> {
  const result = await client.query({
    query: 'SELECT file, sha256 FROM schema_migrations',
    format: 'JSONEachRow',
  });
  const rows = await result.json<{ file: string; sha256: string }>();
  return new Map(rows.map(({ file, sha256 }) => [file, sha256]));
}

/** The database is of another version of the schema. */
export class SchemaFault extends Error {
  override readonly name = 'SchemaFault';
  readonly kind = 'schemaDiffers';
}

/**
 * @returns the files that were applied now
 * @throws SchemaFault where the database got a file in another form, or one that is not here
 */
export async function migrate(client: ClickHouseClient, folder: string): Promise<string[]> {
  await client.command({ query: TABLE });
  const done = await applied(client);
  const files = schemaFiles(folder);
  const newer = [...done.keys()].find((file) => !files.some((known) => known.file === file));
  if (newer !== undefined)
    throw new SchemaFault(
      `this database has ${newer}, which this version does not know: use the version that made ` +
        'it, or start with an empty database',
    );
  const now: string[] = [];
  for (const { file, sha256, statements } of files) {
    const before = done.get(file);
    if (before === sha256) continue;
    if (before !== undefined)
      throw new SchemaFault(
        `${file} was changed after this database got it: put changes into a new file, or start ` +
          'with an empty database',
      );
    for (const query of statements) await client.command({ query });
    await client.insert({
      table: 'schema_migrations',
      values: [{ file, sha256 }],
      format: 'JSONEachRow',
    });
    now.push(file);
  }
  return now;
}
