import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createSigner, type Signer } from '../../services/core/verification/signing.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import type { Access } from '../../services/gateway/route-access.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import {
  OPERATOR,
  OPERATOR_COMMAND,
  OPERATOR_KEY_ID,
} from '../../services/protocol/messages/operator-command.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { headersForHttp } from '../../services/protocol/names/http-headers.ts';
import { envelopeHeaders } from '../../services/protocol/names/message-headers.ts';
import { QUERY, querySigningText } from '../../services/protocol/names/signed-query.ts';
import { PARTICIPANTS, PAYMENTS, poolInput } from '../../services/protocol/names/topic-plan.ts';
import { participantMessage } from '../../services/protocol/records/participant-message.ts';
import { KEY_ID } from '../../services/simulator/keys-and-genesis.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork } from '../support/network.ts';

/**
 * Who may use what: every route of the gateway, as it has them, against everyone who may come. A route
 * that is added has no row here, and this fails until it has one.
 */
const signerOf = (name: string) => createSigner(createHash('sha256').update(name).digest());
const operator = signerOf('operator');
const log = createMemoryLog({ now: Date.now });
const network = new TestNetwork(log, {
  operatorKey: Buffer.from(operator.publicKey).toString('hex'),
});
const ALFA = 'ALFADE00' as Bic;
const REVOKED = 'key-revoked';
let gateway: Gateway;
let address = '';
let uetr = '';

interface Caller {
  readonly bic: string;
  readonly keyId: string;
  readonly signer: Signer;
}
const CALLERS = {
  owner: { bic: ALFA, keyId: KEY_ID, signer: network.signer(ALFA) },
  'another bank': { bic: 'BETASG00', keyId: KEY_ID, signer: network.signer('BETASG00') },
  operator: { bic: OPERATOR, keyId: OPERATOR_KEY_ID, signer: operator },
  'a bank as the operator': {
    bic: OPERATOR,
    keyId: OPERATOR_KEY_ID,
    signer: network.signer('BETASG00'),
  },
  'the operator as a bank': { bic: ALFA, keyId: KEY_ID, signer: operator },
  'a revoked key': { bic: ALFA, keyId: REVOKED, signer: signerOf(REVOKED) },
  'an unknown key': { bic: ALFA, keyId: 'key-9', signer: signerOf('nobody') },
  'an unknown bank': { bic: 'NOBODY00', keyId: KEY_ID, signer: signerOf('nobody') },
  nobody: null,
} satisfies Record<string, Caller | null>;
type CallerName = keyof typeof CALLERS;

/** Everyone whose signature is no active participant's. */
const STRANGERS = {
  'the operator as a bank': 401,
  'a revoked key': 401,
  'an unknown key': 401,
  'an unknown bank': 401,
  // Headers of another form.
  operator: 400,
  'a bank as the operator': 400,
  nobody: 400,
};
const ALL = (status: number) =>
  Object.fromEntries(Object.keys(CALLERS).map((name) => [name, status])) as Row['statuses'];
const BANK: Row = { access: 'bank', statuses: { owner: 200, 'another bank': 403, ...STRANGERS } };

interface Row {
  readonly access: Access;
  readonly statuses: Readonly<Record<CallerName, number>>;
}
const ROWS: Readonly<Record<string, Row>> = {
  'GET /openapi.json': { access: 'everyone', statuses: ALL(200) },
  'GET /asyncapi.json': { access: 'everyone', statuses: ALL(200) },
  'GET /docs': { access: 'everyone', statuses: ALL(200) },
  'GET /docs/:type': { access: 'everyone', statuses: ALL(200) },
  'GET /schemas/:file': { access: 'everyone', statuses: ALL(200) },
  // What its bank has signed is taken, and judged behind the log.
  'POST /payments': {
    access: 'sender',
    statuses: { ...STRANGERS, owner: 202, 'another bank': 202 },
  },
  'GET /payments/:uetr': {
    access: 'participant',
    statuses: { owner: 200, 'another bank': 404, ...STRANGERS },
  },
  'GET /payments/:uetr/receipt': {
    access: 'participant',
    statuses: { owner: 404, 'another bank': 404, ...STRANGERS },
  },
  // There is no log here: tests/gateway/live-evidence.test.ts has one.
  'GET /evidence/policy': { access: 'everyone', statuses: ALL(404) },
  'GET /evidence/pools/:pool/checkpoint': { access: 'everyone', statuses: ALL(404) },
  'GET /evidence/pools/:pool/cosigned': { access: 'everyone', statuses: ALL(404) },
  'POST /evidence/cosignatures': { access: 'everyone', statuses: ALL(404) },
  'GET /evidence/pools/:pool/tile/*': { access: 'everyone', statuses: ALL(404) },
  'GET /banks/:bic/statuses': BANK,
  'GET /banks/:bic/statuses/stream': BANK,
  'GET /banks/:bic/deliveries': BANK,
  'GET /banks/:bic/deliveries/stream': BANK,
  'GET /participants': {
    access: 'member',
    statuses: {
      ...{ ...STRANGERS, owner: 200, 'another bank': 200 },
      ...{ operator: 200, 'a bank as the operator': 401 },
    },
  },
  'GET /quotes': {
    access: 'member',
    statuses: {
      ...{ ...STRANGERS, owner: 200, 'another bank': 200 },
      ...{ operator: 200, 'a bank as the operator': 401 },
    },
  },
  'GET /participants/challenge': { access: 'everyone', statuses: ALL(200) },
  'GET /operator/commands/:id': {
    access: 'operatorReads',
    statuses: { ...ALL(400), operator: 404, 'a bank as the operator': 401 },
  },
  'GET /operator/cases': {
    access: 'operatorReads',
    statuses: { ...ALL(400), operator: 200, 'a bank as the operator': 401 },
  },
  'GET /operator/keys': {
    access: 'operatorReads',
    statuses: { ...ALL(400), operator: 200, 'a bank as the operator': 401 },
  },
  // What is asked here is no form of it: of whom it is taken, tests/gateway/key-rotation.test.ts says.
  'POST /banks/:bic/keys': { access: 'keyOwner', statuses: ALL(415) },
  'GET /banks/:bic/keys/:id': {
    access: 'bank',
    statuses: { ...STRANGERS, owner: 404, 'another bank': 403 },
  },
  'GET /banks/:bic/statements': BANK,
  'GET /banks/:bic/statements/stream': BANK,
  'GET /banks/:bic/accounts': BANK,
  'GET /banks/:bic/queue': BANK,
  'POST /operator/commands': {
    access: 'operator',
    statuses: { ...ALL(400), operator: 202, 'a bank as the operator': 401 },
  },
};

