/**
 * A key is registered with a proof that its owner has it: the gateway refuses what lacks it, with the
 * place, and so does clearing what comes past the gateway.
 */
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createSigner } from '../../services/core/verification/signing.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import {
  type Possession,
  possessionText,
} from '../../services/protocol/messages/key-possession.ts';
import {
  commandRecord,
  OPERATOR,
  OPERATOR_COMMAND,
  OPERATOR_KEY_ID,
} from '../../services/protocol/messages/operator-command.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { COMMANDS, poolInput } from '../../services/protocol/names/topic-plan.ts';
import { readCommandMessage } from '../../services/protocol/records/command-report.ts';
import type { Command } from '../../services/protocol/records/control-record.ts';
import { readControl } from '../../services/protocol/records/input-record.ts';
import { ControlProof } from '../../services/verifier/recheck-logged-control-records.ts';
import { atLeast } from '../support/at-least.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork } from '../support/network.ts';
import { possessionOf } from '../support/possession.ts';

const signerOf = (name: string) => createSigner(createHash('sha256').update(name).digest());
const operator = signerOf('operator');
const NEW = signerOf('a new key');
const BIC = 'ALFADE00' as Bic;
const DAY_MS = 86_400_000;
const log = createMemoryLog({ now: Date.now });
const network = new TestNetwork(log, {
  operatorKey: Buffer.from(operator.publicKey).toString('hex'),
});
const { network: name } = network.scenario;
let gateway: Gateway;

before(async () => {
  await network.create();
  gateway = await buildTestGateway({ network: name, log, name: randomUUID() });
});
after(() => gateway.close());

const registering = (possession?: Possession, over: Partial<Command> = {}): Command =>
  ({
    ...{ kind: 'key', bic: BIC, keyId: 'key-2', state: 'registered' },
    publicKey: Buffer.from(NEW.publicKey).toString('hex'),
    ...(possession && { possession }),
    ...over,
  }) as Command;

function signed(command: Command) {
  const payload = Buffer.from(JSON.stringify({ pool: 'main', command }));
  const id = randomUUID();
  const headers = network.sign(
    ...([poolInput('main'), OPERATOR_COMMAND, OPERATOR, id, Date.now(), payload] as const),
    operator,
    OPERATOR_KEY_ID,
  );
  return { id, payload, headers };
}

/** The record that a command becomes, written past the gateway. */
function recordOf(command: Command) {
  const { id, payload, headers } = signed(command);
  const issuedAtMs = Number(headers['ce-issuedatms']);
  const signature = Buffer.from(headers['ce-signature'] ?? '', 'base64');
  return { id, record: commandRecord(command, { id, issuedAtMs, signature }, payload, issuedAtMs) };
}

/** What was told last of a command. */
async function lastTold() {
  const [last] = (await log.read(COMMANDS, 0, 0, 1_000)).slice(-1);
  const { id, outcome, reason } = readCommandMessage(last!.value);
  return [id, outcome, reason];
}

const own = { bic: BIC, keyId: 'key-2' };
const proof = (over: Partial<Parameters<typeof possessionOf>[2]> = {}, by = NEW, on = name) =>
  possessionOf(on, by, { ...own, atMs: Date.now(), ...over });
const good = proof();

