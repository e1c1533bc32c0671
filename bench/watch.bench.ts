// `npm run -s bench -- watch [--json]`: the watched flow, with the model of docs/studies/anomalies.md, on one thread.
//   features  payments a second whose features are computed as they come
//   score     the same, and their scores, with reasons of those that are alerts
// By processor time: the clock says what else the machine does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WatchModel } from '../services/analysis/watch/watch-model.ts';
import { packageFolder } from '../services/platform/service/build-info.ts';
import { studyFlow } from '../services/watch/anomaly-days.ts';
import { scoredFlow } from '../services/watch/watch-score-rows.ts';
import { flowFeatures } from '../services/watch/watched-run.ts';
import { median, printer } from './measure.ts';

const ROUNDS = 5;
const SET = [
  'traffic.0.paymentsPerDate=60000',
  'traffic.1.paymentsPerDate=4000',
  'customers.perBank=1000',
];
const print = printer('watch');
const model = new WatchModel(
  readFileSync(join(packageFolder, 'docs/studies/anomalies-model.json')),
);
const flow = studyFlow(1, SET);

/** Processor seconds. */
function secondsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const rates: Record<string, number[]> = { features: [], score: [] };
for (let round = 0; round < ROUNDS; round++) {
  const features = secondsOf(() => flowFeatures(flow.payments));
  const scores = secondsOf(() => scoredFlow(flow, model));
  rates.features!.push(flow.payments.length / features);
  rates.score!.push(flow.payments.length / (features + scores));
}
for (const [name, of] of Object.entries(rates))
  print({ case: name, value: median(of), unit: 'payments/s', vs: null, ratio: null });
