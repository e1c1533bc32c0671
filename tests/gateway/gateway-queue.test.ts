import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { LogError } from '../../services/platform/log/log.ts';
import { QUEUE_QUERY, REORDERING } from '../../services/protocol/messages/message-types.ts';
import { writeQueueQuery } from '../../services/protocol/messages/queue-query.ts';
import { QUEUE_REPORT } from '../../services/protocol/messages/queue-report.ts';
import { writeReordering } from '../../services/protocol/messages/reordering.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { PAYMENTS, poolInput } from '../../services/protocol/names/topic-plan.ts';
import { atLeast } from '../support/at-least.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork } from '../support/network.ts';
import { load } from '../support/run.ts';

/** What of a bank waits, over HTTP: the same as a camt.006 tells of the same book. */
const log = createMemoryLog({ now: Date.now });
const network = new TestNetwork(log, { scenario: load('smoke', ['settlement.queue=fifo']) });
const [ALFA, BETA] = ['ALFADE00', 'BETASG00'] as [Bic, Bic];
let gateway: Gateway;

before(async () => {
  await network.create();
  gateway = await build('queue');
});
after(() => gateway.close());

const build = (name: string) => buildTestGateway({ network: network.scenario.network, log, name });

async function post(headers: Record<string, string>, payload: Buffer): Promise<void> {
  const answer = await gateway.app.inject({ method: 'POST', url: '/payments', headers, payload });
  assert.equal(answer.statusCode, 202, answer.body);
  await network.step();
}

async function pay(amountMinor: bigint): Promise<Uetr> {
  const uetr = randomUUID() as Uetr;
  const { headers, payload } = network.payment({ uetr, amountMinor });
  await post(headers, payload);
  return uetr;
}

async function get(bic: Bic, url: string, from = gateway) {
  const answer = await from.app.inject({ url, headers: network.reading(bic, url) });
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

interface Item {
  readonly id: string;
  readonly position: number | null;
  readonly amount: string;
  readonly since: string;
  readonly sinceEvent: number;
  readonly reason: { readonly code: string; readonly text: string; readonly remedy: string };
  readonly information: readonly string[];
}
async function queue(bic: Bic, query = '', from = gateway) {
  const { status, body } = await get(bic, `/banks/${bic}/queue${query}`, from);
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.bic, bic);
  return body.pools[0] as { eventNumber: number; count: number; waiting: Item[] };
}

/** What a camt.005 is answered with now. */
async function asked(bic: Bic) {
  const id = `Q-${randomUUID().slice(0, 8)}`;
  const payload = Buffer.from(writeQueueQuery({ id, currency: null }, Date.now()));
  await post(network.sign(PAYMENTS, QUEUE_QUERY, bic, id, Date.now(), payload), payload);
  const { body } = await get(bic, `/banks/${bic}/statuses?limit=1000`);
  const { document } = body.items.findLast(({ type }: { type: string }) => type === QUEUE_REPORT);
  assert.equal(document.Document.RtrTx.MsgHdr.OrgnlBizQry.MsgId, id);
  return document.Document.RtrTx.RptOrErr.BizRpt.TxRpt;
}

test('a queue is told with place, amount, since when and reason, and as a camt.006 tells it', async () => {
  assert.deepEqual((await queue(ALFA)).waiting, []);
  const [first, second, third] = [
    await pay(9_000_000_000n),
    await pay(100n),
    await pay(9_000_000_001n),
  ] as [Uetr, Uetr, Uetr];
  const { count, waiting, eventNumber } = await queue(ALFA);
  assert.equal(count, 3);
  assert.deepEqual(
    waiting.map(({ id, position, amount, reason }) => [id, position, amount, reason.code]),
    [
      [first, 1, '90000000.00', 'AM04'],
      [second, 2, '1.00', 'BEHIND'],
      [third, 3, '90000000.01', 'BEHIND'],
    ],
  );
  assert.match(waiting[0]?.information[0] ?? '', /^Short by EUR [0-9.]+$/);
  assert.deepEqual(waiting[1]?.information, [`Behind ${first}`]);
  const { body } = await get(ALFA, `/banks/${ALFA}/statuses?limit=1000`);
  for (const { id, sinceEvent } of atLeast(3, waiting)) {
    const own = body.items.find(({ uetr }: { uetr: string }) => uetr === id);
    assert.deepEqual([own.status, own.eventNumber], ['PDNG', sinceEvent]);
  }
  assert.ok(eventNumber >= (waiting.at(-1)?.sinceEvent ?? 0));
  assert.deepEqual((await queue(BETA)).waiting, [], 'of nobody else');
  assert.deepEqual(await asItTells(), await queue(ALFA).then(({ waiting: now }) => now.map(brief)));
});

