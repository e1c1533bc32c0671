/** docs/operations.md, held against what stands: its commands are run, its lists are compared. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { composeFile } from '../support/compose.ts';

const page = readFileSync(join(packageFolder, 'docs/operations.md'), 'utf8');
const json = (file: string) => JSON.parse(readFileSync(join(packageFolder, file), 'utf8'));
/** What stands under a heading, up to the next of its level or above. */
function section(heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 0;
  const [, text] = page.split(`\n${heading}\n`);
  assert.ok(text, `docs/operations.md has no section '${heading}'`);
  return text.split(new RegExp(`\n#{1,${level}} `))[0] ?? '';
}

test('a sandbox is backed up and restored by the commands of the page, and its replay agrees', (t) => {
  const outside = mkdtempSync(join(tmpdir(), 'corridor-operations-'));
  t.after(() => rmSync(outside, { recursive: true, force: true }));
  const folder = join(outside, 'clone');
  mkdirSync(folder);
  const main = join(packageFolder, 'dist/services/cli/main.js');
  const corridor = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const scenario = join(packageFolder, 'scenarios/smoke.yaml');
  const drive = (data: string, seed: string) => {
    const speed = ['--speed', '20000', '--port', '0', '--json'];
    return JSON.parse(corridor('drive', scenario, '--data', data, '--seed', seed, ...speed));
  };
  const replayed = (data: string) =>
    JSON.parse(corridor('replay', '--log', `embedded:${data}/log`, '--json'));
  drive('sandboxes/smoke', '7');
  const before = replayed('sandboxes/smoke');

  const commands = section('### A sandbox').match(/^ {4}.*$/gm) ?? [];
  assert.equal(commands.length, 4);
  const script = commands.map((line) =>
    line.trim().replace('npx corridor', `${process.execPath} ${main}`),
  );
  const shell = spawnSync('sh', ['-euc', script.join('\n')], { cwd: folder, encoding: 'utf8' });
  assert.equal(shell.status, 0, shell.stderr);
  // It holds secret keys.
  assert.equal(statSync(join(outside, 'smoke-backup.tgz')).mode & 0o777, 0o600);
  assert.match(shell.stdout, /the live topic holds the same/);
  const after = replayed('sandboxes/restored');
  assert.equal(after.eventsHash, before.eventsHash);
  assert.deepEqual(after.pools, before.pools);

  // It goes on: the operator's and the banks' keys are there, and the tables are filled from the log.
  const next = drive('sandboxes/restored', '8');
  assert.deepEqual([next.sent, next.messagesBefore], [400, 0]);
  const { agrees } = JSON.parse(corridor('reconcile', 'sandboxes/restored', '--json'));
  assert.equal(agrees, true);

  // The log alone is restored: what was sealed since is lost, and nobody goes on behind it.
  const restored = join(folder, 'sandboxes/restored');
  rmSync(join(restored, 'log'), { recursive: true });
  const backup = join(outside, 'smoke-backup.tgz');
  assert.equal(spawnSync('tar', ['-C', restored, '-xzf', backup, 'log']).status, 0);
  const line =
    /sandboxes\/restored\/log has \d+ events .* and .*sandboxes\/restored\/evidence\/pool\/main a signed checkpoint .* of \d+: .* restore the newer log, or begin another one \(docs\/operations\.md, Keys of the logs\)/;
  for (const [args, status] of [
    [['replay', '--log', 'embedded:sandboxes/restored/log'], 1],
    [['up', scenario, '--data', 'sandboxes/restored', '--port', '0', '--view-port', '0'], 2],
  ] as const) {
    const ended = spawnSync(process.execPath, [main, ...args], {
      ...{ cwd: folder, encoding: 'utf8', timeout: 60_000 },
    });
    assert.equal(ended.status, status, ended.stdout + ended.stderr);
    assert.match(status === 1 ? ended.stdout : ended.stderr, line);
    assert.ok(!ended.stdout.includes('takes payments'), ended.stdout);
  }
  assert.match(readFileSync(join(restored, 'corridor.log'), 'utf8').trimEnd(), line);
});

