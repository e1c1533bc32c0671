import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Registry } from 'prom-client';
import type { Gateway } from '../../services/gateway/gateway.ts';
import type { IntakeLimits } from '../../services/gateway/intake-back-pressure.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { withLooseBits } from '../support/loose-base64.ts';
import { TestNetwork } from '../support/network.ts';

const quiet = { info() {}, warn() {}, error() {} };
const log = createMemoryLog({ now: Date.now });
const network = new TestNetwork(log);
const registry = new Registry();
let gateway: Gateway;

const build = (
  over: Partial<typeof log> = {},
  intake: Partial<IntakeLimits> = {},
  counted = new Registry(),
) =>
  buildTestGateway({
    network: network.scenario.network,
    version: 'test',
    pools: ['main'],
    log: { ...log, ...over },
    now: Date.now,
    registry: counted,
    logger: quiet,
    name: `test-${randomUUID().slice(0, 8)}`,
    intake,
  });

before(async () => {
  await network.create();
  gateway = await build({}, {}, registry);
});
after(() => gateway.close());

const post = (
  { headers, payload }: { headers: Record<string, string>; payload: Uint8Array },
  into = gateway,
) => into.app.inject({ method: 'POST', url: '/payments', headers, payload: Buffer.from(payload) });

const lastRecord = async () => {
  const ends = await Promise.all([0, 1].map((partition) => log.endOffset(PAYMENTS, partition)));
  const records = await Promise.all(
    ends.map((end, partition) => (end > 0 ? log.read(PAYMENTS, partition, end - 1, 1) : [])),
  );
  return records.flat().sort((a, b) => b.timestampMs - a.timestampMs)[0]!;
};
const recordCount = async () =>
  (await log.endOffset(PAYMENTS, 0)) + (await log.endOffset(PAYMENTS, 1));

test('a signed payment is in the log when it is accepted, byte for byte, under its sender', async () => {
  const sent = network.payment({ uetr: randomUUID() });
  const answer = await post(sent);
  assert.equal(answer.statusCode, 202, answer.body);
  const body = answer.json();
  assert.equal(body.id, sent.headers['ce-id']);
  assert.equal(answer.headers.location, `/payments/${body.id}?type=pacs.008.001.08`);
  assert.equal(body.status, answer.headers.location);
  const record = await lastRecord();
  assert.equal(record.key, 'ALFADE00');
  assert.deepEqual(Buffer.from(record.value), sent.payload);
  assert.equal(record.headers.ce_signature, sent.headers['ce-signature']);
  assert.equal(record.headers['content-type'], 'application/json');
});

test('the same again gets the same answer', async () => {
  const sent = network.payment({ uetr: randomUUID() });
  const [first, second] = [await post(sent), await post(sent)];
  assert.equal(first.statusCode, 202);
  assert.equal(second.body, first.body);
});

test('headers at fault are named, with what was found and expected', async () => {
  const good = network.payment({ uetr: randomUUID() });
  const cases: [string, string | undefined][] = [
    ['ce-specversion', '2.0'],
    ['ce-id', 'with space'],
    ['ce-id', undefined],
    ['ce-source', 'alfade00'],
    ['ce-source', 'ALFADE00\u00e9'],
    ['ce-type', 'pacs.010.001.03'],
    ['ce-keyid', 'x'.repeat(65)],
    ['ce-issuedatms', '0123'],
    ['ce-issuedatms', '-1'],
    ['ce-signature', undefined],
    ['ce-signature', 'AAAA'],
    // The same bytes, with bits in the last digit that are nobody's.
    ['ce-signature', withLooseBits(good.headers['ce-signature'] as string)],
    ['ce-time', 'now, please'],
  ];
  const count = await recordCount();
  for (const [name, value] of cases) {
    const headers = { ...good.headers };
    if (value === undefined) delete headers[name];
    else headers[name] = value;
    const answer = await post({ headers, payload: good.payload });
    assert.equal(answer.statusCode, 400, `${name}: ${value}`);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    const problem = answer.json();
    assert.equal(problem.type, 'urn:corridor:problem:header-invalid');
    assert.equal(problem.field, name);
    assert.equal(
      problem.value,
      value && value.length > 80 ? `${value.slice(0, 79)}…` : (value ?? null),
    );
    assert.ok(problem.expected && problem.expected !== 'another form', problem.expected);
  }
  assert.equal(await recordCount(), count);
});

