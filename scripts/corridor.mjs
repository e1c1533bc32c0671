#!/usr/bin/env -S node --v8-pool-size=0 --max-semi-space-size=64
// The `corridor` command: builds what is stale in a checkout (build.mjs decides), then hands over to services/cli.
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { build } from './build.mjs';

refuseTooOldNode();

/** A run lives for seconds: what pays in a longer life is not done for it (docs/decisions.md). Its threads have them too. */
const RUN_FLAGS = [
  '--max-inlined-bytecode-size-cumulative=200',
  '--initial-old-space-size=300',
  '--no-minor-gc-task',
  // Of Node 20: later releases do not know it.
  ...(process.versions.v8.startsWith('11.') ? ['--max-bytecode-size-for-early-opt=0'] : []),
];
if (['run', 'replay', 'observe'].includes(process.argv[2]))
  for (const flag of RUN_FLAGS) setFlagsFromString(flag);

try {
  await build();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
// From Node 22.1 on. Beside what it is compiled from: the next build takes both away.
const COMPILED = new URL('../dist/programs/compiled', import.meta.url);
module.enableCompileCache?.(fileURLToPath(COMPILED));
try {
  await import('../dist/services/cli/main.js');
} catch (error) {
  // Its modules are more files than a process may open here.
  if (!isOutOfFiles(error)) throw error;
  process.stderr.write(
    'corridor: too few files may be open at once (EMFILE): raise the limit, as by `ulimit -n 1024`\n',
  );
  process.exit(2);
}

/** The lowest version is the one that package.json names for npm, which warns and installs all the same. */
function refuseTooOldNode() {
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const lowest = engines.node.replace('>=', '');
  const { node } = process.versions;
  // A comparison of texts by their numbers would have all languages' rules loaded first.
  const [least, own] = [lowest, node].map((version) => version.split('.').map(Number));
  const at = least.findIndex((number, place) => number !== own[place]);
  if (at < 0 || own[at] > least[at]) return;
  process.stderr.write(`corridor: Node ${node} is too old: expected ${lowest} or newer\n`);
  process.exit(2);
}

/** Node also says that it finds no package, which is there, where it could not open the package's files. */
function isOutOfFiles({ code, message }) {
  const [, folder] = /'([^']*node_modules\/(?:@[^/']+\/)?[^/']+)/.exec(message) ?? [];
  const isThere = code === 'ERR_MODULE_NOT_FOUND' && folder !== undefined && existsSync(folder);
  return isThere || code === 'EMFILE' || code === 'ENFILE';
}
