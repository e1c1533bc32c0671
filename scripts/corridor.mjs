#!/usr/bin/env -S node --max-semi-space-size=64
// The `corridor` command: builds what is stale in a checkout, then hands over to services/cli.
import { build } from './build.mjs';

try {
  await build();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
try {
  await import('../dist/services/cli/main.js');
} catch (error) {
  // Its modules are more files than a process may open here.
  if (error.code !== 'EMFILE' && error.code !== 'ENFILE') throw error;
  process.stderr.write(
    `corridor: too few files may be open at once (${error.code}): raise the limit, as by \`ulimit -n 1024\`\n`,
  );
  process.exit(2);
}
