/** The cells and the model of docs/studies/anomalies.md, anew; and that plan and tables of a run tell the same flow. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { WatchModel } from '../../services/analysis/watch/watch-model.ts';
import { scoreRow } from '../../services/metrics/watch-score-rows.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { executeRun } from '../../services/run/execute-run.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import {
  drawnAnomalies,
  plannedFlow,
  WATCHED_SCENARIO,
} from '../../services/watch/anomaly-days.ts';
import {
  anomalyCsv,
  anomalyStudy,
  cellsOfCsv,
  cellsOfSeed,
  JUDGED_SEEDS,
  LABELLED_KINDS,
} from '../../services/watch/anomaly-study.ts';
import { scoredFlow } from '../../services/watch/flow-scores.ts';
import { allSilenceCells, silenceCsv } from '../../services/watch/outages-alerted.ts';
import { recordedFlow } from '../../services/watch/watched-run.ts';
import { pythonForTest } from '../support/python.ts';

const packages = readFileSync(join(packageFolder, 'services/watch/requirements.txt'), 'utf8');
const { skip } = pythonForTest(...packages.trim().split('\n'));
const file = (name: string) => readFileSync(join(packageFolder, 'docs/studies', name));
const cells = cellsOfCsv(file('anomalies.csv').toString());
const model = new WatchModel(file('anomalies-model.json'));

test('cells of a seed are what the model gives', () => {
  const [seed] = JUDGED_SEEDS as [number];
  const kept = cells.filter((cell) => cell.seed === seed && cell.withheld === '');
  assert.deepEqual(cellsOfCsv(anomalyCsv(cellsOfSeed(seed, model))), kept);
});

/** Few payments: what a run has, not how good it is. */
const SET = [
  'traffic.0.paymentsPerDate=150',
  'traffic.1.paymentsPerDate=40',
  'customers.perBank=30',
];

test('a run’s tables have the flow that its scenario plans, and scores name the model', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-watch-test-'));
  try {
    const scenario = join(packageFolder, WATCHED_SCENARIO);
    const set = [...SET, ...drawnAnomalies(5)];
    const out = join(folder, 'run');
    await executeRun({
      ...{ file: scenario, out, set, signatures: false, log: 'memory', results: 'tables' },
    });
    const recorded = await recordedFlow(out);
    const readFile = (path: string) => readFileSync(path, 'utf8');
    const planned = plannedFlow(loadScenario(scenario, { readFile, set }));
    assert.ok(planned.payments.length > 500);
    assert.ok(
      new Set(planned.payments.map(({ label }) => label)).size === LABELLED_KINDS.length + 1,
    );
    assert.deepEqual(recorded.payments, planned.payments);
    assert.deepEqual(recorded.features, planned.features);
    const scored = scoredFlow(recorded, model);
    const alerts = scored.filter(({ isAlert }) => isAlert);
    assert.ok(alerts.length > 0 && alerts.length < scored.length / 4, `${alerts.length} alerts`);
    assert.ok(alerts.some(({ payment }) => payment.label !== ''));
    assert.ok(
      alerts.every(({ reasons, score }) => reasons.length > 0 && score >= model.document.alertFrom),
    );
    const row = scoreRow(recorded.run, model, alerts[0]!);
    assert.equal(row.model, model.digest);
    assert.equal(row.reasons[0], alerts[0]!.reasons[0]!.feature);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('cells of silent banks are what npm run study:anomalies writes', () =>
  assert.equal(
    silenceCsv(allSilenceCells(JUDGED_SEEDS)),
    file('anomalies-silences.csv').toString(),
  ));

test('cells and model are what npm run study:anomalies writes', { skip }, () => {
  const anew = anomalyStudy();
  assert.equal(anomalyCsv(anew.cells), file('anomalies.csv').toString());
  assert.equal(anew.model, file('anomalies-model.json').toString());
});