test('bodies that are too large, empty, or of another type are refused', async () => {
  const { headers, payload } = network.payment({ uetr: randomUUID() });
  const statusOf = async (body: Uint8Array, type?: string) =>
    (await post({ headers: { ...headers, ...(type && { 'content-type': type }) }, payload: body }))
      .statusCode;
  const largest = Buffer.alloc(65_536, ' ');
  const uetr = randomUUID();
  const signed = network.sign(PAYMENTS, 'pacs.008.001.08', 'ALFADE00', uetr, Date.now(), largest);
  assert.equal((await post({ headers: signed, payload: largest })).statusCode, 202);
  const large = await post({ headers, payload: Buffer.alloc(65_537, ' ') });
  assert.equal(large.statusCode, 413);
  const told = large.json();
  assert.deepEqual(
    [told.field, told.value, told.expected],
    ['body', '65537 bytes', 'at most 65536 bytes'],
  );
  assert.equal(await statusOf(Buffer.alloc(0)), 400);
  assert.equal(await statusOf(payload, 'text/plain'), 415);
  assert.equal(await statusOf(payload, 'text/xml'), 415);
  assert.equal(await statusOf(payload, 'application/xml+json'), 415);
  const types: [string | undefined, string | null][] = [
    ['text/plain', 'text/plain'],
    [undefined, null],
  ];
  for (const [type, value] of types) {
    const { 'content-type': _, ...untyped } = headers as Record<string, string>;
    const typed = { ...untyped, ...(type && { 'content-type': type }) };
    const answer = await post({ headers: typed, payload });
    const { status, field, value: found, expected } = answer.json();
    assert.deepEqual(
      { status, field, found, expected },
      {
        ...{ status: 415, field: 'content-type', found: value },
        expected: 'application/json or application/xml',
      },
    );
  }
  for (const charset of ['utf-8', 'UTF-8', '"utf-8"', 'utf-8; profile=x'])
    for (const type of ['json', 'xml'])
      assert.equal(
        await statusOf(payload, `application/${type}; charset=${charset}`),
        202,
        charset,
      );
  for (const [type, recorded] of [
    ['application/xml; charset=utf-8', 'application/xml'],
    ['Application/XML', 'application/xml'],
    ['application/json; profile=xml', 'application/json'],
  ] as const) {
    assert.equal(await statusOf(payload, type), 202);
    assert.equal((await lastRecord()).headers['content-type'], recorded);
  }
});

test('a body that is encoded, or in other characters, is refused with the header at fault', async () => {
  const { headers, payload } = network.payment({ uetr: randomUUID() });
  const cases: [string, string, number][] = [
    ['content-encoding', 'identity', 202],
    ['content-encoding', 'Identity', 202],
    ['content-encoding', 'gzip', 415],
    ['content-encoding', 'identity, gzip', 415],
    ['content-encoding', '', 415],
    ['content-type', 'application/json; charset=iso-8859-1', 415],
    ['content-type', 'application/json;charset="utf-16"', 415],
    ['content-type', 'application/json; charset=utf-8; charset=utf-7', 415],
    ['content-type', 'application/json; CHARSET=', 415],
  ];
  for (const url of ['/payments', '/operator/commands'])
    for (const [name, value, status] of cases) {
      if (url !== '/payments' && status === 202) continue;
      const from =
        url === '/payments'
          ? headers
          : {
              ...headers,
              'ce-type': 'corridor.operator.1',
              'ce-source': 'operator',
              'ce-keyid': 'genesis',
            };
      const count = await recordCount();
      const answer = await gateway.app.inject({
        ...{ method: 'POST', url, headers: { ...from, [name]: value } },
        payload: Buffer.from(payload),
      });
      assert.equal(answer.statusCode, status, `${url} ${name}: ${value}`);
      if (status === 202) continue;
      assert.equal(answer.json().type, 'urn:corridor:problem:media-type-unsupported');
      assert.equal(answer.json().field, name);
      assert.equal(answer.headers['accept-encoding'], 'identity');
      assert.equal(await recordCount(), count);
    }
});

