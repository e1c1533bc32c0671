import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvent } from '../../services/core/settlement/event-reader.ts';
import { MESSAGE_TYPES } from '../../services/protocol/messages/message-types.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import { HeldUpBook } from '../../services/report/figures/held-up-book.ts';
import { isCounted } from '../../services/report/figures/payment-table.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';
import { load, runDirectly } from '../support/run.ts';

type EventFields = Omit<ReferenceEvent, 'number'>;
const [A, B, DEALER] = [0, 1, 2];
const [EUR, CNY] = [0, 1];
const CUSTOMER = MESSAGE_TYPES.indexOf('pacs.008.001.08');
const LEG = MESSAGE_TYPES.indexOf('corridor.pvp.1');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** By whom, from which hour, what the payments debit, how many, and for how long in minutes. */
function heldUp(events: readonly EventFields[]) {
  const directory = new Directory();
  for (const bic of ['AAAADE00', 'BBBBDE00', 'DEALCN00'])
    directory.fold({
      ...{ kind: 'participant', timeMs: 0, bic, name: bic, role: 'bank' },
    } as never);
  for (const currency of ['EUR', 'CNY'])
    directory.fold({ ...{ kind: 'currency', timeMs: 0, currency, minorUnits: 2 } } as never);
  const book = new HeldUpBook(directory);
  book.fold(eventBytes(events.map((event, index) => ({ ...event, number: index + 1 }))));
  book.end();
  return book.rows.map(({ by, participant, currency, hourMs, debited, payments, heldUpMs }) => [
    participant === '' ? by : `${by} ${participant} ${currency}`,
    ...[hourMs / HOUR, debited, payments, heldUpMs / MINUTE],
  ]);
}

const account = (debtorAgent: number, currency1: number, balance: bigint): EventFields => ({
  ...{ kind: 'accountOpened', debtorAgent, currency1, amount1: balance, balances: [balance] },
});
/** A has 50 EUR, B 0, the dealer 100 EUR and 10 CNY; all are open. */
const begun: readonly EventFields[] = [
  account(A, EUR, 50n),
  account(B, EUR, 0n),
  account(B, CNY, 0n),
  account(DEALER, EUR, 100n),
  account(DEALER, CNY, 10n),
  { kind: 'opened', currency1: EUR },
  { kind: 'opened', currency1: CNY },
];
const of = (
  kind: 'queued' | 'settled' | 'cancelled' | 'carriedOver' | 'matched' | 'accepted',
  paymentPosition: number,
  timeMs: number,
  change: Partial<EventFields> = {},
): EventFields => ({
  ...{ kind, paymentPosition, timeMs, messageType: CUSTOMER, priority: 2 },
  ...{ debtorAgent: A, creditorAgent: B, currency1: EUR, amount1: 80n, ...change },
});
const throughDealer = { dealer: DEALER, currency2: CNY, amount1: 20n, amount2: 40n } as const;
const issued = (debtorAgent: number, currency1: number, timeMs: number, balance: bigint) =>
  ({ kind: 'issued', debtorAgent, currency1, timeMs, amount1: 1n, balances: [balance] }) as const;

test('a payment is held up by its bank, by hour, to the minute in which it ends', () => {
  assert.deepEqual(
    heldUp(
      [
        ...begun,
        of('queued', 1, 50 * MINUTE),
        of('queued', 2, 55 * MINUTE, { amount1: 90n }),
        of('cancelled', 2, 70 * MINUTE, { amount1: 90n }),
        of('cancelled', 1, 65 * MINUTE),
      ].sort((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0)),
    ),
    [
      ['funds AAAADE00 EUR', 0, 'EUR', 2, 15],
      ['funds AAAADE00 EUR', 1, 'EUR', 2, 15],
    ],
  );
});

test('a payment through a dealer who is short is held up by the dealer’s other currency', () => {
  assert.deepEqual(
    heldUp([...begun, of('queued', 1, 0, throughDealer), of('cancelled', 1, 5 * MINUTE)]),
    [['funds DEALCN00 CNY', 0, 'EUR', 1, 5]],
  );
});

