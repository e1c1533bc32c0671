/**
 * A network whose genesis asks for two operators: what one commands about limits, keys and participants
 * waits, and takes effect once when another approves exactly that, in time.
 */
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createClearing } from '../../services/clearing/clearing.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import {
  OPERATOR,
  OPERATOR_COMMAND,
  OPERATOR_KEY_ID,
} from '../../services/protocol/messages/operator-command.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { QUERY } from '../../services/protocol/names/signed-query.ts';
import { COMMANDS, PARTICIPANTS, poolInput } from '../../services/protocol/names/topic-plan.ts';
import {
  type CommandReport,
  readCommandMessage,
} from '../../services/protocol/records/command-report.ts';
import { isControl, readControl } from '../../services/protocol/records/input-record.ts';
import { ControlProof } from '../../services/verifier/recheck-logged-control-records.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork } from '../support/network.ts';
import { possessionOf } from '../support/possession.ts';

const signerOf = (name: string) => createSigner(createHash('sha256').update(name).digest());
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const [FIRST, SECOND] = [OPERATOR_KEY_ID, 'operator-2'] as const;
const OPERATORS = { [FIRST]: signerOf('operator'), [SECOND]: signerOf('operator-2') };
const HOUR_MS = 3_600_000;
const BIC = 'ALFADE00' as Bic;

let nowMs = Date.now();
const log = createMemoryLog({ now: () => nowMs });
const network = new TestNetwork(log, {
  operatorKey: hex(OPERATORS[FIRST].publicKey),
  operators: {
    keys: [{ keyId: SECOND, publicKey: hex(OPERATORS[SECOND].publicKey) }],
    approvals: 2,
    approvalValidMs: HOUR_MS,
  },
});
let gateway: Gateway;
before(async () => {
  await network.create();
  nowMs = Date.now();
  gateway = await buildTestGateway({
    ...{ network: network.scenario.network, log, name: randomUUID(), now: () => nowMs },
    clockJumpMaxMs: 10 * HOUR_MS,
  });
});
after(() => gateway.close());

type Named = Pick<CommandReport, 'id'> & { readonly digest: string };

/** Gives a command as one of the operators, and says under which id, and of which bytes. */
async function give(keyId: keyof typeof OPERATORS, command: object, approves?: Named) {
  const document = { pool: 'main', command, ...(approves && { approves }) };
  const payload = Buffer.from(JSON.stringify(document));
  const id = randomUUID();
  const headers = network.sign(
    ...([poolInput('main'), OPERATOR_COMMAND, OPERATOR, id, nowMs, payload] as const),
    ...([OPERATORS[keyId], keyId] as const),
  );
  const answer = await gateway.app.inject({
    ...{ method: 'POST', url: '/operator/commands', headers, payload },
  });
  assert.equal(answer.statusCode, 202, answer.body);
  await network.step();
  return { id, digest: answer.json().payloadDigest as string };
}

async function outcomeOf({ id }: Named): Promise<string> {
  const records = await log.read(COMMANDS, 0, 0, 1_000);
  const reports = records.map(({ value }) => readCommandMessage(value));
  return reports.filter((report) => report.id === id).at(-1)?.outcome ?? 'none';
}

/** What the gateway tells the first operator. */
async function asked({ id }: Named) {
  const url = `/operator/commands/${id}`;
  const { 'content-type': _, ...headers } = network.sign(
    ...(['http', QUERY, OPERATOR, randomUUID(), nowMs, Buffer.from(`GET ${url}`)] as const),
    ...([OPERATORS[FIRST], FIRST] as const),
  );
  return (await gateway.app.inject({ method: 'GET', url, headers })).json();
}

const line = (amountMinor: string) => ({
  ...{ kind: 'creditLine', bic: BIC, currency: 'EUR', amountMinor },
});
const lineNow = () => network.settlements[0]!.creditLine(0, 0);

test('a credit line waits for the other operator, and is then set once', async () => {
  const before = lineNow();
  const first = await give(FIRST, line('700'));
  assert.equal(await outcomeOf(first), 'awaitsApproval');
  assert.equal(lineNow(), before);
  const approval = await give(SECOND, line('700'), first);
  assert.deepEqual([await outcomeOf(first), await outcomeOf(approval)], ['done', 'done']);
  assert.equal(lineNow(), 700n);
  const again = await give(SECOND, line('700'), first);
  assert.equal(await outcomeOf(again), 'approvesNothing');
  assert.equal(await outcomeOf(first), 'done');
});

