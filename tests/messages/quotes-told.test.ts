/** What dealers are told of their quotes, and banks of the rates that they can pay at: from messages' bytes alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES, EVENT_OFFSETS } from '../../services/core/settlement/events.ts';
import { createNotifier } from '../../services/notifier/notifier.ts';
import { resumeNotifier } from '../../services/notifier/rebuild-notifier-state.ts';
import type { Quote } from '../../services/protocol/messages/quote.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { AddressedMessage, Message } from '../../services/protocol/names/message.ts';
import { minorUnits } from '../../services/protocol/names/minor-units.ts';
import type { ControlRecord, Genesis } from '../../services/protocol/records/control-record.ts';
import { atLeast } from '../support/at-least.ts';
import { ALFA, BETA, customers, keyOf, NOW, payment, world } from '../support/message-path.ts';
import { topicFaults } from '../support/topic-contract.ts';
import { toldDocument } from '../support/xml-messages.ts';

const DEALER = 'DEALSGS0' as Bic;
const timeMs = NOW - 3_600_000;
const HOUR_MS = 3_600_000;

/** A dealer with accounts in EUR and JPY, which has no decimals; `syntax`: in which it is registered. */
function dealing(rules: Partial<Genesis> = { tellsQuotes: true }, syntax?: 'xml') {
  const account = (bic: Bic, currency: string, balanceMinor: string): ControlRecord => ({
    ...{ kind: 'account', timeMs, bic, currency, balanceMinor, creditLineMinor: '0' },
  });
  const made = world(rules, [
    { kind: 'currency', timeMs, currency: 'JPY', minorUnits: 0 },
    {
      ...{ kind: 'participant', timeMs, bic: DEALER, name: DEALER, role: 'dealer' },
      ...(syntax && { syntax }),
    },
    {
      ...{ kind: 'key', timeMs, bic: DEALER, keyId: 'key-1', state: 'registered' },
      publicKey: Buffer.from(keyOf(DEALER).publicKey).toString('hex'),
    },
    account(DEALER, 'EUR', '0'),
    account(DEALER, 'JPY', '1000000'),
    account(BETA, 'JPY', '0'),
    {
      ...{ kind: 'open', timeMs, currency: 'JPY', date: '2026-03-16' },
      closesAtMs: NOW + 8 * HOUR_MS,
    },
  ] as ControlRecord[]);
  return { ...made, dealer: made.bank(DEALER) };
}

let serial = 0;
const quote = (fields: Partial<Quote> = {}): Quote => {
  serial += 1;
  return {
    id: `0000000a-0000-4000-8000-${String(serial).padStart(12, '0')}` as Uetr,
    ...{ dealer: DEALER, baseCurrency: 'EUR', quoteCurrency: 'JPY' },
    ...{ rate: { mantissa: 1605n, scale: 1 }, coversMinor: 10_000n },
    validUntilMs: NOW + HOUR_MS,
    ...fields,
  };
};

/** A payment through a quote: 160.5 yen for a euro, which is half a yen for a cent and more. */
const through = ({ rate }: Quote, amountMinor: bigint) => ({
  ...payment(ALFA, BETA, amountMinor),
  conversion: {
    ...{ dealer: DEALER, currency: 'JPY', rate },
    amountMinor: (amountMinor * rate.mantissa + 500n) / 1000n,
  },
});

const withdrawal = (id: string, { id: uetr }: Quote, sender = DEALER) => ({
  ...{ id, sender, uetr, paymentType: 'corridor.quote.1' as const, currency: 'EUR' },
});

const at = (message: Message, timestampMs: number): Message => ({ ...message, timestampMs });
const to = (bic: Bic, sent: readonly AddressedMessage[]) =>
  sent.filter(({ topic }) => topic === `statuses.${bic}`).map(({ message }) => message);
const state = (message: Message | undefined) => {
  const { OrgnlUETR, OrgnlGrpInf, TxSts, StsRsnInf } = toldDocument(message as Message).Document
    .FIToFIPmtStsRpt.TxInfAndSts[0];
  return [OrgnlGrpInf.OrgnlMsgNmId, OrgnlUETR, TxSts, StsRsnInf?.[0].Rsn.Cd ?? null];
};
const published = (sent: readonly AddressedMessage[]) =>
  sent
    .filter(({ topic }) => topic === 'quotes')
    .map(({ message: { key, value, headers } }) => [
      key,
      value.length === 0 ? headers.ce_quoteend : JSON.parse(Buffer.from(value).toString()).left,
    ]);
