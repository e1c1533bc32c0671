import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createSigner, secretKeyPem } from '../../services/core/verification/signing.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { REPORT_REQUEST } from '../../services/protocol/messages/message-types.ts';
import { writeReportRequest } from '../../services/protocol/messages/report-request.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { simulatedSecretKey } from '../../services/simulator/keys-and-genesis.ts';
import { atLeast } from '../support/at-least.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { startNetwork } from '../support/live.ts';
import { TestNetwork } from '../support/network.ts';
import { load } from '../support/run.ts';
import { xmlOf } from '../support/xml-messages.ts';

/** The examples of docs/http.md, run as a bank's engineer runs them. */
const run = promisify(execFile);
const operatorSecret = createHash('sha256').update('operator').digest();
const folder = mkdtempSync(join(tmpdir(), 'corridor-examples-'));
const log = createMemoryLog({ now: Date.now });
const network = new TestNetwork(log, {
  scenario: load('smoke', ['statements.notifications=true']),
  nodeKey: createHash('sha256').update('node').digest(),
  passesRecalls: true,
  ...{ chainLegsMax: 16, conditions: true },
  operatorKey: Buffer.from(createSigner(operatorSecret).publicKey).toString('hex'),
});
let gateway: Gateway;
let url: string;
const example = (name: string) => join(packageFolder, 'docs/examples', name);
const key = join(folder, 'ALFADE00.pem');
const otherKey = join(folder, 'BETASG00.pem');
const operatorKey = join(folder, 'operator.pem');

const works = (program: string, args: string[]) => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const python = works('python3', ['-c', 'import cryptography']);
const java = works('java', ['-version']);
const openssl = works('openssl', ['version']) && works('curl', ['--version']);

before(async () => {
  writeFileSync(key, secretKeyPem(simulatedSecretKey(network.scenario.seed, 'ALFADE00')));
  writeFileSync(otherKey, secretKeyPem(simulatedSecretKey(network.scenario.seed, 'BETASG00')));
  writeFileSync(operatorKey, secretKeyPem(operatorSecret));
  await network.create();
  network.start();
  gateway = await buildTestGateway({
    network: network.scenario.network,
    log,
    name: 'examples',
  });
  url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
});
after(async () => {
  await gateway.close();
  await network.stop();
  rmSync(folder, { recursive: true });
});

const payment = () => [network.scenario.network, 'ALFADE00', key, 'BETASG00', 'EUR', '12.50'];

test('Python: a payment settles, the stream tells of it, and the operator issues liquidity', {
  skip: !python && 'python3 with the package cryptography is not here',
}, async () => {
  const client = (...args: string[]) =>
    run('python3', [example('corridor_client.py'), url, ...args]);
  const [net, bic, ...rest] = payment() as [string, string, ...string[]];
  const watching = spawn('python3', [
    example('corridor_client.py'),
    url,
    net,
    'watch',
    bic,
    key,
    '1',
  ]);
  let watched = '';
  watching.stdout.on('data', (piece) => {
    watched += piece;
  });
  const ended = new Promise((resolve) => watching.on('exit', resolve));
  const { stdout } = await client(net, 'pay', bic, ...rest);
  assert.match(stdout, /^[0-9a-f-]{36} ACSC\n$/);
  await ended;
  assert.match(watched, / ACSC\n$/);
  const before = network.settlements[0]!.balance(0, 0);
  const issue = { kind: 'issue', bic, currency: 'EUR', amountMinor: '700' };
  const command = await client(net, 'command', 'main', operatorKey, JSON.stringify(issue));
  assert.match(command.stdout, /^202 /);
  while (network.settlements[0]!.balance(0, 0) === before)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(network.settlements[0]!.balance(0, 0) - before, 700n);
});

