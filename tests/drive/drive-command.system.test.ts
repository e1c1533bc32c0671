import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { DriveStatus } from '../../services/live/drive-port.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { scenarioFile } from '../support/run.ts';
import { endWarmCorridor, warmCorridor } from '../support/warm-corridor.ts';

/** `corridor drive` as a user starts it. */
const MAIN = fileURLToPath(new URL('../../services/cli/main.js', import.meta.url));
const SMOKE = scenarioFile('smoke');
after(endWarmCorridor);

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-drive-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'sandbox');
}

function corridor(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('a sandbox is founded, driven, driven again with another seed, and replays', (t) => {
  const folder = folderOf(t);
  const drive = (...args: string[]) => {
    const command = ['drive', SMOKE, '--data', folder, '--port', '0', '--speed', '20000'];
    const { status, stdout, stderr } = corridor(...command, '--json', ...args);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^100% .* 400 payments sent/m);
    assert.match(stderr, /`corridor up .*` shows the network as it is now\n$/);
    return JSON.parse(stdout) as Record<string, number>;
  };
  const first = drive();
  assert.deepEqual(
    [first.scenario, first.seed, first.sent, first.unanswered, first.messagesBefore],
    ['smoke', 7, 400, 0, 0],
  );
  assert.equal(
    Number(first.settled) +
      Number(first.rejected) +
      Number(first.cancelled) +
      Number(first.waiting),
    400,
  );
  assert.ok(Number(first.settled) > 300, `${first.settled} settled`);
  const again = drive();
  assert.deepEqual([again.sent, again.messages], [400, 0]);
  const other = drive('--seed', '8');
  assert.deepEqual([other.seed, other.sent, other.messagesBefore], [8, 400, 0]);

  const { status, stdout, stderr } = corridor(
    'replay',
    '--log',
    `embedded:${folder}/log`,
    '--json',
  );
  assert.equal(status, 0, stderr);
  const [pool] = (JSON.parse(stdout) as { pools: { events: number; confirmed: number }[] }).pools;
  assert.equal(pool?.confirmed, pool?.events, 'every event of the replay is in the live topic');
  assert.ok((pool?.events ?? 0) > 800);

  const out = `${folder}-off`;
  const set = [
    '--set',
    'settlement.cycle=off',
    '--set',
    'currencies.EUR.closes=23:59',
    '--out',
    out,
  ];
  const otherwise = corridor(
    'replay',
    '--log',
    `embedded:${folder}/log`,
    '--scenario',
    SMOKE,
    ...set,
  );
  assert.equal(otherwise.status, 0, otherwise.stderr);
  assert.match(otherwise.stdout, /submitted .* 800 /);
  const twice = corridor('replay', out, '--set', 'settlement.cycle=off');
  assert.equal(twice.status, 2);
  assert.match(twice.stderr, /expected another counterfactual of its log \(--log\)\n$/);
});

test('Ctrl-C ends a drive in real time', async (t) => {
  const args = [MAIN, 'drive', SMOKE, '--data', folderOf(t), '--port', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (!said.includes('is up') && `${said}${text}`.includes('is up')) child.kill('SIGINT');
    said += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  assert.equal(code, 130, said);
  assert.match(said, /stopped with \d+ payments sent; the same command goes on where it was/);
});

test('a drive obeys the live view, by the token that it printed and by no other', async (t) => {
  const args = [MAIN, 'drive', SMOKE, '--data', folderOf(t), '--port', '0', '--view-port', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const closed = new Promise((resolve) => child.once('close', resolve));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const printed = async (): Promise<URL> => {
    const address = /live view at (\S+)\n/.exec(said)?.[1];
    return address ? new URL(address) : pause(20).then(printed);
  };
  const { origin, hash } = await printed();
  const ask = async (body?: object, token = hash.replace('#token=', '')) => {
    const answer = await fetch(`${origin}/drive`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    return { code: answer.status, drive: (await answer.json()) as DriveStatus };
  };
  // The page may be asked before the scenario is driven.
  while ((await ask()).code === 404) await pause(20);
  assert.equal((await ask({ action: 'pause' }, 'another')).code, 401);
  assert.equal((await ask()).drive.state, 'running');
  const paused = (await ask({ action: 'pause' })).drive;
  assert.equal(paused.state, 'paused');
  await pause(300);
  assert.equal((await ask()).drive.timeMs, paused.timeMs);
  assert.equal((await ask({ action: 'speed', speed: 3_600 })).drive.speed, 3_600);
  await ask({ action: 'resume' });
  while ((await ask()).drive.timeMs < paused.timeMs + 60_000) await pause(20);
  child.kill('SIGINT');
  assert.equal(await closed, 130, said);
});

test('--stay: the live view shows the end until Ctrl-C, which ends well', async (t) => {
  const folder = folderOf(t);
  const args = [MAIN, 'drive', SMOKE, '--data', folder, '--port', '0', '--view-port', '0'];
  const model = join(packageFolder, 'docs/studies/anomalies-model.json');
  const flags = ['--speed', '20000', '--stay', '--watch-model', model];
  const child = spawn(process.execPath, [...args, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const closed = new Promise((resolve) => child.once('close', resolve));
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  while (!said.includes('until Ctrl-C')) await pause(50);
  assert.match(said, /settled +\d/, 'the result is told before');
  const { origin, hash } = new URL(/live view at (\S+)\n/.exec(said)?.[1] ?? '');
  const answer = await fetch(`${origin}/drive`, {
    headers: { authorization: `Bearer ${hash.replace('#token=', '')}` },
  });
  const { state, afterwards } = (await answer.json()) as DriveStatus;
  const command = `corridor up ${SMOKE} --data ${folder} --watch-model ${model}`;
  assert.deepEqual([state, afterwards], ['ended', command]);
  child.kill('SIGINT');
  assert.equal(await closed, 0, said);
});

test('bad input: one line', async (t) => {
  const folder = folderOf(t);
  const refusals: [string[], RegExp][] = [
    [['nowhere.yaml'], /nowhere\.yaml/],
    [[SMOKE, '--speed', '0'], /--speed 0: expected a number from 0\.01 to 1000000/],
    [[SMOKE, '--speed', 'fast'], /--speed fast: expected/],
    [[SMOKE, '--view-port', 'x'], /a port x: expected a whole number from 0 to 65535/],
    [[SMOKE, '--seed', '-1'], /--seed -1: expected a whole number/],
    [[SMOKE, '--log', 'kafka:127.0.0.1:1', '--stay'], /--stay: expected a sandbox/],
    [[SMOKE, '--log', 'embedded:x'], /--log embedded:x: expected kafka:.*leave --log out/],
    [
      [SMOKE, '--log', 'kafka:127.0.0.1:1', '--data', folder],
      /expected the folder of `corridor found`/,
    ],
  ];
  for (const [args, line] of refusals) {
    const { code, stderr } = await warmCorridor('drive', ...args);
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, line);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  }
});