const isAsContracted = (sent: readonly AddressedMessage[]) => {
  for (const { topic, message } of atLeast(1, sent))
    assert.deepEqual(topicFaults(topic, message), [], topic);
};

test('a quote that is taken is answered, each use tells what is left, and every bank finds the rate', async () => {
  const { dealer, alfa, send } = dealing();
  const offer = quote();
  const taken = await send(dealer.quote(offer, NOW));
  assert.deepEqual(taken.kinds, ['quoted']);
  assert.deepEqual(to(DEALER, taken.sent).map(state), [
    ['corridor.quote.1', offer.id, 'ACTC', null],
  ]);
  const key = `${DEALER}:${offer.id}`;
  assert.deepEqual(published(taken.sent), [[key, '100.00']]);
  isAsContracted(taken.sent);

  const order = through(offer, 1_250n);
  const used = await send(alfa.pay(order, customers, NOW));
  assert.deepEqual(used.kinds, ['settled', 'quoteUsed']);
  const [use] = to(DEALER, used.sent);
  const { MsgId, CreDtTm, ...told } = toldDocument(use as Message).QuoteUse;
  assert.deepEqual(told, {
    ...{ Id: offer.id, Use: 'USED', UETR: order.uetr },
    InstgAgt: { FinInstnId: { BICFI: ALFA } },
    InstdAmt: { Ccy: 'EUR', Amt: '12.50' },
    IntrBkSttlmAmt: { Ccy: 'JPY', Amt: '2006' },
    XchgRate: '160.5',
    Left: { Ccy: 'EUR', Amt: '87.50' },
  });
  assert.deepEqual([MsgId, CreDtTm], [use?.headers.ce_id, new Date(NOW).toISOString()]);
  assert.deepEqual([use?.key, use?.headers.ce_type], [offer.id, 'corridor.quoteuse.1']);
  assert.deepEqual(published(used.sent), [[key, '87.50']]);
  isAsContracted(used.sent);

  const rest = await send(alfa.pay(through(offer, 8_750n), customers, NOW));
  assert.deepEqual(published(rest.sent), [[key, 'used-up']]);
  isAsContracted(rest.sent);
});

test('a payment that is cancelled gives its part back, and what was used up can be used again', async () => {
  const { dealer, alfa, send } = dealing();
  const offer = quote({ coversMinor: 200_000n });
  await send(dealer.quote(offer, NOW));
  const order = through(offer, 200_000n);
  const queued = await send(alfa.pay(order, customers, NOW));
  assert.deepEqual(queued.kinds, ['queued', 'quoteUsed']);
  assert.deepEqual(published(queued.sent), [[`${DEALER}:${offer.id}`, 'used-up']]);
  const request = {
    ...{ id: 'C-1', sender: ALFA, uetr: order.uetr, currency: 'EUR' },
    paymentType: 'pacs.008.001.08' as const,
  };
  const back = await send(alfa.cancel(request, NOW));
  assert.deepEqual(back.kinds, ['cancelled cancelledByDebtorAgent', 'quoteUsed']);
  const [{ Use, UETR, InstdAmt, IntrBkSttlmAmt, Left }] = to(DEALER, back.sent).map(
    (message) => toldDocument(message).QuoteUse,
  );
  assert.deepEqual([Use, UETR, Left.Amt], ['BACK', order.uetr, '2000.00']);
  assert.deepEqual([InstdAmt.Amt, IntrBkSttlmAmt.Amt], ['2000.00', '321000']);
  assert.deepEqual(published(back.sent), [[`${DEALER}:${offer.id}`, '2000.00']]);
  isAsContracted(back.sent);
});

