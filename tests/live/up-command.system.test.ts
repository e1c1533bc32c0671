import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { readAll } from '../faults/topics-against-replay.ts';
import { freePorts } from '../support/free-ports.ts';
import { halfRequest } from '../support/half-request.ts';
import { scenarioFile } from '../support/run.ts';

/** `corridor up` as a user starts it. */
const MAIN = fileURLToPath(new URL('../../services/cli/main.js', import.meta.url));

/** Each with its end. What a failed test leaves running ends before its folder goes: it writes there still. */
const started = new Map<ChildProcess, Promise<number | null>>();
// Where a test hangs this process is ended, and no hook of the test runs.
process.on('exit', () => {
  for (const child of started.keys()) child.kill('SIGKILL');
});

function start(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, 'up', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  started.set(child, closed);
  return { child, closed };
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-up-'));
  t.after(async () => {
    for (const [child, closed] of started) {
      child.kill('SIGKILL');
      await closed;
    }
    started.clear();
    // Its engine ends a moment later, by itself.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  return folder;
}

const corridor = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

interface Up {
  readonly child: ChildProcess;
  readonly said: string;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Resolves when it says how it is to be ended. */
function up(...args: string[]): Promise<Up> {
  const { child, closed } = start(...args, '--port', '0');
  let said = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    void closed.then((code) => reject(new Error(`ended with ${code}: ${errors}`)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (!said.includes('Ctrl-C ends it')) return;
      const end = (signal: NodeJS.Signals) => {
        child.kill(signal);
        return closed;
      };
      resolve({ child, said, end });
    });
  });
}

const replay = (folder: string) => {
  const { status, stdout, stderr } = corridor(
    'replay',
    '--log',
    `embedded:${join(folder, 'log')}`,
    '--json',
  );
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as { pools: { events: number; confirmed: number }[] };
};

/** What banks were told of their payments: each first ahead, and then, of those that the auditor came to, that it is final. */
async function checkFinal(folder: string): Promise<void> {
  const log = openEmbeddedLog({ folder: join(folder, 'log'), readOnly: true });
  const codes = new Map<string, string>();
  for (const { name } of (await log.topics()).filter((one) => one.name.startsWith('statuses.')))
    for (const { key, value } of await readAll(log, name)) {
      const [, code] = /"TxSts":"(\w+)"/.exec(Buffer.from(value).toString()) ?? [];
      if (code && key) codes.set(key, `${codes.get(key) ?? ''}${code} `);
    }
  await log.close();
  const all = [...codes.values()];
  assert.ok(all.filter((one) => one === 'ACSP ACSC ').length > 10, all.join());
  assert.deepEqual(
    all.filter((one) => one.startsWith('ACSC')),
    [],
  );
}

/** Far more than a sandbox needs beside much other work. */
const UNTIL_MS = 180_000;

/** Asks again until the answer is as it is to be. */
async function until(
  ask: () => Promise<string>,
  isThere: (answer: string) => boolean,
  everyMs = 100,
) {
  const endMs = performance.now() + UNTIL_MS;
  for (;;) {
    const answer = await ask();
    if (isThere(answer)) return answer;
    assert.ok(performance.now() < endMs, `still not there: ${answer}`);
    await pause(everyMs);
  }
}

const textAt = async (url: string) => (await fetch(url)).text();

test('a start that is refused leaves no folder that it made, and one that was there as it was', async (t) => {
  const parent = folderOf(t);
  const taken = createServer();
  t.after(() => taken.close());
  await once(taken.listen(0, '127.0.0.1'), 'listening');
  const port = String((taken.address() as AddressInfo).port);
  const scenario = scenarioFile('smoke');
  const refused = (flag: string, folder: string) => {
    const ports = ['--port', '0', '--probes-port', '0', '--view-port', '0', flag, port];
    const { status, stderr } = corridor('up', scenario, '--data', folder, ...ports);
    assert.equal(status, 2, stderr);
    assert.equal(stderr, `corridor: ${flag} ${port}: the port is in use; name another, or 0\n`);
  };
  for (const flag of ['--probes-port', '--port', '--view-port']) {
    refused(flag, join(parent, 'made', 'for', 'it'));
    assert.deepEqual(readdirSync(parent), [], flag);
  }
  const empty = join(parent, 'empty');
  mkdirSync(empty);
  refused('--port', empty);
  assert.ok(readdirSync(empty).includes('network.json'), 'whoever made a folder has it');
});

test('a sandbox starts, is one process’s, ends by Ctrl-C and goes on', async (t) => {
  const folder = join(folderOf(t), 'sandbox');
  const quorums = ['--witnesses', '3', '--auditors', '1'];
  const args = [scenarioFile('smoke'), '--data', folder, '--traffic', '40', ...quorums];
  const first = await up(...args);
  const probes = /probes +(http:\S+)\/readyz/.exec(first.said)?.[1];
  const gateway = /gateway +(http:\S+)\/openapi.json/.exec(first.said)?.[1];
  // Beside much other work a reader may lag for a moment.
  await until(
    async () => {
      const answer = await fetch(`${probes}/readyz`);
      return answer.ok ? 'ready' : answer.text();
    },
    (answer) => answer === 'ready',
  );
  assert.equal((await fetch(`${gateway}/openapi.json`)).status, 200);
  for (const name of readdirSync(join(folder, 'keys')))
    assert.equal(statSync(join(folder, 'keys', name)).mode & 0o777, 0o600, name);

  assert.match(first.said, /^ {2}witnesses +\w{8}, \w{8}, \w{8}, as .*\/evidence-policy says$/m);
  assert.match(first.said, /^ {2}auditors +1, a process each: .*\/finality-policy says, and ACSC/m);
  const cosigned = async () => {
    const answer = await fetch(`${gateway}/evidence/pools/main/cosigned`);
    return answer.ok ? answer.text() : '';
  };
  const note = await until(cosigned, (text) => Number(text.split('\n')[1]) > 20);
  assert.match(note, /^— corridor\.invalid\/witness\/\w{8} .*\n.*\/witness\//m);
  assert.match(note, /^— corridor\.invalid\/auditor\/1 /m);

  const second = corridor('up', ...args, '--port', '0');
  assert.equal(second.status, 2);
  assert.match(
    second.stderr,
    new RegExp(
      `^corridor: the log in .*/log is open in process ${first.child.pid}: stop that one, or choose another folder\\n$`,
    ),
  );
  assert.equal(await first.end('SIGINT'), 130);
  const before = replay(folder).pools[0]?.events ?? 0;
  assert.ok(before > 20, `${before} events`);

  const fewer = corridor('up', ...args, '--witnesses', '2');
  assert.equal(fewer.status, 2);
  assert.match(
    fewer.stderr,
    /^corridor: --witnesses 2: .*evidence-policy names 3 of its banks; leave the option out, or change that file\n$/,
  );
  for (const count of ['0', '2']) {
    const others = corridor('up', ...args, '--auditors', count);
    assert.equal(others.status, 2);
    assert.ok(others.stderr.startsWith(`corridor: --auditors ${count}: ${folder}`), others.stderr);
    assert.match(
      others.stderr,
      /finality-policy names 1 whose keys are here; leave the option out, or change that file\n$/,
    );
  }
  const other = corridor('up', scenarioFile('pssimpy-quickstart'), '--data', folder);
  assert.equal(other.status, 2);
  assert.match(
    other.stderr,
    /^corridor: --data .* holds the sandbox smoke-7-[0-9a-f]{8} of network .*\n$/,
  );

  const again = await up(...args);
  const metrics = `${/probes +(http:\S+)\/readyz/.exec(again.said)?.[1]}/metrics`;
  const told = /corridor_notifications_total\{[^}]*\} [1-9]/;
  const figures = await until(
    () => textAt(metrics),
    (text) => told.test(text),
  );
  assert.match(figures, /corridor_clearing_active\{service="clearing",pool="main"\} 1/);
  const half = await halfRequest(metrics);
  const isLate = pause(120_000, 'it did not end', { ref: false });
  assert.equal(await Promise.race([again.end('SIGTERM'), isLate]), 0);
  half.destroy();
  await checkFinal(folder);
  const [pool] = replay(folder).pools;
  assert.ok((pool?.events ?? 0) > before);
  assert.equal(pool?.confirmed, pool?.events, 'it ended with every event written');
});

test('ready means serving: not before the gateway listens, which takes payments first', async (t) => {
  const folder = join(folderOf(t), 'sandbox');
  const [port, probesPort] = await freePorts(2);
  const ports = ['--port', String(port), '--probes-port', String(probesPort)];
  const { child, closed } = start(scenarioFile('smoke'), '--data', folder, ...ports);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const unready: string[] = [];
  const ready = async () => {
    if (child.exitCode !== null) assert.fail(said);
    const answer = await fetch(`http://127.0.0.1:${probesPort}/readyz`).catch(() => null);
    if (answer?.status === 200) return 'ready';
    const text = answer ? await answer.text() : 'no answer';
    if (answer) unready.push(text);
    return text;
  };
  await until(ready, (answer) => answer === 'ready', 5);
  // Asked once, and at once: what it says of its gateway may be read later.
  const answer = await fetch(`http://127.0.0.1:${port}/openapi.json`).catch(() => null);
  assert.equal(answer?.status, 200, `ready before the gateway: ${said}`);
  // Once it has started a reader may lag for a moment.
  assert.match(unready[0] ?? 'not asked before', /"sandbox start: has not started yet"/);
  child.kill('SIGTERM');
  await closed;
});

test('a folder that is no sandbox, and bad options: one line', (t) => {
  const folder = folderOf(t);
  const log = folderOf(t);
  writeFileSync(join(log, 'log.sqlite'), '');
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  const refusals: [string[], RegExp][] = [
    [['up', scenarioFile('smoke'), '--data', folder], /it holds notes\.txt and no sandbox/],
    [['up', scenarioFile('smoke'), '--port', 'x'], /a port x: expected a whole number/],
    [['up', scenarioFile('smoke'), '--traffic', '-1'], /--traffic -1: expected a number/],
    [['up', 'nowhere.yaml'], /nowhere\.yaml/],
    [['replay', '--log', `embedded:${folder}`], /expected a folder with log\.sqlite/],
    [['replay', '--log', 'redis:x'], /: --log redis:x: expected embedded:<folder> or kafka:/],
    [['replay', '--log', folderOf(t)], /: --log \/\S+: expected embedded:<folder> or kafka:/],
    [['replay', '--log', log], /: --log (\/\S+): expected embedded:\1$/m],
    [['replay'], /expected the folder of a run, or --log/],
  ];
  for (const [args, line] of refusals) {
    const { status, stderr } = corridor(...args);
    assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, line);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  }
});
