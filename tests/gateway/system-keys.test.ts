/**
 * Keys of the operators and of the node are replaced by commands: two operators agree, both keys serve for a
 * while, the old one is revoked at a place in the log, and what it signed before stays proven.
 */
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createClearing } from '../../services/clearing/clearing.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createSigner, type Signer } from '../../services/core/verification/signing.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import {
  commandRecord,
  commandSigningText,
  OPERATOR,
  OPERATOR_COMMAND,
  OPERATOR_KEY_ID,
} from '../../services/protocol/messages/operator-command.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { QUERY } from '../../services/protocol/names/signed-query.ts';
import { COMMANDS, poolInput } from '../../services/protocol/names/topic-plan.ts';
import {
  type CommandReport,
  readCommandMessage,
} from '../../services/protocol/records/command-report.ts';
import type { Command } from '../../services/protocol/records/control-record.ts';
import { isControl, readControl } from '../../services/protocol/records/input-record.ts';
import { ControlProof } from '../../services/verifier/recheck-logged-control-records.ts';
import { atLeast } from '../support/at-least.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork } from '../support/network.ts';
import { possessionOf } from '../support/possession.ts';

const signerOf = (name: string) => createSigner(createHash('sha256').update(name).digest());
const publicKeyOf = (signer: Signer) => Buffer.from(signer.publicKey).toString('hex');
const [FIRST, SECOND] = [OPERATOR_KEY_ID, 'operator-2'] as const;
const NEW = 'first-2027';
const SIGNERS: Readonly<Record<string, Signer>> = Object.fromEntries(
  [FIRST, SECOND, NEW, 'second-2027', 'third'].map((name) => [name, signerOf(name)]),
);
const log = createMemoryLog({ now: Date.now });
const network = new TestNetwork(log, {
  operatorKey: publicKeyOf(signerOf(FIRST)),
  operators: {
    keys: [{ keyId: SECOND, publicKey: publicKeyOf(signerOf(SECOND)) }],
    approvals: 2,
    approvalValidMs: 3_600_000,
  },
});
const { network: name } = network.scenario;
let gateway: Gateway;
before(async () => {
  await network.create();
  gateway = await buildTestGateway({ network: name, log, name: randomUUID() });
});
after(() => gateway.close());

type Named = Pick<CommandReport, 'id'> & { readonly digest: string };

async function send(keyId: string, command: object, approves?: Named) {
  const payload = Buffer.from(
    JSON.stringify({ pool: 'main', command, ...(approves && { approves }) }),
  );
  const id = randomUUID();
  const headers = network.sign(
    ...([poolInput('main'), OPERATOR_COMMAND, OPERATOR, id, Date.now(), payload] as const),
    ...([SIGNERS[keyId] as Signer, keyId] as const),
  );
  const answer = await gateway.app.inject({
    ...{ method: 'POST', url: '/operator/commands', headers, payload },
  });
  await network.step();
  return { id, status: answer.statusCode, body: answer.json() };
}

/** Gives a command that the gateway takes. */
async function give(keyId: string, command: object, approves?: Named): Promise<Named> {
  const { id, status, body } = await send(keyId, command, approves);
  assert.equal(status, 202, JSON.stringify(body));
  return { id, digest: body.payloadDigest };
}

async function reportOf({ id }: Pick<Named, 'id'>): Promise<CommandReport | undefined> {
  const records = await log.read(COMMANDS, 0, 0, 1_000);
  return records.map(({ value }) => readCommandMessage(value)).findLast((one) => one.id === id);
}
const outcomeOf = async (named: Pick<Named, 'id'>) => {
  const report = await reportOf(named);
  return `${report?.outcome}${report?.reason ? ` ${report.reason}` : ''}`;
};

