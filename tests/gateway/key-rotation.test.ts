/**
 * A bank rotates its key by itself: a message signed with the old key, and the new one's proof of
 * possession. Both sign until one is revoked, at its place in the log.
 */
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createSigner, type Signer } from '../../services/core/verification/signing.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import {
  BANK_KEY_COMMAND,
  commandRecord,
} from '../../services/protocol/messages/operator-command.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { headersFromHttp } from '../../services/protocol/names/http-headers.ts';
import {
  COMMANDS,
  PAYMENTS,
  poolInput,
  statusesOf,
} from '../../services/protocol/names/topic-plan.ts';
import { readCommandMessage } from '../../services/protocol/records/command-report.ts';
import type { Command } from '../../services/protocol/records/control-record.ts';
import {
  isControl,
  readControl,
  readVerified,
} from '../../services/protocol/records/input-record.ts';
import { KEY_ID } from '../../services/simulator/keys-and-genesis.ts';
import { ControlProof } from '../../services/verifier/recheck-logged-control-records.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork } from '../support/network.ts';
import { possessionOf } from '../support/possession.ts';

const signerOf = (name: string) => createSigner(createHash('sha256').update(name).digest());
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const ALFA = 'ALFADE00' as Bic;
const NEW = signerOf('the new key of ALFA');
const log = createMemoryLog({ now: Date.now });
const operator = signerOf('operator');
const network = new TestNetwork(log, { operatorKey: hex(operator.publicKey) });
const { network: name } = network.scenario;
const OLD = network.signer(ALFA);
let gateway: Gateway;
before(async () => {
  await network.create();
  gateway = await buildTestGateway({ network: name, log, name: randomUUID() });
});
after(() => gateway.close());

const keyOf = (signer: Signer, keyId: string, state: 'registered' | 'revoked', bic = ALFA) => ({
  ...{ kind: 'key', bic, keyId, publicKey: hex(signer.publicKey), state },
  ...(state === 'registered' && {
    possession: possessionOf(name, signer, { bic, keyId, atMs: Date.now() }),
  }),
});

interface Asking {
  readonly by?: Signer;
  readonly keyId?: string;
  readonly as?: string;
  readonly path?: string;
}

function ask(command: object, { by = OLD, keyId = KEY_ID, as = ALFA, path = as }: Asking = {}) {
  const payload = Buffer.from(JSON.stringify({ pool: 'main', command }));
  const headers = network.sign(
    ...([poolInput('main'), BANK_KEY_COMMAND, as, randomUUID(), Date.now(), payload] as const),
    ...([by, keyId] as const),
  );
  return gateway.app.inject({ method: 'POST', url: `/banks/${path}/keys`, headers, payload });
}

async function done(command: object, asking: Asking = {}) {
  const answer = await ask(command, asking);
  assert.equal(answer.statusCode, 202, answer.body);
  // Twice: what becomes of it, and that verifier and gateway learn of the key.
  await network.step();
  await network.step();
  const url = answer.headers.location as string;
  const told = await gateway.app.inject({ url, headers: network.reading('BETASG00', url) });
  assert.equal(told.statusCode, 403, 'another bank is not told');
  const reports = (await log.read(COMMANDS, 0, 0, 1_000)).map(({ value }) =>
    readCommandMessage(value),
  );
  const report = reports.find(({ id }) => id === `${ALFA} ${answer.json().id}`);
  return report?.outcome;
}

/** TxSts of a payment signed by a key, and the code of its reason; where HTTP refuses it, over the topic. */
async function paid(by: Signer, keyId: string): Promise<string> {
  const { payload } = network.payment({ uetr: randomUUID() });
  const uetr = JSON.parse(`${payload}`).Document.FIToFICstmrCdtTrf.CdtTrfTxInf[0].PmtId.UETR;
  const headers = network.sign(
    ...([PAYMENTS, 'pacs.008.001.08', ALFA, uetr, Date.now(), payload] as const),
    ...([by, keyId] as const),
  );
  const sent = await gateway.app.inject({ method: 'POST', url: '/payments', headers, payload });
  const before = await log.endOffset(statusesOf(ALFA), 0);
  if (sent.statusCode !== 202)
    await log.produce(PAYMENTS, [{ key: ALFA, value: payload, headers: headersFromHttp(headers) }]);
  await network.step();
  const [last] = await log.read(statusesOf(ALFA), 0, before, 1);
  const [info] = JSON.parse(`${last?.value}`).Document.FIToFIPmtStsRpt.TxInfAndSts;
  return [sent.statusCode, info.TxSts, info.StsRsnInf?.[0]?.Rsn?.Cd].filter(Boolean).join(' ');
}

