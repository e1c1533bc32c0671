// `npm run -s bench -- NAME [--json]`: runs bench/NAME.bench.ts after building what is stale.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, root } from './build.mjs';

const name = process.argv[2];
const known = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''));
if (!name || !known.includes(name)) {
  process.stderr.write(
    `usage: npm run -s bench -- NAME [--json], NAME one of ${known.join(', ')}\n`,
  );
  process.exit(2);
}
await build();
const compiled = join(root, 'dist/bench', `${name}.bench.js`);
if (!existsSync(compiled)) throw new Error(`${compiled} was not built`);
await import(compiled);
