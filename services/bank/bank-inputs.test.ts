import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Currencies } from '../protocol/messages/instruction.ts';
import { type StatusCode, writeStatusReport } from '../protocol/messages/status-report.ts';
import type { Bic, Uetr } from '../protocol/names/bic-and-uetr.ts';
import { type IsoReason, NOT_FINAL_YET, WAIT_REASONS } from '../protocol/names/iso-reasons.ts';
import { createBank } from './bank.ts';
import { OrderFault, readOrders } from './payment-orders-csv.ts';
import { randomOrders } from './random-orders.ts';
import { RepeatFilter } from './repeat-filter.ts';

const currencies: Currencies = new Map([['EUR', { minorUnits: 2, pool: 'main' }]]);
const UETR = '11111111-1111-4111-8111-111111111111';
const head = 'uetr,creditorAgent,currency,amount,priority\n';

test('orders are read with amounts in minor units', () => {
  assert.deepEqual(readOrders(`${head}${UETR},BETASG00,EUR,12.50,\n`, currencies), [
    {
      uetr: UETR,
      creditorAgent: 'BETASG00',
      currency: 'EUR',
      amountMinor: 1250n,
      priority: 'normal',
    },
  ]);
});

const refusals: [string, RegExp][] = [
  [
    `${UETR.toUpperCase().replace('1', 'A')},BETASG00,EUR,1,`,
    /^line 2, uetr ".*": expected a UUID/,
  ],
  [`${UETR},BETA,EUR,1,`, /^line 2, creditorAgent "BETA": expected a BIC/],
  [`${UETR},BETASG00,USD,1,`, /^line 2, currency "USD": expected one of EUR$/],
  [`${UETR},BETASG00,EUR,1.005,`, /^line 2, amount "1\.005": expected an amount above zero/],
  [`${UETR},BETASG00,EUR,0,`, /^line 2, amount "0"/],
  [`${UETR},BETASG00,EUR,-1,`, /^line 2, amount "-1"/],
  [`${UETR},BETASG00,EUR,1,soon`, /^line 2, priority "soon": expected urgent, high, normal$/],
];
for (const [row, line] of refusals)
  test(`refused: ${row}`, () =>
    assert.throws(
      () => readOrders(`${head}${row}\n`, currencies),
      (error: unknown) => error instanceof OrderFault && line.test(error.message),
    ));

test('what was seen under its pool and event number is dropped, whatever comes between', () => {
  const filter = new RepeatFilter();
  const take = (pool: string, number: number) =>
    filter.isNew({ ce_pool: pool, ce_eventnumber: String(number) });
  assert.deepEqual(
    [take('a', 1), take('a', 4), take('b', 2), take('a', 1), take('a', 4), take('a', 5)],
    [true, true, true, false, false, true],
  );
  assert.equal(filter.dropped, 2);
  assert.ok(filter.isNew({}), 'a message that names no event');
  const named = (id: string) => filter.isNew({ ce_pool: 'a', ce_eventnumber: '6', ce_id: id });
  assert.deepEqual(
    [named('a-6'), named('a-6-answer'), named('a-6'), named('a-6-answer')],
    [true, true, false, false],
  );
});

test('what is told ahead of final statuses, whose numbers are lower, hides none of them', () => {
  const filter = new RepeatFilter();
  const ahead = (number: number) =>
    filter.isNew({ ce_pool: 'a', ce_eventnumber: String(number), ce_interim: 'true' });
  const final = (number: number) => filter.isNew({ ce_pool: 'a', ce_eventnumber: String(number) });
  assert.deepEqual(
    [ahead(5), ahead(9), final(5), ahead(5), final(6), final(5), final(9), ahead(9)],
    [true, true, true, false, true, false, true, false],
  );
  assert.equal(filter.dropped, 3);
});

test('what settled ahead of its final status waits for that alone, whatever comes behind it', () => {
  const bank = createBank({
    ...{ bic: 'ALFADE00' as Bic, keyId: 'key-1', network: 'net', decimals: () => 2 },
    sign: () => Buffer.alloc(64),
  });
  bank.resume(UETR, 'pacs.008.001.08', Buffer.from('x'));
  const messageType = 'pacs.008.001.08';
  const told = (status: StatusCode, reason: IsoReason | null = null) => {
    bank.takeStatus(
      writeStatusReport({
        ...{ messageId: 'S', createdAtMs: 0, status, reason, information: [], detail: null },
        original: { messageId: 'M', messageType, endToEndId: 'E', uetr: UETR },
        ...{ payloadDigest: null, to: 'ALFADE00' as Bic },
      }),
    );
    return bank.standing(UETR);
  };
  // Of a cycle that was unwound: it waits again.
  assert.deepEqual([told('ACSP'), told('PDNG', WAIT_REASONS.cycle)], ['ACSP', 'PDNG']);
  assert.deepEqual(
    [told('ACSP', NOT_FINAL_YET), told('PDNG', WAIT_REASONS.cycle), told('ACSC')],
    ['ACSP', 'ACSP', 'ACSC'],
  );
  assert.deepEqual([bank.book().settled, bank.book().pending], [1, 0]);
});

test('orders at random pay in currencies, never in a security', async () => {
  const orders = randomOrders({
    bic: 'ALFADE00' as Bic,
    currencies: new Map([...currencies, ['XS0000000009', { minorUnits: 0, pool: 'main' }]]),
    creditorAgents: () => ['BETASG00' as Bic],
    newUetr: () => UETR as Uetr,
    random: () => 0.99,
    amountMax: 10,
  });
  const { value } = await orders.next();
  assert.equal(value?.currency, 'EUR');
});
