/**
 * What earlier versions wrote is read and replayed; what changed since it was written is named. The
 * files in fixtures/ are those versions' own and are never made anew.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { provenRun } from '../../services/replay/replay-run.ts';
import { readAll } from '../log/log-contract.ts';
import { inOwnMounts } from '../support/own-mounts.ts';
import { warmCorridor as corridor, endWarmCorridor } from '../support/warm-corridor.ts';

const MAIN = fileURLToPath(new URL('../../services/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'corridor-formats-'));
after(async () => {
  await endWarmCorridor();
  rmSync(folder, { recursive: true, force: true });
});
const fixture = (name: string) => readFileSync(join(packageFolder, 'tests/run/fixtures', name));

/** As the replay of the version that wrote it said. */
const LOG_2 = {
  records: 122,
  events: 42,
  eventsHash: 'd9cde3af86fa25fe36ccb5a3adebf2f11d6dfa3dc3ff90fec34abf533e4c14c8',
};

let places = 0;
function logFolder(bytes: Buffer): string {
  const place = join(folder, `log-${places++}`);
  mkdirSync(place);
  writeFileSync(join(place, 'log.sqlite'), bytes);
  return place;
}

const log2 = gunzipSync(fixture('log-2.sqlite.gz'));

test('a log of format 2 is read and replayed as it is, and goes on as one of format 3', async () => {
  const place = logFolder(log2);
  const replay = async () => {
    const { code, stdout, stderr } = await corridor(
      ...['replay', '--log', `embedded:${place}`, '--json'],
    );
    assert.equal(code, 0, stderr);
    const { pools, eventsHash, otherRecords } = JSON.parse(stdout);
    assert.deepEqual(
      { records: pools[0].records, events: pools[0].confirmed, eventsHash },
      LOG_2,
      stdout,
    );
    return otherRecords as number;
  };
  const others = await replay();
  assert.ok(others > 50, `${others} records of other topics`);
  assert.ok(readFileSync(join(place, 'log.sqlite')).equals(log2), 'a replay writes nothing');

  const reader = openEmbeddedLog({ folder: place, readOnly: true });
  const before = await readAll(reader, 'pool.main.input', 0);
  const committed = await reader.committed('verifiers', 'payments', 0);
  await reader.close();
  const log = openEmbeddedLog({ folder: place });
  assert.deepEqual(await readAll(log, 'pool.main.input', 0), before);
  assert.equal(await log.committed('verifiers', 'payments', 0), committed);
  const end = await log.endOffset('payments', 0);
  await log.produce('payments', [{ key: 'ALFADE00', value: Buffer.from('new'), headers: {} }]);
  await log.close();
  assert.equal(await replay(), others + 1);
  const again = openEmbeddedLog({ folder: place });
  assert.deepEqual(await readAll(again, 'pool.main.input', 0), before);
  assert.ok((await again.endOffset('payments', 0)) >= end);
  await again.close();
});

/** A log of which one amount was changed by one bit on the disk, in a run that ends with its file. */
async function changedLog(): Promise<string> {
  const place = logFolder(log2);
  const log = openEmbeddedLog({ folder: place });
  const value = Buffer.from('{"Amt":"0.01"}');
  await log.produce('payments', [{ key: 'ALFADE00', value, headers: {} }]);
  await log.close();
  const file = join(place, 'log.sqlite');
  const bytes = readFileSync(file);
  const at = bytes.indexOf(value);
  assert.ok(at > 0);
  bytes[at + 9] = 0x38; // 0.81
  writeFileSync(file, bytes);
  return place;
}

test('of a log of format 2 a record that is torn is named', async () => {
  const torn = Buffer.from(log2);
  const at = torn.indexOf('"ce_id"');
  assert.ok(at > 0);
  torn[at] = 0x21; // a header's text is no JSON any more
  const { code, stderr } = await corridor('replay', '--log', `embedded:${logFolder(torn)}`);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^corridor: .*is damaged: topic \S+ partition \d+ offset \d+: (record \d+ is|the records .* are) torn, .*\n$/,
  );
});

