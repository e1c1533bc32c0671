/** `corridor export`: what pandas, R and spreadsheets get of a run. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { connectClickHouse } from '../platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../platform/clickhouse/embedded.ts';
import type { Summary } from '../simulator/results/summary.ts';
import { packageFolder } from './build-info.ts';
import { scenarioFile } from './test-run.ts';

const run = promisify(execFile);
const corridor = (...args: string[]) =>
  run(process.execPath, [join(packageFolder, 'dist/services/cli/main.js'), ...args]);

describe('corridor export', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-export-'));
  const recorded = join(folder, 'smoke');
  let summary: Summary;
  before(async () => {
    await corridor('run', scenarioFile('smoke'), '--out', recorded);
    summary = JSON.parse(readFileSync(join(recorded, 'summary.json'), 'utf8'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const rows = (file: string) =>
    parse(readFileSync(file), { columns: true }) as Record<string, string>[];

  it('writes every table as CSV, and a dictionary that explains every column', async () => {
    await corridor('export', recorded, '--format', 'csv');
    const out = `${recorded}-export`;
    const payments = rows(join(out, 'payments_current.csv'));
    assert.equal(payments.length, summary.submitted);
    const eur = payments
      .filter(({ status, currency }) => status === 'ACSC' && currency === 'EUR')
      .reduce((sum, { amount_minor }) => sum + BigInt(amount_minor as string), 0n);
    assert.equal(eur.toString(), summary.settledValueMinor.EUR);
    const dictionary = rows(join(out, 'dictionary.csv'));
    const files = readdirSync(out).filter((name) => name !== 'dictionary.csv');
    for (const file of files) {
      const [header] = parse(readFileSync(join(out, file)), { to: 1 }) as string[][];
      const explained = dictionary.filter(({ table }) => `${table}.csv` === file);
      assert.deepEqual(
        explained.map(({ column }) => column),
        header,
        file,
      );
      for (const { column, meaning } of explained) assert.ok(meaning, `${file}: ${column}`);
    }
  });

  it('writes Parquet and Arrow that another reader opens, with the same sums', async () => {
    const out = join(folder, 'columns');
    for (const format of ['parquet', 'arrow'])
      await corridor('export', recorded, '--format', format, '--out', out, '--tables', 'payments');
    const server = await startEmbeddedClickHouse({ folder: join(folder, 'reader') });
    const client = connectClickHouse(server);
    try {
      for (const [file, format] of [
        ['payments.parquet', 'Parquet'],
        ['payments.arrow', 'Arrow'],
      ]) {
        const result = await client.query({
          query: `SELECT toString(sum(amount_minor)) AS minor FROM file('${join(out, file as string)}', ${format})
            WHERE status = 'ACSC' AND currency = 'SGD'`,
          format: 'JSONEachRow',
        });
        assert.deepEqual(await result.json(), [{ minor: summary.settledValueMinor.SGD }], file);
      }
    } finally {
      await client.close();
      await server.stop();
    }
  });

  it('says what it expected where it is given something else, and writes nothing', async () => {
    const out = join(folder, 'none');
    for (const [args, message] of [
      [
        [join(folder, 'nothing')],
        /nothing: it has no clickhouse folder; expected the folder of a run/,
      ],
      [[recorded, '--tables', 'payment'], /--tables payment: expected one or several of runs/],
      [[recorded, '--format', 'xlsx'], /Allowed choices are parquet, csv, arrow/],
    ] as const)
      await assert.rejects(
        corridor('export', ...args, '--out', out),
        (error: Error & { code: number; stderr: string }) => {
          assert.equal(error.code, 2);
          assert.match(error.stderr, message);
          return true;
        },
      );
    assert.equal(existsSync(out), false);
  });
});
