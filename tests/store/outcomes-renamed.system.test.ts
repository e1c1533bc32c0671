import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { migrate } from '../../services/platform/clickhouse/migrate.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { olderSchema, SCHEMA } from '../support/older-schema.ts';

const RENAMING = '022_outcomes.sql';
const folder = mkdtempSync(join(tmpdir(), 'corridor-outcomes-'));
let database: OwnDatabase;
before(async () => {
  database = await ownDatabase({ migrated: false });
});
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As they stood, and as they are called now. */
const ROWS = [
  ['gridlockResolution', 'empty', 0, 'nothingQueued'],
  ['gridlockResolution', 'gridlock', 3, 'resolved'],
  ['gridlockResolution', 'deadlock', 0, 'deadlock'],
  ['allOrNothing', 'unresolved', 0, 'gridlock'],
  ['multiple', 'undecided', 0, 'undecided'],
  ['deferredNet', 'empty', 0, 'nothingAccepted'],
  ['deferredNet', 'netted', 5, 'netted'],
  ['deferredNet', 'unwound', 0, 'unwound'],
] as const;

test('outcomes of cycles that a store has are renamed, once', async () => {
  const { client } = database;
  await migrate(client, olderSchema(folder, RENAMING));
  const rows = ROWS.map(([mechanism, outcome, settled], at) => ({
    ...{ run: 'a', pool: 'main', event_number: at + 1, cycle: at + 1, currency: 'EUR' },
    ...{ time: '2026-03-16 08:00:00.000', mechanism, outcome, settled, left_queued: 1 },
  }));
  await insertRows(client, 'cycles', rows, 'cycles');
  const outcomes = async () => {
    const query = 'SELECT outcome FROM cycles ORDER BY event_number';
    const result = await client.query({ query, format: 'JSONEachRow' });
    return (await result.json<{ outcome: string }>()).map(({ outcome }) => outcome);
  };
  await migrate(client, SCHEMA);
  const renamed = ROWS.map(([, , , now]) => now);
  assert.deepEqual(await outcomes(), renamed);
  // As where a start ended between the renaming and the note of it.
  for (const statement of readFileSync(join(SCHEMA, RENAMING), 'utf8').split(';\n'))
    if (statement.trim() !== '') await client.command({ query: statement });
  assert.deepEqual(await outcomes(), renamed);
});
