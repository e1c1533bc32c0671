#!/usr/bin/env -S node --max-semi-space-size=64
// The `corridor` command: builds what is stale in a checkout, then hands over to services/cli.
import { build } from './build.mjs';

try {
  await build();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
await import('../dist/services/cli/main.js');