test('a dealer withdraws its quote: both are answered, and no payment finds it any more', async () => {
  const { dealer, alfa, send } = dealing();
  const offer = quote();
  const key = `${DEALER}:${offer.id}`;
  await send(dealer.quote(offer, NOW));
  const none = await send(alfa.cancel(withdrawal('W-0', offer, ALFA), NOW));
  assert.deepEqual(none.kinds, ['rejected paymentUnknown'], 'nobody else may');
  const request = dealer.cancel(withdrawal('W-1', offer), NOW);
  const done = await send(request);
  assert.deepEqual(done.kinds, ['quoteEnded quoteWithdrawn']);
  const [status, resolution] = to(DEALER, done.sent);
  assert.deepEqual(state(status), ['corridor.quote.1', offer.id, 'CANC', 'CUST']);
  const { Sts, CxlDtls } = toldDocument(resolution as Message).Document.RsltnOfInvstgtn;
  assert.deepEqual([Sts.Conf, CxlDtls[0].TxInfAndSts[0].OrgnlUETR], ['CNCL', offer.id]);
  assert.deepEqual(published(done.sent), [[key, 'withdrawn']]);
  isAsContracted(done.sent);
  const late = await send(alfa.pay(through(offer, 100n), customers, NOW));
  assert.deepEqual(late.kinds, ['rejected quoteMissing']);
  const again = await send(dealer.cancel(withdrawal('W-2', offer), NOW));
  assert.deepEqual(again.kinds, ['rejected paymentFinal']);
  const repeated = await send(request);
  assert.deepEqual(repeated.kinds, ['repeated']);
  const [answer] = to(DEALER, repeated.sent);
  assert.equal(answer?.headers.ce_repeat, 'true');
  assert.equal(toldDocument(answer as Message).Document.RsltnOfInvstgtn.Sts.Conf, 'CNCL');
});

test('a quote ends right behind its last instant, and says what is left', async () => {
  const { dealer, alfa, send } = dealing();
  const [first, second] = [quote({ validUntilMs: NOW + 10 }), quote({ validUntilMs: NOW + 10 })];
  await send(dealer.quote(first, NOW), dealer.quote(second, NOW));
  const last = await send(at(alfa.pay(through(first, 100n), customers, NOW), NOW + 10));
  assert.deepEqual(last.kinds, ['settled', 'quoteUsed']);
  const over = await send(at(alfa.pay(through(second, 100n), customers, NOW), NOW + 5_000));
  assert.deepEqual(over.kinds, [
    ...['quoteEnded quoteExpired', 'quoteEnded quoteExpired', 'rejected quoteMissing'],
  ]);
  const told = to(DEALER, over.sent);
  assert.deepEqual(told.map(state), [
    ['corridor.quote.1', first.id, 'CANC', 'AB03'],
    ['corridor.quote.1', second.id, 'CANC', 'AB03'],
  ]);
  assert.deepEqual(
    told.map(({ timestampMs }) => timestampMs),
    [NOW + 11, NOW + 11],
  );
  assert.equal(new Set(told.map(({ headers }) => headers.ce_id)).size, 2);
  assert.deepEqual(published(over.sent), [
    [`${DEALER}:${first.id}`, 'expired'],
    [`${DEALER}:${second.id}`, 'expired'],
  ]);
  isAsContracted(over.sent);
});

test('a quote that is refused says why; one that is sent again repeats its answer, marked', async () => {
  const { dealer, send } = dealing();
  const rows: [Partial<Quote>, string, string][] = [
    [{ coversMinor: 0n }, 'amountNotPositive', 'AM12'],
    [{ validUntilMs: NOW - 1 }, 'settlementDateInvalid', 'DT01'],
    [{ quoteCurrency: 'EUR' }, 'formatInvalid', 'FF01'],
  ];
  for (const [fields, reason, code] of atLeast(3, rows)) {
    const refused = await send(dealer.quote(quote(fields), NOW));
    assert.deepEqual(refused.kinds, [`rejected ${reason}`]);
    const [, , status, told] = state(to(DEALER, refused.sent)[0]);
    assert.deepEqual([status, told], ['RJCT', code]);
    assert.deepEqual(published(refused.sent), []);
  }
  const offer = quote({ validUntilMs: NOW + 10 });
  const message = dealer.quote(offer, NOW);
  await send(message);
  const again = await send(message);
  assert.deepEqual(again.kinds, ['repeated']);
  assert.deepEqual(state(to(DEALER, again.sent)[0]), ['corridor.quote.1', offer.id, 'ACTC', null]);
  assert.equal(to(DEALER, again.sent)[0]?.headers.ce_repeat, 'true');
  assert.deepEqual(published(again.sent), [], 'nothing changed');
  const late = await send(at(message, NOW + 20));
  assert.deepEqual(late.kinds, ['quoteEnded quoteExpired', 'repeated quoteExpired']);
  assert.deepEqual(state(to(DEALER, late.sent)[1]), [
    ...['corridor.quote.1', offer.id, 'CANC', 'AB03'],
  ]);
});

