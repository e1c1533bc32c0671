import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./two-pools.child.js', import.meta.url));

/** The signal or code with which a life of the network ended. */
const life = (...args: string[]): Promise<string> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [CHILD, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.on('close', (code, signal) => resolve(signal ?? String(code)));
  });

test('a live network of two pools is killed before and behind each thing that its operator says: both settle, once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'two-pools-'));
  const result = join(folder, 'result.json');
  const points = ['beforeHome', 'afterHome', 'beforeOther', 'afterOther'].map(
    (point) => `synchronisation.${point}`,
  );
  try {
    for (const point of points)
      assert.equal(await life(join(folder, 'log'), result, point), 'SIGKILL');
    assert.ok(!existsSync(result));
    assert.equal(await life(join(folder, 'log'), result), '0');
    const { west, east } = JSON.parse(readFileSync(result, 'utf8'));
    // The attestor of the condition, then the operator.
    assert.deepEqual(west, ['matched', 'attested', 'attested', 'settled']);
    assert.deepEqual(east, ['matched', 'promised', 'attested', 'settled']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
