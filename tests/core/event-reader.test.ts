import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  eventKind,
  eventsOf,
  readEvent,
  readEvents,
} from '../../services/core/settlement/event-reader.ts';
import {
  EVENT_KINDS,
  type EventKind,
  GROSS_OUTCOMES,
  NETTING_OUTCOMES,
} from '../../services/core/settlement/events.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { eventBytes, type ReferenceEvent } from './reference-events.ts';

const ID = Uint8Array.from({ length: 16 }, (_, i) => 240 + i);
const NONE = 0xffffffff;
const BALANCES = [-1n, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n] as const;

/** Every field at its limits. */
const FULL: Omit<ReferenceEvent, 'kind'> = {
  number: 2 ** 40 + 1,
  position: 2 ** 41 + 2,
  timeMs: 1_773_644_400_123,
  reason: 'quoteExhausted',
  mechanism: 'allOrNothing',
  priority: 2,
  messageType: 0xfffe,
  paymentPosition: 2 ** 42 + 3,
  id: ID,
  debtorAgent: 0xfffffffe,
  creditorAgent: 0xfffffffd,
  dealer: 0xfffffffc,
  currency1: 0xfffb,
  currency2: 0xfffa,
  amount1: 2n ** 63n - 1n,
  amount2: -(2n ** 63n) + 1n,
  cycle: 0xfffffff9,
  count: EVENT_KINDS.settled,
  balances: [...BALANCES],
};
const PLACED = { number: 2 ** 40 + 1, position: 2 ** 41 + 2, timeMs: 1_773_644_400_123 };
const MESSAGE = {
  messageType: 0xfffe,
  id: ID,
  paymentPosition: 2 ** 42 + 3,
  debtorAgent: 0xfffffffe,
};
const LEG = { legNumber: EVENT_KINDS.settled, legCount: 0 };
const TERMS = {
  ...MESSAGE,
  priority: 2,
  creditorAgent: 0xfffffffd,
  dealer: 0xfffffffc,
  currency1: 0xfffb,
  currency2: 0xfffa,
  amount1: 2n ** 63n - 1n,
  amount2: -(2n ** 63n) + 1n,
};
const ACCOUNT = { participant: 0xfffffffe, currency: 0xfffb };
const AMOUNT = { ...ACCOUNT, amount: 2n ** 63n - 1n, balance: -1n };
const DIGEST = new Uint8Array(new BigInt64Array(BALANCES).buffer);
const DIGEST_20 = DIGEST.subarray(8, 28);
const NAME = Buffer.from(DIGEST).toString('latin1').replace(/\0+$/, '');
const CYCLE = { cycle: 0xfffffff9 };
const REASON = { reason: 'quoteExhausted' };
const booking = (participant: number, currency: number, amount: bigint, balance: bigint) => ({
  ...{ participant, currency, amount, balance },
});

