import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { OWNER_FILE, own } from './one-writer-of-a-folder.ts';

test('an owner whose folder is removed goes on, and signs again once it can', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const folder = mkdtempSync(join(tmpdir(), 'corridor-owner-'));
  const file = join(folder, OWNER_FILE);
  const release = own(folder, '--out');
  rmSync(file);
  t.mock.timers.tick(10_000);
  assert.ok(existsSync(file));
  rmSync(folder, { recursive: true });
  t.mock.timers.tick(10_000);
  release();
  assert.ok(!existsSync(folder));
});