test('Python: what a payment waits for is told once, also where the last answer comes too late', {
  skip: !python && 'python3 with the package cryptography is not here',
}, async (t) => {
  const because = { Rsn: { Cd: 'AM04' }, AddtlInf: ['Waits for funds'] };
  const report = { FIToFIPmtStsRpt: { TxInfAndSts: [{ StsRsnInf: [because] }] } };
  const statuses = [{ status: 'PDNG', document: { Document: report } }];
  // Of two seconds the third answer comes after the end.
  const slow = createServer((request, response) => {
    request.resume().on('end', async () => {
      if (request.method === 'POST') response.writeHead(202).end('{}');
      else {
        await wait(700);
        response.end(JSON.stringify({ state: 'PDNG', final: false, statuses }));
      }
    });
  });
  await once(slow.listen(0, '127.0.0.1'), 'listening');
  t.after(() => slow.close());
  const { port } = slow.address() as AddressInfo;
  const [net, bic, ...rest] = payment() as [string, string, ...string[]];
  const there = [example('corridor_client.py'), `http://127.0.0.1:${port}`, net, 'pay', bic];
  const { stderr } = await fails('python3', [...there, ...rest, '2']);
  assert.match(stderr, /has no final status after 2 s: PDNG AM04/);
  assert.equal(stderr.match(/waits for up to 2 s: PDNG AM04/g)?.length, 1, stderr);
});

test('Python: a settled payment is asked back, which is answered, and returned in parts', {
  skip: !python && 'python3 with the package cryptography is not here',
}, async () => {
  const net = network.scenario.network;
  const { stdout: paid } = await run('python3', [
    ...[example('corridor_client.py'), url, net, 'pay', ...payment().slice(1)],
  ]);
  const [uetr] = paid.split(' ') as [string];
  const follow = async (what: string, bic: string, ...args: string[]) => {
    const file = bic === 'ALFADE00' ? key : otherKey;
    const client = [example('exceptions_client.py'), url, net, what, bic, file, uetr, ...args];
    const { stdout } = await run('python3', client);
    assert.ok(stdout.startsWith(`${uetr} `), stdout);
    return stdout.slice(uetr.length + 1).trim();
  };
  assert.match(await follow('ask', 'ALFADE00'), /^ACSC Not returned: EUR 12\.50$/);
  assert.equal(await follow('recall', 'ALFADE00'), 'PDCR');
  assert.match(await follow('ask', 'BETASG00', 'ALFADE00'), /has not decided on the request/);
  assert.equal(await follow('answer', 'BETASG00', 'CNCL'), 'COMP');
  const again = await fails('python3', [
    ...[example('exceptions_client.py'), url, net, 'answer', 'BETASG00', otherKey],
    ...[uetr, 'RJCR', 'CUST'],
  ]);
  assert.match(again.stdout, / RJCT /);
  const unfit = await fails('python3', [
    ...[example('exceptions_client.py'), url, net, 'answer', 'BETASG00', otherKey, uetr, 'RJCR'],
  ]);
  assert.match(unfit.stdout, / RJCT FF01 .*Rule: .*Path: .*Expected: /, 'the whole refusal');
  assert.equal(await follow('return', 'BETASG00', '12.00', 'FOCR'), 'ACSC');
  assert.match(await follow('ask', 'ALFADE00'), /^ACSC Not returned: EUR 0\.50$/);
  const { stdout } = await fails('python3', [
    ...[example('exceptions_client.py'), url, net, 'return', 'BETASG00', otherKey],
    ...[uetr, '0.51', 'FOCR'],
  ]);
  assert.match(stdout, / RJCT AM02/);
  const queue = ['read', 'BETASG00', otherKey, '/banks/BETASG00/queue'];
  const read = await run('python3', [example('corridor_client.py'), url, net, ...queue]);
  assert.equal(JSON.parse(read.stdout).bic, 'BETASG00');
  // Who reads it has gone before it writes.
  const words = ['python3', example('corridor_client.py'), url, net, ...queue];
  const piped = await run('bash', ['-c', 'set -o pipefail; "$@" | true', 'bash', ...words]);
  assert.equal(piped.stderr, '');
});

