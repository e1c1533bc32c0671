/** The commands of imports and of the export for PSSimPy, as processes: what they print, and exit code 2. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { inOwnMounts, needsMounts } from '../support/own-mounts.ts';
import { fixtureFile } from './pssimpy-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-rival-commands-'));
after(() => rmSync(folder, { recursive: true }));

const source = fixtureFile('pssimpy-quickstart.json');
const out = (name: string) => join(folder, name);

const MAIN = join(packageFolder, 'dist/services/cli/main.js');

const corridor = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    cwd: folder,
  });
  return { status, stdout, stderr };
};

test('the commands: import, export, and bad input with exit code 2', () => {
  const good = corridor('import', 'pssimpy', source, '--out', 'cli');
  assert.equal(good.status, 0, good.stderr);
  assert.match(
    good.stdout,
    /^cli\/scenario\.yaml\n.*\ndifferences:\n {2}- .*\nrun it: corridor run cli\/scenario\.yaml\n$/s,
  );
  const exported = corridor('export', 'cli/scenario.yaml', '--format', 'pssimpy');
  assert.equal(exported.status, 0, exported.stderr);
  assert.deepEqual(readdirSync(out('cli/scenario-export')).sort(), [
    ...['accounts.csv', 'arguments.json', 'banks.csv', 'export.json', 'transactions.csv'],
  ]);
  for (const [args, message] of [
    [
      ['import', 'pssimpy', 'no.csv', '--out', 'x'],
      'no.csv: cannot be read: there is no such file',
    ],
    [
      ['import', 'simcash', 'no.yaml', '--out', 'x', '--draw', '--events', 'e.jsonl'],
      '--draw: expected it without --events, which has the payments',
    ],
    [
      ['import', 'simcash', 'no.yaml', '--out', 'x', '--seed', '3'],
      '--seed 3: expected it with --draw alone, which draws by it',
    ],
    [
      ['export', 'nowhere', '--format', 'pssimpy'],
      'nowhere: not found; expected a scenario or a run',
    ],
    [
      ['import', 'simcash', 'no.yaml', '--out', 'x'],
      'no.yaml: cannot be read: there is no such file',
    ],
    [
      ['import', 'pssimpy', source, '--out', 'x', '--first-date', '2026-02-30'],
      '--first-date 2026-02-30: expected a date that the calendar has, from 1970 on',
    ],
    [
      ['export', 'cli/scenario.yaml', '--currency', 'EUR'],
      '--currency: expected it with --format pssimpy alone',
    ],
  ] as const) {
    const { status, stdout, stderr } = corridor(...args);
    assert.deepEqual(
      { status, stdout, stderr },
      { status: 2, stdout: '', stderr: `corridor: ${message}\n` },
    );
  }
  assert.ok(!existsSync(out('x')));
});

test('a full disk is named by the folder given, and ends an import with exit code 1', {
  skip: needsMounts(),
}, () => {
  mkdirSync(out('disk'));
  const onDisk = inOwnMounts(out('disk'), 'mount -t tmpfs -o size=4k none "$0"') ?? [];
  const listing = ['sh', '-c', '"$0" "$@"; code=$?; ls -A disk; exit $code', process.execPath];
  const importing = [MAIN, 'import', 'pssimpy', source, '--out', 'disk/full'];
  const [command = '', ...args] = [...onDisk, ...listing, ...importing];
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd: folder });
  assert.deepEqual(
    { status, stdout, stderr },
    {
      status: 1,
      stdout: '',
      stderr: 'corridor: disk/full: no space left on its device; nothing was written\n',
    },
  );
});
