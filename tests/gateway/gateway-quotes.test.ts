import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { QUOTES } from '../../services/protocol/names/topic-plan.ts';
import {
  endedQuoteMessage,
  type QuoteRecord,
  quoteMessage,
} from '../../services/protocol/records/quote-record.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork } from '../support/network.ts';

/** The rates that banks can pay at, over HTTP: what the topic has. */
const log = createMemoryLog({ now: Date.now });
const network = new TestNetwork(log);
let gateway: Gateway;

before(async () => {
  await network.create();
  gateway = await buildTestGateway({ network: network.scenario.network, log, name: 'quotes' });
});
after(() => gateway.close());

const quote = (place: number, fields: Partial<QuoteRecord> = {}): QuoteRecord => ({
  id: `0000000b-0000-4000-8000-${String(place).padStart(12, '0')}`,
  ...{ dealer: 'DEALSGS0', baseCurrency: 'EUR', quoteCurrency: 'CNY', rate: '7.9154' },
  ...{ covers: '1000.00', left: '10.50', validUntilMs: String(Date.now() + 3_600_000) },
  ...fields,
});
let number = 0;
const placed = (message: ReturnType<typeof quoteMessage>) => {
  number += 1;
  const headers = { ...message.headers, ce_pool: 'main', ce_eventnumber: String(number) };
  return { ...message, headers };
};

async function get(url: string, bic = 'ALFADE00' as Bic) {
  const answer = await gateway.app.inject({ url, headers: network.reading(bic, url) });
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}
const ids = async (url: string) => (await get(url)).body.quotes.map(({ id }: QuoteRecord) => id);

test('who is not known reads no quotes', async () => {
  const answer = await gateway.app.inject({ url: '/quotes' });
  assert.equal(answer.statusCode, 400);
  const { headers } = { headers: network.reading('ALFADE00' as Bic, '/participants') };
  const other = await gateway.app.inject({ url: '/quotes', headers });
  assert.equal(other.statusCode, 401);
});

test('the last record of a quote says what holds, and one without a value ends it', async () => {
  assert.deepEqual((await get('/quotes')).body, { quotes: [] });
  const [first, second, third] = [quote(1), quote(2, { dealer: 'DEALAAA0' }), quote(3)];
  await log.produce(
    QUOTES,
    [first, second, third].map((one) => placed(quoteMessage(one))),
  );
  assert.deepEqual(await ids('/quotes'), [second.id, first.id, third.id]);
  const less = { ...first, left: '0.01' };
  await log.produce(QUOTES, [
    placed(quoteMessage(less)),
    placed(endedQuoteMessage(third, 'withdrawn')),
  ]);
  const { status, body } = await get('/quotes');
  assert.equal(status, 200);
  assert.deepEqual(body.quotes, [
    { ...second, pool: 'main', eventNumber: 2 },
    { ...less, pool: 'main', eventNumber: 4 },
  ]);
  await log.produce(QUOTES, [placed(quoteMessage(third))]);
  assert.equal((await ids('/quotes')).length, 3, 'cover may come back');
});

test('what has expired is left out; a pair is chosen by its currencies', async () => {
  const before = await ids('/quotes');
  const [usd, gone] = [
    quote(4, { quoteCurrency: 'USD' }),
    quote(5, { validUntilMs: String(Date.now() - 1) }),
  ];
  await log.produce(
    QUOTES,
    [usd, gone].map((one) => placed(quoteMessage(one))),
  );
  assert.deepEqual(await ids('/quotes'), [...before, usd.id]);
  assert.deepEqual(await ids('/quotes?base=EUR&quote=USD'), [usd.id]);
  assert.deepEqual(await ids('/quotes?base=USD'), []);
  const { status, body } = await get('/quotes?base=euro');
  assert.deepEqual([status, body.field, body.value], [400, 'base', 'euro']);
});

test('many who ask at once read the topic once', async () => {
  const asked = await Promise.all(Array.from({ length: 8 }, () => ids('/quotes')));
  for (const one of asked) assert.deepEqual(one, asked[0]);
});