/** What is no proof: by what it is, where the gateway says the fault is, and clearing's reason. */
const FAULTY: readonly [string, Possession | undefined, string, string][] = [
  ['nothing', undefined, 'command/possession', 'signatureInvalid'],
  [
    'the key of somebody else',
    proof({}, signerOf('other')),
    ...(['command/possession/signature', 'signatureInvalid'] as const),
  ],
  [
    'of another bank',
    proof({ bic: 'BETASG00' }),
    ...(['command/possession/signature', 'signatureInvalid'] as const),
  ],
  [
    'for another key id',
    proof({ keyId: 'key-3' }),
    ...(['command/possession/signature', 'signatureInvalid'] as const),
  ],
  [
    'of another network',
    proof({}, NEW, 'sandbox-2'),
    ...(['command/possession/signature', 'signatureInvalid'] as const),
  ],
  [
    'another challenge',
    { ...good, challenge: `${Date.now()}-${'0'.repeat(32)}` },
    ...(['command/possession/signature', 'signatureInvalid'] as const),
  ],
  [
    'two days old',
    proof({ atMs: Date.now() - 2 * DAY_MS }),
    ...(['command/possession/challenge', 'issuedOutsideWindow'] as const),
  ],
  [
    'of tomorrow',
    proof({ atMs: Date.now() + DAY_MS }),
    ...(['command/possession/challenge', 'issuedOutsideWindow'] as const),
  ],
];

test('the gateway refuses a key without a proof, and says where it fails', async () => {
  const before = await log.endOffset(poolInput('main'), 0);
  for (const [what, possession, field] of atLeast(8, FAULTY)) {
    const { headers, payload } = signed(registering(possession));
    const answer = await gateway.app.inject({
      ...{ method: 'POST', url: '/operator/commands', headers, payload },
    });
    assert.equal(answer.statusCode, 400, what);
    assert.equal(answer.json().field, field, what);
    assert.ok(answer.json().expected.length > 10);
  }
  assert.equal(await log.endOffset(poolInput('main'), 0), before);
});

test('clearing gives no effect to what comes past the gateway, and the check of the log knows it', async () => {
  for (const [what, possession, , reason] of atLeast(8, FAULTY)) {
    const { id, record } = recordOf(registering(possession));
    await network.append('main', [record]);
    await network.step();
    assert.deepEqual(await lastTold(), [id, 'refused', reason], what);
  }
  // Who signed the command did not sign that it has a version: without it, it is no older one here.
  const { id, record } = recordOf(registering());
  const { version: _, ...unversioned } = record.command!;
  await network.append('main', [{ ...record, command: unversioned }]);
  await network.step();
  assert.deepEqual(await lastTold(), [id, 'refused', 'signatureInvalid']);
  const check = new ControlProof('main');
  const records = await log.read(poolInput('main'), 0, 0, 1_000);
  const findings = records.map(({ value }) => check.take(readControl(value)));
  assert.deepEqual(
    findings.filter(({ fault }) => fault !== null),
    [],
  );
  const ineffective = findings.filter(({ isIneffective }) => isIneffective);
  assert.equal(ineffective.length, FAULTY.length + 1);
  const read = await gateway.app.inject({
    ...{ method: 'GET', url: `/banks/${BIC}/statuses` },
    headers: network.reading(BIC, `/banks/${BIC}/statuses`),
  });
  assert.equal(read.statusCode, 200, 'the key that it has goes on');
});

test('with a proof over a challenge of the gateway the key is registered and signs payments', async () => {
  const { challenge, expiresAtMs } = (
    await gateway.app.inject({ method: 'GET', url: '/participants/challenge' })
  ).json();
  assert.ok(expiresAtMs > Date.now());
  const again = await gateway.app.inject({ method: 'GET', url: '/participants/challenge' });
  assert.notEqual(again.json().challenge, challenge);
  const publicKey = Buffer.from(NEW.publicKey).toString('hex');
  const text = possessionText(name, { ...own, publicKey }, challenge);
  const signature = Buffer.from(NEW.sign(text)).toString('base64');
  const { id, headers, payload } = signed(registering({ challenge, signature }));
  const answer = await gateway.app.inject({
    ...{ method: 'POST', url: '/operator/commands', headers, payload },
  });
  assert.equal(answer.statusCode, 202, answer.body);
  await network.step();
  await network.step();
  const [last] = (await log.read(COMMANDS, 0, 0, 1_000)).slice(-1);
  const report = readCommandMessage(last!.value);
  assert.deepEqual([report.id, report.outcome], [id, 'done'], report.detail ?? '');
});