test('a damaged log: a replay ends with 2 and one line that names its place', async () => {
  const place = await changedLog();
  const line =
    /^corridor: (--log \S+ )?the log in \S+ is damaged: topic payments partition \d offset \d+: (record \d+|the records from \d+ to \d+) changed \(checksum [0-9a-f]{8}, now [0-9a-f]{8}\); restore it from a copy\n$/;
  const { code, stdout, stderr } = await corridor('replay', '--log', `embedded:${place}`);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
  assert.match(stderr, line);
});

test('a log where nothing can be written is replayed; not closed, it says what it needs', async () => {
  const place = logFolder(log2);
  const prefix = inOwnMounts(place, 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"');
  // Whoever may not mount is no root, who may write anyway.
  if (prefix === null) chmodSync(place, 0o500);
  const replay = () => {
    const [command = '', ...args] = [...(prefix ?? []), process.execPath, MAIN];
    const log = ['replay', '--log', `embedded:${place}`];
    return spawnSync(command, [...args, ...log], { encoding: 'utf8' });
  };
  const { status, stdout, stderr } = replay();
  assert.equal(status, 0, stderr);
  assert.match(stdout, /42 events\n {2}the live topic holds the same\n/);

  chmodSync(place, 0o700);
  const log = openEmbeddedLog({ folder: place });
  const names = readdirSync(place);
  const files = names.map((name) => [name, readFileSync(join(place, name))] as const);
  await log.close();
  for (const [name, bytes] of files) writeFileSync(join(place, name), bytes);
  if (prefix === null) chmodSync(place, 0o500);
  const crashed = replay();
  chmodSync(place, 0o700);
  assert.equal(crashed.status, 2, crashed.stdout);
  assert.match(
    crashed.stderr,
    /^corridor: --log \S+: the log in \S+ was not closed, as after a crash, and to recover it .*: copy it to where it is\n$/,
  );
  assert.equal((await corridor('replay', '--log', `embedded:${place}`)).code, 0);
});

test('where few files may be open a command ends with 2 and one line', () => {
  const script = join(packageFolder, 'scripts/corridor.mjs');
  const limited = 'ulimit -n 64 && exec "$0" "$@"';
  const args = ['-c', limited, process.execPath, script, 'replay', '--log', 'embedded:x'];
  const { status, stderr } = spawnSync('sh', args, { encoding: 'utf8' });
  assert.equal(status, 2, stderr);
  assert.match(
    stderr,
    /^corridor: too few files may be open at once \(EMFILE\): raise the limit, as by `ulimit -n 1024`\n$/,
  );
});

test('a Node older than the package asks for is refused in one line, by number and not by letter', () => {
  const versions = "{ value: { ...process.versions, node: '20.9.0' } }";
  const says = `data:text/javascript,Object.defineProperty(process, 'versions', ${versions})`;
  const args = ['--import', says, join(packageFolder, 'scripts/corridor.mjs'), '--version'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 2, stderr);
  assert.equal(stderr, 'corridor: Node 20.9.0 is too old: expected 20.19 or newer\n');
});

test('an input log of the first format is replayed', async () => {
  const run = join(packageFolder, 'tests/run/fixtures/input-1.log');
  const { code, stdout, stderr } = await corridor('replay', run, '--json');
  assert.equal(code, 0, stderr);
  const { agrees, records, events, eventsHash } = JSON.parse(stdout);
  assert.deepEqual(
    { agrees, records, events, eventsHash },
    {
      agrees: true,
      records: 82,
      events: 60,
      eventsHash: '23145cb64bf8050b6d6b42e1efc321071036ee5c5906cbf0ac4a2861b8222f3f',
    },
  );
});

/** Of a gzip file: the time at which it was made, how hard it was compressed, and on which system. */
const GZIP_REMARKS = [4, 5, 6, 7, 8, 9];

test('a bit of an input log that flips is named: gzip has a CRC-32 of all that is in it', async () => {
  const bytes = fixture('input-1.log');
  const file = join(folder, 'flipped.log');
  const step = 137; // bytes: some 80 flips
  for (let at = 0; at < bytes.length; at += at < 20 ? 1 : step) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] as number) ^ (1 << (at & 7));
    writeFileSync(file, flipped);
    const outcome = await provenRun(file).then(
      () => 'read',
      (error: Error) => error.name,
    );
    assert.equal(outcome, GZIP_REMARKS.includes(at) ? 'read' : 'BadInput', `byte ${at}`);
  }
});