test('every volume of Docker is in the table, and what the network or a user wrote is in the backup', () => {
  const kept = section('## What has to be kept').match(/^\|.*\|$/gm) ?? [];
  const named = kept.flatMap((row) => [...(row.split('|').at(-2) ?? '').matchAll(/`(\S+?)`/g)]);
  const patterns = named.map(([, name = '']) => new RegExp(`^${name.replace('*', '.*')}$`));
  const volumes = Object.keys(composeFile().volumes);
  assert.ok(volumes.length > 10);
  for (const volume of volumes)
    assert.ok(
      patterns.some((one) => one.test(volume)),
      volume,
    );
  for (const one of patterns)
    assert.ok(
      volumes.some((volume) => one.test(volume)),
      `${one}`,
    );
  const loops = section('### A network in Docker').matchAll(/for volume in (.*); do/g);
  const wanted =
    'kafka network keys node evidence-keys evidence witness certificates grafana password-grafana-admin';
  assert.deepEqual(
    [...loops].map(([, list]) => list),
    [wanted, wanted],
  );
});

test('every alert rule has its section, and no section is without a rule', () => {
  const { groups } = json('infra/grafana/provisioning/alerting/rules.json') as {
    groups: { rules: { title: string }[] }[];
  };
  const rules = groups.flatMap(({ rules: all }) => all.map(({ title }) => title));
  assert.ok(rules.length >= 8);
  const sections = [...section('## Alerts').matchAll(/^### (.*)$/gm)].map(([, title]) => title);
  assert.deepEqual(sections.sort(), rules.sort());
});

test('the lock file has a checksum for each package but those that the page explains', () => {
  const { packages } = json('package-lock.json') as {
    packages: Record<string, { integrity?: string; version?: string }>;
  };
  const without = Object.entries(packages).flatMap(([path, { integrity }]) =>
    path === '' || integrity ? [] : [path.replace('node_modules/', '')],
  );
  const named = section('## Lock file').match(/(?<=`)@chdb\/[\w-]+(?=`)/g) ?? [];
  assert.deepEqual(without.sort(), [...named].sort());
  const [, version] = /@chdb\/[\w-]+@(\S+) dist\.integrity/.exec(page) ?? [];
  for (const name of named) assert.equal(packages[`node_modules/${name}`]?.version, version);
});

test('Node has the same options by npx, by npm start and by npm run corridor', () => {
  const { bin, scripts } = json('package.json');
  const [first = ''] = readFileSync(join(packageFolder, bin.corridor), 'utf8').split('\n');
  const [, node = ''] = /^#!\/usr\/bin\/env -S (node --v8-pool-size=0 .+)$/.exec(first) ?? [];
  assert.match(node, /^node -/, first);
  for (const script of ['start', 'corridor'])
    assert.ok(scripts[script].startsWith(`${node} ${bin.corridor}`), script);
});

test('V8 knows each option that a run gives it', () => {
  const words = [join(packageFolder, 'scripts/corridor.mjs'), 'run', '--help'];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.doesNotMatch(stderr, /unrecognized flag|bad option/);
});

test('the version of the package, of its lock and of the changelog are one', () => {
  const { version } = json('package.json');
  const lock = json('package-lock.json');
  assert.deepEqual([lock.version, lock.packages[''].version], [version, version]);
  const changelog = readFileSync(join(packageFolder, 'CHANGELOG.md'), 'utf8');
  const [first, ...others] = [...changelog.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
  assert.ok(
    first === 'Unreleased'
      ? changelog.includes(`Unreleased is ${version}`)
      : first?.startsWith(version),
    `CHANGELOG.md begins with '${first}', package.json has ${version}`,
  );
  // Whoever upgrades reads it from his version on.
  const [, before] = /^### From (\S+) to \S+$/m.exec(page) ?? [];
  assert.ok(before && others.some((title) => title?.startsWith(`${before}.`)), `no ${before}`);
});
