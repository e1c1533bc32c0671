/** What the watch reads of a run's tables, and what it makes of it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { WATCHED_TYPES } from '../../services/analysis/watch/feature-sql.ts';
import { FEATURES } from '../../services/analysis/watch/watched-features.ts';
import { executeRun } from '../../services/run/execute-run.ts';
import { flowFeatures, recordedFlow } from '../../services/watch/watched-run.ts';
import { load, runDirectly, scenarioFile } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-recorded-flow-'));
after(() => rmSync(folder, { recursive: true }));

test('a run’s payments are those that were submitted, in their order, with features of each', async () => {
  const out = join(folder, 'smoke');
  await executeRun({
    ...{ file: scenarioFile('smoke'), out, set: [], signatures: true },
    ...{ log: 'memory', results: 'tables' },
  });
  const flow = await recordedFlow(out);
  const { rows, summary } = await runDirectly(load('smoke'));
  const watched = new Set<string>(WATCHED_TYPES);
  const expected = rows
    .filter(({ priority, messageType }) => priority !== '' && watched.has(messageType))
    .map((row) => ({
      ...{ pool: row.pool, uetr: row.uetr, timeMs: row.submittedAtMs },
      ...{ debtorAgent: row.debtorAgent, creditorAgent: row.creditorAgent },
      ...{ debtorAccount: '', creditorAccount: '', currency: row.currency },
      ...{ amountMinor: row.amountMinor, label: '' },
    }));
  assert.ok(expected.length > 300);
  assert.deepEqual(flow.payments, expected);
  assert.equal(flow.eventsHash, summary.eventsHash);
  assert.equal(flow.features.length, expected.length * FEATURES.length);
  assert.deepEqual(flow.features, flowFeatures(expected));
});

test('a folder without tables and a damaged table are refused with words', async () => {
  await assert.rejects(recordedFlow(folder), {
    message:
      /it has no tables\/payments\.parquet; expected the folder of a run with --results tables/,
  });
  mkdirSync(join(folder, 'damaged/tables'), { recursive: true });
  writeFileSync(join(folder, 'damaged/tables/payments.parquet'), 'PAR1 and no more PAR1');
  await assert.rejects(recordedFlow(join(folder, 'damaged')), { message: /payments\.parquet/ });
});
