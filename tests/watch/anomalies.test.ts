/** docs/studies/anomalies.md: its tables follow from the cells beside it. Cells and model anew: the long file. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { WatchModel } from '../../services/analysis/watch/watch-model.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { anomalyPage } from '../../services/watch/anomaly-page.ts';
import {
  anomalyCsv,
  cellsOfCsv,
  JUDGED_SEEDS,
  LABELLED_KINDS,
  TRAINING_SEEDS,
} from '../../services/watch/anomaly-study.ts';
import {
  HISTORIES,
  SILENCE_RULES,
  type SilenceCell,
  type SilenceRule,
  silenceCells,
  silenceCsv,
} from '../../services/watch/outages-alerted.ts';

const silenceCellsOfCsv = (text: string): SilenceCell[] =>
  (parse(text, { columns: true }) as Record<string, string>[]).map((row) => ({
    ...{ seed: Number(row.seed), history: Number(row.history), rule: row.rule as SilenceRule },
    ...{ bank: row.bank!, minutes: Number(row.minutes), others: Number(row.others) },
    toldAfter: row.toldAfter === '' ? null : Number(row.toldAfter),
  }));

const file = (name: string) => readFileSync(join(packageFolder, 'docs/studies', name));
const cells = cellsOfCsv(file('anomalies.csv').toString());
const silences = silenceCellsOfCsv(file('anomalies-silences.csv').toString());
const model = new WatchModel(file('anomalies-model.json'));

test('the page has the tables that the cells give, of 20 seeds that no model was trained on', () => {
  const page = file('anomalies.md').toString();
  assert.equal(anomalyPage(page, cells, silences), page);
  assert.equal(silenceCsv(silences), file('anomalies-silences.csv').toString());
  assert.equal(silences.length, 20 * SILENCE_RULES.length * Object.keys(HISTORIES).length);
  assert.equal(anomalyCsv(cells), file('anomalies.csv').toString());
  assert.deepEqual([...new Set(cells.map(({ seed }) => seed))], JUDGED_SEEDS);
  assert.ok(JUDGED_SEEDS.length >= 20);
  assert.ok(JUDGED_SEEDS.every((seed) => !TRAINING_SEEDS.includes(seed)));
  assert.deepEqual([...new Set(cells.map(({ withheld }) => withheld))], ['', ...LABELLED_KINDS]);
});

test('whether a seed’s silent bank is told is what the live view’s rules say', () => {
  const [seed] = JUDGED_SEEDS as [number];
  const cells = silences.filter((cell) => cell.seed === seed && cell.history === 4);
  assert.deepEqual(silenceCells(seed, 4), cells);
  assert.ok(cells.every(({ toldAfter }) => toldAfter !== null));
});

test('the page names the digest of the model beside it', () => {
  assert.ok(file('anomalies.md').includes(model.digest));
});

test('on 20 seeds the model finds more than a rule on amounts or velocity at each budget, seed by seed', () => {
  const of = (method: string, budget: number) =>
    cells.filter(
      (cell) => cell.method === method && cell.budget === budget && cell.withheld === '',
    );
  for (const budget of [0.001, 0.005, 0.01])
    for (const rule of ['amount', 'amountToPayer', 'velocity']) {
      const [ours, theirs] = [of('together', budget), of(rule, budget)];
      const wins = ours.filter(({ precision }, at) => precision > theirs[at]!.precision).length;
      assert.ok(wins >= 18, `${rule} at ${budget}: better on ${wins} of 20 seeds`);
    }
});
