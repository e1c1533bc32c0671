/** Banks of a sandbox witness its logs as its policy names them, and receipts have those who agreed. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { verifyProof } from '../../services/cli/verify-proof.ts';
import { parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { isSignedBy, parseNote } from '../../services/evidence/signed-note.ts';
import { parseTlogProof } from '../../services/evidence/tlog-proof.ts';
import { startSandbox } from '../../services/sandbox/sandbox.ts';
import { openSandboxFolder } from '../../services/sandbox/sandbox-folder.ts';
import {
  makeWitnesses,
  networkPolicyOf,
  ownWitnesses,
  startWitnesses,
  witnessesIn,
  witnessMajority,
} from '../../services/sandbox/witness-keys-and-majority.ts';
import { hashing } from '../evidence/sample-log.ts';
import { ALFA, paymentOf } from '../faults/banks.ts';
import { processOver, scenario, until } from '../support/live.ts';
import { createSealedNetwork } from '../support/sealed-network.ts';

const { folder, log, start, startDoor, pay, read, remove } = createSealedNetwork();
after(remove);
const sandbox = openSandboxFolder(folder, scenario, true);
const POLICY = join(folder, 'evidence-policy');
const banks = witnessesIn(scenario).slice(0, 3);

test('a checkpoint of a sandbox counts once more than half of its witnesses have cosigned it', () => {
  assert.deepEqual([1, 2, 3, 4, 5].map(witnessMajority), [1, 2, 2, 3, 3]);
});

test('who witnesses is said once, and what is there stays', () => {
  assert.equal(networkPolicyOf(sandbox), null);
  makeWitnesses(sandbox, banks, 2);
  const text = readFileSync(POLICY, 'utf8');
  assert.equal(networkPolicyOf(sandbox), text);
  const { witnesses, isMet } = parsePolicy(text);
  assert.deepEqual(
    witnesses.map(({ name }) => name),
    banks.map((bic) => `corridor.invalid/witness/${bic}`),
  );
  assert.deepEqual(
    [1, 2].map((count) => isMet((one) => witnesses.indexOf(one) < count)),
    [false, true],
  );
  assert.deepEqual(ownWitnesses(sandbox, scenario, text), banks);
  makeWitnesses(sandbox, banks.slice(0, 1), 1);
  assert.equal(readFileSync(POLICY, 'utf8'), text);
  // A key that the policy does not name, and a name without its key, are of nobody here.
  const [first = ''] = banks;
  const others = text.replaceAll(new RegExp(`^witness ${first} .*\n`, 'gm'), '');
  assert.deepEqual(
    ownWitnesses(sandbox, scenario, others.replace(/group .*\nquorum .*/, 'quorum none')),
    banks.slice(1),
  );
  const key = join(folder, 'keys', `${first}.witness.pem`);
  const pem = readFileSync(key);
  rmSync(key);
  assert.deepEqual(ownWitnesses(sandbox, scenario, text), banks.slice(1));
  writeFileSync(key, pem, { mode: 0o600 });
});

test('more than there are banks are refused before the folder is made', async () => {
  const ports = { probesHost: '127.0.0.1', probesPort: 0, gatewayPort: 0, viewPort: 0 };
  const place = join(folder, 'none', 'sandbox');
  await assert.rejects(
    startSandbox({ ...ports, scenario, folder: place, paymentsPerSecond: 0, witnesses: 99 }),
    /--witnesses 99: expected \d+ at most, the banks of scenario/,
  );
  assert.ok(!existsSync(join(folder, 'none')));
});

test('a policy that is none, or has not the network’s log, is named with its file', () => {
  const text = readFileSync(POLICY, 'utf8');
  for (const [broken, words] of [
    ['logs\n', /evidence-policy: policy, line 1: logs is no keyword/],
    ['quorum none\n', /evidence-policy: it has no line log .*, of pool main/],
  ] as const) {
    writeFileSync(POLICY, broken);
    assert.throws(() => networkPolicyOf(sandbox), words);
  }
  writeFileSync(POLICY, text);
});

test('a network that was founded before its pools had logs has no witnesses', () => {
  const { pools } = sandbox.network;
  const unsealed = pools.map(({ logKey: _, ...pool }) => pool);
  const file = (name: string) => join(folder, `unsealed-${name}`);
  makeWitnesses({ ...sandbox, file, network: { ...sandbox.network, pools: unsealed } }, banks, 2);
  assert.ok(!existsSync(file('evidence-policy')));
});

test('they cosign what is sealed, and a receipt names them', async (t) => {
  const policy = networkPolicyOf(sandbox) as string;
  let live = await start();
  const door = await startDoor('witnessed', policy);
  const paid = paymentOf(73, 0);
  await pay(paid);
  await live.stop();
  live = await start();
  const shared = processOver(log);
  const witnesses = await startWitnesses(
    (name) => shared.context(name),
    sandbox,
    ownWitnesses(sandbox, scenario, policy),
    hashing,
  );
  t.after(async () => {
    await witnesses.stop();
    await door.stop();
    await live.stop();
  });
  const signersIn = (checkpoint: string) => {
    const note = parseNote(checkpoint);
    return parsePolicy(policy)
      .witnesses.filter((key) => isSignedBy(note, key))
      .map(({ name }) => name);
  };
  await until('all have cosigned', async () => {
    const cosigned = await fetch(`${door.url}/evidence/pools/main/cosigned`);
    return cosigned.ok && signersIn(await cosigned.text()).length === banks.length;
  });
  const receipt = await read(door.url, ALFA, `/payments/${paid.uetr}/receipt`);
  const names = banks.map((bic) => `corridor.invalid/witness/${bic}`);
  assert.deepEqual(signersIn(parseTlogProof(receipt).checkpoint), names);
  const verified = verifyProof('receipt', receipt, { policy: POLICY }).said;
  assert.ok(verified.endsWith(`, cosigned by ${names.join(', ')})`), verified);
  assert.deepEqual(readdirSync(join(folder, 'witnesses')).sort(), [...banks].sort());
});
