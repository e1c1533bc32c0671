import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EVENT_BYTES, EVENT_KINDS } from '../../services/core/settlement/events.ts';
import {
  BLOCK_EVENTS,
  type Block,
  EventFold,
  insertions,
} from '../../services/metrics/event-rows.ts';
import { TABLES } from '../../services/metrics/store-rows.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';
import { numberedUetr, PAYMENT, poolDay, poolDirectory, START_MS } from '../support/pool-day.ts';

const newFold = () => new EventFold('run-1', 'main', poolDirectory());

/** The rows of all of some events, in one block. */
function rowsOf(events: readonly Omit<ReferenceEvent, 'number'>[]) {
  const fold = newFold();
  const blocks = fold.fold(eventBytes(events.map((event, i) => ({ ...event, number: i + 1 }))));
  assert.deepEqual(blocks, []);
  return fold.end().rows;
}

const minute = (n: number) => START_MS + n * 60_000;

describe('the fold of events to rows', () => {
  it('gives a row for each status of a payment, with the time it was submitted', () => {
    const payment = {
      messageType: PAYMENT,
      paymentPosition: 5,
      id: numberedUetr(9),
      debtorAgent: 0,
      creditorAgent: 2,
      dealer: 4,
      currency1: 0,
      currency2: 1,
      amount1: 2n ** 63n - 1n,
      amount2: 700n,
      priority: 1,
    };
    const { payments } = rowsOf([
      { ...payment, kind: 'queued', position: 5, timeMs: START_MS },
      { ...payment, kind: 'carriedOver', position: 6, timeMs: minute(1) },
      {
        ...payment,
        kind: 'settled',
        position: 7,
        timeMs: minute(2) + 5,
        mechanism: 'gridlockResolution',
        cycle: 3,
      },
    ]);
    const first = {
      run: 'run-1',
      pool: 'main',
      event_number: 1,
      time: '2026-03-16 07:00:00.000',
      payment_position: 5,
      uetr: '00000009-0000-4000-8000-000000000000',
      status: 'PDNG',
      reason: '',
      iso_reason: '',
      mechanism: '',
      priority: 'high',
      debtor_agent: 'AAAADE00',
      creditor_agent: 'CCCCTH00',
      dealer: 'DEALER00',
      currency: 'EUR',
      amount_minor: '9223372036854775807',
      currency2: 'THB',
      amount2_minor: '700',
      corridor: 'EUR-THB',
      cycle: 0,
      submitted_at: '2026-03-16 07:00:00.000',
      is_first: 1,
      kind: 'queued',
      message_type: 'pacs.008.001.08',
      second_leg: 0,
    };
    assert.deepEqual(payments, [
      first,
      {
        ...first,
        event_number: 2,
        time: '2026-03-16 07:01:00.000',
        is_first: 0,
        kind: 'carriedOver',
      },
      {
        ...first,
        event_number: 3,
        is_first: 0,
        time: '2026-03-16 07:02:00.005',
        status: 'ACSC',
        kind: 'settled',
        mechanism: 'gridlockResolution',
        cycle: 3,
      },
    ]);
  });

  it('keeps a forged message apart from the payment that it claims to be', () => {
    const { payments, queue_samples } = rowsOf([
      {
        kind: 'noticed',
        messageType: PAYMENT,
        reason: 'signatureInvalid',
        timeMs: START_MS,
        id: numberedUetr(1),
        debtorAgent: 1,
        balances: [1n, 2n, 3n, 4n],
      },
    ]);
    assert.equal(payments.length, 1);
    const [row] = payments;
    assert.deepEqual(
      [row?.status, row?.iso_reason, row?.debtor_agent, row?.creditor_agent, row?.amount_minor],
      ['RJCT', 'DS0B', 'BBBBFR00', '', '0'],
    );
    assert.deepEqual(queue_samples, []);
  });

  it('gives no row for what changes no payment', () => {
    const rows = rowsOf([
      { kind: 'genesis' },
      { kind: 'repeated', messageType: PAYMENT, timeMs: START_MS, count: EVENT_KINDS.settled },
      { kind: 'quoted', messageType: 2, timeMs: START_MS },
    ]);
    const { security_events, ...others } = rows;
    assert.deepEqual(Object.values(others).flat(), []);
    assert.equal(Object.keys(others).length, TABLES.length - 1);
    assert.deepEqual(
      security_events.map(({ kind }) => kind),
      ['repeated'],
    );
  });

  it('draws nothing from an account that has more than was put in, minute after minute', () => {
    const opened = (debtorAgent: number) =>
      ({
        kind: 'accountOpened',
        ...{ debtorAgent, currency1: 0, timeMs: START_MS, amount1: 100n, balances: [100n] },
      }) as const;
    const settled = {
      kind: 'settled',
      ...{ messageType: PAYMENT, debtorAgent: 0, creditorAgent: 1, currency1: 0 },
    } as const;
    const { balances } = rowsOf([
      ...[opened(0), opened(1)],
      { ...settled, timeMs: START_MS + 1, balances: [90n, 110n] },
      { ...settled, timeMs: minute(2), balances: [80n, 120n] },
    ]);
    assert.deepEqual(
      balances.map((row) => [row.participant, row.balance_minor, row.drawn_max_minor]),
      [
        ['AAAADE00', '90', '10'],
        ['BBBBFR00', '110', '0'],
        ['AAAADE00', '80', '20'],
        ['BBBBFR00', '120', '0'],
      ],
    );
  });

  it('samples balances at the end of each minute, with the lowest in it', () => {
    const account = { debtorAgent: 0, currency1: 0 };
    const settled = {
      kind: 'settled',
      messageType: PAYMENT,
      creditorAgent: 1,
      ...account,
    } as const;
    const { balances } = rowsOf([
      {
        kind: 'accountOpened',
        ...account,
        timeMs: START_MS,
        amount1: 100n,
        amount2: 50n,
        balances: [100n],
      },
      { ...settled, timeMs: START_MS + 1, balances: [-20n, 120n] },
      { kind: 'issued', ...account, timeMs: START_MS + 2, amount1: 50n, balances: [30n] },
      { kind: 'creditLineSet', ...account, timeMs: minute(3), amount1: 60n, balances: [30n] },
    ]);
    const row = { run: 'run-1', pool: 'main', currency: 'EUR' };
    const ours = { ...row, participant: 'AAAADE00', balance_minor: '30', injected_minor: '50' };
    assert.deepEqual(balances, [
      {
        ...ours,
        time: '2026-03-16 07:01:00.000',
        lowest_minor: '-20',
        credit_line_minor: '50',
        drawn_max_minor: '120',
      },
      {
        ...row,
        time: '2026-03-16 07:01:00.000',
        participant: 'BBBBFR00',
        balance_minor: '120',
        lowest_minor: '120',
        credit_line_minor: '0',
        injected_minor: '0',
        drawn_max_minor: '0',
      },
      {
        ...ours,
        time: '2026-03-16 07:04:00.000',
        lowest_minor: '30',
        credit_line_minor: '60',
        drawn_max_minor: '120',
      },
    ]);
  });

  it('samples both legs of a payment through a dealer', () => {
    const { balances } = rowsOf([
      {
        kind: 'settled',
        messageType: PAYMENT,
        timeMs: START_MS,
        debtorAgent: 0,
        creditorAgent: 2,
        dealer: 4,
        currency1: 0,
        currency2: 1,
        balances: [10n, 20n, 30n, 40n],
      },
    ]);
    assert.deepEqual(
      balances.map((row) => `${row.participant} ${row.currency} ${row.balance_minor}`),
      ['AAAADE00 EUR 10', 'CCCCTH00 THB 20', 'DEALER00 EUR 30', 'DEALER00 THB 40'],
    );
  });

  it('samples queues by bank and by currency, with the most in each minute', () => {
    const payment = { messageType: PAYMENT, debtorAgent: 0, creditorAgent: 1, currency1: 1 };
    const one = { ...payment, paymentPosition: 1, amount1: 100n, position: 1 };
    const two = { ...payment, paymentPosition: 2, amount1: 10n, position: 2 };
    const { queue_samples, cycles } = rowsOf([
      { ...one, kind: 'queued', timeMs: START_MS },
      { ...two, kind: 'queued', timeMs: START_MS + 1 },
      { ...one, kind: 'cancelled', reason: 'cancelledAtClose', timeMs: START_MS + 2 },
      {
        kind: 'cycled',
        mechanism: 'gridlockResolution',
        cycle: 4,
        count: 1,
        amount1: 0n,
        priority: 1,
        timeMs: minute(1),
      },
      { ...two, kind: 'settled', cycle: 4, timeMs: minute(1), balances: [0n, 0n] },
    ]);
    const seen = queue_samples.map(
      (row) =>
        `${row.time.slice(11, 16)} ${row.participant}/${row.currency} ` +
        `${row.count} ${row.value_minor} most ${row.count_max} ${row.value_max_minor} ` +
        `oldest ${row.oldest_submitted_at.slice(11)}`,
    );
    assert.deepEqual(seen, [
      '07:01 /THB 1 10 most 2 110 oldest 07:00:00.001',
      '07:01 AAAADE00/THB 1 10 most 2 110 oldest 07:00:00.001',
      '07:02 /THB 0 0 most 1 10 oldest 00:00:00.000',
      '07:02 AAAADE00/THB 0 0 most 1 10 oldest 00:00:00.000',
    ]);
    assert.deepEqual(
      cycles.map(({ cycle, outcome, settled, left_queued }) => [
        cycle,
        outcome,
        settled,
        left_queued,
      ]),
      [[4, 'resolved', 1, 0]],
    );
  });

  it('knows which payment waits longest, however many come and go behind it', () => {
    const payment = { messageType: PAYMENT, debtorAgent: 0, creditorAgent: 1, currency1: 1 };
    const queued = (paymentPosition: number, timeMs: number) =>
      ({ ...payment, kind: 'queued', paymentPosition, amount1: 1n, timeMs }) as const;
    const passing = Array.from({ length: 300 }, (_, n) => {
      const of = { ...queued(2 + n, START_MS + n), balances: [0n, 0n] };
      return [of, { ...of, kind: 'settled', mechanism: 'queue' } as const];
    });
    const { queue_samples } = rowsOf([queued(1, START_MS), ...passing.flat()]);
    assert.deepEqual(
      queue_samples.map((row) => [row.participant, row.count, row.oldest_submitted_at.slice(11)]),
      [
        ['', 1, '07:00:00.000'],
        ['AAAADE00', 1, '07:00:00.000'],
      ],
    );
  });

  it('marks the later leg of a pair from its match on; neither a match nor a close queues it', () => {
    const leg = { messageType: 4, currency2: 0xffff, amount1: 5n };
    const [one, two] = [
      { ...leg, paymentPosition: 7, debtorAgent: 0, creditorAgent: 1, currency1: 0 },
      { ...leg, paymentPosition: 9, debtorAgent: 1, creditorAgent: 0, currency1: 1 },
    ];
    const { payments, queue_samples } = rowsOf([
      { ...one, kind: 'queued', timeMs: START_MS },
      { ...two, kind: 'matched', timeMs: START_MS + 1, balances: [7n] },
      { ...one, kind: 'matched', timeMs: START_MS + 1, balances: [9n] },
      { ...one, kind: 'carriedOver', timeMs: START_MS + 1 },
      { ...two, kind: 'carriedOver', timeMs: START_MS + 1 },
      { ...one, kind: 'settled', timeMs: START_MS + 1, mechanism: 'entry', balances: [1n, 2n] },
      { ...two, kind: 'settled', timeMs: START_MS + 1, mechanism: 'entry', balances: [3n, 4n] },
    ]);
    assert.deepEqual(
      payments.map((row) => [
        row.payment_position,
        row.status,
        row.kind,
        row.second_leg,
        row.corridor,
      ]),
      [
        [7, 'PDNG', 'queued', 0, 'EUR/?'],
        [9, 'PDNG', 'matched', 1, 'EUR/THB'],
        [7, 'PDNG', 'matched', 0, 'EUR/THB'],
        [7, 'PDNG', 'carriedOver', 0, 'EUR/THB'],
        [9, 'PDNG', 'carriedOver', 1, 'EUR/THB'],
        [7, 'ACSC', 'settled', 0, 'EUR/THB'],
        [9, 'ACSC', 'settled', 1, 'EUR/THB'],
      ],
    );
    assert.deepEqual(
      queue_samples.map((row) => `${row.participant}/${row.currency} ${row.count_max}`),
      ['/EUR 1', 'AAAADE00/EUR 1'],
    );
  });

  it('keeps what netting booked, what is held up and why', () => {
    const { nettings, held_up, cycles, balances, payments } = rowsOf([
      {
        kind: 'accepted',
        messageType: PAYMENT,
        debtorAgent: 0,
        creditorAgent: 1,
        currency1: 0,
        amount1: 9n,
        timeMs: START_MS,
      },
      {
        kind: 'cycled',
        mechanism: 'deferredNet',
        cycle: 2,
        count: 1,
        priority: 1,
        currency1: 0,
        currency2: 0xffff,
        timeMs: START_MS,
      },
      {
        kind: 'lossShared',
        debtorAgent: 1,
        creditorAgent: 0,
        currency1: 0,
        amount1: 4n,
        cycle: 2,
        timeMs: START_MS,
        balances: [96n],
      },
      {
        kind: 'heldUp',
        mechanism: 'queue',
        paymentPosition: 3,
        id: numberedUetr(3),
        debtorAgent: 0,
        creditorAgent: 1,
        currency1: 1,
        amount1: 7n,
        cycle: 2,
        timeMs: START_MS,
      },
    ]);
    assert.deepEqual(
      payments.map(({ status, kind }) => [status, kind]),
      [['ACSP', 'accepted']],
    );
    assert.deepEqual(
      cycles.map(({ outcome, mechanism, currency }) => [outcome, mechanism, currency]),
      [['netted', 'deferredNet', 'EUR']],
    );
    assert.deepEqual(
      nettings.map((row) => [row.kind, row.participant, row.counterparty, row.amount_minor]),
      [['lossShared', 'BBBBFR00', 'AAAADE00', '4']],
    );
    assert.deepEqual(
      balances.map(({ balance_minor }) => balance_minor),
      ['96'],
    );
    assert.deepEqual(
      held_up.map((row) => [row.payment_position, row.short, row.participant, row.amount_minor]),
      [[3, 'bilateralLimit', 'AAAADE00', '7']],
    );
  });

  it('has a row for each bound of an account as it is set, and for its end', () => {
    const own = { debtorAgent: 0, currency1: 0, timeMs: START_MS } as const;
    const NONE = 0xffffffff;
    const { limits } = rowsOf([
      { ...own, kind: 'accountOpened', amount1: 900n, amount2: 500n },
      { ...own, kind: 'accountOpened', amount1: 900n, currency1: 1 },
      { ...own, kind: 'creditLineSet', amount1: 0n },
      { ...own, kind: 'collateralSet', balances: [0n, 97n] },
      { ...own, kind: 'capSet', creditorAgent: NONE, amount1: 7n },
      { ...own, kind: 'capSet', creditorAgent: 1, amount1: -1n },
      { ...own, kind: 'limitSet', creditorAgent: 1, amount1: 0n },
      { ...own, kind: 'limitSet', creditorAgent: NONE, amount1: -1n },
      { ...own, kind: 'reservationSet', priority: 0, amount1: 11n },
      { ...own, kind: 'reservationSet', priority: 1, amount1: 12n },
      { ...own, kind: 'crossLimitSet', amount1: 13n, amount2: -1n },
    ]);
    assert.deepEqual(
      limits.map((row) => [row.event_number, row.kind, row.counterparty, row.amount_minor]),
      [
        [1, 'creditLine', '', '500'],
        [3, 'creditLine', '', '0'],
        [4, 'creditCapacity', '', '97'],
        [5, 'netDebitCap', '', '7'],
        [6, 'bilateralCap', 'BBBBFR00', '0'],
        [7, 'bilateralLimit', 'BBBBFR00', '0'],
        [8, 'multilateralLimit', '', '0'],
        [9, 'reservationUrgent', '', '11'],
        [10, 'reservationHigh', '', '12'],
        [11, 'aggregateShortLimit', '', '13'],
        [11, 'pooledCollateral', '', '0'],
      ],
    );
    assert.deepEqual(
      limits
        .filter(({ is_removed }) => is_removed === 1)
        .map(({ event_number, kind }) => [event_number, kind]),
      [
        [6, 'bilateralCap'],
        [8, 'multilateralLimit'],
        [11, 'pooledCollateral'],
      ],
    );
    assert.ok(
      limits.every(({ participant, currency }) => `${participant} ${currency}` === 'AAAADE00 EUR'),
    );
  });

  it('samples the present where a live reader cuts, though nothing follows', () => {
    const fold = newFold();
    const payment = {
      kind: 'queued' as const,
      messageType: PAYMENT,
      id: numberedUetr(1),
      debtorAgent: 0,
      creditorAgent: 1,
      dealer: 0xffffffff,
      currency1: 0,
      currency2: 0xffff,
      priority: 0,
    };
    const queue = (number: number, amount1: bigint, timeMs: number) => {
      const waits = { ...payment, number, position: number, paymentPosition: number };
      fold.fold(eventBytes([{ ...waits, amount1, timeMs }]));
      return fold
        .cutHere()
        .rows.queue_samples.filter(({ participant }) => participant === '')
        .map(({ time, count, value_minor, oldest_submitted_at }) =>
          [time.slice(11), count, value_minor, oldest_submitted_at.slice(11)].join(' '),
        );
    };
    assert.deepEqual(queue(1, 5n, START_MS + 250), ['07:00:00.250 1 5 07:00:00.250']);
    // Of one instant: the later row must be told from the earlier one.
    assert.deepEqual(queue(2, 2n ** 63n - 1n, START_MS + 250), [
      '07:00:00.251 2 9223372036854775812 07:00:00.250',
    ]);
    assert.deepEqual(queue(3, 1n, minute(1)), ['07:01:00.001 3 9223372036854775813 07:00:00.250']);
    assert.deepEqual(fold.cutHere().rows.queue_samples, [], 'nothing changed');
  });

  it('goes on after a restart between blocks of one instant as if there had been none', () => {
    // The last ms of a minute but four: the fifth block of the instant is left to the minute's end.
    const timeMs = minute(1) - 4;
    const issued = (number: number) =>
      eventBytes([
        {
          ...{ kind: 'issued', number, position: number, timeMs, debtorAgent: number % 3 },
          ...{ currency1: 0, amount1: 1n, balances: [BigInt(1_000 - number), 0n, 0n, 0n] },
        },
      ]);
    const through = newFold();
    let restarted = newFold();
    let samples = 0;
    for (let number = 1; number <= 8; number++) {
      for (const fold of [through, restarted]) fold.fold(issued(number));
      const block = through.cutHere();
      samples += block.rows.balances.length;
      assert.deepEqual(restarted.cutHere(), block);
      const { sampledMs } = restarted;
      restarted = newFold();
      for (let again = 1; again <= number; again++) {
        restarted.fold(issued(again));
        restarted.cut();
      }
      restarted.resume(sampledMs);
    }
    assert.equal(samples, 4);
    const last = (fold: EventFold) =>
      fold.end().rows.balances.map(({ time, participant, balance_minor }) => ({
        ...{ time, participant, balance_minor },
      }));
    const atEnd = last(through);
    assert.deepEqual(
      atEnd.map(({ balance_minor }) => balance_minor),
      ['994', '993', '992'],
    );
    assert.deepEqual(last(restarted), atEnd);
  });

  it('cuts the same blocks with the same tokens, however the events arrive', () => {
    const { events } = poolDay(60_000);
    const blocksOf = (sliceEvents: number): Block[] => {
      const fold = newFold();
      const blocks: Block[] = [];
      for (let at = 0; at < events.length; at += sliceEvents * EVENT_BYTES)
        blocks.push(...fold.fold(events.subarray(at, at + sliceEvents * EVENT_BYTES)));
      return [...blocks, fold.end()];
    };
    const whole = blocksOf(events.length);
    assert.equal(whole.length, Math.floor(events.length / EVENT_BYTES / BLOCK_EVENTS) + 1);
    assert.ok(whole.length >= 3);
    for (const sliceEvents of [1, 1_000, BLOCK_EVENTS])
      assert.deepEqual(blocksOf(sliceEvents), whole);
    const tokens = whole.flatMap(insertions).map(({ token }) => token);
    assert.equal(new Set(tokens).size, tokens.length);
    assert.equal(tokens[0], `run-1/main/1-${BLOCK_EVENTS}/payments`);
  });
});