test('nobody approves his own, another command, or what nobody gave', async () => {
  const first = await give(SECOND, line('800'));
  const own = await give(SECOND, line('800'), first);
  const another = await give(FIRST, line('801'), first);
  const digest = createHash('sha256').update('nothing').digest('hex');
  const nothing = await give(FIRST, line('800'), { ...first, digest });
  const otherId = await give(FIRST, line('800'), { ...first, id: 'another' });
  // The same once more is no approval either.
  const beside = await give(FIRST, line('800'));
  assert.deepEqual(
    await Promise.all([own, another, nothing, otherId, beside, first].map(outcomeOf)),
    [
      ...['approvedByItself', 'approvesAnother', 'approvesNothing', 'approvesNothing'],
      ...['awaitsApproval', 'awaitsApproval'],
    ],
  );
  assert.equal(lineNow(), 700n);
  // The order of members is not what was meant.
  const { kind, bic, currency, amountMinor } = line('800');
  const approval = await give(FIRST, { amountMinor, currency, bic, kind }, first);
  assert.equal(await outcomeOf(approval), 'done');
  assert.equal(lineNow(), 800n);
});

test('what waits longer than the genesis allows is approved no more', async () => {
  const first = await give(FIRST, line('900'));
  const waiting = await asked(first);
  assert.equal(waiting.untilMs, waiting.timeMs + HOUR_MS);
  nowMs += HOUR_MS + 1;
  // Another command comes in between: the first waits no more, by the log's time.
  const beside = await give(FIRST, line('901'));
  const late = await give(SECOND, line('900'), first);
  for (const one of [first, late]) assert.equal(await outcomeOf(one), 'approvedTooLate');
  assert.equal((await asked(first)).untilMs, null);
  // Another command that names it says nothing about it.
  const another = await give(SECOND, { kind: 'issuer', bic: BIC, currency: 'EUR' }, first);
  assert.equal(await outcomeOf(another), 'approvesNothing');
  assert.equal(lineNow(), 800n);
  assert.equal(await outcomeOf(beside), 'awaitsApproval');
});

test('a key signs nothing before it is approved; its revocation needs one operator', async () => {
  const signer = signerOf('new key');
  const named = { bic: BIC, keyId: 'key-2' };
  const registered = {
    ...{ kind: 'key', ...named, publicKey: hex(signer.publicKey), state: 'registered' },
    possession: possessionOf(network.scenario.network, signer, { ...named, atMs: nowMs }),
  };
  const known = async () =>
    (await log.read(PARTICIPANTS, 0, 0, 1_000)).map(({ value }) => JSON.parse(`${value}`).keyId);
  const first = await give(FIRST, registered);
  assert.ok(!(await known()).includes('key-2'));
  await give(SECOND, registered, first);
  assert.equal(await outcomeOf(first), 'done');
  assert.ok((await known()).includes('key-2'));
  const { possession: _, ...key } = registered;
  const revoked = await give(SECOND, { ...key, state: 'revoked' });
  assert.equal(await outcomeOf(revoked), 'done');
});

test('an approved command that makes no sense is refused, and both are told', async () => {
  const nonsense = { ...line('5'), bic: 'NONEDE00' };
  const first = await give(FIRST, nonsense);
  const approval = await give(SECOND, nonsense, first);
  assert.deepEqual([await outcomeOf(first), await outcomeOf(approval)], ['refused', 'refused']);
});

test('money and days need one operator, and an approval of these is none', async () => {
  const issue = { kind: 'issue', bic: BIC, currency: 'EUR', amountMinor: '5' };
  const first = await give(SECOND, issue);
  assert.equal(await outcomeOf(first), 'done');
  assert.equal(await outcomeOf(await give(FIRST, issue, first)), 'approvesNothing');
});

test('the log is proven, and gives the same events from any restart between two records', async () => {
  const records = await log.read(poolInput('main'), 0, 0, 1_000);
  const check = new ControlProof('main');
  const findings = records.map(({ value }) => check.take(readControl(value)));
  assert.deepEqual(
    findings.filter(({ fault }) => fault !== null),
    [],
  );
  assert.ok(findings.filter(({ isIneffective }) => isIneffective).length > 8);
  const inputs = records.map(({ logOffset, value }) => ({ position: logOffset, value }));
  const wasm = compiledCore();
  const whole = createClearing(createSettlement(wasm)).apply(inputs).events;
  const last = inputs.findIndex(({ value }) => isControl(value) && readControl(value).command);
  for (let cut = last; cut < inputs.length; cut += 3) {
    const core = createSettlement(wasm);
    const clearing = createClearing(core);
    const before = clearing.apply(inputs.slice(0, cut)).events;
    const { chain, ...state } = clearing.state();
    const restored = { ...JSON.parse(JSON.stringify(state)), chain };
    const again = createClearing(createSettlement(wasm, undefined, core.capture()), restored);
    const after = again.apply(inputs.slice(cut)).events;
    assert.ok(Buffer.concat([before, after]).equals(Buffer.from(whole)), `cut at ${cut}`);
  }
});
