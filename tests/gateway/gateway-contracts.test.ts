/** What the gateway serves of its contract is what docs/contracts has, and its pages can be read. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bankTopics } from '../../services/contracts/bank-topics.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { openApiOf } from '../../services/gateway/http-server.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { topicPlan } from '../../services/protocol/names/topic-plan.ts';
import { buildTestGateway } from '../support/gateway.ts';

const log = createMemoryLog({ now: Date.now });
let gateway: Gateway;
before(async () => {
  await log.createTopics(topicPlan([], [], 1));
  gateway = await buildTestGateway({ network: 'sandbox-1', log, name: 'contracts', pools: [] });
});
after(() => gateway.close());
const get = (url: string) => gateway.app.inject({ method: 'GET', url });
const file = (name: string) => readFileSync(join(packageFolder, 'docs/contracts', name), 'utf8');

test('documents and schemas are those of docs/contracts', async () => {
  assert.equal((await get('/asyncapi.json')).body, file('asyncapi.json'));
  const { info, ...served } = (await get('/openapi.json')).json();
  const { info: kept, ...written } = JSON.parse(file('openapi.json'));
  assert.deepEqual(served, written);
  assert.equal(info.version, kept.version);
  const types = bankTopics().flatMap(({ messages }) => messages.flatMap(({ type }) => type ?? []));
  for (const type of new Set(types))
    for (const form of ['json', 'xsd'])
      assert.equal((await get(`/schemas/${type}.${form}`)).body, file(`schemas/${type}.${form}`));
  assert.ok(types.length > 10);
});

test('pages are served with a policy that lets them load nothing, and lead to pages that are there', async () => {
  const index = await get('/docs');
  assert.equal(index.headers['content-type'], 'text/html; charset=utf-8');
  assert.match(
    String(index.headers['content-security-policy']),
    /^default-src 'none'; style-src 'sha256-/,
  );
  const addresses = new Set(
    [...index.body.matchAll(/href="([^"]+)"/g)].map(([, one]) => one as string),
  );
  for (const address of addresses) assert.equal((await get(address)).statusCode, 200, address);
  assert.ok(addresses.size > 20);
});

test('what there is not is told with where to look', async () => {
  for (const url of ['/docs/pacs.999.001.01', '/schemas/pacs.008.001.08', '/schemas/none.json']) {
    const answer = await get(url);
    assert.equal(answer.statusCode, 404, url);
    assert.match(answer.json().detail, /GET \/docs lists them/);
  }
  assert.equal((await get('/docs/%2e%2e%2fpackage.json')).statusCode, 400);
});

test('a method that Fastify would refuse by itself is refused as the others are', async () => {
  const answer = await gateway.app.inject({ method: 'QUERY' as never, url: '/docs' });
  assert.equal(answer.statusCode, 405);
  assert.equal(answer.headers.allow, 'GET');
});

test('each route says the signature that its access asks for', () => {
  const { paths } = openApiOf(gateway.app) as {
    paths: Record<string, Record<string, { security: Record<string, unknown>[] }>>;
  };
  const expected: Record<string, string[]> = {
    everyone: [],
    sender: ['message'],
    participant: ['reading'],
    member: ['reading', 'operatorReading'],
    bank: ['reading'],
    keyOwner: ['keyOwner'],
    operator: ['operator'],
    operatorReads: ['operatorReading'],
  };
  const seen = new Set<string>();
  for (const { method, url, access } of gateway.app.declaredRoutes) {
    // Paths of any depth are nothing that the document can say: docs/http.md has them.
    if (url.endsWith('/*')) continue;
    const operation = paths[url.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
    const said = operation?.security.flatMap((one) => Object.keys(one));
    assert.deepEqual(said, expected[access], `${method} ${url}`);
    seen.add(access);
  }
  assert.ok(seen.size >= 7);
});
