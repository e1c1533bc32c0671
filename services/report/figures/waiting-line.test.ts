import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LedgerBook } from '../../analysis/credit-and-limits-book.ts';
import {
  CLOSED,
  DebitedAccounts,
  heldBy,
  type Judge,
  MIRROR,
  RULES,
  WaitingLine,
} from './waiting-line.ts';

interface Payment {
  readonly number: number;
  place: number;
  holder: number;
}

/** No limits, and no chains. */
const NO_CHAINS: Judge<Payment> = {
  hasLimits: false,
  exceedsLimit: () => null,
  holderOfChain: () => assert.fail('it is no leg of a chain'),
};
const payment = (number: number): Payment => ({ number, place: 0, holder: MIRROR });

test('what left makes room, and the rest keeps its order and can be looked at', () => {
  const accounts = new DebitedAccounts();
  accounts.open(0, true);
  const account = accounts.of(7, 0);
  const line = new WaitingLine<Payment>();
  const all = Array.from({ length: 5_000 }, (_, number) => payment(number));
  // No account of the ledger has anything: only what is worth nothing is not held up by funds.
  for (const one of all) line.add(one, [{ account, high: 0, low: one.number === 0 ? 0 : 1 }]);
  for (const one of all) if (one.number % 3 > 0) line.remove(one.place);
  const left = all.filter(({ number }) => number % 3 === 0);
  assert.deepEqual([...line.all()], left);
  const held: [number, number][] = [];
  accounts.lookAt(new LedgerBook(), 0);
  line.look(accounts, NO_CHAINS, (one, holder) => held.push([one.number, holder]));
  assert.deepEqual(held[0], [0, RULES]);
  assert.deepEqual(
    held.slice(1).map(([number, holder]) => [number, heldBy(holder).by]),
    left.slice(1).map(({ number }) => [number, 'funds']),
  );
  for (const one of left) line.remove(one.place);
  assert.deepEqual([...line.all()], []);
});

test('an account is open as its currency is, whichever was there first', () => {
  const accounts = new DebitedAccounts();
  const of = (currency: number) => accounts.of(1, currency);
  const before = of(3);
  accounts.open(3, true);
  accounts.open(4, true);
  const after = of(4);
  assert.deepEqual([accounts.isOpen[before], accounts.isOpen[after]], [true, true]);
  accounts.open(3, false);
  assert.deepEqual([accounts.isOpen[before], accounts.isOpen[after]], [false, true]);
});

test('a payment that debits two accounts is held up by either, as it stands to both', () => {
  const accounts = new DebitedAccounts();
  const of = (debtor: number, currency: number) => accounts.of(debtor, currency);
  const [own, dealers] = [of(1, 0), of(2, 1)];
  const line = new WaitingLine<Payment>();
  const first = payment(1);
  const second = payment(2);
  const look = () => {
    accounts.forgetFirst();
    accounts.lookAt(new LedgerBook(), 0);
    line.look(accounts, NO_CHAINS, (one, holder) => {
      one.holder = holder;
    });
    return [first.holder, second.holder];
  };
  // The first is short of the dealer's currency alone; the second waits behind it for that account.
  line.add(first, [
    { account: own, high: 0, low: 0 },
    { account: dealers, high: 0, low: 5 },
  ]);
  line.add(second, [
    { account: of(3, 0), high: 0, low: 0 },
    { account: dealers, high: 0, low: 0 },
  ]);
  accounts.open(0, true);
  assert.deepEqual(look(), [CLOSED, CLOSED], 'one of its currencies is');
  accounts.open(1, true);
  const [held, behind] = look() as [number, number];
  assert.deepEqual(heldBy(held), { account: dealers, by: 'funds' });
  assert.equal(behind, held);
  line.remove(first.place);
  assert.equal(look()[1], RULES);
});
