import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import {
  type DueAttestation,
  OrdersSaid,
  TwoPoolChains,
} from '../../services/synchronisation/two-pool-chains.ts';
import { CURRENCIES, DATE, NETWORK, OPERATOR, START_MS } from './simulated-pools.ts';

/** What an operator keeps of a chain, and from which millisecond on the other pool can have none of these terms. */
const END_MS = START_MS + 3_600_000;
const DIGEST = new Uint8Array(32).fill(7);

/** A book that is given a leg of the home pool (west), of the other (east), or events of either. */
function createBook() {
  const book = new TwoPoolChains(NETWORK, OPERATOR, CURRENCIES);
  const take = (pool: string, event: object) => book.takeEvent(pool, event as SettlementEvent);
  return {
    book,
    leg(pool: 'west' | 'east', position: number) {
      const isHome = pool === 'west';
      book.takeLeg(pool, position, {
        ...{ digest: DIGEST, chainId: 'KEPT-1', settlementDate: DATE, endMs: END_MS, isHome },
        ...{ currency: isHome ? 'EUR' : 'CNY', otherCode: isHome ? 'CNY' : 'EUR' },
      });
    },
    complete: (pool: string, at: number, timeMs = START_MS) =>
      take(pool, {
        ...{ kind: 'matched', position: at, paymentPosition: at, mate: at, legCount: 1, timeMs },
      }),
    promise: (pool: string, paymentPosition: number) =>
      take(pool, { kind: 'promised', paymentPosition, timeMs: START_MS }),
    end: (pool: string, kind: 'settled' | 'cancelled', paymentPosition: number) =>
      take(pool, { kind, paymentPosition, timeMs: START_MS }),
    /** Any event. */
    passes: (pool: string, timeMs: number) => take(pool, { kind: 'opened', timeMs }),
  };
}
const words = (due: readonly DueAttestation[]) =>
  due.map(({ isHome, verdict, leg1Position }) => {
    return `${isHome ? 'home' : 'other'} ${verdict} ${leg1Position}`;
  });

test('a part without another is refused from the millisecond of the expiry on in the other pool, and not before', () => {
  for (const [pool, silent, order] of [
    ['west', 'east', 'home refused 9'],
    ['east', 'west', 'other refused 9'],
  ] as const) {
    const { book, leg, complete, passes } = createBook();
    leg(pool, 9);
    complete(pool, 9);
    // Its own pool says nothing of the other.
    passes(pool, END_MS + 60_000);
    passes(silent, END_MS - 1);
    assert.deepEqual(words(book.due(START_MS)), []);
    passes(silent, END_MS);
    assert.deepEqual(words(book.due(START_MS)), [order]);
  }
});

test('a pool that writes nothing is asked once the expiry has passed by the operator’s clock, under one id, and no chain is meant', () => {
  for (const [pool, silent, question] of [
    ['east', 'west', 'home refused 1'],
    ['west', 'east', 'other refused 1'],
  ] as const) {
    const { book, leg, complete, promise, passes } = createBook();
    leg(pool, 9);
    complete(pool, 9);
    // The other part alone is ever promised.
    if (pool === 'east') promise(pool, 9);
    assert.deepEqual(words(book.due(END_MS - 1)), []);
    const [asked, again] = [book.due(END_MS), book.due(END_MS + 10_000)];
    assert.deepEqual(words(asked), [question]);
    assert.deepEqual(asked, again);
    assert.equal(asked[0]?.currency, silent === 'west' ? 'EUR' : 'CNY');
    passes(silent, END_MS);
    const [refusal, ...others] = words(book.due(END_MS));
    assert.deepEqual(others, []);
    assert.match(refusal ?? '', /refused 9$/);
  }
});

test('where both pools have their part nobody is asked', () => {
  const { book, leg, complete } = createBook();
  for (const pool of ['west', 'east'] as const) {
    leg(pool, 9);
    complete(pool, 9);
  }
  assert.deepEqual(words(book.due(END_MS + 1)), []);
});

test('a chain is forgotten when it has ended in both pools and the expiry has passed in both; before that the same terms are refused', () => {
  const settled = () => {
    const made = createBook();
    for (const pool of ['west', 'east'] as const) {
      made.leg(pool, 9);
      made.complete(pool, 9);
      made.end(pool, 'settled', 9);
    }
    return made;
  };
  /** What is due of the same terms once more, at home. */
  const again = ({ book, leg, complete }: ReturnType<typeof createBook>) => {
    book.forget();
    leg('west', 20);
    complete('west', 20, END_MS - 1);
    return words(book.due(START_MS));
  };
  assert.deepEqual(again(settled()), ['home refused 20']);
  const early = settled();
  early.passes('west', END_MS);
  early.passes('east', END_MS - 1);
  assert.deepEqual(again(early), ['home refused 20'], 'one pool has not come so far');
  const late = settled();
  late.passes('west', END_MS);
  late.passes('east', END_MS);
  assert.deepEqual(again(late), ['home refused 20'], 'as one whose other part is over');
  const forgotten = settled();
  forgotten.passes('west', END_MS);
  forgotten.passes('east', END_MS);
  forgotten.book.forget();
  // One that is forgotten has no first: this is the first, and waits for its other part.
  forgotten.leg('west', 20);
  forgotten.complete('west', 20, END_MS - 1);
  forgotten.leg('east', 30);
  forgotten.complete('east', 30, END_MS);
  forgotten.promise('east', 30);
  assert.deepEqual(words(forgotten.book.due(START_MS)), ['home accepted 20']);
});

test('while a part or a further chain with the same terms lives, nothing is forgotten', () => {
  const { book, leg, complete, end, passes } = createBook();
  leg('west', 9);
  complete('west', 9);
  end('west', 'cancelled', 9);
  leg('east', 9);
  complete('east', 9);
  leg('west', 11);
  complete('west', 11);
  for (const pool of ['west', 'east']) passes(pool, END_MS);
  book.forget();
  assert.deepEqual(words(book.due(START_MS)), ['home refused 11', 'other refused 9']);
  end('east', 'cancelled', 9);
  book.forget();
  assert.deepEqual(words(book.due(START_MS)), ['home refused 11']);
  end('west', 'cancelled', 11);
  book.forget();
  assert.deepEqual(words(book.due(START_MS)), []);
});

test('what was said is said again after ten seconds where it is due still, and at once where it was not due between', () => {
  const { book, leg, complete, passes } = createBook();
  leg('west', 9);
  complete('west', 9);
  passes('east', END_MS);
  const [order] = book.due(START_MS);
  assert.ok(order);
  const said = new OrdersSaid();
  const unsaid = (atMs: number, due = [order]) => said.unsaid(due, atMs).length;
  assert.equal(unsaid(0), 1);
  // Nobody said it.
  assert.equal(unsaid(1), 1);
  said.say(order, 1);
  assert.deepEqual([unsaid(2), unsaid(10_000), unsaid(10_001)], [0, 0, 1]);
  said.say(order, 10_001);
  assert.equal(unsaid(10_002, []), 0);
  assert.equal(unsaid(10_003), 1);
});