before(async () => {
  await network.create();
  const key = {
    ...({ bic: ALFA, name: 'Alfa', role: 'bank', keyId: REVOKED } as const),
    publicKey: Buffer.from(signerOf(REVOKED).publicKey).toString('hex'),
  };
  for (const state of ['registered', 'revoked'] as const)
    await log.produce(PARTICIPANTS, [participantMessage({ ...key, state })]);
  gateway = await buildTestGateway({ network: network.scenario.network, log, name: 'access' });
  address = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  uetr = randomUUID();
  assert.equal((await payment(CALLERS.owner, uetr)).status, 202);
  await network.step();
  for (;;) {
    const statuses = await ask('GET', `/payments/${uetr}`, CALLERS.owner);
    if (statuses === 200) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});
after(() => gateway.close());

async function payment(caller: Caller | null, id: string = randomUUID()) {
  const { payload } = network.payment({ uetr: id });
  const headers = caller
    ? network.sign(
        PAYMENTS,
        'pacs.008.001.08',
        caller.bic,
        id,
        Date.now(),
        payload,
        caller.signer,
        caller.keyId,
      )
    : { 'content-type': 'application/json' };
  return fetch(`${address}/payments`, { method: 'POST', headers, body: payload });
}

async function command(caller: Caller | null) {
  const issue = { kind: 'issue', bic: ALFA, currency: 'EUR', amountMinor: '1' };
  const payload = Buffer.from(JSON.stringify({ pool: 'main', command: issue }));
  const headers = caller
    ? network.sign(
        poolInput('main'),
        OPERATOR_COMMAND,
        caller.bic,
        randomUUID(),
        Date.now(),
        payload,
        caller.signer,
        caller.keyId,
      )
    : { 'content-type': 'application/json' };
  return fetch(`${address}/operator/commands`, { method: 'POST', headers, body: payload });
}

/** The status of a request; a stream is left when it has begun. */
async function ask(method: string, target: string, caller: Caller | null): Promise<number> {
  if (target === '/payments') return (await payment(caller)).status;
  if (target === '/operator/commands') return (await command(caller)).status;
  const leaving = new AbortController();
  const headers = caller ? reading(method, target, caller) : {};
  const answer = await fetch(`${address}${target}`, { method, headers, signal: leaving.signal });
  leaving.abort();
  return answer.status;
}

function reading(method: string, target: string, { bic, keyId, signer }: Caller) {
  const names = { sender: bic, keyId, id: 'read', issuedAtMs: Date.now() };
  const signature = signer.sign(querySigningText(network.scenario.network, names, method, target));
  const headers = headersForHttp(envelopeHeaders({ ...names, messageType: QUERY, signature }));
  delete headers['content-type'];
  return headers;
}

test('every route of the gateway has its row, and every row its route', () => {
  const declared = gateway.app.declaredRoutes.map(({ method, url, access }) => [
    `${method} ${url}`,
    access,
  ]);
  assert.deepEqual(
    declared.sort(),
    Object.entries(ROWS)
      .map(([route, { access }]) => [route, access])
      .sort(),
  );
});

for (const [route, { statuses }] of Object.entries(ROWS))
  test(`${route} is for whom it says`, async () => {
    const [method, url] = route.split(' ') as [string, string];
    const target = url
      .replace(':type', 'pacs.008.001.08')
      .replace(':file', 'pacs.008.001.08.json')
      .replace(':bic', ALFA)
      .replace(':pool', 'main')
      .replace(':uetr', uetr)
      .replace(':id', 'none');
    const found: Record<string, number> = {};
    for (const [name, caller] of Object.entries(CALLERS))
      found[name] = await ask(method, target, caller);
    assert.deepEqual(found, { ...statuses });
  });

test('a route that does not say who may use it is not added', async () => {
  const fresh = await buildTestGateway({ network: network.scenario.network, log, name: 'fresh' });
  const handler = async () => null;
  assert.throws(() => fresh.app.get('/new', handler), /GET \/new declares no access/);
  const foreign = { config: { access: 'token' as const } };
  assert.throws(() => fresh.app.get('/other', foreign, handler), /declares no access/);
  await fresh.close();
});
