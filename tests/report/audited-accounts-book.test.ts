import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditedAccountsBook } from '../../services/analysis/audited-accounts-book.ts';
import { EventFold } from '../../services/metrics/event-rows.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';

type EventFields = Omit<ReferenceEvent, 'number'>;
const writeEvents = (events: readonly EventFields[]) =>
  eventBytes(events.map((event, index) => ({ ...event, number: index + 1 })));

/** Over the ledger and the days of the rows of tables. */
class ToldBook extends AuditedAccountsBook {
  readonly #rows: EventFold;

  constructor() {
    const rows = new EventFold('run', 'main', { participants: [], currencies: [] });
    super(null, rows);
    this.#rows = rows;
  }

  override fold(events: Uint8Array): void {
    this.#rows.fold(events, this);
    // As `fold` does: what is booked at once does not go on in other events.
    this.end();
  }
}

function bothWays(name: string, holds: (book: AuditedAccountsBook) => void): void {
  test(name, () => holds(new AuditedAccountsBook()));
  test(`${name}, over a ledger that is told`, () => holds(new ToldBook()));
}

const opened = (debtorAgent: number, amount1: bigint): EventFields => ({
  kind: 'accountOpened',
  debtorAgent,
  currency1: 0,
  amount1,
  amount2: 0n,
  balances: [amount1],
});
const settled = (
  from: number,
  to: number,
  amount1: bigint,
  after: [bigint, bigint],
  cycle = 0,
): EventFields => ({
  kind: 'settled',
  debtorAgent: from,
  creditorAgent: to,
  currency1: 0,
  amount1,
  balances: after,
  cycle,
});

bothWays('the most that was drawn is kept; what lies inside a cycle never was one', (book) => {
  book.fold(
    writeEvents([
      opened(0, 50n),
      opened(1, 50n),
      settled(0, 1, 40n, [10n, 90n]),
      settled(1, 0, 70n, [20n, 80n]),
      // A set of two: one after the other account 0 would fall to -20.
      settled(0, 1, 100n, [40n, 60n], 1),
      settled(1, 0, 60n, [60n, 40n], 1),
    ]),
  );
  assert.deepEqual(book.disagreements, []);
  assert.deepEqual(
    book.accounts.map(({ balanceMinor, drawnMinor }) => [balanceMinor, drawnMinor]),
    [
      [40n, 40n],
      [60n, 30n],
    ],
  );
});

bothWays('a balance that the bookings do not give is found', (book) => {
  book.fold(writeEvents([opened(0, 50n), opened(1, 50n), settled(0, 1, 40n, [11n, 90n])]));
  assert.match(book.disagreements.join(), /account \(0, 0\): 10 by its bookings, 11 as stated/);
});

bothWays('a balance that the last cycle does not give is found', (book) => {
  book.fold(
    writeEvents([
      ...[opened(0, 50n), opened(1, 50n)],
      ...[settled(0, 1, 40n, [31n, 70n], 1), settled(1, 0, 20n, [70n, 31n], 1)],
    ]),
  );
  assert.match(book.disagreements.join(), /account \(0, 0\): 30 by its bookings, 31 as stated/);
});

bothWays('what is issued or redeemed is no use of liquidity, and hides none', (book) => {
  const change = (kind: 'issued' | 'redeemed', amount1: bigint, after: bigint): EventFields => ({
    kind,
    debtorAgent: 0,
    currency1: 0,
    amount1,
    balances: [after],
  });
  book.fold(
    writeEvents([
      opened(0, 50n),
      opened(1, 0n),
      change('redeemed', 40n, 10n),
      change('issued', 90n, 100n),
      settled(0, 1, 30n, [70n, 30n]),
    ]),
  );
  const [first, second] = book.accounts;
  assert.deepEqual([first?.injectedMinor, first?.drawnMinor], [50n, 30n]);
  assert.equal(second?.injectedMinor, 0n);
  // What is redeemed late in the day was there for all that was paid before.
  book.fold(writeEvents([change('redeemed', 60n, 10n), change('issued', 20n, 30n)]));
  assert.deepEqual([book.accounts[0]?.injectedMinor, book.accounts[0]?.drawnMinor], [50n, 30n]);
});

