import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';

/** What the command ends with on a Node that says it is of this version. */
function versionOn(node: string) {
  const script = join(packageFolder, 'scripts/corridor.mjs');
  const versions = `{ value: { ...process.versions, node: '${node}' } }`;
  const says = `data:text/javascript,Object.defineProperty(process, 'versions', ${versions})`;
  const args = ['--import', says, script, '--version'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stderr };
}

test('a Node older than the package asks for is refused in one line, by number and not by letter', () => {
  assert.deepEqual(versionOn('20.9.0'), {
    status: 2,
    stderr: 'corridor: Node 20.9.0 is too old: expected 20.19 or newer\n',
  });
  assert.deepEqual(versionOn('100.0.0'), { status: 0, stderr: '' });
});
