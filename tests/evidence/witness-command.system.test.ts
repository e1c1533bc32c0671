/** `corridor witness` as a process: two of one key and one folder sign one tree, also killed; a fork is told, and proven by two notes. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { witnessCommand } from '../../services/cli/witness-command.ts';
import { createSigner, secretKeyPem } from '../../services/core/verification/signing.ts';
import { openCheckpoint, parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { consistencyProof } from '../../services/evidence/merkle-tree.ts';
import { KEY_TYPE, noteKey, verifierKey } from '../../services/evidence/signed-note.ts';
import { subtreesOf } from '../../services/evidence/tiles.ts';
import { logFolder } from '../../services/evidence/witness.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { commandText as corridor } from '../support/command-text.ts';
import { halfRequest } from '../support/half-request.ts';
import { formatSubmission } from './format-submission.ts';
import { hashing, logSigner, ORIGIN, sampleLog } from './sample-log.ts';

const main = join(packageFolder, 'dist/services/cli/main.js');
const NAME = 'corridor.example/witness/ALFADE00';
const LOG = verifierKey(noteKey(ORIGIN, KEY_TYPE.log, logSigner.publicKey));
const SECRET = Buffer.alloc(32, 61);
const WITNESS = verifierKey(noteKey(NAME, KEY_TYPE.cosignature, createSigner(SECRET).publicKey));

describe('corridor witness', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-witness-command-'));
  const key = join(folder, 'witness.pem');
  const policy = join(folder, 'policy');
  const started = new Set<ChildProcess>();
  writeFileSync(key, secretKeyPem(SECRET));
  writeFileSync(policy, `log ${LOG}\nwitness alfa ${WITNESS}\nquorum alfa\n`);
  after(() => {
    for (const child of started) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  const words = (state: string) => ['witness', '--key', key, '--name', NAME, '--state', state];
  /** @returns the process, and where it answers once it says so */
  const listening = async (state: string) => {
    const args = [main, ...words(state), '--log', LOG, '--listen', '0'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    started.add(child);
    for await (const line of createInterface({ input: child.stdout })) {
      const [, url] = /^answers at (\S+)$/.exec(line) ?? [];
      if (url !== undefined) return { child, url };
    }
    throw new Error('it ended before it answered');
  };
  const logs = [sampleLog(300), sampleLog(300, [300], 20)];
  const grown = [sampleLog(700), sampleLog(700, [700], 20)];
  const ask = async (url: string, old: number, log: (typeof logs)[0], size: number) => {
    const proof = consistencyProof(subtreesOf(log.reader, size, hashing), old, size);
    const body = formatSubmission({ old, proof, checkpoint: log.checkpoint });
    const response = await fetch(url, { method: 'POST', body });
    return { status: response.status, text: await response.text() };
  };

  it('signs one tree, though two processes have its key and folder and one is killed', async () => {
    const state = join(folder, 'state');
    const two = await Promise.all([listening(state), listening(state)]);
    // Each is asked for a tree of its own, at once.
    const first = await Promise.all(
      two.map(({ url }, at) => ask(url, 0, logs[at] as (typeof logs)[0], 300)),
    );
    assert.deepEqual(first.map(({ status }) => status).sort(), [200, 409]);
    const signed = first.findIndex(({ status }) => status === 200);
    const other = two[1 - signed] as (typeof two)[0];
    const killed = two[signed] as (typeof two)[0];
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    const wrong = await ask(other.url, 300, grown[1 - signed] as (typeof logs)[0], 700);
    assert.equal(wrong.status, 422, wrong.text);
    const { checkpoint } = grown[signed] as (typeof logs)[0];
    const right = await ask(other.url, 300, grown[signed] as (typeof logs)[0], 700);
    assert.equal(right.status, 200, right.text);
    const believed = parsePolicy(readFileSync(policy, 'utf8'));
    assert.equal(openCheckpoint(`${checkpoint}${right.text}`, believed).size, 700);
    const half = await halfRequest(
      other.url,
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\na',
    );
    other.child.kill('SIGINT');
    const signal = AbortSignal.timeout(60_000);
    assert.deepEqual(await once(other.child, 'exit', { signal }), [0, null]);
    half.destroy();
  });

  it('follows a log in a folder, tells a fork, and two notes prove it', () => {
    const state = join(folder, 'follower');
    const place = (log: (typeof logs)[0], name: string) => {
      for (const [path, bytes] of log.files) {
        const file = join(folder, name, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, bytes);
      }
      return join(folder, name);
    };
    const look = (place: string) =>
      corridor(...words(state), '--policy', policy, '--follow', place, '--once');
    const good = look(place(logs[0] as (typeof logs)[0], 'good'));
    assert.equal(good.code, 0, good.text);
    assert.match(good.text, new RegExp(`good: cosigned 300 entries of ${ORIGIN}, root `));
    assert.ok(good.text.startsWith(`witness ${WITNESS}\n`));
    const forked = place(grown[1] as (typeof logs)[0], 'forked');
    const bad = look(forked);
    assert.equal(bad.code, 1, bad.text);
    const [, kept = ''] = /FORK: .*; its note is kept as (\S+)/.exec(bad.text) ?? [];
    const own = join(state, logFolder(ORIGIN), '000000000001.record');
    const verify = (...more: string[]) =>
      corridor('verify', own, '--policy', policy, '--against', join(state, kept), ...more);
    const proven = verify('--tiles', forked);
    assert.equal(proven.code, 1, proven.text);
    assert.match(proven.text, /IT DOES NOT HOLD: FORK: checkpoints of 300 and 700 entries of/);
    assert.equal(verify().code, 2);
  });

  it('says what is wrong with its flags', async () => {
    for (const [args, message] of [
      [[...words(join(folder, 'x')), '--log', LOG], /expected --listen, --follow or both/],
      [[...words(join(folder, 'x')), '--listen', '0'], /expected --log KEY or --policy FILE/],
      [[...words(join(folder, 'x')), '--log', LOG, '--listen', '0', '--once'], /--once: expected/],
      [
        [...words(join(folder, 'x')), '--log', WITNESS, '--listen', '0'],
        /a key of type 4, expected 1/,
      ],
      [[...words(key), '--log', LOG, '--listen', '0'], /--state .*: expected a folder that can/],
    ] as const)
      await assert.rejects(
        witnessCommand().exitOverride().parseAsync(args.slice(1), { from: 'user' }),
        { name: 'BadInput', message },
      );
  });
});
