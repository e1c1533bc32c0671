import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createSignatureCheck, createSigner } from '../../services/core/verification/signing.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { writeCancellation } from '../../services/protocol/messages/cancellation.ts';
import {
  CANCELLATION,
  CREDIT_TRANSFER,
  REPORT_REQUEST,
  STATUS_REQUEST,
} from '../../services/protocol/messages/message-types.ts';
import { writeReportRequest } from '../../services/protocol/messages/report-request.ts';
import { RESOLUTION } from '../../services/protocol/messages/resolution-and-receipt.ts';
import {
  ACCOUNT_REPORT,
  NOTIFICATION,
  STATEMENT,
} from '../../services/protocol/messages/statement.ts';
import { writeStatusRequest } from '../../services/protocol/messages/status-request.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Headers } from '../../services/protocol/names/message-headers.ts';
import { payloadDigestHex, signingText } from '../../services/protocol/names/signing-text.ts';
import { PAYMENTS, statementsOf, statusesOf } from '../../services/protocol/names/topic-plan.ts';
import { atLeast } from '../support/at-least.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork, today } from '../support/network.ts';
import { load } from '../support/run.ts';
import { xmlOf } from '../support/xml-messages.ts';

/** What the clearing node signs of what a bank is told, and how whoever has HTTP alone verifies it. */
const nodeSecret = new Uint8Array(32).fill(7);
const log = createMemoryLog({ now: Date.now });
const network = new TestNetwork(log, {
  scenario: load('smoke', ['statements.notifications=true']),
  nodeKey: nodeSecret,
});
const ALFA = 'ALFADE00' as Bic;
const uetr = randomUUID() as Uetr;
let gateway: Gateway;

before(async () => {
  await network.create();
  gateway = await buildTestGateway({ network: network.scenario.network, log, name: 'signed' });
  const { headers, payload } = network.payment({ uetr });
  await gateway.app.inject({ method: 'POST', url: '/payments', headers, payload });
  await network.step();
  await ask('Q-1');
  await network.append('main', [
    { kind: 'close', timeMs: Date.now(), currency: 'EUR', date: today() },
  ]);
  await network.step();
});
after(() => gateway.close());

/** Asks for a report of the bank's accounts. */
async function ask(id: string): Promise<void> {
  const payload = Buffer.from(
    writeReportRequest({ id, sender: ALFA, currency: null, date: null }, Date.now()),
  );
  await post(REPORT_REQUEST, id, payload);
}

async function get(url: string) {
  const answer = await gateway.app.inject({ url, headers: network.reading(ALFA, url) });
  assert.equal(answer.statusCode, 200, answer.body);
  return JSON.parse(answer.body);
}

interface Item {
  readonly type: string;
  readonly document: unknown;
  readonly signed?: { readonly headers: Record<string, string>; readonly payload: string };
}

/** The nine lines as docs/messages.md has them, by the reader's own hand. */
const textOf = (topic: string, headers: Headers, payload: Uint8Array): Uint8Array =>
  signingText({
    ...{ network: network.scenario.network, topic, messageType: headers.ce_type as string },
    ...{ sender: headers.ce_source as string, keyId: headers.ce_keyid as string },
    ...{ id: headers.ce_id as string, issuedAtMs: headers.ce_issuedatms as string },
    payloadDigest: payloadDigestHex(payload),
  });

test('reports and statements verify by HTTP alone, under the key of the node; a camt.054 is not signed', async () => {
  const { node } = await get('/participants');
  assert.equal(node.name, network.scenario.network);
  const [key] = node.keys;
  assert.deepEqual(
    [key.keyId, key.publicKey, key.state],
    ['node-1', Buffer.from(createSigner(nodeSecret).publicKey).toString('hex'), 'registered'],
  );
  const check = createSignatureCheck(Buffer.from(key.publicKey, 'hex'));
  const { items } = (await get(`/banks/${ALFA}/statements?limit=1000`)) as { items: Item[] };
  const types = new Map<string, number>();
  for (const { type, document, signed } of atLeast(3, items)) {
    types.set(type, (types.get(type) ?? 0) + 1);
    assert.equal(signed === undefined, type === NOTIFICATION, type);
    if (!signed) continue;
    const payload = Buffer.from(signed.payload, 'base64');
    assert.deepEqual(JSON.parse(payload.toString('utf8')), document);
    const { headers } = signed;
    const signature = Buffer.from(headers.ce_signature as string, 'base64');
    assert.equal(headers.ce_keyid, 'node-1');
    const holds = (topic: string, bytes: Uint8Array) =>
      check(textOf(topic, headers, bytes), signature);
    assert.ok(holds(statementsOf(ALFA), payload), type);
    // Not for another bank, another topic or other bytes.
    assert.ok(!holds(statementsOf('BETASG00' as Bic), payload));
    assert.ok(!holds(statusesOf(ALFA), payload));
    assert.ok(!holds(statementsOf(ALFA), Buffer.from(signed.payload)));
  }
  assert.ok(types.get(ACCOUNT_REPORT) && types.get(STATEMENT) && types.get(NOTIFICATION));
});

