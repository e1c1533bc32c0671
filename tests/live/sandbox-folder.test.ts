/** What a sandbox's folder must hold: parts of it that are lost are named, and nothing is written. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { openSandboxFolder } from '../../services/sandbox/sandbox-folder.ts';
import { load, scenarioFile } from '../support/run.ts';

const MAIN = join(packageFolder, 'dist/services/cli/main.js');
const scenario = load('smoke');

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-folder-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const corridor = (...args: string[]) =>
  // A start that is not refused would run for ever.
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', timeout: 60_000 });

/** Every file below a folder, with what it holds. */
const contents = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path, readdirOrBytes(path)]);

function readdirOrBytes(path: string): string {
  try {
    return readFileSync(path, 'hex');
  } catch {
    return 'a folder';
  }
}

/** A folder whose network was founded and whose log has begun. */
async function sandboxOf(t: TestContext): Promise<string> {
  const folder = folderOf(t);
  const sandbox = openSandboxFolder(folder, scenario, true);
  await openEmbeddedLog({ folder: sandbox.file('log') }).close();
  return folder;
}

test('the log is lost: `up` refuses, says what to do, and writes nothing', async (t) => {
  const folder = await sandboxOf(t);
  rmSync(join(folder, 'log'), { recursive: true });
  const before = contents(folder);
  const { status, stderr } = corridor('up', scenarioFile('smoke'), '--data', folder);
  assert.equal(status, 2, stderr);
  assert.match(
    stderr,
    /^corridor: --data \S+: network\.json and keys of sandbox smoke-7-[0-9a-f]{8} are here, its log\/ is not: restore log\/ from a backup \(docs\/operations\.md\), or name another folder for a new network\n$/,
  );
  assert.deepEqual(contents(folder), before);
});

test('an emptied log folder is a lost log where the network had begun', async (t) => {
  for (const trace of ['clickhouse', 'snapshots', 'corridor.log']) {
    const folder = await sandboxOf(t);
    rmSync(join(folder, 'log'), { recursive: true });
    mkdirSync(join(folder, 'log'));
    mkdirSync(join(folder, trace));
    const before = contents(folder);
    assert.throws(() => openSandboxFolder(folder, scenario, true), /its log\/ is not: restore/);
    assert.deepEqual(contents(folder), before);
  }
});

test('a first start that ended before its log began goes on, with the same network and keys', (t) => {
  const folder = folderOf(t);
  const { network, publicKeyOf } = openSandboxFolder(folder, scenario, true);
  const key = publicKeyOf('operator');
  const again = openSandboxFolder(folder, scenario, true);
  assert.equal(again.network.run, network.run);
  assert.deepEqual(again.publicKeyOf('operator'), key);
  // Ended before network.json: what keys are there stay.
  rmSync(join(folder, 'network.json'));
  const anew = openSandboxFolder(folder, scenario, true);
  assert.deepEqual(anew.publicKeyOf('operator'), key);
});

test('a network over Kafka has no log in its folder', (t) => {
  const folder = folderOf(t);
  const { network } = openSandboxFolder(folder, scenario, false);
  assert.deepEqual(readdirSync(folder).sort(), ['evidence-keys', 'keys', 'network.json']);
  assert.equal(openSandboxFolder(folder, scenario, false).network.run, network.run);
});

test('network.json is lost: `up` says so, and `found` writes it again', async (t) => {
  const folder = folderOf(t);
  const found = ['found', scenarioFile('smoke'), '--log', `embedded:${folder}/log`];
  const founding = corridor(...found, '--data', folder);
  assert.equal(founding.status, 0, founding.stderr);
  mkdirSync(join(folder, 'clickhouse'));
  writeFileSync(join(folder, 'corridor.log'), '');
  rmSync(join(folder, 'network.json'));
  const keys = contents(join(folder, 'keys'));
  const before = contents(folder);
  const { status, stderr } = corridor('up', scenarioFile('smoke'), '--data', folder);
  assert.equal(status, 2, stderr);
  assert.match(
    stderr,
    /^corridor: --data \S+: the log of a sandbox is here, its network\.json is missing: restore network\.json from a backup, or write it again: corridor found <scenario> --log embedded:\S+\/log --data \S+\n$/,
  );
  assert.deepEqual(contents(folder), before);
  const again = corridor(...found, '--data', folder);
  assert.equal(again.status, 0, again.stderr);
  // The banks' keys too, which no log refuses.
  assert.deepEqual(contents(join(folder, 'keys')), keys);
  assert.equal(openSandboxFolder(folder, scenario, true).network.network, scenario.network);
});

test('a founding that is refused leaves no folder that it made, and one that was there as it was', async (t) => {
  const folder = join(folderOf(t), 'new/sandbox');
  const found = [
    'found',
    scenarioFile('smoke'),
    '--log',
    `embedded:${folder}/log`,
    '--data',
    folder,
  ];
  const refused = () => {
    const { status, stderr } = corridor(...found, '--acls', 'certificates');
    assert.equal(status, 2, stderr);
    assert.match(stderr, /^corridor: --acls certificates: expected --log kafka:/);
  };
  refused();
  assert.ok(!existsSync(join(folder, '..')));
  assert.equal(corridor(...found).status, 0);
  const before = contents(join(folder, 'keys'));
  refused();
  assert.deepEqual(contents(join(folder, 'keys')), before);
});

test('a changed scenario is refused where it would have no effect, by `up` and by `drive`', (t) => {
  const folder = folderOf(t);
  const file = join(folderOf(t), 'smoke.yaml');
  const text = readFileSync(scenarioFile('smoke'), 'utf8');
  const log = ['--log', `embedded:${folder}/log`, '--data', folder];
  assert.equal(corridor('found', scenarioFile('smoke'), ...log).status, 0);
  writeFileSync(file, text.replace('queue: bypass-fifo', 'queue: fifo'));
  for (const command of ['up', 'drive']) {
    const { status, stderr } = corridor(command, file, '--data', folder, '--port', '0');
    assert.equal(status, 2, stderr);
    assert.match(
      stderr,
      /^corridor: \S+: settlement\.queue is fifo in the scenario, and bypass-fifo in the founding of network sandbox-1, which stays: .* for a new network\n$/,
    );
  }
});

test('a sandbox of another network or other currencies says what differs', (t) => {
  const folder = folderOf(t);
  openSandboxFolder(folder, scenario, true);
  for (const [set, line] of [
    ['network=sandbox-2', /founded with the network sandbox-1, not sandbox-2; name another folder/],
    ['seed=8', /founded with the name and seed smoke-7, not smoke-8; name another folder/],
    [
      'currencies.SGD.maximumPayment=5.00',
      /founded with the pools and currencies \[.*"SGD","minorUnits":2\}.*\], not \[.*"maximumMinor":"500"\}.*\]; name/,
    ],
  ] as const)
    assert.throws(() => openSandboxFolder(folder, load('smoke', [set]), true), {
      name: 'BadInput',
      message: line,
    });
});

test('a sandbox of another scenario says which scenario and seed it was founded with', (t) => {
  const folder = folderOf(t);
  openSandboxFolder(folder, scenario, true);
  assert.throws(
    () => openSandboxFolder(folder, load('four-corridors'), true),
    /holds the sandbox smoke-7-[0-9a-f]{8} of .* or the scenario that it was founded with: smoke, seed 7$/,
  );
});