test('what waits for its turn is held up by what holds the first of its queue', () => {
  assert.deepEqual(
    heldUp([
      ...begun,
      of('queued', 1, 0, throughDealer),
      of('queued', 2, 1 * MINUTE, { amount1: 30n }),
      of('cancelled', 1, 5 * MINUTE),
      // Nothing stands before it any more, and its bank has the money: a rule holds it.
      of('queued', 3, 8 * MINUTE, { amount1: 1n, debtorAgent: B }),
      of('cancelled', 2, 9 * MINUTE),
      of('cancelled', 3, 9 * MINUTE),
    ]),
    [
      ['funds DEALCN00 CNY', 0, 'EUR', 2, 9],
      ['rules', 0, 'EUR', 1, 4],
      ['funds BBBBDE00 EUR', 0, 'EUR', 1, 1],
    ],
  );
});

test('what holds a payment may change while it waits: it is looked at each full minute', () => {
  assert.deepEqual(
    heldUp([
      ...begun,
      of('queued', 1, 0, { ...throughDealer, amount1: 80n }),
      issued(A, EUR, 3.5 * MINUTE, 500n),
      issued(A, EUR, 20 * MINUTE, 501n),
      of('cancelled', 1, 20.5 * MINUTE),
    ]),
    [
      // The debtor's own account comes first while both are short.
      ['funds DEALCN00 CNY', 0, 'EUR', 1, 16.5],
      ['funds AAAADE00 EUR', 0, 'EUR', 1, 4],
    ],
  );
});

test('of a payment through a dealer each account is held against what it is to pay, and each limit against whom it pays', () => {
  const waits = (before: readonly EventFields[], change: Partial<EventFields>) =>
    heldUp([
      ...[...begun, issued(DEALER, CNY, 0, 3n * 2n ** 32n + 3n), ...before],
      of('queued', 1, 0, { ...throughDealer, ...change }),
      of('cancelled', 1, 10 * MINUTE),
    ]);
  const rules = [['rules', 0, 'EUR', 1, 10]];
  const dealer = [['funds DEALCN00 CNY', 0, 'EUR', 1, 10]];
  assert.deepEqual(waits([], { amount2: 3n * 2n ** 32n + 3n }), rules);
  assert.deepEqual(waits([], { amount2: 3n * 2n ** 32n + 4n }), dealer);
  assert.deepEqual(waits([], { amount2: 4n * 2n ** 32n }), dealer);
  const limit = (debtorAgent: number, creditorAgent: number, currency1: number): EventFields => ({
    ...{ kind: 'limitSet', debtorAgent, creditorAgent, currency1, amount1: 19n },
  });
  assert.deepEqual(waits([limit(A, B, EUR), limit(B, A, CNY), limit(DEALER, A, CNY)], {}), rules);
  assert.deepEqual(waits([limit(A, DEALER, EUR)], {}), [['limit AAAADE00 EUR', 0, 'EUR', 1, 10]]);
  assert.deepEqual(waits([limit(DEALER, B, CNY)], {}), [['limit DEALCN00 CNY', 0, 'EUR', 1, 10]]);
});

test('what holds a payment up again in the same hour counts it once', () => {
  const dealerHas = (timeMs: number, balance: bigint) => issued(DEALER, CNY, timeMs, balance);
  assert.deepEqual(
    heldUp([
      ...begun,
      of('queued', 1, 0, throughDealer),
      dealerHas(1.5 * MINUTE, 500n),
      dealerHas(3.5 * MINUTE, 10n),
      dealerHas(5.5 * MINUTE, 500n),
      of('cancelled', 1, 61 * MINUTE),
    ]),
    [
      ['rules', 0, 'EUR', 1, 56],
      ['funds DEALCN00 CNY', 0, 'EUR', 1, 4],
      ['rules', 1, 'EUR', 1, 1],
    ],
  );
});