async function post(type: string, id: string, document: Uint8Array): Promise<void> {
  const payload = Buffer.from(document);
  const headers = network.sign(PAYMENTS, type, ALFA, id, Date.now(), payload);
  const answer = await gateway.app.inject({ method: 'POST', url: '/payments', headers, payload });
  assert.equal(answer.statusCode, 202, answer.body);
  await network.step();
}

/** Asks how the payment stands. @returns what is told of it that is signed */
async function askStatus(id: string, syntax: (json: Uint8Array) => Uint8Array): Promise<Item[]> {
  const payload = Buffer.from(
    syntax(
      writeStatusRequest(
        { id, sender: ALFA, uetr, paymentType: CREDIT_TRANSFER, paymentSender: ALFA },
        ...(['M-1', null, Date.now()] as const),
      ),
    ),
  );
  await post(STATUS_REQUEST, id, payload);
  const { statuses } = (await get(`/payments/${uetr}`)) as { statuses: Item[] };
  return statuses.filter(({ signed }) => signed);
}

test('statuses are not signed one by one; one that a bank asks for is, in its syntax, over HTTP and the topic', async () => {
  const { items } = (await get(`/banks/${ALFA}/statuses?limit=1000`)) as { items: Item[] };
  for (const { signed } of atLeast(2, items)) assert.equal(signed, undefined);
  assert.equal((await askStatus('SR-1', (json) => json)).length, 1);
  const told = await askStatus('SR-2', (json) => xmlOf(STATUS_REQUEST, json));
  assert.equal(told.length, 2);
  assert.equal(typeof told[1]?.document, 'string', 'XML to who asks in XML');
  const check = createSignatureCheck(createSigner(nodeSecret).publicKey);
  const records = await log.read(statusesOf(ALFA), 0, 0, 1_000);
  const inTopic = records.filter((record) => record.headers.ce_signature);
  for (const [at, { signed }] of atLeast(2, [...told.entries()])) {
    assert.ok(signed);
    const bytes = Buffer.from(signed.payload, 'base64');
    const signature = Buffer.from(signed.headers.ce_signature as string, 'base64');
    assert.ok(check(textOf(statusesOf(ALFA), signed.headers, bytes), signature), `${at}`);
    assert.deepEqual(inTopic[at]?.headers, signed.headers);
    assert.equal(Buffer.compare(inTopic[at]?.value as Uint8Array, bytes), 0);
  }
});

test('how a request to cancel stands is signed too, where a bank asks; the answer to the request itself is not', async () => {
  const ofPayment = { sender: ALFA, uetr, paymentType: CREDIT_TRANSFER } as const;
  const recall = { id: 'CX-1', ...ofPayment, currency: 'EUR' };
  await post(
    CANCELLATION,
    'CX-1',
    writeCancellation(recall, Date.now(), 1n, () => 2),
  );
  const question = { id: 'SR-3', ...ofPayment, paymentSender: ALFA };
  await post(STATUS_REQUEST, 'SR-3', writeStatusRequest(question, 'M-1', null, Date.now(), 'CX-1'));
  const { items } = (await get(`/banks/${ALFA}/statuses?limit=1000`)) as { items: Item[] };
  const told = items.filter(({ type }) => type === RESOLUTION);
  assert.deepEqual(
    told.map(({ signed }) => signed !== undefined),
    [false, true],
  );
  const { headers, payload: bytes } = atLeast(1, [told[1]?.signed ?? []].flat())[0]!;
  const check = createSignatureCheck(createSigner(nodeSecret).publicKey);
  const text = textOf(statusesOf(ALFA), headers, Buffer.from(bytes, 'base64'));
  assert.ok(check(text, Buffer.from(headers.ce_signature as string, 'base64')));
});