test('a dealer registered with XML is told in XML what others cause', async () => {
  const { dealer, alfa, send } = dealing({ tellsQuotes: true }, 'xml');
  const offer = quote();
  const taken = await send(dealer.quote(offer, NOW));
  const syntax = (sent: readonly AddressedMessage[]) =>
    to(DEALER, sent).map(({ headers }) => headers['content-type']);
  assert.deepEqual(syntax(taken.sent), ['application/json'], 'its own message was JSON');
  const used = await send(alfa.pay(through(offer, 100n), customers, NOW));
  assert.deepEqual(syntax(used.sent), ['application/xml']);
  const [use] = to(DEALER, used.sent);
  assert.match(Buffer.from(use?.value ?? []).toString(), /<InstdAmt Ccy="EUR">1\.00<\/InstdAmt>/);
});

test('a pool whose genesis asks for nothing of it has neither events nor messages of quotes', async () => {
  const { dealer, alfa, send } = dealing({});
  const offer = quote({ validUntilMs: NOW + 10 });
  const taken = await send(dealer.quote(offer, NOW));
  assert.deepEqual([taken.kinds, taken.sent], [['quoted'], []]);
  const used = await send(alfa.pay(through(offer, 100n), customers, NOW));
  assert.deepEqual(used.kinds, ['settled']);
  const kept = await send(dealer.cancel(withdrawal('W-1', offer), NOW));
  assert.deepEqual(kept.kinds, ['rejected paymentFinal']);
  const late = await send(at(alfa.pay(through(offer, 100n), customers, NOW), NOW + 20));
  assert.deepEqual(late.kinds, ['rejected quoteMissing']);
});

/** A day on which quotes come, are used, withdrawn and expire, and payments wait and are cancelled. */
async function randomDay(seed: number) {
  const random = xoroshiro128plus(seed);
  const pick = (count: number) => uniformInt(random, 0, count - 1);
  const { dealer, alfa, send, record } = dealing({
    tellsQuotes: true,
    limits: {
      ...{ participants: 4, currencies: 4, livePayments: 100, identities: 500 },
      ...{ quotes: 6, limits: 8 },
    },
  });
  const quotes: Quote[] = [];
  const orders: ReturnType<typeof through>[] = [];
  const sent: AddressedMessage[] = [];
  let nowMs = NOW;
  for (let step = 0; step < 120; step++) {
    nowMs += pick(400);
    const kind = pick(12);
    const some = quotes[quotes.length - 1 - pick(Math.min(4, quotes.length || 1))];
    const order = orders[orders.length - 1 - pick(Math.min(5, orders.length || 1))];
    const messages: Message[] = [];
    if (kind < 3 || !some) {
      const offer = quote({
        coversMinor: BigInt(1 + pick(60_000)),
        validUntilMs: nowMs + (pick(8) === 0 ? -1 : pick(6_000)),
        rate: { mantissa: BigInt(1_600 + pick(3)), scale: 1 },
      });
      quotes.push(offer);
      messages.push(dealer.quote(offer, nowMs));
    } else if (kind < 9) {
      const next = through(some, BigInt(1 + pick(pick(3) === 0 ? 60_000 : 9_000)));
      orders.push(next);
      messages.push(alfa.pay(next, customers, nowMs));
    } else if (kind < 10) messages.push(dealer.cancel(withdrawal(`W-${step}`, some), nowMs));
    else if (order)
      messages.push(
        alfa.cancel(
          {
            ...{ id: `C-${step}`, sender: ALFA, uetr: order.uetr, currency: 'EUR' },
            paymentType: 'pacs.008.001.08',
          },
          nowMs,
        ),
      );
    const done = await send(...messages.map((message) => at(message, nowMs)));
    sent.push(...done.sent);
  }
  return { quotes, sent, record };
}

