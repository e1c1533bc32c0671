// `npm run study:anomalies`, `study:conditional`, `study:forecast`: runs a study of docs/studies and writes what it found there.
//   node scripts/study.mjs NAME [--check]   with --check: says whether page and table are what came out
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build, root } from './build.mjs';

await build();
const STUDIES = {
  anomalies: async () => {
    const { anomalyCsv, anomalyStudy, JUDGED_SEEDS } = await import(
      '../dist/services/watch/anomaly-study.js'
    );
    const { anomalyPage } = await import('../dist/services/watch/anomaly-page.js');
    const { allSilenceCells, silenceCsv } = await import(
      '../dist/services/watch/outages-alerted.js'
    );
    const { cells, model } = anomalyStudy();
    const silences = allSilenceCells(JUDGED_SEEDS);
    const page = readFileSync(join(root, 'docs/studies/anomalies.md'), 'utf8');
    return {
      ...{ table: anomalyCsv(cells), page: anomalyPage(page, cells, silences) },
      more: { 'anomalies-model.json': model, 'anomalies-silences.csv': silenceCsv(silences) },
    };
  },
  conditional: async () => {
    const { conditionalStudy } = await import('../dist/services/study/conditional-study.js');
    return conditionalStudy(root, availableParallelism());
  },
  forecast: async () => {
    const { forecastStudy } = await import('../dist/services/study/forecast-study.js');
    return forecastStudy(root);
  },
};
const [name] = process.argv.slice(2);
const study = STUDIES[name];
if (!study) {
  const expected = Object.keys(STUDIES).join(' or ');
  process.stderr.write(`study ${name ?? ''}: expected ${expected}\n`);
  process.exit(2);
}
const { table, page, more = {} } = await study();
const isCheck = process.argv.includes('--check');
for (const [path, text] of [
  [`docs/studies/${name}.csv`, table],
  [`docs/studies/${name}.md`, page],
  ...Object.entries(more).map(([file, text]) => [`docs/studies/${file}`, text]),
]) {
  const file = join(root, path);
  if (!isCheck) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${path} is stale: run npm run study:${name}\n`);
    process.exitCode = 1;
  }
}