test('what is not the bank’s own is refused, with the place', async () => {
  const registered = keyOf(NEW, 'key-2', 'registered');
  const beta = network.signer('BETASG00');
  const { possession: _, ...bare } = registered as ReturnType<typeof keyOf> & {
    possession?: unknown;
  };
  const cases: [string, object, Asking, number][] = [
    ['by the new key itself', registered, { by: NEW, keyId: 'key-2' }, 401],
    ['by another bank’s key', registered, { by: beta }, 401],
    ['by the operator', registered, { by: operator }, 401],
    ['into another’s path', registered, { path: 'BETASG00' }, 403],
    ['another’s key', keyOf(NEW, 'key-2', 'registered', 'BETASG00' as Bic), {}, 400],
    ['without a proof', bare, {}, 400],
    ['a command that is the operator’s', { kind: 'tick' }, {}, 400],
  ];
  const before = await log.endOffset(poolInput('main'), 0);
  for (const [what, command, asking, status] of cases)
    assert.equal((await ask(command, asking)).statusCode, status, what);
  assert.equal(await log.endOffset(poolInput('main'), 0), before);
});

test('a new key signs beside the old one, until the old one is revoked by the new', async () => {
  assert.equal(await paid(NEW, 'key-2'), '401 RJCT DS0E');
  assert.equal(await done(keyOf(NEW, 'key-2', 'registered')), 'done');
  assert.deepEqual([await paid(OLD, KEY_ID), await paid(NEW, 'key-2')], ['202 ACSC', '202 ACSC']);
  const revoking = keyOf(OLD, KEY_ID, 'revoked');
  assert.equal(await done(revoking, { by: NEW, keyId: 'key-2' }), 'done');
  assert.deepEqual(
    [await paid(OLD, KEY_ID), await paid(NEW, 'key-2')],
    ['401 RJCT DS0C', '202 ACSC'],
  );
  assert.equal((await ask(keyOf(signerOf('third'), 'key-3', 'registered'))).statusCode, 401);
});

test('what comes past the gateway has no effect: a revoked key, another’s keys, another kind', async () => {
  const byKey = (command: object, keyId: string, by: Signer, sender: string = ALFA) => {
    const payload = Buffer.from(JSON.stringify({ pool: 'main', command }));
    const [id, issuedAtMs] = [randomUUID(), Date.now()];
    const headers = network.sign(
      ...([poolInput('main'), BANK_KEY_COMMAND, sender, id, issuedAtMs, payload] as const),
      ...([by, keyId] as const),
    );
    const signature = Buffer.from(headers['ce-signature'] ?? '', 'base64');
    const envelope = { id, sender, keyId, issuedAtMs, signature };
    return commandRecord(command as Command, envelope, payload, issuedAtMs);
  };
  const issue = { kind: 'issue', bic: ALFA, currency: 'EUR', amountMinor: '100' };
  const balance = network.settlements[0]!.balance(0, 0);
  await network.append('main', [
    byKey(keyOf(signerOf('third'), 'key-3', 'registered'), KEY_ID, OLD),
    // That bank has an active key of this id.
    byKey(keyOf(signerOf('third'), 'key-3', 'registered', 'BETASG00' as Bic), KEY_ID, OLD),
    byKey(issue, 'key-2', NEW),
  ]);
  await network.step();
  const reports = (await log.read(COMMANDS, 0, 0, 1_000)).slice(-3);
  assert.deepEqual(
    reports.map(({ value }) => readCommandMessage(value)).map((one) => [one.outcome, one.reason]),
    [
      ['refused', 'keyRevoked'],
      ['refused', 'keyUnknown'],
      ['refused', 'recordInvalid'],
    ],
  );
  assert.equal(network.settlements[0]!.balance(0, 0), balance);
});

test('the log is proven: who signed each change of keys is found in it', async () => {
  const check = new ControlProof('main');
  const records = await log.read(poolInput('main'), 0, 0, 1_000);
  const findings = records.flatMap(({ value }) => {
    if (isControl(value)) return [check.take(readControl(value))];
    check.message(readVerified(value).appendedAtMs);
    return [];
  });
  assert.deepEqual(
    findings.filter(({ fault }) => fault !== null),
    [],
  );
  assert.equal(findings.filter(({ isIneffective }) => isIneffective).length, 3);
  assert.equal(findings.filter(({ kind }) => kind === 'command').length, 2);
});