test('on random days each quote covers what was used of it and what is left, by the dealer’s messages and the topic', async () => {
  const reached = new Map<string, number>();
  for (let seed = 1; seed <= 6; seed++) {
    const { quotes, sent } = await randomDay(seed);
    isAsContracted(sent.filter(({ topic }) => topic === 'quotes' || topic.endsWith(DEALER)));
    const documents = to(DEALER, sent).map((message) => toldDocument(message));
    for (const { id, coversMinor } of atLeast(10, quotes)) {
      let left: bigint | null = null;
      let end: string | null = null;
      for (const document of documents) {
        const status = document.Document?.FIToFIPmtStsRpt?.TxInfAndSts[0];
        if (status?.OrgnlUETR === id) {
          if (status.TxSts === 'ACTC') left = coversMinor;
          else end = `${status.TxSts} ${status.StsRsnInf[0].Rsn.Cd}`;
        }
        const use = document.QuoteUse;
        if (use?.Id !== id) continue;
        assert.ok(left !== null && end === null, `seed ${seed}: ${id} is used while it stands`);
        const amount = minorUnits(use.InstdAmt.Amt, 2) as bigint;
        left += use.Use === 'BACK' ? amount : -amount;
        const told = minorUnits(use.Left.Amt, 2);
        assert.equal(told, left, `seed ${seed}: ${id} after ${use.UETR}`);
        reached.set(use.Use, (reached.get(use.Use) ?? 0) + 1);
      }
      reached.set(end ?? 'stands', (reached.get(end ?? 'stands') ?? 0) + 1);
      const last = published(sent).findLast(([key]) => key === `${DEALER}:${id}`)?.[1] ?? null;
      const expected =
        left === null
          ? null
          : end === 'CANC CUST'
            ? 'withdrawn'
            : end === 'CANC AB03'
              ? 'expired'
              : left === 0n
                ? 'used-up'
                : `${left / 100n}.${String(left % 100n).padStart(2, '0')}`;
      assert.equal(last, expected, `seed ${seed}: ${id} in the topic`);
    }
  }
  for (const name of atLeast(5, ['USED', 'BACK', 'CANC CUST', 'CANC AB03', 'stands']))
    assert.ok((reached.get(name) ?? 0) > 3, `${name}: ${reached.get(name)}`);
});

test('a notifier that goes on behind any record tells of quotes what one without a break tells', async () => {
  const { record } = await randomDay(7);
  const { events, inputs } = record;
  const log = {
    read: async (_topic: string, _partition: number, from: number, max: number) =>
      inputs.slice(from, from + max).map((value, index) => ({ logOffset: from + index, value })),
  } as never as Parameters<typeof resumeNotifier>[0];
  // As the log has them: a message of events for each record.
  const runs: Buffer[] = [];
  let position = -1n;
  for (let from = 0; from < events.length; from += EVENT_BYTES) {
    const own = events.readBigUInt64LE(from + EVENT_OFFSETS.position);
    const run = events.subarray(from, from + EVENT_BYTES);
    if (own === position) runs.push(Buffer.concat([runs.pop() as Buffer, run]));
    else runs.push(run);
    position = own;
  }
  const project = (notifier: ReturnType<typeof createNotifier>, from: number, rest: Buffer[]) => {
    for (const [at, value] of inputs.entries()) if (at >= from) notifier.takeInput(at, value);
    return rest.flatMap((run) => notifier.project(readEvents(run)));
  };
  const unbroken = project(createNotifier('test-1', 'main'), 0, runs);
  assert.ok(unbroken.filter(({ topic }) => topic === 'quotes').length > 30);
  for (let cut = 1; cut < runs.length; cut += 3) {
    const { notifier, position: from } = await resumeNotifier(
      log,
      { network: 'test-1', pool: 'main' },
      null,
      () => runs.slice(0, cut),
    );
    const rest = project(notifier, from, runs.slice(cut));
    assert.deepEqual(rest, unbroken.slice(unbroken.length - rest.length), `behind run ${cut}`);
  }
});
