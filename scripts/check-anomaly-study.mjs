// Of `npm run check`: some seeds of docs/studies/anomalies.md, ranked anew by rules, baseline and the kept model, give the
// precision and recall that are published. All of it anew, with models that are trained: `npm run study:anomalies -- --check`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, root } from './build.mjs';

await build();
const { seedsThatDiffer } = await import('../dist/services/watch/anomaly-study.js');
const file = (name) => readFileSync(join(root, 'docs/studies', name));
const seeds = seedsThatDiffer(file('anomalies.csv').toString(), file('anomalies-model.json'));
if (seeds.length > 0) {
  process.stderr.write(
    `docs/studies/anomalies.csv: seeds ${seeds.join(', ')} give other rows: run npm run study:anomalies\n`,
  );
  process.exitCode = 1;
}
