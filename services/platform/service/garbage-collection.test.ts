import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { performance } from 'node:perf_hooks';
import { type TestContext, test } from 'node:test';
import v8 from 'node:v8';
import pino from 'pino';
import { createServiceProcess } from './service-process.ts';

/** The flags that a service's process sets, while `during` goes on in it. */
async function flagsOf(t: TestContext, during: () => void): Promise<string[]> {
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
  during();
  await service.close();
  // V8 says nothing of a flag that it does not know.
  const { stdout } = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  for (const name of flags.map((flag) => flag.split('=')[0]))
    assert.ok(stdout.includes(`${name} (`), `${name} is no flag of V8`);
  return flags;
}

test('a service lets old objects grow, by a flag that this V8 has', async (t) => {
  const [flag = '', ...others] = await flagsOf(t, () => {});
  assert.deepEqual(others, []);
  assert.match(flag, /^--heap-growing-percent=[1-9]\d{2}$/);
});

test('a service has its young objects collected often while it has time to spare, until it ends', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let utilization = 0;
  t.mock.method(performance, 'eventLoopUtilization', () => ({ idle: 0, active: 0, utilization }));
  const flags = await flagsOf(t, () => {
    for (const share of [0.9, 0.69, 0.1, 0.71, 0.2]) {
      utilization = share;
      t.mock.timers.tick(1_000);
    }
  });
  const trigger = (percent: number) => `--minor-gc-task-trigger=${percent}`;
  assert.deepEqual(flags.slice(1), [trigger(15), trigger(80), trigger(15), trigger(80)]);
  utilization = 0.1;
  t.mock.timers.tick(10_000);
  assert.equal(flags.length, 5, 'none is set by a service that has ended');
});