bothWays(
  'a default states the balance after its cycle, which what was booked before has no part in',
  (book) => {
    const ofCycle = (kind: 'defaulted' | 'netted', debtorAgent: number, amount1: bigint) => ({
      ...{ kind, debtorAgent, currency1: 0, amount1, cycle: 7 },
      balances: [debtorAgent === 0 ? 20n : 180n],
    });
    const nets = (from: number, to: number, amount1: bigint): EventFields => ({
      ...settled(from, to, amount1, [20n, 180n]),
      ...{ mechanism: 'deferredNet', cycle: 7 },
    });
    book.fold(
      writeEvents([
        opened(0, 50n),
        opened(1, 100n),
        { kind: 'issued', debtorAgent: 0, currency1: 0, amount1: 50n, balances: [100n] },
        ofCycle('defaulted', 0, 40n),
        nets(0, 1, 80n),
        ofCycle('netted', 0, -80n),
        ofCycle('netted', 1, 80n),
      ]),
    );
    assert.deepEqual(book.disagreements, []);
  },
);

bothWays(
  'payments offset against each other are booked at once: what lies between is no balance',
  (book) => {
    const offset = (from: number, to: number, amount1: bigint, after: [bigint, bigint]) => ({
      ...settled(from, to, amount1, after),
      mechanism: 'entryOffsetting' as const,
    });
    book.fold(
      writeEvents([
        opened(0, 50n),
        opened(1, 50n),
        // 0 pays 90 and gets 60 and 40 for it; then both, with new balances, offset again.
        offset(0, 1, 90n, [60n, 40n]),
        offset(1, 0, 60n, [40n, 60n]),
        offset(1, 0, 40n, [40n, 60n]),
        offset(1, 0, 70n, [50n, 50n]),
        offset(0, 1, 80n, [50n, 50n]),
      ]),
    );
    assert.deepEqual(book.disagreements, []);
    assert.deepEqual(
      book.accounts.map(({ balanceMinor, drawnMinor }) => [balanceMinor, drawnMinor]),
      [
        [50n, 0n],
        [50n, 10n],
      ],
    );
  },
);

bothWays(
  'a date that opens again goes on; an account that is opened in its course begins there',
  (book) => {
    const date = (count: number): EventFields => ({ kind: 'opened', currency1: 0, count });
    book.fold(writeEvents([opened(0, 50n), date(20_000)]));
    book.fold(
      writeEvents([
        opened(1, 50n),
        settled(0, 1, 40n, [10n, 90n]),
        date(20_000),
        settled(1, 0, 10n, [80n, 20n]),
        date(20_001),
        settled(1, 0, 5n, [75n, 25n]),
      ]),
    );
    assert.deepEqual(book.disagreements, []);
    assert.deepEqual(
      book.days.map(({ participant, date, balanceMinor, usageMinor, surplusMinor }) => [
        ...[participant, date, balanceMinor, usageMinor, surplusMinor],
      ]),
      [
        [0, 20_000, 50n, 40n, 0n],
        [1, 20_000, 50n, 0n, 40n],
        [0, 20_001, 20n, 0n, 5n],
        [1, 20_001, 80n, 5n, 0n],
      ],
    );
  },
);

bothWays(
  'a date ends as it closes: what settles behind it, and who is opened there, is not of it',
  (book) => {
    const hours = (kind: 'opened' | 'closed', count: number): EventFields => ({
      ...{ kind, currency1: 0, count },
    });
    const days = () =>
      book.days.map(({ participant, date, usageMinor, surplusMinor }) => [
        ...[participant, date, usageMinor, surplusMinor],
      ]);
    book.fold(
      writeEvents([
        ...[opened(0, 50n), opened(1, 50n), hours('opened', 20_000)],
        ...[settled(0, 1, 10n, [40n, 60n]), hours('closed', 20_000)],
        // Promised before: it settles while its currency is closed.
        ...[settled(0, 1, 20n, [20n, 80n]), opened(2, 5n)],
      ]),
    );
    const closed = [
      [0, 20_000, 10n, 0n],
      [1, 20_000, 0n, 10n],
    ];
    assert.deepEqual(days(), closed);
    book.fold(writeEvents([hours('opened', 20_001), settled(2, 0, 5n, [0n, 25n])]));
    assert.deepEqual(book.disagreements, []);
    assert.deepEqual(days(), [
      ...closed,
      [0, 20_001, 0n, 5n],
      [1, 20_001, 0n, 0n],
      [2, 20_001, 5n, 0n],
    ]);
  },
);
