/** Parts of a sandbox that are lost, damaged or not this user's to read are named, with what to do. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { secretKeyPem } from '../../services/core/verification/signing.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { PARTICIPANTS, topicPlan } from '../../services/protocol/names/topic-plan.ts';
import { participantMessage } from '../../services/protocol/records/participant-message.ts';
import { refuseOtherBankKeys, refuseOtherLogKey } from '../../services/sandbox/keys-check.ts';
import { startSandbox } from '../../services/sandbox/sandbox.ts';
import { openSandboxFolder } from '../../services/sandbox/sandbox-folder.ts';
import { storeFaultLine } from '../../services/sandbox/store-fault-line.ts';
import { memoryLog } from '../support/live.ts';
import { load } from '../support/run.ts';

const scenario = load('smoke');
const BANK = 'ALFADE00';

function sandboxOf(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-keys-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return openSandboxFolder(folder, scenario, true);
}

/** Nobody may do anything with the file; root, whom that does not hold, is somebody else meanwhile. */
function withoutPermission(file: string, work: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  chmodSync(file, 0);
  if (isRoot) process.seteuid?.(65_534);
  try {
    work();
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(file, 0o644);
  }
}

test('a bank’s key that the network never knew is named; one of those that it had is not', async (t) => {
  const sandbox = sandboxOf(t);
  const log = memoryLog();
  await log.createTopics(topicPlan(['main'], [], 1));
  const check = () => refuseOtherBankKeys({ log }, sandbox, scenario);
  await check();
  const tell = (keyId: string, publicKey: string, state: 'registered' | 'revoked') =>
    log.produce(PARTICIPANTS, [
      participantMessage({
        ...{ bic: BANK, name: 'Alfa', role: 'directParticipant', keyId, publicKey, state },
      } as never),
    ]);
  await tell('second', '11'.repeat(32), 'registered');
  await assert.rejects(check(), {
    name: 'BadInput',
    message: `${sandbox.file(`keys/${BANK}.pem`)}: it is not a key that the network has of bank ${BANK}; restore it from a backup (docs/operations.md)`,
  });
  await tell('genesis', Buffer.from(sandbox.publicKeyOf(BANK)).toString('hex'), 'revoked');
  await check();
});

test('the key of a pool’s log that is none, or another, is named with its file', (t) => {
  const { file, network } = sandboxOf(t);
  const [{ logKey = '' } = {}] = network.pools;
  const path = file('evidence-keys/main/log.pem');
  const pem = readFileSync(path, 'utf8');
  refuseOtherLogKey(logKey, pem, path);
  const other = secretKeyPem(new Uint8Array(32).fill(9));
  refuseOtherLogKey(logKey, `${other}${pem}`, path);
  for (const [text, line] of [
    [pem.replace('MC4', 'MC5'), /log\.pem: expected Ed25519 keys in PEM \(.*\); restore it from/],
    [other, /log\.pem: it is not the secret key of .*\+.*, which network\.json names; restore it/],
  ] as const)
    assert.throws(() => refuseOtherLogKey(logKey, text, path), { name: 'BadInput', message: line });
});

test('`up` looks at both before anything is served', async (t) => {
  const { file, path } = sandboxOf(t);
  chmodSync(file('evidence-keys/main/log.pem'), 0o600);
  writeFileSync(file('evidence-keys/main/log.pem'), 'none');
  const ports = { probesHost: '127.0.0.1', probesPort: 0, gatewayPort: 0, viewPort: 0 };
  const up = () => startSandbox({ ...ports, scenario, folder: path, paymentsPerSecond: 0 });
  await assert.rejects(up(), {
    name: 'BadInput',
    message: /log\.pem: it is not the secret key of/,
  });
  const log = openEmbeddedLog({ folder: file('log') });
  await log.produce(PARTICIPANTS, [
    participantMessage({
      ...{ bic: BANK, name: 'Alfa', role: 'directParticipant', keyId: 'genesis' },
      ...{ publicKey: '11'.repeat(32), state: 'registered' },
    } as never),
  ]);
  await log.close();
  await assert.rejects(up(), { name: 'BadInput', message: /keys\/ALFADE00\.pem: it is not a key/ });
});

test('the folder of keys is lost: it is said, and none is made', (t) => {
  const { path, file } = sandboxOf(t);
  rmSync(file('keys'), { recursive: true });
  assert.throws(() => openSandboxFolder(path, scenario, true), {
    name: 'BadInput',
    message: /^--data .*: network\.json of sandbox .* is here, the keys .*: restore keys\/ from/,
  });
});

test('what this user may not read is called so', async (t) => {
  const { path, file } = sandboxOf(t);
  chmodSync(path, 0o755);
  await openEmbeddedLog({ folder: file('log') }).close();
  withoutPermission(file('network.json'), () =>
    assert.throws(() => openSandboxFolder(path, scenario, true), {
      name: 'BadInput',
      message:
        /: this user may not read its network\.json \(.*EACCES: permission denied.*\): give it/,
    }),
  );
  chmodSync(file('log'), 0o777);
  chmodSync(file('log/log.sqlite'), 0);
  const module = join(packageFolder, 'dist/services/platform/log/embedded/embedded.js');
  for (const readOnly of [true, false]) {
    const options = JSON.stringify({ folder: file('log'), readOnly });
    const code = `import { openEmbeddedLog } from ${JSON.stringify(module)}; openEmbeddedLog(${options});`;
    // A process of somebody else: what root may do says nothing.
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      ...(process.geteuid?.() === 0 && { uid: 65_534, gid: 65_534 }),
    });
    assert.match(
      stderr,
      /LogError: this user may not read( and write)? the log in .* \(EACCES: permission denied.*\): give it/,
    );
  }
});

test('a store that has not answered yet is waited for, and no advice is given', () => {
  assert.equal(
    storeFaultLine('metrics main: it has not answered yet', '/x'),
    'tables and dashboards come when the analysis store has started; payments settle all the same',
  );
  assert.match(storeFaultLine('store: it fails', '/x'), /: store: it fails; .* move \/x away/);
});
