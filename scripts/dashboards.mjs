// `npm run dashboards`: writes infra/grafana's dashboards and alert rules from their TypeScript source.
//   node scripts/dashboards.mjs [--check]   with --check: says which committed files are stale
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, root } from './build.mjs';

await build();
const { files } = await import(join(root, 'dist/infra/grafana/source/dashboard-files.js'));
const isCheck = process.argv.includes('--check');
const stale = [];
for (const [path, text] of files()) {
  const file = join(root, 'infra/grafana', path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  stale.push(path);
  if (isCheck) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
if (isCheck && stale.length > 0) {
  process.stderr.write(`stale, run npm run dashboards: infra/grafana/${stale.join(', ')}\n`);
  process.exitCode = 1;
} else process.stderr.write(`${isCheck ? 'fresh' : `${stale.length} files written`}\n`);