test('a payment that begins to wait when another waits no more has nothing of that one', () => {
  const fits = { amount1: 30n } as const;
  assert.deepEqual(
    heldUp([
      ...begun,
      of('queued', 1, 0, throughDealer),
      of('cancelled', 1, 5 * MINUTE),
      of('queued', 2, 6 * MINUTE, fits),
      of('cancelled', 2, 9 * MINUTE, fits),
      of('queued', 3, 10 * MINUTE),
      of('cancelled', 3, 12 * MINUTE),
      of('queued', 4, 13 * MINUTE),
      of('cancelled', 4, 15 * MINUTE),
    ]),
    [
      ['funds DEALCN00 CNY', 0, 'EUR', 1, 5],
      ['funds AAAADE00 EUR', 0, 'EUR', 2, 4],
      ['rules', 0, 'EUR', 1, 3],
    ],
  );
});

test('a closed currency holds up what is carried over, and a limit what exceeds it', () => {
  const limit: EventFields = {
    ...{ kind: 'limitSet', debtorAgent: A, creditorAgent: B, currency1: EUR, amount1: 5n },
  };
  assert.deepEqual(
    heldUp([
      ...begun,
      limit,
      of('queued', 1, 0, { amount1: 20n }),
      of('carriedOver', 1, 10 * MINUTE, { amount1: 20n }),
      { kind: 'closed', currency1: EUR, timeMs: 10 * MINUTE },
      { kind: 'opened', currency1: EUR, timeMs: 30 * MINUTE },
      of('settled', 1, 30 * MINUTE, { amount1: 20n, balances: [30n, 20n] }),
    ]),
    [
      ['closed', 0, 'EUR', 1, 20],
      ['limit AAAADE00 EUR', 0, 'EUR', 1, 10],
    ],
  );
});

test('a leg waits for its mirror, and the pair as one for the account that is short', () => {
  const leg = (kind: 'queued' | 'matched' | 'cancelled', position: number, timeMs: number) =>
    of(kind, position, timeMs, {
      ...{ messageType: LEG, amount1: position === 1 ? 10n : 40n },
      ...(position === 2 && { debtorAgent: B, creditorAgent: A, currency1: CNY }),
      ...(kind === 'matched' && { balances: [BigInt(3 - position)] }),
    });
  assert.deepEqual(
    heldUp([
      ...begun,
      leg('queued', 1, 0),
      leg('matched', 2, 4 * MINUTE),
      leg('matched', 1, 4 * MINUTE),
      leg('cancelled', 1, 10 * MINUTE),
      leg('cancelled', 2, 10 * MINUTE),
    ]),
    [
      ['funds BBBBDE00 CNY', 0, 'EUR', 1, 6],
      ['mirror', 0, 'EUR', 1, 4],
    ],
  );
});

const CHAIN = MESSAGE_TYPES.indexOf('corridor.chain.1');
/** The legs of one chain, complete at the first minute: who pays whom what, from position 1 on. */
const chain = (
  legs: readonly (readonly [number, number, number, bigint])[],
  kind: 'matched' | 'cancelled' = 'matched',
  timeMs = MINUTE,
): EventFields[] =>
  legs.map(([debtorAgent, creditorAgent, currency1, amount1], place) =>
    of(kind, place + 1, timeMs, {
      ...{ messageType: CHAIN, debtorAgent, creditorAgent, currency1, amount1 },
      ...(kind === 'matched' && {
        balances: [1n],
        count: (place + 1) | (legs.length << 8),
      }),
    }),
  );

test('a chain is held up as one, by its net: what it brings in counts against what it takes', () => {
  // A has 50 EUR and needs 40; the dealer has 10 CNY and needs 15. Gross, A would be short of 90.
  const legs = [
    [A, B, EUR, 90n],
    [B, A, EUR, 50n],
    [DEALER, B, CNY, 40n],
    [B, DEALER, CNY, 25n],
  ] as const;
  const held = (...between: EventFields[]) =>
    heldUp([...begun, ...chain(legs), ...between, ...chain(legs, 'cancelled', 11 * MINUTE)]);
  assert.deepEqual(held(), [
    ['funds DEALCN00 CNY', 0, 'EUR', 2, 20],
    ['funds DEALCN00 CNY', 0, 'CNY', 2, 20],
  ]);
  // With less than the net the first account in the order of the legs holds all of them up.
  assert.deepEqual(held(issued(A, EUR, MINUTE, 39n)).slice(0, 2), [
    ['funds AAAADE00 EUR', 0, 'EUR', 2, 20],
    ['funds AAAADE00 EUR', 0, 'CNY', 2, 20],
  ]);
  assert.deepEqual(held(issued(DEALER, CNY, MINUTE, 15n)), [
    ['rules', 0, 'EUR', 2, 20],
    ['rules', 0, 'CNY', 2, 20],
  ]);
});

