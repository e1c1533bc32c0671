/** Auditors of a sandbox: who they are by its folder, what is said of one that ends, and the log that each is lent. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { LENDING, lendLog } from '../../services/platform/log/lent-log.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { COSIGNATURES, PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import {
  auditorsGroup,
  finalityPolicyOf,
  madeAuditors,
  makeFinalityPolicy,
  ownAuditors,
  startAuditors,
} from '../../services/sandbox/auditors.ts';
import { startSandbox } from '../../services/sandbox/sandbox.ts';
import { openSandboxFolder } from '../../services/sandbox/sandbox-folder.ts';
import {
  makeWitnesses,
  networkPolicyOf,
  witnessesIn,
} from '../../services/sandbox/witness-keys-and-majority.ts';
import { readAll } from '../faults/topics-against-replay.ts';
import { memoryLog, scenario, until } from '../support/live.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-auditors-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const sandboxIn = (name: string) => openSandboxFolder(join(folder, name), scenario, false);

test('who audits is said once, and what is there stays', () => {
  const sandbox = sandboxIn('said');
  const file = sandbox.file('finality-policy');
  assert.equal(finalityPolicyOf(sandbox), null);
  makeFinalityPolicy(sandbox, 4);
  const policy = readFileSync(file, 'utf8');
  assert.equal(finalityPolicyOf(sandbox), policy);
  const { witnesses, isMet } = parsePolicy(policy);
  assert.deepEqual(
    witnesses.map(({ name }) => name),
    [1, 2, 3, 4].map((who) => `corridor.invalid/auditor/${who}`),
  );
  assert.deepEqual(
    [2, 3].map((count) => isMet((one) => witnesses.indexOf(one) < count)),
    [false, true],
  );
  assert.deepEqual(ownAuditors(sandbox, policy), ['1', '2', '3', '4']);
  makeFinalityPolicy(sandbox, 1);
  assert.equal(readFileSync(file, 'utf8'), policy);
  // Another's key under the same number is not the one that the policy names.
  rmSync(sandbox.file('keys/auditor-2.pem'));
  assert.deepEqual(ownAuditors(sandbox, policy), ['1']);
  madeAuditors(sandbox, 4);
  assert.deepEqual(ownAuditors(sandbox, policy), ['1', '3', '4']);
});

test('a policy that does not ask for auditors of each pool is named with its file', () => {
  const sandbox = sandboxIn('said');
  writeFileSync(sandbox.file('finality-policy'), 'quorum none\n');
  assert.throws(() => finalityPolicyOf(sandbox), /finality-policy: it has no line log /);
});

test('receipts ask for the banks that witness and for the auditors, each more than half', () => {
  const sandbox = sandboxIn('both');
  const auditors = auditorsGroup(madeAuditors(sandbox, 3));
  makeWitnesses(sandbox, witnessesIn(scenario).slice(0, 3), 2, [auditors]);
  const { witnesses, isMet } = parsePolicy(networkPolicyOf(sandbox) ?? '');
  const isMetBy = (...who: number[]) => isMet((one) => who.includes(witnesses.indexOf(one)));
  assert.deepEqual(
    [isMetBy(0, 1, 2), isMetBy(3, 4, 5), isMetBy(0, 3, 4), isMetBy(0, 1, 3), isMetBy(0, 2, 3, 5)],
    [false, false, false, false, true],
  );
});

test('a start of more of them, or of fewer, than a policy names is refused and makes nothing', async () => {
  const place = join(folder, 'more');
  const sandbox = openSandboxFolder(place, scenario, true);
  const start = (asked: object) =>
    startSandbox({
      ...{ scenario, folder: place, paymentsPerSecond: 0, ...asked },
      ...{ probesHost: '127.0.0.1', probesPort: 0, gatewayPort: 0, viewPort: 0 },
    });
  const refused = async (asked: object, words: RegExp) => {
    const before = readdirSync(place, { recursive: true }).sort();
    await assert.rejects(start(asked), words);
    assert.deepEqual(readdirSync(place, { recursive: true }).sort(), before);
  };
  makeWitnesses(sandbox, witnessesIn(scenario).slice(0, 3), 2);
  await refused({ witnesses: 2, auditors: 4 }, /--witnesses 2: .*evidence-policy names 3 of its/);
  makeFinalityPolicy(sandbox, 4);
  await refused({ auditors: 5 }, /--auditors 5: .*finality-policy names 4 whose keys are here/);
  await refused({ witnesses: 3, auditors: 3 }, /--auditors 3: .*finality-policy names 4 whose/);
});

function sayingLogger() {
  const said: string[] = [];
  const say = (fields: object, words: string) => said.push(`${JSON.stringify(fields)} ${words}`);
  return { said, logger: { info: say, warn: say, error: say } };
}

test('an auditor that ends by itself is said to be lost, with what it said', async () => {
  const sandbox = sandboxIn('lost');
  makeFinalityPolicy(sandbox, 1);
  const { said, logger } = sayingLogger();
  // There is no network in it.
  const auditors = startAuditors({ logger }, sandbox, memoryLog(), ['1']);
  await until('it has ended', () => said.some((line) => line.includes('has ended')));
  await auditors.stop();
  assert.deepEqual(said.sort(), [
    `{"auditor":"1","code":2,"signal":null} an auditor has ended: the quorum needs 1, 0 are left: nothing is final until one is back`,
    `{"auditor":"1"} corridor: --log lent: it holds no pool's input`,
  ]);
});

test('auditors that are stopped are not lost, and say nothing', async () => {
  const sandbox = sandboxIn('stopped');
  makeFinalityPolicy(sandbox, 1);
  const { said, logger } = sayingLogger();
  const auditors = startAuditors({ logger }, sandbox, memoryLog(), ['1']);
  await auditors.stop();
  await auditors.done;
  assert.deepEqual(said, []);
});

test('auditors that do not start are lost too, and the quorum ends with the one that it needs', async () => {
  const sandbox = sandboxIn('unstarted');
  makeFinalityPolicy(sandbox, 4);
  const { said, logger } = sayingLogger();
  const { execPath } = process;
  process.execPath = sandbox.file('none');
  // The others of the policy may be elsewhere.
  const auditors = startAuditors({ logger }, sandbox, memoryLog(), ['2', '3']);
  process.execPath = execPath;
  await until('both are told', () => said.length === 2);
  await auditors.stop();
  const reason = `spawn ${sandbox.file('none')} ENOENT`;
  const ended = (who: string, words: string) =>
    `${JSON.stringify({ auditor: who, reason })} an auditor has ended: ${words}`;
  assert.deepEqual(said, [
    ended('2', 'the quorum goes on without it'),
    ended('3', 'the quorum needs 3, 2 are left: nothing is final until one is back'),
  ]);
});

const LENT_LOG_MODULE = fileURLToPath(
  new URL('../../services/platform/log/lent-log.js', import.meta.url),
);

/** What a process says that borrows a log. */
function borrower(t: TestContext, log: Log, code: string) {
  const words = ['--input-type=module', '-e'];
  const begun = `const log = (await import(${JSON.stringify(LENT_LOG_MODULE)})).borrowLog();
    const tried = (asked) => asked.then(JSON.stringify, ({ name, kind }) => name + ' ' + kind);`;
  const child = spawn(process.execPath, [...words, `${begun}\n${code}`], LENDING);
  lendLog(child, log, [COSIGNATURES]);
  t.after(() => child.connected && child.disconnect());
  return { child, said: child.stdout ? text(child.stdout) : Promise.resolve('') };
}