test('Python: in XML, by a condition, and reconciled from camt.054 and camt.053 alone', {
  skip: !python && 'python3 with the package cryptography is not here',
}, async () => {
  const [net, bic, ...rest] = payment() as [string, string, ...string[]];
  const gamma = join(folder, 'GAMMFR00.pem');
  writeFileSync(gamma, secretKeyPem(simulatedSecretKey(network.scenario.seed, 'GAMMFR00')));
  const account = (file: string, ...args: string[]) => [file, url, net, ...args];
  const said = async (args: string[]) => (await run('python3', args)).stdout;
  const client = example('account_client.py');
  assert.match(await said(account(client, 'pay', bic, ...rest)), /^[0-9a-f-]{36} ACSC\n$/);
  const nobody = account(client, 'pay', bic, key, 'NOBODY00', 'EUR', '12.50');
  assert.match((await fails('python3', nobody)).stdout, / RJCT CNOR; The creditor's agent/);

  const chain = (...args: string[]) => [example('chain_client.py'), url, net, ...args];
  const terms = ['BETASG00', 'SGD', '100.00', 'GAMMFR00'];
  const funded = await said(chain('instruct', bic, key, ...terms));
  assert.match(funded, /^CARGO-\w{8} Set aside: SGD 100\.00\n$/);
  const [id] = funded.split(' ') as [string];
  const attest = (...verdict: string[]) => chain('attest', 'GAMMFR00', gamma, id, ...verdict);
  assert.equal(await said(attest('ACCEPT', 'Bill of lading 4711')), `${id} COMP\n`);
  const followed = (await said(chain('follow', bic, key, id))).trim().split('\n');
  const states = followed.map((line) => line.split(' ')[1]);
  assert.deepEqual([states[0], states.at(-1)], ['PDNG', 'ACSC']);
  for (const state of ['ACFC', 'ACWP']) assert.ok(states.includes(state), `${states}`);
  assert.match((await fails('python3', attest('REFUSE', 'late'))).stdout, / RJCT NOOR /);

  const date = new Date().toISOString().slice(0, 10);
  await network.append('main', [{ kind: 'close', timeMs: Date.now(), currency: 'SGD', date }]);
  const reconcile = (file: string) => account(file, 'reconcile', bic, key);
  let told = await said(reconcile(client));
  while (!/^SGD .* statements: 1$/m.test(told)) told = await said(reconcile(client));
  const balances = [...told.matchAll(/^(EUR|SGD) (-?[0-9.]+) by /gm)].map(([, code, balance]) => [
    code,
    BigInt((balance as string).replace('.', '')),
  ]);
  const core = network.settlements[0]!;
  assert.deepEqual(balances.sort(), [
    ['EUR', core.balance(0, 0)],
    ['SGD', core.balance(0, 1)],
  ]);
  // What was asked for in XML is answered in XML, among what comes in JSON.
  for (const asked of atLeast(2, [null, date])) {
    const id = `Q-XML-${asked ?? 'now'}`;
    const request = { id, sender: bic as Bic, currency: 'SGD', date: asked };
    const body = xmlOf(REPORT_REQUEST, writeReportRequest(request, Date.now()));
    const signed = network.sign(PAYMENTS, REPORT_REQUEST, bic, id, Date.now(), body);
    const headers = { ...signed, 'content-type': 'application/xml' };
    assert.equal((await fetch(`${url}/payments`, { method: 'POST', headers, body })).status, 202);
  }
  const inXml = async () =>
    (await log.read(`statements.${bic}`, 0, 0, 1_000)).filter(
      ({ headers }) => headers['content-type'] === 'application/xml',
    );
  while ((await inXml()).length < 2) await wait(20);
  assert.equal(await said(reconcile(client)), told);
  // A camt.054 that were lost would be missed by the statement that names it.
  const records = await log.read(`statements.${bic}`, 0, 0, 1_000);
  const lost = records.find(({ value }) => Buffer.from(value).includes('"Amt":"100.00"'));
  const source = readFileSync(client, 'utf8');
  const forged = join(folder, 'account_client.py');
  assert.ok(source.includes('seen, after = set(), ""'));
  writeFileSync(
    forged,
    source.replace('seen, after = set(), ""', `seen, after = {"${lost?.headers.ce_id}"}, ""`),
  );
  writeFileSync(
    join(folder, 'corridor_client.py'),
    readFileSync(example('corridor_client.py'), 'utf8'),
  );
  const { stderr } = await fails('python3', reconcile(forged));
  assert.match(
    stderr,
    /^SGD: main-\d+-SGD-closed has of main-\d+-booked -100\.00, expected None$/m,
  );
});

test('Python: two banks trade over two pools, and each reads its end; where an attestor refuses, no leg settles', {
  skip: !python && 'python3 with the package cryptography is not here',
}, async () => {
  const founded = load('two-pools');
  const twoLogs = createMemoryLog({ now: Date.now });
  const operator = createSigner(simulatedSecretKey(founded.seed, 'SYNCDE00'));
  const live = await startNetwork(twoLogs, {
    founded,
    synchronisation: [
      { bic: 'SYNCDE00' as Bic, keyId: 'key-1', sign: (text) => operator.sign(text) },
    ],
  });
  const pools = founded.pools.map(({ name }) => name);
  const { network: net } = founded;
  const bothPools = await buildTestGateway({ network: net, log: twoLogs, name: 'pools', pools });
  const at = await bothPools.app.listen({ host: '127.0.0.1', port: 0 });
  const client = (program: string, what: string, bic: string, ...args: string[]) => {
    const file = join(folder, `two-pools-${bic}.pem`);
    writeFileSync(file, secretKeyPem(simulatedSecretKey(founded.seed, bic)));
    return [example(program), at, net, what, bic, file, ...args];
  };
  const trade = async (from: string, to: string, ...terms: string[]) => {
    const proposed = client('two_pools_client.py', 'propose', from, to, ...terms);
    const [id, status] = (await run('python3', proposed)).stdout.split(' ') as [string, string];
    assert.deepEqual([id.slice(0, 6), status], ['TRADE-', 'PDNG']);
    await run('python3', client('two_pools_client.py', 'agree', to, id));
    const follows = [from, to].map((bic) => client('two_pools_client.py', 'follow', bic, id));
    return { id, follows };
  };
  const linesOf = ({ stdout }: { stdout: string }) => stdout.trim().split('\n');
  try {
    const [eur, sgd, between] = [['EUR', '25.00'], ['SGD', '37.00'], 'SYNCDE00'] as const;
    const { id, follows } = await trade('ALFADE00', 'MERLSG00', ...eur, ...sgd, between);
    const [home, other] = (await Promise.all(follows.map((follow) => run('python3', follow)))).map(
      linesOf,
    );
    assert.equal(home?.at(-1), `${id} received SGD 37.00`);
    assert.equal(other?.at(-1), `${id} received EUR 25.00`);
    assert.ok(other?.some((line) => line.startsWith(`${id} ACFC Promised`)));

    // The pool of the dollars decides, and asks; it is not the first one, to which an attestation without `Ccy` would go.
    const asked = await trade('MERLSG00', 'ALFADE00', ...sgd, ...eur, between, 'DESKSG00');
    const refusal = ['DESKSG00', asked.id, 'REFUSE', 'Not cleared'] as const;
    await run('python3', client('chain_client.py', 'attest', ...refusal));
    const ends = (await Promise.all(asked.follows.map((follow) => fails('python3', follow)))).map(
      linesOf,
    );
    for (const lines of ends) {
      assert.match(lines.at(-1) ?? '', new RegExp(`^${asked.id} (RJCT|CANC) `));
      assert.ok(!lines.some((line) => /ACSC|received/.test(line)), `${lines}`);
    }
  } finally {
    await bothPools.close();
    await live.stop();
  }
});

test('Java: a payment settles', { skip: !java && 'java is not here' }, async () => {
  const { stdout } = await run('java', [example('Pay.java'), url, ...payment()]);
  assert.match(stdout, /"state":"ACSC"/);
});

for (const syntax of ['json', 'xml'])
  test(`curl and OpenSSL: a payment in ${syntax} settles`, {
    skip: !openssl && 'openssl or curl is not here',
  }, async () => {
    const { stdout } = await run('bash', [example('pay.sh'), url, ...payment(), syntax]);
    assert.match(stdout, /"state":"ACSC"/);
    assert.equal(stdout.includes('<TxSts>ACSC</TxSts>'), syntax === 'xml');
  });

/** A report of the bank's accounts, which the node signs. */
async function askForReport(bic: Bic): Promise<void> {
  const id = `Q-${randomUUID().slice(0, 8)}`;
  const payload = Buffer.from(
    writeReportRequest({ id, sender: bic, currency: null, date: null }, Date.now()),
  );
  const headers = network.sign(PAYMENTS, REPORT_REQUEST, bic, id, Date.now(), payload);
  await gateway.app.inject({ method: 'POST', url: '/payments', headers, payload });
  const items = () => {
    const target = `/banks/${bic}/statements?limit=1000`;
    return gateway.app.inject({ url: target, headers: network.reading(bic, target) });
  };
  while (!(await items()).body.includes(id)) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('Python: whoever has HTTP alone verifies deliveries, and what the node signed', {
  skip: !python && 'python3 with the package cryptography is not here',
}, async () => {
  const [net, ...rest] = payment() as [string, ...string[]];
  await run('python3', [example('corridor_client.py'), url, net, 'pay', ...rest]);
  await askForReport('BETASG00' as Bic);
  const beta = join(folder, 'BETASG00.pem');
  writeFileSync(beta, secretKeyPem(simulatedSecretKey(network.scenario.seed, 'BETASG00')));
  const { stdout } = await run('python3', [example('verify.py'), url, net, 'BETASG00', beta]);
  assert.match(stdout, /^pacs\.008\.001\.08 [0-9a-f-]{36} verified, from ALFADE00$/m);
  assert.match(stdout, new RegExp(`^camt\\.052\\.001\\.08 \\S+ verified, from ${net}$`, 'm'));
  // Of another network neither its requests nor what it got would be.
  const source = readFileSync(example('verify.py'), 'utf8');
  const forged = join(folder, 'verify.py');
  const lines = 'text = signed_text(bank.network, topic,';
  assert.ok(source.includes(lines));
  writeFileSync(forged, source.replace(lines, 'text = signed_text("another", topic,'));
  writeFileSync(
    join(folder, 'corridor_client.py'),
    readFileSync(example('corridor_client.py'), 'utf8'),
  );
  const { stderr } = await fails('python3', [forged, url, net, 'BETASG00', beta]);
  assert.match(stderr, /not signed by ALFADE00 with key-1/);
});

test('OpenSSL: a report verifies under the key of the node', {
  skip: !openssl && 'openssl or curl is not here',
}, async () => {
  const bic = 'ALFADE00' as Bic;
  await askForReport(bic);
  const target = `/banks/${bic}/statements?limit=1000`;
  const get = async (path: string) =>
    JSON.parse((await gateway.app.inject({ url: path, headers: network.reading(bic, path) })).body);
  const [{ publicKey }] = (await get('/participants')).node.keys;
  const { signed } = (await get(target)).items.find((item: { signed?: object }) => item.signed);
  const { headers } = signed;
  const payload = Buffer.from(signed.payload, 'base64');
  const name = (file: string) => join(folder, file);
  const prefix = Buffer.from('302a300506032b6570032100', 'hex');
  writeFileSync(name('node.der'), Buffer.concat([prefix, Buffer.from(publicKey, 'hex')]));
  writeFileSync(name('node.sig'), Buffer.from(headers.ce_signature, 'base64'));
  const verifies = (topic: string) => {
    const digest = createHash('sha256').update(payload).digest('hex');
    const lines = [
      ...['CORRIDOR-SIG-V1', network.scenario.network, topic, headers.ce_type, headers.ce_source],
      ...[headers.ce_keyid, headers.ce_id, headers.ce_issuedatms, digest, ''],
    ];
    writeFileSync(name('node.txt'), lines.join('\n'));
    const files = [
      '-inkey',
      name('node.der'),
      '-sigfile',
      name('node.sig'),
      '-in',
      name('node.txt'),
    ];
    return works('openssl', [
      ...['pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-rawin'],
      ...files,
    ]);
  };
  assert.ok(verifies(`statements.${bic}`));
  assert.ok(!verifies(`statuses.${bic}`));
});

interface Language {
  readonly name: string;
  readonly program: string;
  readonly skip: string | false;
  /** Signs a payment, in the example's source. */
  readonly signs: string;
  arguments(file: string, [network, bic, ...rest]: readonly string[]): string[];
}

const plain = (file: string, args: readonly string[]) => [file, url, ...args];
const LANGUAGES: readonly Language[] = [
  {
    name: 'corridor_client.py',
    program: 'python3',
    skip: !python && 'python3 with the package cryptography is not here',
    signs: 'self.network, "payments"',
    arguments: (file, [net = '', ...rest]) => [file, url, net, 'pay', ...rest],
  },
  {
    name: 'Pay.java',
    program: 'java',
    skip: !java && 'java is not here',
    signs: 'url + "/payments", "payments"',
    arguments: plain,
  },
  {
    name: 'pay.sh',
    program: 'bash',
    skip: !openssl && 'openssl or curl is not here',
    signs: 'sign payments',
    arguments: plain,
  },
];

/** Ends with exit code 1; what it said. */
async function fails(program: string, args: string[]): Promise<{ stdout: string; stderr: string }> {
  const outcome = await run(program, args).catch((error: unknown) => error);
  const { code, stdout, stderr } = outcome as { code?: number; stdout: string; stderr: string };
  assert.equal(code, 1, `${stdout}${stderr}`);
  return { stdout, stderr };
}

for (const { name, program, skip, signs, arguments: args } of LANGUAGES) {
  test(`${name}: a payment that is rejected ends with its reason and exit code 1`, {
    skip,
  }, async () => {
    const [net, bic, file, , ...rest] = payment() as [string, string, string, string, ...string[]];
    const nobody = [net, bic, file, 'NOBODY00', ...rest];
    const { stdout } = await fails(program, args(example(name), nobody));
    assert.match(stdout, /RJCT/);
    assert.match(stdout, /CNOR/);
  });

  test(`${name}: a wrongly signed payment is refused at once, exit code 1`, {
    skip,
  }, async () => {
    const source = readFileSync(example(name), 'utf8');
    assert.equal(source.split(signs).length, 2, `${signs} stands once`);
    const file = join(folder, name);
    writeFileSync(file, source.replace(signs, signs.replace(/payments("?)$/, 'payment$1')));
    const { stdout, stderr } = await fails(program, args(file, payment()));
    assert.match(`${stdout}${stderr}`, /401|not-authentic/);
    assert.match(`${stdout}${stderr}`, /the signature does not verify under an active key of/);
  });
}

test('Python: where no gateway answers, one line and no traceback', {
  skip: !python && 'python3 with the package cryptography is not here',
}, async () => {
  const [net, ...rest] = payment() as [string, ...string[]];
  const client = [example('corridor_client.py'), 'http://127.0.0.1:1', net, 'pay', ...rest];
  const { stderr } = await fails('python3', client);
  assert.match(stderr, /^http:\/\/127\.0\.0\.1:1: no gateway answers: .*refused\n$/);
});
