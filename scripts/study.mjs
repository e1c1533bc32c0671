// `npm run study:conditional`: runs scenarios/studies/conditional.yaml and writes what it found into docs/studies.
//   node scripts/study.mjs [--check]   with --check: says whether page and table are what came out
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build, root } from './build.mjs';

await build();
const { conditionalStudy } = await import('../dist/services/study/conditional-study.js');
const { table, page } = await conditionalStudy(root, availableParallelism());
const isCheck = process.argv.includes('--check');
for (const [name, text] of [
  ['docs/studies/conditional.csv', table],
  ['docs/studies/conditional.md', page],
]) {
  const file = join(root, name);
  if (!isCheck) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${name} is stale: run npm run study:conditional\n`);
    process.exitCode = 1;
  }
}
