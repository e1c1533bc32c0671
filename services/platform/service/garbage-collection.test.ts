import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { type TestContext, test } from 'node:test';
import v8 from 'node:v8';
import pino from 'pino';
import { createServiceProcess } from './service-process.ts';

/** The flags that a service's process sets. */
async function flagsOf(t: TestContext): Promise<string[]> {
  const flags: string[] = [];
  t.mock.method(v8, 'setFlagsFromString', (flag: string) => flags.push(flag));
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const log = {} as Parameters<typeof createServiceProcess>[0]['log'];
  const logger = pino({ level: 'silent' });
  const service = createServiceProcess({ log, logger, stallMs: 1_000 });
  await service.close();
  // V8 says nothing of a flag that it does not know.
  const { stdout } = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  for (const name of flags.map((flag) => flag.split('=')[0]))
    assert.ok(stdout.includes(`${name} (`), `${name} is no flag of V8`);
  return flags;
}

test('a service lets old objects grow, by a flag that this V8 has', async (t) => {
  const [flag = '', ...others] = await flagsOf(t);
  assert.deepEqual(others, []);
  assert.match(flag, /^--heap-growing-percent=[1-9]\d{2}$/);
});