test('a limit counts what a chain counts out less in, and what stands behind a chain is held by what holds it', () => {
  const legs = [
    [A, B, EUR, 30n],
    [B, A, EUR, 20n],
  ] as const;
  const limit = (amount1: bigint): EventFields => ({
    ...{ kind: 'limitSet', debtorAgent: A, creditorAgent: B, currency1: EUR, amount1 },
  });
  const behind = { amount1: 1n, debtorAgent: B, creditorAgent: A } as const;
  const held = (most: bigint) =>
    heldUp([
      ...[...begun, issued(B, EUR, 0, 5n), limit(most), ...chain(legs)],
      of('queued', 9, 2 * MINUTE, behind),
      ...chain(legs, 'cancelled', 4 * MINUTE),
      of('cancelled', 9, 4 * MINUTE, behind),
    ]);
  assert.deepEqual(held(10n), [['rules', 0, 'EUR', 3, 8]]);
  assert.deepEqual(held(9n), [['limit AAAADE00 EUR', 0, 'EUR', 3, 8]]);
});

test('a chain that changes its class has with all legs what is reserved for that class', () => {
  const legs = [
    [A, B, EUR, 30n],
    [DEALER, B, CNY, 5n],
  ] as const;
  assert.deepEqual(
    heldUp([
      ...begun,
      // Of A's 50 EUR 40 are for the high class.
      { kind: 'reservationSet', debtorAgent: A, currency1: EUR, priority: 1, amount1: 40n },
      ...chain(legs),
      { kind: 'reordered', paymentPosition: 2, timeMs: 2 * MINUTE, priority: 1, currency1: CNY },
      ...chain(legs, 'cancelled', 4 * MINUTE),
    ]),
    [
      ['rules', 0, 'EUR', 1, 2],
      ['rules', 0, 'CNY', 1, 2],
      ['funds AAAADE00 EUR', 0, 'EUR', 1, 1],
      ['funds AAAADE00 EUR', 0, 'CNY', 1, 1],
    ],
  );
});

test('what is accepted for netting waits in no queue any more; what still waits at the end counts', () => {
  assert.deepEqual(
    heldUp([
      ...begun,
      of('queued', 1, 0),
      of('queued', 2, 0),
      of('accepted', 1, 3 * MINUTE),
      issued(DEALER, CNY, 7 * MINUTE, 11n),
    ]),
    [['funds AAAADE00 EUR', 0, 'EUR', 2, 10]],
  );
});

for (const [name, ...set] of [
  ['smoke'],
  ['linked-gridlock', 'settlement.atClose=carry-over', 'businessDates=[2026-03-16, 2026-03-17]'],
  ['limits-hybrid'],
  ['pssimpy-ring', 'settlement.cycle=off'],
  ['agora-chains'],
] as const)
  test(`${[name, ...set].join(' ')}: the spans add up to all that was waited`, async () => {
    let lastMs = 0;
    const { rows, summary } = await runDirectly(load(name, set), {
      signatures: false,
      onSlice: ({ steps }) => {
        for (const { batch } of steps)
          if (batch.count > 0) lastMs = readEvent(batch.events, batch.count - 1).timeMs;
      },
    });
    const told = summary.indicators.heldUp;
    assert.ok(told.length > 0);
    for (const { currency: code } of summary.indicators.currencies) {
      const waited = rows
        .filter((row) => row.currency === code && row.queuedAtMs !== null && isCounted(row))
        .filter(({ status }) => status !== 'accepted')
        .map(({ finalAtMs, queuedAtMs }) => (finalAtMs ?? lastMs) - (queuedAtMs as number));
      const held = told.filter(({ debited }) => debited === code);
      assert.equal(
        held.reduce((sum, { heldUpMs }) => sum + heldUpMs, 0),
        waited.reduce((sum, ms) => sum + ms, 0),
        code,
      );
    }
  });
