import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import v8 from 'node:v8';
import pino from 'pino';
import { createServiceProcess } from './service-process.ts';

test('a service lets old objects grow, by a flag that this V8 has', async (t) => {
  const flags: string[] = [];
  t.mock.method(v8, 'setFlagsFromString', (flag: string) => flags.push(flag));
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const log = {} as Parameters<typeof createServiceProcess>[0]['log'];
  await createServiceProcess({ log, logger: pino({ level: 'silent' }), stallMs: 1_000 }).close();
  const [flag = '', ...others] = flags;
  assert.deepEqual(others, []);
  const [name = '', percent] = flag.split('=');
  assert.ok(Number(percent) >= 100, flag);
  // V8 says nothing of a flag that it does not know.
  const { stdout } = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  assert.ok(stdout.includes(`${name} (`), `${name} is no flag of V8`);
});