/** What each kind tells, by the table in events.ts. */
const TOLD: { readonly [Kind in EventKind]: object } = {
  genesis: { rulesVersion: 14 },
  participantAdded: { participant: 0xfffffffe },
  currencyAdded: { currency: 0xfffb },
  accountOpened: {
    ...{ ...ACCOUNT, opening: 2n ** 63n - 1n, creditLine: -(2n ** 63n) + 1n, balance: -1n },
  },
  creditLineSet: { ...ACCOUNT, creditLine: 2n ** 63n - 1n, balance: -1n },
  issued: AMOUNT,
  redeemed: AMOUNT,
  opened: { currency: 0xfffb, date: 14, closesAtMs: Number(2n ** 63n - 1n) },
  closed: { currency: 0xfffb, date: 14, queued: Number(2n ** 63n - 1n) },
  quoted: {
    ...{ ...MESSAGE, currency1: 0xfffb, currency2: 0xfffa, amount1: 2n ** 63n - 1n },
    ...{ rateMantissa: -(2n ** 63n) + 1n, rateScale: 14, validUntilMs: -1 },
  },
  quoteUsed: {
    ...{ ...TERMS, quote: DIGEST.subarray(0, 16), rateScale: 14 },
    ...{ left: BALANCES[2], rateMantissa: BALANCES[3] },
  },
  quoteEnded: {
    ...{ ...MESSAGE, ...REASON, currency1: 0xfffb, currency2: 0xfffa, left: 2n ** 63n - 1n },
    ...{ rateMantissa: BALANCES[3], rateScale: 14 },
  },
  noticed: { ...MESSAGE, ...REASON, digest: DIGEST },
  keyChanged: { participant: 0xfffffffe, isRevoked: true, publicKey: DIGEST },
  queued: TERMS,
  settled: {
    ...{ ...TERMS, ...CYCLE, mechanism: 'allOrNothing' },
    bookings: [
      booking(0xfffffffe, 0xfffb, -(2n ** 63n - 1n), BALANCES[0]),
      booking(0xfffffffc, 0xfffb, 2n ** 63n - 1n, BALANCES[2]),
      booking(0xfffffffc, 0xfffa, 2n ** 63n - 1n, BALANCES[3]),
      booking(0xfffffffd, 0xfffa, -(2n ** 63n) + 1n, BALANCES[1]),
    ],
  },
  rejected: { ...TERMS, ...REASON, digest: DIGEST },
  cancelled: { ...TERMS, ...REASON },
  carriedOver: TERMS,
  repeated: { ...TERMS, ...REASON, outcome: 'settled' },
  refused: { ...REASON, recordKind: 14 },
  cycled: {
    ...{ ...CYCLE, mechanism: 'allOrNothing', currency: 0xfffb, outcome: 'deadlock' },
    ...{ settled: 14, left: Number(2n ** 63n - 1n), proposer: NAME },
  },
  passedOn: { ...MESSAGE, receiver: 0xfffffffd },
  recallEnded: { ...MESSAGE, ...REASON, receiver: 0xfffffffd },
  rulesSet: { currency: 0xfffb, isBypass: true },
  issuerSet: ACCOUNT,
  collateralSet: {
    ...{ ...ACCOUNT, balance: -1n, creditCapacity: 2n ** 62n },
  },
  capSet: { ...ACCOUNT, counterparty: 0xfffffffd, cap: 2n ** 63n - 1n },
  limitSet: { ...MESSAGE, ...ACCOUNT, counterparty: 0xfffffffd, limit: 2n ** 63n - 1n },
  reservationSet: { ...MESSAGE, ...ACCOUNT, priority: 2, amount: 2n ** 63n - 1n },
  reordered: { ...MESSAGE, priority: 2 },
  queried: {
    ...{ ...MESSAGE, ...REASON, participant: 0xfffffffe, currency: 0xfffb },
    outcome: 'settled',
    settled: {
      ...{ currency: 0xfffa, left: -(2n ** 63n) + 1n },
      ...{ isRecalled: false, isCredited: true },
    },
  },
  matched: { ...TERMS, ...LEG, mate: -1 },
  attested: { ...MESSAGE, verdict: 'refused', legCount: 3, mate: -1, termsDigest: DIGEST_20 },
  triggered: { ...TERMS, ...LEG, mate: -1 },
  earmarked: { ...TERMS, ...LEG, balance: -1n, earmarked: 2n ** 62n },
  released: { ...TERMS, ...REASON, ...LEG, balance: -1n, earmarked: 2n ** 62n },
  notEarmarked: { ...TERMS, ...REASON, ...LEG, balance: -1n, earmarked: 2n ** 62n },
  promised: { ...TERMS, ...LEG, balance: -1n, earmarked: 2n ** 62n },
  recorded: { ...MESSAGE, counter: 2n ** 63n - 1n, documentDigest: DIGEST_20 },
  accepted: TERMS,
  netted: { ...CYCLE, ...AMOUNT },
  defaulted: { ...CYCLE, ...AMOUNT },
  lossShared: { ...CYCLE, ...AMOUNT, defaulter: 0xfffffffd },
  unwound: { ...TERMS, ...REASON },
  heldUp: {
    ...{ ...CYCLE, ...ACCOUNT, paymentPosition: 2 ** 42 + 3, id: ID, by: 'bilateralLimit' },
    ...{ counterparty: 0xfffffffd, amount: 2n ** 63n - 1n },
  },
  valuationSet: { currency: 0xfffb, weight: 2n ** 63n - 1n, haircutBps: -(2n ** 63n) + 1n },
  crossLimitSet: { ...ACCOUNT, aggregateShort: 2n ** 63n - 1n, pooledCollateral: null },
  corridorLimitSet: {
    ...{ currency: 0xfffb, from: '\xfe\xff', to: '\xfd\xff' },
    ...{ limit: 2n ** 63n - 1n, used: -(2n ** 63n) + 1n },
  },
  setRefused: {
    ...{ ...CYCLE, ...REASON, ...ACCOUNT, set: 14, by: 'bilateralLimit' },
    ...{ counterparty: 0xfffffffd, amount: 2n ** 63n - 1n, paymentPosition: 2 ** 42 + 3 },
  },
  commanded: { ...REASON, id: ID, outcome: 'repeated', digest: DIGEST },
};

