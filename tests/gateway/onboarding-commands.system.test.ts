/**
 * A bank joins a network by the commands of docs/http.md, and pays: operators and bank each do their own
 * part, in processes of their own, against a gateway.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createSigner, secretKeyPem } from '../../services/core/verification/signing.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { CASES } from '../../services/protocol/names/topic-plan.ts';
import {
  type CaseRecord,
  caseId,
  caseMessage,
} from '../../services/protocol/records/case-record.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork } from '../support/network.ts';

const secretOf = (name: string) => createHash('sha256').update(name).digest();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const publicOf = (name: string) => hex(createSigner(secretOf(name)).publicKey);
const data = mkdtempSync(join(tmpdir(), 'corridor-onboarding-'));
const network = new TestNetwork(createMemoryLog({ now: Date.now }), {
  operatorKey: publicOf('operator'),
  operators: {
    keys: [{ keyId: 'operator-2', publicKey: publicOf('operator-2') }],
    ...{ approvals: 2, approvalValidMs: 3_600_000 },
  },
  limits: { participants: 16 },
  nodeKey: secretOf('node'),
  nodeKeys: () => readFileSync(join(data, 'node', 'node.pem'), 'utf8'),
});
let gateway: Gateway;
let url = '';

before(async () => {
  for (const folder of ['keys', 'node']) mkdirSync(join(data, folder));
  writeFileSync(join(data, 'node', 'node.pem'), secretKeyPem(secretOf('node')));
  await network.create();
  gateway = await buildTestGateway({
    ...{ network: network.scenario.network, log: network.log, name: randomUUID() },
  });
  url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  network.start();
  writeFileSync(join(data, 'network.json'), JSON.stringify(networkOf(network.scenario)));
  for (const name of ['operator', 'operator-2'])
    writeFileSync(join(data, 'keys', `${name}.pem`), secretKeyPem(secretOf(name)));
});
after(async () => {
  await gateway.close();
  await network.stop();
  rmSync(data, { recursive: true, force: true });
});

/** Exit code and what was printed. */
function corridor(...args: string[]): Promise<{ code: number; out: string; said: string }> {
  const main = join(packageFolder, 'dist/services/cli/main.js');
  return new Promise((resolve) =>
    execFile(process.execPath, [main, ...args], (error, out, said) =>
      resolve({ code: error ? Number(error.code) : 0, out: out.trim(), said: said.trim() }),
    ),
  );
}
const operator = (name: string, ...args: string[]) =>
  corridor(...args, '--data', data, '--url', url, '--as', name);

/** Given by one and approved by the other; the outcome of each. */
async function byBoth(...args: string[]): Promise<void> {
  const first = await operator('operator', ...args, '--json');
  assert.equal(first.code, 0, first.said);
  const { id, outcome } = JSON.parse(first.out);
  assert.equal(outcome, 'awaitsApproval');
  const own = await operator('operator', 'operator', 'approve', id);
  assert.equal(own.code, 1, own.out);
  assert.match(own.out, /approvedByItself/);
  const second = await operator('operator-2', 'operator', 'approve', id);
  assert.equal(second.code, 0, second.out + second.said);
  assert.match(second.out, /: done$/);
  const told = await operator('operator', 'operator', 'outcome', id);
  assert.match(told.out, /: done$/);
}

test('a bank is admitted, its key is proven and registered, it gets an account, and its key is revoked', async () => {
  await byBoth('participants', 'admit', 'NEWBDE00', 'New Bank');
  const { out: challenge } = await operator('operator', 'participants', 'challenge');
  const key = join(data, 'new.pem');
  const { network: name } = network.scenario;
  const asBank = ['--network', name, '--key', key];
  const proof = await corridor('participants', 'prove', 'NEWBDE00', 'key-1', challenge, ...asBank);
  assert.equal(proof.code, 0, proof.said);
  assert.equal(statSync(key).mode & 0o777, 0o600);
  const file = join(data, 'proof.json');
  writeFileSync(file, proof.out);
  await byBoth('participants', 'register', file);
  const account = ['bic=NEWBDE00', 'currency=EUR', 'balanceMinor=5000', 'creditLineMinor=0'];
  await byBoth('operator', 'give', 'account', ...account);
  const listed = await operator('operator', 'participants', 'list');
  const { publicKey } = JSON.parse(proof.out);
  assert.match(listed.out, new RegExp(`NEWBDE00\tbank\tkey-1\tregistered\t${publicKey}\tNew Bank`));
  // One operator revokes; the second time there is nothing to revoke.
  const revoked = await operator('operator', 'participants', 'revoke', 'NEWBDE00', 'key-1');
  assert.equal(revoked.code, 0, revoked.said);
  const again = await operator('operator-2', 'participants', 'revoke', 'NEWBDE00', 'key-1');
  assert.equal(again.code, 1, again.out);
  assert.match(again.out, /refused \(keyRevoked: the key was revoked before\)/);
});

