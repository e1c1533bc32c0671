/** What is stale is told by what the sources hold and where they lie in the clone, wherever the clone lies. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { packageFolder } from '../../services/platform/service/build-info.ts';

test('a clone that was copied or moved is not built anew, and one with other sources is', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-clone-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const cloned = (from: string, name: string) => {
    const place = join(folder, name);
    cpSync(from, place, { recursive: true });
    return place;
  };
  /** How often it builds; once, as a process remembers what it looked at. */
  const builds = async (place: string, source = 'source.ts') => {
    const { unlessFresh } = await import(pathToFileURL(join(place, 'scripts/build.mjs')).href);
    let built = 0;
    await unlessFresh('services', [join(place, source)], [], false, () => {
      built += 1;
    });
    return built;
  };
  const first = join(folder, 'first');
  for (const script of ['build.mjs', 'test-empty-loops.mjs'])
    cpSync(join(packageFolder, 'scripts', script), join(first, 'scripts', script));
  writeFileSync(join(first, 'source.ts'), 'one');
  assert.equal(await builds(first), 1);
  const copied = cloned(first, 'copied');
  assert.equal(await builds(copied), 0);
  renameSync(copied, join(folder, 'moved'));
  assert.equal(await builds(join(folder, 'moved')), 0);

  const changed = cloned(first, 'changed');
  writeFileSync(join(changed, 'source.ts'), 'two');
  assert.equal(await builds(changed), 1);
  const renamed = cloned(first, 'renamed');
  renameSync(join(renamed, 'source.ts'), join(renamed, 'other.ts'));
  assert.equal(await builds(renamed, 'other.ts'), 1);
});