const read = (event: Omit<ReferenceEvent, 'number'>): SettlementEvent =>
  readEvent(eventBytes([{ number: 1, ...event }]), 0);

describe('the event reader', () => {
  for (const kind of Object.keys(EVENT_KINDS) as EventKind[])
    it(`reads what a ${kind} event tells, to its limits, and nothing else`, () => {
      // The number of `queue` as a mechanism is that of a bilateral limit as what is short.
      const isShort = kind === 'heldUp' || kind === 'setRefused';
      // And so is that of a command that was repeated.
      const mechanism = isShort || kind === 'commanded' ? 'queue' : FULL.mechanism;
      const count = kind === 'attested' ? 1 + (3 << 8) : FULL.count;
      assert.deepEqual(read({ ...FULL, kind, mechanism, count } as ReferenceEvent), {
        ...{ kind, ...PLACED },
        ...TOLD[kind],
      });
    });

  it('gives null for no counterparty, no bound and all currencies', () => {
    const none = { creditorAgent: NONE, currency1: 0xffff, amount1: -1n, amount2: -1n } as const;
    const of = (kind: EventKind, more = {}) => read({ kind, ...none, ...more }) as object;
    assert.deepEqual(
      ['counterparty', 'cap'].map((name) => Reflect.get(of('capSet'), name)),
      [null, null],
    );
    assert.deepEqual(
      ['counterparty', 'limit'].map((name) => Reflect.get(of('limitSet'), name)),
      [null, null],
    );
    assert.equal(Reflect.get(of('heldUp', { mechanism: 'entry' }), 'counterparty'), null);
    assert.equal(Reflect.get(of('cycled', { mechanism: 'partial' }), 'currency'), null);
    assert.equal(Reflect.get(of('crossLimitSet'), 'aggregateShort'), null);
    assert.equal(Reflect.get(of('keyChanged'), 'isRevoked'), false);
  });

  it('books a payment in one currency on two accounts', () => {
    const settled = read({
      ...{ kind: 'settled', debtorAgent: 1, creditorAgent: 2, currency1: 3, amount1: 4n },
      balances: [10n, 20n, 0n, 0n],
    });
    assert.deepEqual(settled.kind === 'settled' && settled.bookings, [
      booking(1, 3, -4n, 10n),
      booking(2, 3, 4n, 20n),
    ]);
  });

  it('names outcomes by the mechanism, and refuses others', () => {
    const outcome = (mechanism: 'partial' | 'deferredNet', priority: number) => {
      const event = read({ kind: 'cycled', mechanism, priority });
      return event.kind === 'cycled' && event.outcome;
    };
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((n) => outcome('partial', n)),
      [...GROSS_OUTCOMES],
    );
    assert.deepEqual(
      [0, 1, 2].map((n) => outcome('deferredNet', n)),
      [...NETTING_OUTCOMES],
    );
    assert.throws(() => outcome('partial', 5), /no outcome of partial has the number 5/);
    assert.throws(() => outcome('deferredNet', 3), RangeError);
  });

  it('reads by index, runs of events, and some kinds of them, also from a part of other bytes', () => {
    const around = Buffer.concat([
      Buffer.alloc(13),
      eventBytes([
        { number: 1, kind: 'genesis', count: 7 },
        { number: 2, kind: 'noticed', reason: 'signatureInvalid' },
        { number: 3, kind: 'opened' },
      ]),
    ]);
    const events = around.subarray(13);
    assert.deepEqual(
      readEvents(events).map(({ number, kind }) => [number, kind]),
      [
        [1, 'genesis'],
        [2, 'noticed'],
        [3, 'opened'],
      ],
    );
    assert.deepEqual(readEvents(events)[1], readEvent(events, 1));
    assert.deepEqual(
      eventsOf(events, 'opened', 'genesis').map(({ number }) => number),
      [1, 3],
    );
  });

  it('names each kind by its number, and refuses others', () => {
    for (const kind of Object.keys(EVENT_KINDS) as EventKind[])
      assert.equal(eventKind(EVENT_KINDS[kind]), kind);
    assert.throws(() => eventKind(0), /no kind of event has the number 0/);
    assert.throws(() => eventKind(Math.max(...Object.values(EVENT_KINDS)) + 1), RangeError);
  });
});