/** Of both doors the same. */
const brief = ({ id, position, amount, since, reason, information }: Item) => [
  ...[id, amount, since, reason.code],
  [
    ...(position === null ? [] : [`Position ${position}`]),
    ...[reason.text, reason.remedy, ...information],
  ],
];
async function asItTells() {
  // biome-ignore lint/suspicious/noExplicitAny: an answer is read at any place.
  return (await asked(ALFA)).map(({ PmtId, TxOrErr: { Tx } }: any) => [
    ...[PmtId.LngBizId.UETR, PmtId.LngBizId.IntrBkSttlmAmt],
    ...[Tx.Pmt.Sts[0].DtTm.DtTm, Tx.Pmt.Sts[0].Rsn[0].Prtry, Tx.AcctNtry.Ntry.AddtlNtryInf],
  ]);
}

test('a re-ordering to the front, and what ends, change the places; a gateway that starts later tells the same', async () => {
  const { waiting } = await queue(ALFA);
  const [first, second, third] = waiting.map(({ id }) => id as Uetr) as [Uetr, Uetr, Uetr];
  const id = 'R-77';
  const moved = { uetr: third, paymentType: 'pacs.008.001.08', currency: 'EUR' } as const;
  const payload = Buffer.from(
    writeReordering({ id, ...moved, priority: 'normal', move: 'front' }, Date.now()),
  );
  await post(network.sign(PAYMENTS, REORDERING, ALFA, id, Date.now(), payload), payload);
  const order = async (from = gateway) =>
    (await queue(ALFA, '', from)).waiting.map((one) => [one.id, one.position, one.reason.code]);
  const expected = [
    [third, 1, 'AM04'],
    [first, 2, 'BEHIND'],
    [second, 3, 'BEHIND'],
  ];
  assert.deepEqual(await order(), expected);
  assert.deepEqual(await asItTells(), (await queue(ALFA)).waiting.map(brief));
  const later = await build('queue-later');
  assert.deepEqual(await order(later), expected);
  await later.close();
});

test('so many as are asked for are told, and all are counted', async () => {
  const { count, waiting } = await queue(ALFA, '?limit=2');
  assert.deepEqual([count, waiting.length], [3, 2]);
  const { status } = await get(ALFA, `/banks/${ALFA}/queue?limit=0`);
  assert.equal(status, 400);
});

test('nobody reads another bank’s queue', async () => {
  const { status, body } = await get(BETA, `/banks/${ALFA}/queue`);
  assert.equal(status, 403);
  assert.match(body.detail, /BETASG00 may not read/);
});

test('what the log failed to give is there when the queue is asked for again', async () => {
  let isAway = false;
  const read: typeof log.read = async (topic, ...rest) => {
    if (isAway && topic === poolInput('main')) throw new LogError('unavailable', 'it is away');
    return log.read(topic, ...rest);
  };
  const over = await buildTestGateway({
    network: network.scenario.network,
    log: Object.create(log, { read: { value: read } }),
    name: 'away',
  });
  try {
    await queue(ALFA, '', over);
    const uetr = await pay(9_000_000_002n);
    isAway = true;
    assert.equal((await get(ALFA, `/banks/${ALFA}/queue`, over)).status, 503);
    isAway = false;
    const { waiting } = await queue(ALFA, '', over);
    assert.equal(waiting.at(-1)?.id, uetr);
    assert.deepEqual(waiting, (await queue(ALFA)).waiting);
  } finally {
    await over.close();
  }
});