/** The command that registers a key of an operator, proven by the key. */
const registers = (operator: string, keyId: string) => ({
  ...{ kind: 'operatorKey', operator, keyId, publicKey: publicKeyOf(SIGNERS[keyId] as Signer) },
  state: 'registered',
  possession: possessionOf(name, SIGNERS[keyId] as Signer, {
    ...{ bic: OPERATOR, keyId, atMs: Date.now() },
  }),
});
const revokes = (operator: string, keyId: string) => ({
  ...{ kind: 'operatorKey', operator, keyId, publicKey: publicKeyOf(SIGNERS[keyId] as Signer) },
  state: 'revoked',
});
let lines = 1_000;
const line = () => ({
  ...{ kind: 'creditLine', bic: 'ALFADE00' as Bic, currency: 'EUR', amountMinor: `${lines++}` },
});
const lineNow = () => network.settlements[0]!.creditLine(0, 0);

/** Past the gateway, as whoever gets into the log writes it. */
async function write(keyId: string, command: object): Promise<Pick<Named, 'id'>> {
  const id = randomUUID();
  const issuedAtMs = Date.now();
  const payload = Buffer.from(JSON.stringify({ pool: 'main', command }));
  const text = commandSigningText(name, 'main', { id, keyId, issuedAtMs }, payload);
  const signature = (SIGNERS[keyId] as Signer).sign(text);
  const record = commandRecord(
    command as Command,
    { id, keyId, issuedAtMs, signature },
    payload,
    issuedAtMs,
  );
  await network.append('main', [record]);
  await network.step();
  return { id };
}

async function held(keyId: string) {
  const url = '/operator/keys';
  const { 'content-type': _, ...headers } = network.sign(
    ...(['http', QUERY, OPERATOR, randomUUID(), Date.now(), Buffer.from(`GET ${url}`)] as const),
    ...([SIGNERS[keyId] as Signer, keyId] as const),
  );
  const answer = await gateway.app.inject({ url, headers });
  return { status: answer.statusCode, keys: answer.json().pools?.[0].keys };
}

test('a key that proves nothing is not registered, at the gateway and behind it', async () => {
  const { possession: _, ...bare } = registers(FIRST, NEW);
  const { status, body } = await send(FIRST, bare);
  assert.deepEqual([status, body.field], [400, 'command/possession']);
  const other = registers(FIRST, 'third').possession;
  const { status: wrong } = await send(FIRST, { ...bare, possession: other });
  assert.equal(wrong, 400);
  const first = await write(FIRST, { ...bare, possession: other });
  assert.equal(await outcomeOf(first), 'awaitsApproval');
  const digest = (await reportOf(first))?.payloadDigest as string;
  const payload = { ...bare, possession: other };
  const approval = await give2(payload, { ...first, digest });
  assert.deepEqual(
    [await outcomeOf(approval), await outcomeOf(first)],
    ['refused signatureInvalid', 'refused signatureInvalid'],
  );
});

/** The second's approval past the gateway. */
async function give2(command: object, approves: Named): Promise<Pick<Named, 'id'>> {
  const id = randomUUID();
  const issuedAtMs = Date.now();
  const payload = Buffer.from(JSON.stringify({ pool: 'main', command, approves }));
  const text = commandSigningText(name, 'main', { id, keyId: SECOND, issuedAtMs }, payload);
  const signature = (SIGNERS[SECOND] as Signer).sign(text);
  const envelope = { id, keyId: SECOND, issuedAtMs, signature };
  await network.append('main', [commandRecord(command as Command, envelope, payload, issuedAtMs)]);
  await network.step();
  return { id };
}

test('an operator gets another key when both agree; both keys serve, and are one operator’s', async () => {
  assert.equal((await send(NEW, line())).status, 401, 'not yet');
  const alone = await give(FIRST, registers(FIRST, NEW));
  assert.equal(await outcomeOf(alone), 'awaitsApproval');
  assert.equal((await send(NEW, line())).status, 401, 'not approved');
  const command = registers(FIRST, NEW);
  const first = await give(FIRST, command);
  assert.equal(await outcomeOf(await give(SECOND, command, first)), 'done');
  assert.equal((await reportOf(first))?.key?.keyId, NEW);
  const wanted = line();
  const waiting = await give(NEW, wanted);
  assert.equal(await outcomeOf(waiting), 'awaitsApproval');
  assert.equal(await outcomeOf(await give(FIRST, wanted, waiting)), 'approvedByItself');
  assert.equal(await outcomeOf(await give(SECOND, wanted, waiting)), 'done');
  assert.equal(lineNow(), BigInt(wanted.amountMinor));
  const { keys } = await held(NEW);
  assert.deepEqual(
    keys.map(({ owner, keyId }: { owner: string; keyId: string }) => `${owner} ${keyId}`),
    [`${FIRST} ${FIRST}`, `${SECOND} ${SECOND}`, `${FIRST} ${NEW}`],
  );
});