test('a command of the operator is JSON alone', async () => {
  const { headers } = network.payment({ uetr: randomUUID() });
  const answer = await gateway.app.inject({
    ...{ method: 'POST', url: '/operator/commands', payload: '<a/>' },
    headers: { ...headers, 'content-type': 'application/xml' },
  });
  assert.equal(answer.statusCode, 415);
  assert.deepEqual(
    [answer.json().field, answer.json().value, answer.json().expected],
    ['content-type', 'application/xml', 'application/json'],
  );
});

test('unknown paths, other methods and CORS get problems and nothing else', async () => {
  const paths: [string, string, number][] = [
    ['GET', '/', 404],
    ['GET', '/payments', 405],
    ['DELETE', '/payments', 405],
    ['OPTIONS', '/payments', 405],
    ['POST', '/openapi.json', 405],
    ['GET', '/%', 400],
    ['GET', `/payments/${'x'.repeat(200)}`, 400],
    ['GET', '/payments/NOT-A-UETR', 400],
  ];
  for (const [method, url, status] of paths) {
    const answer = await gateway.app.inject({
      method: method as 'GET',
      url,
      headers: { origin: 'https://elsewhere.example' },
    });
    assert.equal(answer.statusCode, status, `${method} ${url}: ${answer.body}`);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
    if (status === 405) assert.ok(answer.headers.allow);
  }
});

test('a log that is away is told as try later, without what went wrong inside', async () => {
  let isAway = true;
  const own = await build({
    produce: (topic, messages) =>
      isAway
        ? Promise.reject(Object.assign(new Error('ECONNREFUSED 10.1.2.3:9092'), { kind: 'closed' }))
        : log.produce(topic, messages),
  });
  const sent = network.payment({ uetr: randomUUID() });
  const refused = await post(sent, own);
  assert.equal(refused.statusCode, 503);
  assert.equal(refused.headers['retry-after'], '1');
  assert.equal(refused.json().type, 'urn:corridor:problem:log-unavailable');
  assert.doesNotMatch(refused.body, /ECONNREFUSED|10\.1|stack|\.ts/);
  isAway = false;
  assert.equal((await post(sent, own)).statusCode, 202);
  await own.close();
});

test('a slow log: what waits is bounded, who waited too long is told, and it goes on', async () => {
  const held: (() => void)[] = [];
  const own = await build(
    {
      produce: async (topic, messages) => {
        await new Promise<void>((resolve) => held.push(resolve));
        return log.produce(topic, messages);
      },
    },
    { messagesMax: 3, ackTimeoutMs: 150, batchMax: 1 },
  );
  const send = () => post(network.payment({ uetr: randomUUID() }), own);
  const waiting = [send(), send(), send()];
  while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const beyond = await send();
  assert.equal(beyond.statusCode, 503);
  assert.equal(beyond.json().type, 'urn:corridor:problem:overloaded');
  for (const answer of await Promise.all(waiting)) assert.equal(answer.statusCode, 503);
  const stalled = await send();
  assert.equal(stalled.json().type, 'urn:corridor:problem:log-unavailable');
  // The log answers: what was under way is in it, and the gateway takes messages again.
  held.shift()?.();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const next = send();
  while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  held.shift()?.();
  assert.equal((await next).statusCode, 202);
  await own.close();
});

