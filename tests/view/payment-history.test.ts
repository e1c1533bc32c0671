import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES, EVENT_KINDS } from '../../services/core/settlement/events.ts';
import { EventsFollower } from '../../services/live/events-follower.ts';
import type { LoggedMessage } from '../../services/live/service-context.ts';
import { type Bic, type Uetr, uetrBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import { ProblemError } from '../../services/protocol/names/http-problems.ts';
import { poolEvents } from '../../services/protocol/names/topic-plan.ts';
import { ChainLinks } from '../../services/view/hash-chain-links.ts';
import { History } from '../../services/view/payment-history.ts';
import { Series } from '../../services/view/per-second-series.ts';
import { PoolView } from '../../services/view/pool-view.ts';
import { SenderBook } from '../../services/view/silent-banks.ts';
import { UetrPlaces } from '../../services/view/uetr-places.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';

const NO_NOTES = { reorderings: new Map(), rules: new Map() };
const uetr = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as Uetr;
const names = () =>
  Directory.from({
    participants: ['ALFADE00', 'BETASG00', 'DEALSG00'].map((bic) => ({
      ...{ bic: bic as Bic, name: bic, role: 'bank' },
    })),
    currencies: ['EUR', 'SGD'].map((currency) => ({ currency, minorUnits: 2 })),
  });

type Event = Omit<ReferenceEvent, 'number'>;
const payment = (position: number, kind: 'queued' | 'settled', n: number): Event => ({
  ...{ kind, position, id: uetrBytes(uetr(n)), messageType: 1, priority: 2 },
  ...{ debtorAgent: 0, creditorAgent: 1, amount1: 5n, timeMs: 1_000 },
});

/** A pool's topic, written and read as the services do. */
function topic(kept: number) {
  const messages: LoggedMessage[] = [];
  const follower = new EventsFollower('main');
  const links = new ChainLinks();
  const places = new UetrPlaces(kept);
  const view = new PoolView('main', names(), {
    series: new Series(),
    senders: new SenderBook(),
  });
  let number = 0;
  const log = {
    async read(name: string, _partition: number, from: number, count: number) {
      return name === poolEvents('main') ? messages.slice(from, from + count) : [];
    },
  };
  return {
    history: new History({
      ...{ log, view, places, links },
      isBehind: async () => false,
      release: async () => null,
      explainedBy: () => '',
    }),
    view,
    write(...events: Event[]) {
      const value = eventBytes(events.map((event) => ({ number: ++number, ...event })));
      const logOffset = messages.length;
      const at = { partition: 0, logOffset, timestampMs: 2_000 };
      for (const message of follower.messages(value)) messages.push({ ...message, ...at });
      links.append(value);
      places.take(Buffer.from(value), logOffset);
      view.take(readEvents(value), 2_000, NO_NOTES);
    },
  };
}

test('a payment is found by its index, and one that was forgotten in the log', async () => {
  const { history, write } = topic(2);
  write({ kind: 'opened' }, payment(1, 'queued', 1));
  write(payment(2, 'settled', 2));
  write({ ...payment(3, 'settled', 1), paymentPosition: 1 });
  for (let n = 3; n < 9; n++) write(payment(n + 1, 'settled', n));
  for (const n of [1, 2, 8]) {
    const found = await history.of(uetr(n));
    assert.deepEqual(
      found?.steps.map(({ kind, eventNumber }) => [kind, eventNumber]),
      n === 1
        ? [
            ['queued', 2],
            ['settled', 4],
          ]
        : n === 2
          ? [['settled', 3]]
          : [['settled', 10]],
    );
  }
  assert.equal(await history.of(uetr(77)), null);
});

test('of two searches in the log at once the second is asked to come again', async () => {
  const { history, write } = topic(1);
  for (let n = 1; n < 9; n++) write(payment(n, 'settled', n));
  const [first, second] = await Promise.allSettled([history.of(uetr(1)), history.of(uetr(2))]);
  assert.equal(first.status, 'fulfilled');
  assert.ok(second.status === 'rejected' && second.reason instanceof ProblemError);
  assert.equal((await history.of(uetr(2)))?.steps.length, 1);
});

const repeats = (n: number, count: number): Event[] =>
  Array.from({ length: count }, (_, at) => ({
    ...payment(100 + at, 'queued', n),
    ...{ kind: 'repeated' as const, paymentPosition: 1, amount1: 0n, count: EVENT_KINDS.settled },
  }));
const forged = (position: number, n: number): Event => ({
  ...payment(position, 'queued', n),
  ...{ kind: 'noticed', reason: 'signatureInvalid', amount1: 0n },
});
const heldUp = (cycle: number): Event => ({
  ...payment(1_000 + cycle, 'queued', 1),
  ...{ kind: 'heldUp', paymentPosition: 1, cycle, creditorAgent: 0xffffffff, currency1: 0 },
  // Byte 28 says what is short: 1, the balance, as mechanism number 1.
  mechanism: 'entry',
});

test('the settlement is told, however often a payment was held up, sent again or forged', async () => {
  const { history, write } = topic(1_000);
  write({ kind: 'currencyAdded', id: new Uint8Array(16) }, payment(1, 'queued', 1));
  for (let cycle = 1; cycle <= 99; cycle++) write(heldUp(cycle));
  for (const one of repeats(1, 70)) write(one);
  for (let at = 0; at < 70; at++) write(forged(500 + at, 1));
  write({ ...payment(2_000, 'settled', 1), paymentPosition: 1, cycle: 100 });
  for (const one of repeats(1, 70)) write(one);
  const found = await history.of(uetr(1));
  const kinds = found?.steps.map(({ kind }) => kind) ?? [];
  assert.ok(kinds.includes('settled'), `${kinds}`);
  assert.equal(found?.complete, false, 'what is left out is owned to');
  const whole = await history.of(uetr(1), true);
  assert.equal(whole?.complete, true);
  assert.deepEqual(
    whole?.steps.map((step) => [step.kind, step.repeats?.count ?? 1]),
    [
      ...[['queued', 1] as const, ['heldUp', 99] as const, ['repeated', 70] as const],
      ...[['noticed', 70] as const, ['settled', 1] as const, ['repeated', 70] as const],
    ],
  );
  const held = whole?.steps[1];
  assert.deepEqual([held?.repeats?.firstCycle, held?.cycle], [1, 99]);
});

test('a payment held up by two shortages is told of both, and counted by cycles', async () => {
  const { history, write } = topic(1_000);
  write({ kind: 'currencyAdded', id: new Uint8Array(16) }, payment(1, 'queued', 1));
  const both = (cycle: number) => [
    heldUp(cycle),
    { ...heldUp(cycle), debtorAgent: 2, amount1: 7n },
  ];
  for (let cycle = 15; cycle <= 43; cycle++) write(...both(cycle));
  const held = (await history.of(uetr(1)))?.steps[1];
  assert.deepEqual([held?.repeats?.count, held?.repeats?.firstCycle, held?.cycle], [29, 15, 43]);
  assert.deepEqual(
    held?.shortages.map(({ bic, amountMinor }) => `${bic} ${amountMinor}`),
    ['ALFADE00 5', 'DEALSG00 7'],
  );
  const other = topic(10);
  other.write({ kind: 'currencyAdded', id: new Uint8Array(16) }, payment(1, 'queued', 1));
  other.write(...both(3));
  const once = (await other.history.of(uetr(1)))?.steps[1];
  assert.deepEqual([once?.repeats, once?.shortages.length], [null, 2]);
});

test('of more steps than are told the end and the settlement stay', async () => {
  const { history, write } = topic(1_000);
  write(payment(1, 'queued', 1));
  const again = { ...payment(3, 'queued', 1), kind: 'carriedOver', paymentPosition: 1 } as const;
  const events = Array.from({ length: 150 }, (): Event[] => [again, ...repeats(1, 1)]).flat();
  write(...events, { ...payment(2_000, 'settled', 1), paymentPosition: 1 }, ...events);
  const found = await history.of(uetr(1));
  assert.equal(found?.complete, false);
  assert.equal(found?.steps[0]?.kind, 'queued');
  assert.ok(found?.steps.some(({ kind }) => kind === 'settled'));
  assert.equal(found?.steps.at(-1)?.eventNumber, 602);
  assert.equal((await history.of(uetr(1), true))?.complete, true);
});

test('a forged message under a UETR does not take the place of its payment, before or after', async () => {
  const { history, write } = topic(2);
  write({ kind: 'currencyAdded', id: new Uint8Array(16) }, forged(5, 1), payment(6, 'queued', 1));
  const found = await history.of(uetr(1));
  assert.deepEqual([found?.position, found?.isTaken, found?.wait?.kind], [6, true, 'closed']);
  for (let n = 3; n < 9; n++) write(payment(n + 10, 'settled', n));
  // The index has forgotten the payment and knows the forgery alone: the log has both.
  write(forged(90, 1));
  const later = await history.of(uetr(1));
  assert.deepEqual([later?.position, later?.isTaken], [6, true]);
  write(forged(91, 44));
  assert.equal((await history.of(uetr(44)))?.isTaken, false);
});

test('a proof across links and messages computes to the digest of its message', async () => {
  const { history, write } = topic(10_000);
  for (let message = 0; message < 30; message++)
    write(...Array.from({ length: 100 }, (_, n) => payment(message * 100 + n, 'settled', 1 + n)));
  for (const [eventNumber, offset] of [
    [1, 0],
    [1_024, 10],
    [1_025, 10],
    [2_999, 29],
  ] as const) {
    const proof = await history.proof(eventNumber, offset);
    const events = Buffer.from(proof.events, 'base64');
    let digest: Buffer = Buffer.from(proof.digestBefore, 'hex');
    for (let at = 0; at < events.length; at += 1_024 * EVENT_BYTES) {
      const link = events.subarray(at, at + 1_024 * EVENT_BYTES);
      digest = createHash('sha256').update(digest).update(link).digest();
    }
    assert.equal(digest.toString('hex'), proof.digestAfter, `event ${eventNumber}`);
    assert.equal((proof.firstNumber - 1) % 1_024, 0);
    const at = (eventNumber - proof.firstNumber) * EVENT_BYTES;
    assert.equal(events.readBigUInt64LE(at), BigInt(eventNumber));
    assert.equal(proof.event, events.subarray(at, at + EVENT_BYTES).toString('hex'));
  }
  await assert.rejects(history.proof(1, 1), ProblemError);
  await assert.rejects(history.proof(3_001, 29), ProblemError);
});

test('a dealer’s queue tells the leg that the dealer pays, and what that lacks', () => {
  const { view, write } = topic(10);
  const account = (debtorAgent: number, currency1: number, balance: bigint): Event => ({
    ...{ kind: 'accountOpened', debtorAgent, currency1, amount1: balance, balances: [balance] },
  });
  write(
    ...[account(0, 0, 500n), account(2, 0, 0n), account(2, 1, 100n), account(1, 1, 0n)],
    ...[0, 1].map((currency1): Event => ({ kind: 'opened', currency1 })),
    { ...payment(9, 'queued', 1), dealer: 2, amount1: 200n, currency2: 1, amount2: 290n },
  );
  const heads = view.accounts(true).map(({ bic, currency, waiting, head }) => ({
    ...{ account: `${bic} ${currency}`, waiting, amount: head?.amountMinor },
    short: head?.wait.shortages.map((one) => `${one.bic} ${one.currency} ${one.amountMinor}`),
  }));
  const short = ['DEALSG00 SGD 190'];
  assert.deepEqual(heads, [
    { account: 'ALFADE00 EUR', waiting: 1, amount: '200', short },
    { account: 'DEALSG00 EUR', waiting: 0, amount: undefined, short: undefined },
    { account: 'DEALSG00 SGD', waiting: 0, amount: '290', short },
    { account: 'BETASG00 SGD', waiting: 0, amount: undefined, short: undefined },
  ]);
});
