/** `corridor export`: what pandas, R and spreadsheets get of a run. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { TABLE_FORMS } from '../../services/export/table-column-types.ts';
import { connectClickHouse } from '../../services/platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../../services/platform/clickhouse/embedded.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { scenarioFile } from '../support/run.ts';
import { type Ended, endWarmCorridor, warmCorridor } from '../support/warm-corridor.ts';

const main = join(packageFolder, 'dist/services/cli/main.js');
async function corridor(...args: string[]): Promise<Ended> {
  const ended = await warmCorridor(...args);
  if (ended.code !== 0) throw Object.assign(new Error(ended.stderr), ended);
  return ended;
}

/** With rows in the tables of labels and of customers' accounts. */
const WATCHED = [
  'customers={ perBank: 50 }',
  'anomalies=[{ name: typo, kind: mistypedAmount, bank: ALFADE00, flow: eur, from: "10:00", until: "11:00", factor: 3 }]',
].flatMap((set) => ['--set', set]);

describe('corridor export', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-export-'));
  const recorded = join(folder, 'smoke');
  let summary: Summary;
  before(async () => {
    await corridor('run', scenarioFile('smoke'), '--out', recorded);
    summary = JSON.parse(readFileSync(join(recorded, 'summary.json'), 'utf8'));
  });
  after(async () => {
    await endWarmCorridor();
    rmSync(folder, { recursive: true, force: true });
  });

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
    for (const format of ['parquet', 'arrow']) {
      const at = ['--out', join(out, format), '--tables', 'payments'];
      await corridor('export', recorded, '--format', format, ...at);
    }
    const server = await startEmbeddedClickHouse({ folder: join(folder, 'reader') });
    const client = connectClickHouse(server);
    try {
      for (const [file, format] of [
        ['parquet/payments.parquet', 'Parquet'],
        ['arrow/payments.arrow', 'Arrow'],
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

  for (const name of ['netting-default', 'linked-gridlock'])
    it(`${name}: a run for its tables has the same columns and rows, without a store`, async () => {
      const [full, tables] = [join(folder, name), join(folder, `${name}-tables`)];
      const set = name === 'netting-default' ? WATCHED : [];
      if (!existsSync(full)) await corridor('run', scenarioFile(name), '--out', full, ...set);
      await corridor('run', scenarioFile(name), '--results', 'tables', '--out', tables, ...set);
      const exported = join(folder, `${name}-rows`);
      await corridor('export', full, '--out', exported);
      const server = await startEmbeddedClickHouse({ folder: join(folder, `${name}-reader`) });
      const client = connectClickHouse(server);
      const ask = async (query: string) =>
        (await client.query({ query, format: 'JSONCompactEachRow' })).json();
      try {
        let all = 0;
        for (const table of Object.keys(TABLE_FORMS)) {
          const [own, other] = [join(tables, 'tables'), exported].map(
            (at) => `file('${join(at, `${table}.parquet`)}', Parquet)`,
          );
          assert.deepEqual(await ask(`DESCRIBE ${own}`), await ask(`DESCRIBE ${other}`), table);
          const [[count], [expected]] = (await ask(
            `SELECT count() FROM ${own} UNION ALL SELECT count() FROM ${other}`,
          )) as [[string], [string]];
          assert.equal(count, expected, table);
          all += Number(count);
          for (const [a, b] of [
            [own, other],
            [other, own],
          ])
            assert.deepEqual(await ask(`SELECT * FROM ${a} EXCEPT SELECT * FROM ${b}`), [], table);
        }
        assert.ok(all > 1_000, `${all} rows`);
        if (set.length === 0) return;
        const labels = rows(join(full, 'labels.csv'));
        assert.deepEqual(
          labels.map(({ injection, kind, participant }) => [injection, kind, participant]),
          [['typo', 'mistypedAmount', 'ALFADE00']],
        );
        const { stdout } = await corridor('explain', full, labels[0]?.uetr as string);
        assert.match(
          stdout,
          /^The scenario injected it: typo, mistypedAmount of ALFADE00, 2026-03-16T\S+ to \S+\.$/m,
        );
        assert.match(
          readFileSync(join(full, 'report.html'), 'utf8'),
          /: typo \(mistypedAmount\)\./,
        );
      } finally {
        await client.close();
        await server.stop();
      }
    });

  it('says what it expected where it is given something else, and writes nothing', async () => {
    const out = join(folder, 'none');
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const bare = join(folder, 'bare');
    mkdirSync(join(bare, 'clickhouse'), { recursive: true });
    for (const [args, message] of [
      [
        [join(folder, 'nothing')],
        /nothing: it has no clickhouse folder; expected the folder of a finished run/,
      ],
      [[bare], /bare: it has no clickhouse folder; expected the folder of a finished run/],
      [[recorded, '--tables', 'payment'], /--tables payment: expected one or several of runs/],
      [[recorded, '--format', 'xlsx'], /Allowed choices are parquet, csv, arrow/],
      [[recorded, '--out', file], /--out .*file: expected a folder, .*file is a file/],
      [[recorded, '--out', join(file, 'below')], /--out .*below: expected a folder that can be/],
      [[recorded, '--out', '/proc/export'], /--out \/proc\/export: expected a folder that can be/],
      [[recorded, '--out', recorded], /--out .*smoke: expected an empty folder.* holds [a-z.]+\n$/],
      [
        [recorded, '--out', '-'],
        /--out -: expected the name of a folder: exports are several files each/,
      ],
      [[recorded, '--out', ''], /--out : expected the name of a folder, found nothing/],
    ] as const)
      await assert.rejects(
        corridor('export', '--out', out, ...args),
        (error: Error & { code: number; stderr: string }) => {
          assert.match(error.stderr, message);
          assert.equal(error.code, 2, error.stderr);
          assert.equal(error.stderr.trimEnd().split('\n').length, 1, 'one line');
          return true;
        },
      );
    assert.equal(existsSync(out), false);
    assert.deepEqual(readdirSync(join(bare, 'clickhouse')), [], 'no store was made');
    assert.equal(readdirSync(recorded).includes('dictionary.csv'), false);
  });

  it('takes the place of an earlier export, tables and formats that it does not write too', async () => {
    const out = join(folder, 'again');
    await corridor('export', recorded, '--tables', 'payments,balances', '--out', out);
    const args = ['--format', 'csv', '--tables', 'payments', '--out', out];
    await corridor('export', recorded, ...args);
    assert.deepEqual(readdirSync(out).sort(), ['dictionary.csv', 'payments.csv']);
  });

  it('leaves nothing of what Ctrl-C ends, and an earlier export as it was', async () => {
    const out = join(folder, 'interrupted');
    await corridor('export', recorded, '--tables', 'runs', '--out', out);
    const earlier = readdirSync(out);
    const child = spawn(process.execPath, [main, 'export', recorded, '--out', out]);
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => {
      stderr += text;
    });
    while (!existsSync(`${out}.partial`)) await setTimeout(5);
    child.kill('SIGINT');
    assert.equal(await ended, 130);
    assert.match(stderr, /^corridor: interrupted; nothing was written to .*interrupted\n$/);
    assert.deepEqual(readdirSync(out), earlier);
    assert.equal(existsSync(`${out}.partial`), false);
  });

  it('names types as Arrow does', async () => {
    const out = join(folder, 'typed');
    await corridor('export', recorded, '--format', 'csv', '--out', out);
    const dictionary = rows(join(out, 'dictionary.csv'));
    const known = new Set(dictionary.map(({ type }) => type));
    for (const type of known)
      assert.match(
        type as string,
        /^(?:string|list<string>|u?int(?:8|32|64)|double|date32\[day\]|decimal128\(38, 0\)|timestamp\[ms, tz=UTC\])$/,
      );
    const of = (table: string, column: string) =>
      dictionary.find((row) => row.table === table && row.column === column)?.type;
    assert.equal(of('payments', 'amount_minor'), 'int64');
    assert.equal(of('payments', 'time'), 'timestamp[ms, tz=UTC]');
    assert.equal(of('participants', 'bic'), 'string');
    assert.equal(of('queue_samples', 'value_max_minor'), 'decimal128(38, 0)');
  });
});