test('a bank that fills the room holds up its own messages, and not those of others', async () => {
  const held: (() => void)[] = [];
  const batches: string[][] = [];
  const counted = new Registry();
  const waitingIs = async (count: number) => {
    const gauge = counted.getSingleMetric('corridor_gateway_unacknowledged_messages');
    while ((await gauge?.get())?.values[0]?.value !== count)
      await new Promise((resolve) => setTimeout(resolve, 1));
  };
  const own = await build(
    {
      produce: async (topic, messages) => {
        batches.push(messages.map(({ key }) => key ?? ''));
        await new Promise<void>((resolve) => held.push(resolve));
        return log.produce(topic, messages);
      },
    },
    { messagesMax: 8, ackTimeoutMs: 60_000, batchMax: 4 },
    counted,
  );
  const send = (from: string) => post(network.payment({ uetr: randomUUID(), from }), own);
  const ofAlfa = Array.from({ length: 8 }, () => send('ALFADE00'));
  await waitingIs(8);
  assert.equal((await send('ALFADE00')).statusCode, 503);
  const ofBeta = [send('BETASG00'), send('BETASG00'), send('BETASG00')];
  await waitingIs(11);
  held.shift()?.();
  while (batches.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  const [A, B] = ['ALFADE00', 'BETASG00'];
  assert.deepEqual(batches[1], [A, B, A, B]);
  let isOver = false;
  const answers = Promise.all([...ofAlfa, ...ofBeta]).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    held.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  for (const { statusCode } of await answers) assert.equal(statusCode, 202);
  await own.close();
});

test('an error of the gateway tells nothing of the inside', async () => {
  const own = await build();
  own.app.addHook('onRequest', async () => {
    throw new Error('secret: /etc/passwd at file.ts:1');
  });
  const answer = await own.app.inject({ method: 'GET', url: '/openapi.json' });
  assert.equal(answer.statusCode, 500);
  assert.equal(answer.json().type, 'urn:corridor:problem:internal');
  assert.doesNotMatch(answer.body, /secret|passwd|file\.ts/);
  await own.close();
});

test('what comes while the gateway closes is told to try later', async () => {
  const own = await build();
  let address = '';
  let late: Response | undefined;
  own.app.addHook('preClose', async () => {
    late = await fetch(`${address}/openapi.json`);
  });
  address = await own.app.listen({ host: '127.0.0.1', port: 0 });
  await own.close();
  assert.equal(late?.status, 503);
  assert.equal(late.headers.get('retry-after'), '1');
  assert.equal(((await late.json()) as { type: string }).type, 'urn:corridor:problem:closing');
});

test('the OpenAPI document is valid and has the schemas that check', async () => {
  const document = (await gateway.app.inject({ method: 'GET', url: '/openapi.json' })).json();
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors, null, 1));
  const { post: send } = document.paths['/payments'];
  const { parameters } = document.components;
  const names = send.parameters.map(
    ({ name, $ref = '' }: { name?: string; $ref?: string }) =>
      name ?? parameters[$ref.split('/').pop() as string].name,
  );
  for (const name of ['ce-id', 'ce-source', 'ce-type', 'ce-keyid', 'ce-issuedatms', 'ce-signature'])
    assert.ok(names.includes(name), name);
  assert.deepEqual(Object.keys(document.paths['/payments']), ['post']);
});

test('requests and problems are counted for Prometheus', async () => {
  const text = await registry.metrics();
  assert.match(
    text,
    /corridor_gateway_requests_total\{method="POST",route="\/payments",status="202"\} \d+/,
  );
  assert.match(text, /corridor_gateway_problems_total\{problem="headerInvalid"\} \d+/);
  assert.match(text, /corridor_gateway_unacknowledged_messages 0/);
});
