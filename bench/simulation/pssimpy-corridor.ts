/** Corridor's side of pssimpy.ts: runs the scenario of a folder, and prints what became of its payments and in which time. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunResults } from '../../services/report/figures/run-books.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { directly } from '../../tests/support/run.ts';
import { nowNs } from '../measure.ts';
import type { Outcome } from './pssimpy.ts';

const [folder = ''] = process.argv.slice(2);
const started = nowNs();
const scenario = loadScenario(join(folder, 'day.yaml'), {
  readFile: (path) => readFileSync(path, 'utf8'),
});
const run = directly(scenario, { signatures: false });
const results = new RunResults(scenario, run);
for await (const slice of run.run()) results.take(slice);
const summary = results.summary({ version: 'bench', overrides: [], signatures: false });
const seconds = (nowNs() - started) / 1e9;
const [date] = scenario.businessDates;
const midnight = Date.parse(`${date}T00:00Z`);
const outcome: Outcome = {
  seconds,
  settled: summary.settled,
  value: Number(summary.settledValueMinor.XTS),
  // Rows stand in the order of the file, which is that of the minutes.
  settledAt: [...results.rows()].map(({ status, finalAtMs }) =>
    status === 'settled' ? ((finalAtMs as number) - midnight) / 60_000 : -1,
  ),
};
process.stdout.write(JSON.stringify(outcome));