test('nobody revokes another’s key alone, and nobody his last one', async () => {
  const theft = await give(SECOND, revokes(FIRST, FIRST));
  assert.equal(await outcomeOf(theft), 'awaitsApproval');
  assert.equal((await send(FIRST, { kind: 'tick' })).status, 202);
  const last = await give(SECOND, revokes(SECOND, SECOND));
  assert.equal(await outcomeOf(last), 'refused recordInvalid');
  assert.match((await reportOf(last))?.detail ?? '', /last key: register another first/);
});

test('a revoked key commands nothing from its place on: at the gateway, in the log, and what it had given', async () => {
  const before = line();
  const waiting = await give(FIRST, before);
  assert.equal(await outcomeOf(await give(NEW, revokes(FIRST, FIRST))), 'done');
  assert.equal((await send(FIRST, line())).status, 401);
  assert.equal((await held(FIRST)).status, 401);
  assert.equal((await held(NEW)).status, 200);
  const past = await write(FIRST, {
    kind: 'issue',
    bic: 'ALFADE00',
    currency: 'EUR',
    amountMinor: '5',
  });
  assert.equal(await outcomeOf(past), 'refused keyRevoked');
  const now = lineNow();
  assert.equal(await outcomeOf(await give(SECOND, before, waiting)), 'approvesNothing');
  assert.equal(lineNow(), now);
  const after = line();
  const first = await give(NEW, after);
  assert.equal(await outcomeOf(await give(SECOND, after, first)), 'done');
});

test('the log is proven with the keys that held at each place, and what had no effect is told', async () => {
  const records = await log.read(poolInput('main'), 0, 0, 1_000);
  const proof = new ControlProof('main', Date.now);
  const kinds = new Map<string, number>();
  for (const { value, logOffset } of atLeast(10, records)) {
    if (!isControl(value)) continue;
    const { kind, fault } = proof.take(readControl(value));
    assert.equal(fault, null, `offset ${logOffset}`);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  assert.ok((kinds.get('command') ?? 0) >= 4);
  assert.ok((kinds.get('command without effect') ?? 0) >= 6);
  // A new key's command is none before the key is registered.
  const early = new ControlProof('main', Date.now);
  const faults = records.flatMap(({ value }) => {
    const control = isControl(value) ? readControl(value) : null;
    if (!control || (control.kind === 'operatorKey' && control.keyId === NEW)) return [];
    return early.take(control).fault ?? [];
  });
  assert.ok(
    faults.some((fault) => fault.includes(`no key ${NEW} of an operator`)),
    `${faults}`,
  );
});

test('clearing that goes on from its state does the same as one that began at the genesis', async () => {
  const records = await log.read(poolInput('main'), 0, 0, 1_000);
  const inputs = records.map(({ logOffset, value }) => ({ position: logOffset, value }));
  const wasm = compiledCore();
  const whole = createClearing(createSettlement(wasm));
  whole.apply(inputs);
  for (const at of atLeast(
    5,
    [...inputs.keys()].filter((one) => one % 4 === 3),
  )) {
    const core = createSettlement(wasm);
    const first = createClearing(core);
    first.apply(inputs.slice(0, at));
    const { chain, ...state } = first.state();
    const second = createClearing(core, { ...JSON.parse(JSON.stringify(state)), chain });
    second.apply(inputs.slice(at));
    assert.equal(second.digest().toString('hex'), whole.digest().toString('hex'), `at ${at}`);
  }
});