test('a log that is lent is read as it is, and written where that is lent', async (t) => {
  const log = memoryLog();
  const topics = [COSIGNATURES, PAYMENTS].map((name) => ({
    ...{ name, partitions: 1, timestamps: 'create' as const },
  }));
  await log.createTopics(topics);
  const { said } = borrower(
    t,
    log,
    `const message = { key: 'k', value: Buffer.from([0, 255]), headers: { a: 'b' } };
    console.log(await tried(log.produce('${COSIGNATURES}', [message])));
    console.log(await tried(log.produce('${PAYMENTS}', [message])));
    const [{ value, ...rest }] = await log.read('${COSIGNATURES}', 0, 0, 10);
    console.log(Buffer.from(value).toString('hex'), rest.key, rest.headers.a);
    console.log(await tried(log.endOffset('${COSIGNATURES}', 0)), await tried(log.startOffset('none', 0)));
    console.log(await tried(log.deleteBefore('${COSIGNATURES}', 0, 1)));
    await log.close();
    console.log(await tried(log.topics()));`,
  );
  assert.deepEqual((await said).split('\n'), [
    '[{"partition":0,"logOffset":0}]',
    'LogError optionsInvalid',
    '00ff k b',
    '1 LogError topicUnknown',
    'LogError optionsInvalid',
    'LogError closed',
    '',
  ]);
  assert.deepEqual(await readAll(log, PAYMENTS), []);
});

test('who waits for a log whose lender ends is told', async (t) => {
  const log = memoryLog();
  await log.createTopics([{ name: COSIGNATURES, partitions: 1, timestamps: 'create' }]);
  const { child, said } = borrower(
    t,
    log,
    `const waits = tried(log.read('${COSIGNATURES}', 0, 0, 1, { waitMs: 60_000 }));
    process.send({ id: -1, call: 'topics', given: [] });
    console.log(await waits);`,
  );
  const asked = new Promise<void>((resolve) => {
    child.on('message', (one) => {
      if ((one as { readonly id: number }).id === -1) resolve();
    });
  });
  await asked;
  child.disconnect();
  assert.equal(await said, 'LogError closed\n');
});
