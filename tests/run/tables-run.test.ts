import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { GROUP_ROWS, ParquetTable } from '../../services/export/parquet-table.ts';
import { TABLE_FORMS } from '../../services/export/table-forms.ts';
import { runInputs } from '../../services/replay/inputs.ts';
import { storeOf } from '../../services/replay/named-store.ts';
import { executeRun } from '../../services/run/execute-run.ts';
import { load, runDirectly, scenarioFile } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-tables-'));
after(() => rmSync(folder, { recursive: true }));

const run = (name: string, options: Partial<Parameters<typeof executeRun>[0]> = {}) =>
  executeRun({
    ...{ file: scenarioFile(name), out: join(folder, name), set: [], signatures: true },
    ...{ log: 'memory', results: 'tables' },
    ...options,
  });
const read = async (file: string) =>
  parquetReadObjects({ file: await asyncBufferFromFile(file), utf8: true });

test('the last change of each payment is what the payment came to', async () => {
  const { summary } = await run('limits-hybrid');
  assert.deepEqual(readdirSync(join(folder, 'limits-hybrid')).sort(), [
    'scenario.json',
    'summary.json',
    'tables',
  ]);
  const tables = readdirSync(join(folder, 'limits-hybrid/tables'));
  assert.deepEqual(
    tables.sort(),
    Object.keys(TABLE_FORMS)
      .map((name) => `${name}.parquet`)
      .sort(),
  );
  const changes = await read(join(folder, 'limits-hybrid/tables/payments.parquet'));
  const last = new Map(changes.map((change) => [change.payment_position, change]));
  const { rows } = await runDirectly(load('limits-hybrid'));
  assert.equal(last.size, rows.length);
  const codes = {
    queued: 'PDNG',
    accepted: 'ACSP',
    settled: 'ACSC',
    rejected: 'RJCT',
    cancelled: 'CANC',
  };
  for (const row of rows) {
    const change = last.get(BigInt(row.position));
    assert.ok(change, `position ${row.position}`);
    assert.deepEqual(
      {
        ...{ uetr: change.uetr, status: change.status, debtor: change.debtor_agent },
        ...{ creditor: change.creditor_agent, currency: change.currency },
        ...{ minor: change.amount_minor, submitted: change.submitted_at.getTime() },
        mechanism: change.mechanism,
      },
      {
        ...{ uetr: row.uetr, status: codes[row.status], debtor: row.debtorAgent },
        ...{ creditor: row.creditorAgent, currency: row.currency },
        ...{ minor: row.amountMinor, submitted: row.submittedAtMs },
        mechanism: row.mechanism === 'none' ? '' : row.mechanism,
      },
    );
  }
  const [told] = await read(join(folder, 'limits-hybrid/tables/runs.parquet'));
  assert.equal(told?.events_hash, summary.eventsHash);
});

test('over messages and by the direct door the rows are the same', async () => {
  await run('smoke', { out: join(folder, 'direct') });
  await run('smoke', { out: join(folder, 'messages'), messages: true });
  for (const table of readdirSync(join(folder, 'direct/tables')))
    assert.deepEqual(
      readFileSync(join(folder, 'messages/tables', table)),
      readFileSync(join(folder, 'direct/tables', table)),
      table,
    );
});

test('a run can be run again from its folder alone, with the payments that it lists', async () => {
  const { summary } = await run('pssimpy-ring', { seed: 5 });
  const file = join(folder, 'pssimpy-ring/scenario.json');
  const again = await run('again', { file, results: 'summary' });
  assert.equal(again.summary.eventsHash, summary.eventsHash);
  assert.ok(summary.submitted > 0);
});

test('what needs the input of a run, or its store, says how to have them', async () => {
  await run('smoke', { out: join(folder, 'asked') });
  for (const needs of [
    () => runInputs(join(folder, 'asked')),
    () => storeOf(join(folder, 'asked')),
  ])
    assert.throws(needs, /asked.*corridor run .*asked\/scenario.json --results full/);
});

test('a table of several groups has all rows, in their order', async () => {
  const file = join(folder, 'groups.parquet');
  const table = new ParquetTable(file, { number: 'u64', name: 'name', at: 'time', wide: 'wide' });
  const count = 2 * GROUP_ROWS + 7;
  for (let number = 0; number < count; number++)
    table.add({
      ...{ number: String(number), name: `n${number % 5}` },
      ...{ at: '2026-03-16 07:00:00.123', wide: String(2n ** 64n + BigInt(number)) },
    });
  table.end();
  const rows = await read(file);
  assert.equal(rows.length, count);
  assert.deepEqual(rows.at(-1), {
    ...{ number: BigInt(count - 1), name: `n${(count - 1) % 5}` },
    ...{ at: new Date('2026-03-16T07:00:00.123Z'), wide: Number(2n ** 64n + BigInt(count - 1)) },
  });
  assert.ok(rows.every(({ number }, index) => number === BigInt(index)));
});