test('an operator’s key and the node’s are replaced, by both operators, and the old ones revoked', async () => {
  const listed = async (name: string) =>
    (await operator(name, 'operator', 'keys')).out.split('\n').map((line) => {
      const [, owner, keyId, state] = line.split('\t');
      return `${owner} ${keyId} ${state}`;
    });
  await byBoth('operator', 'rotate', 'first-2027');
  assert.equal(statSync(join(data, 'keys', 'first-2027.pem')).mode & 0o777, 0o600);
  const theirs = await operator('operator-2', 'operator', 'revoke-key', 'genesis', 'genesis');
  assert.match(theirs.out, /awaitsApproval/);
  const own = await operator('first-2027', 'operator', 'revoke-key', 'genesis', 'genesis');
  assert.match(own.out, /^operatorKey \S+: done$/);
  const old = await operator('operator', 'operator', 'keys');
  assert.deepEqual([old.code, /401/.test(old.said)], [2, true]);
  const first = await operator('first-2027', 'operator', 'rotate-node', 'node-2', '--json');
  assert.equal(first.code, 0, first.said);
  const { id } = JSON.parse(first.out);
  const second = await operator('operator-2', 'operator', 'approve', id);
  assert.match(second.out, /^nodeKey \S+: done$/);
  assert.equal(readFileSync(join(data, 'node', 'node.pem'), 'utf8').match(/BEGIN/g)?.length, 2);
  const needed = await operator('operator-2', 'operator', 'revoke-key', 'node', 'node-2');
  assert.match(needed.out, /refused \(recordInvalid: the node signs with this key: register/);
  const revoked = await operator('operator-2', 'operator', 'revoke-key', 'node', 'node-1');
  assert.match(revoked.out, /: done$/);
  assert.deepEqual(await listed('first-2027'), [
    ...['genesis genesis revoked', 'operator-2 operator-2 registered', 'node node-1 revoked'],
    ...['genesis first-2027 registered', 'node node-2 registered'],
  ]);
});

test('one operator alone acknowledges and closes a case, under whichever key is his', async () => {
  const subject = { debtor_agent: 'BETASG00' };
  const atMs = Date.parse('2026-03-16T09:00:00Z');
  const id = caseId('corridor-outage', subject, atMs);
  const opened: CaseRecord = {
    ...{ kind: 'opened', case: id, rule: 'corridor-outage', title: 'Outage', subject, atMs },
    ...{ severity: 'critical', summary: 'BETASG00 sends nothing' },
  };
  await network.log.produce(CASES, [caseMessage(opened)]);
  const said = async (name: string, ...args: string[]) => {
    const { code, out } = await operator(name, 'operator', ...args);
    return `${code} ${out}`;
  };
  const why = ['--why', 'I call the bank'];
  assert.match(
    await said('first-2027', 'acknowledge', id, ...why),
    /^0 acknowledgeCase \S+: done$/,
  );
  assert.equal(
    await said('operator-2', 'cases'),
    `0 ${id}\tcritical\t2026-03-16T09:00:00.000Z\tfiring\tacknowledged by first-2027: I call the bank\tBETASG00 sends nothing`,
  );
  assert.match(await said('operator-2', 'close', id, '--why', 'over'), /: done$/);
  assert.match(
    await said('operator-2', 'close', id, '--why', 'over'),
    /^1 closeCase \S+: refused \(caseClosed: it is closed, and stays so/,
  );
  assert.equal(await said('operator-2', 'cases'), '0 no case is open');
  const bad = await operator('operator-2', 'operator', 'close', 'x', ...why);
  assert.deepEqual([bad.code, /closeCase: command\/case: expected/.test(bad.said)], [2, true]);
});

test('what is wrong is one line that says what was expected', async () => {
  const cases: [string[], RegExp][] = [
    [['operator', 'give', 'gift', 'bic=ALFADE00'], /gift: expected one of participant, currency/],
    [['operator', 'give', 'issue', 'amount=5'], /amount=5: expected member=value with one of bic/],
    [['operator', 'give', 'issue', 'bic=alfa'], /issue: command.*: expected/],
    [
      ['participants', 'revoke', 'ALFADE00', 'key-9'],
      /ALFADE00 key-9: expected one of its keys, key-1/,
    ],
    [['operator', 'outcome', 'none', '--pool', 'other'], /--pool other: expected one of main/],
    [['operator', 'revoke-key', 'node', 'node-9'], /node node-9: expected a key that `operator/],
    [['operator', 'rotate-node', 'node-2'], /node-2: the node has a key of this id/],
  ];
  for (const [args, expected] of cases) {
    const { code, said } = await operator('first-2027', ...args);
    assert.equal(code, 2, said);
    assert.match(said, expected);
    assert.equal(said.split('\n').length, 1);
  }
});
