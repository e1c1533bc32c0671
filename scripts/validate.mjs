// `npm run validate`: what is known of payment systems against what Corridor computes, side by side.
//   node scripts/validate.mjs [--write | --check]   writes docs/validation.md, or says whether it is what is printed
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, root } from './build.mjs';

const [option, ...more] = process.argv.slice(2);
if (more.length > 0 || ![undefined, '--write', '--check'].includes(option)) {
  process.stderr.write('usage: npm run validate [-- --write | --check]\n');
  process.exit(2);
}
await build();
const { WHOLE } = await import('../dist/services/validation/claim-and-finding.js');
const { validate } = await import('../dist/services/validation/validate.js');
const { countsText, markText, terminalTable, validationPage } = await import(
  '../dist/services/validation/validation-page.js'
);
const groups = await validate(WHOLE, (row) => {
  if (process.stderr.isTTY) process.stderr.write(`${markText(row)}  ${row.claim}\n`);
});
process.stdout.write(
  `${terminalTable(groups, process.stdout.columns ?? 160)}\n${countsText(groups)}\n`,
);
if (groups.some(({ rows }) => rows.some(({ holds }) => !holds))) process.exitCode = 1;
const file = join(root, 'docs/validation.md');
const page = validationPage(groups);
if (option === '--write') writeFileSync(file, page);
if (option === '--check' && readFileSync(file, 'utf8') !== page) {
  process.stderr.write('docs/validation.md is stale: run npm run validate -- --write\n');
  process.exitCode = 1;
}
