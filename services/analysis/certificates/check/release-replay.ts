import { PRIORITIES } from '../../../protocol/messages/priorities.ts';
import type { CertifiedPayment } from '../certificate-format.ts';
import { Book, booked, type Extra, placeOf, type Tables } from './book-shortfalls.ts';

/**
 * Part of the certificate's checker: what settles when money comes into an account, where every queue
 * is first in, first out and cycles resolve gridlocks (docs/settlement.md): what can settle alone,
 * then the largest set, then what can settle alone again.
 */

/** What a minor unit more could change: the least by which the account's money was too little. */
class Missing {
  least: bigint | null = null;
  readonly #place: string;

  constructor(place: string) {
    this.#place = place;
  }

  note(place: string, amount: bigint): void {
    if (place === this.#place && (this.least === null || amount < this.least)) this.least = amount;
  }
}

export interface Replayed {
  /** Positions, in entry order. */
  readonly settled: number[];
  /** How much more money could settle others, at least; null: no more could. */
  readonly step: bigint | null;
}

export function replay(tables: Tables, { place, amount }: Extra): Replayed {
  const missing = new Missing(place);
  const settled = new Set<number>();
  let now: Tables = {
    ...tables,
    accounts: tables.accounts.map((a) =>
      placeOf(a.participant, a.currency) === place
        ? { ...a, balance: String(BigInt(a.balance) + (amount ?? 0n)) }
        : a,
    ),
  };
  const take = (positions: ReadonlySet<number>): void => {
    for (const position of positions) settled.add(position);
    now = booked(now, positions);
  };
  take(settleAlone(now, [place], missing));
  const together = largestSet(now, missing);
  take(new Set(together.map((p) => p.position)));
  take(settleAlone(now, together.flatMap(touched), missing));
  const inOrder = tables.payments.filter((p) => settled.has(p.position)).map((p) => p.position);
  return { settled: inOrder, step: missing.least };
}

/** Whose queues are scanned after it: those credited, then those debited. */
const touched = ({ legs }: CertifiedPayment): string[] => [
  ...legs.map((leg) => placeOf(leg.creditor, leg.currency)),
  ...legs.map((leg) => placeOf(leg.debtor, leg.currency)),
];

/** Gridlock resolution of everything queued: who is short gives up the last, with all behind it. */
function largestSet(tables: Tables, missing: Missing): CertifiedPayment[] {
  const book = new Book(tables);
  for (const payment of tables.payments) book.add(payment);
  const todo = book.places();
  for (let place = todo.pop(); place !== undefined; place = todo.pop()) {
    for (;;) {
      const { queue, end, firstGone } = book.sheet(place);
      const [short] = book.shortfalls(place);
      if (end <= firstGone && short === undefined) break;
      if (end <= firstGone && short?.by === 'balance') missing.note(place, short.amount);
      const last = queue[end - 1] as CertifiedPayment;
      book.remove(last);
      todo.push(...touched(last));
    }
  }
  return tables.payments.filter((p) => book.members.has(p));
}

interface Account {
  liquid: bigint;
  readonly reserved: [bigint, bigint, bigint];
  readonly queue: CertifiedPayment[];
  /** Place of the first that has not settled. */
  head: number;
}

/** In whose queues it stands, each once. */
const debited = ({ legs }: CertifiedPayment): string[] => [
  ...new Set(legs.map((leg) => placeOf(leg.debtor, leg.currency))),
];

/** Rescans of accounts, one after another, and of those that these credit. */
function settleAlone(tables: Tables, from: readonly string[], missing: Missing): Set<number> {
  const accounts = new Map<string, Account>();
  for (const a of tables.accounts)
    accounts.set(placeOf(a.participant, a.currency), {
      ...{ liquid: BigInt(a.balance) + BigInt(a.creditLine), queue: [], head: 0 },
      reserved: [BigInt(a.reservedUrgent), BigInt(a.reservedHigh), 0n],
    });
  const room = new Map<string, bigint>();
  for (const l of tables.limits)
    room.set(
      `${placeOf(l.participant, l.currency)} ${l.counterparty ?? '*'}`,
      BigInt(l.limit) - BigInt(l.position),
    );
  const at = (place: string): Account => accounts.get(place) as Account;
  const limitOf = (owner: string, other: string): string =>
    room.has(`${owner} ${other}`) ? `${owner} ${other}` : `${owner} *`;
  for (const priority of PRIORITIES)
    for (const payment of tables.payments.filter((p) => p.priority === priority))
      for (const place of debited(payment)) at(place).queue.push(payment);
  const settled = new Set<number>();
  const worklist = new Set(from);

  /** With all its legs together: a chain pays with what it brings in, and needs only the rest. */
  const mayPay = ({ priority, legs }: CertifiedPayment): boolean => {
    const spent = new Map<string, bigint>();
    const used = new Map<string, bigint>();
    const raise = (sums: Map<string, bigint>, key: string, by: bigint): void => {
      sums.set(key, (sums.get(key) ?? 0n) + by);
    };
    for (const { debtor, creditor, currency, amount } of legs) {
      const [from, to] = [placeOf(debtor, currency), placeOf(creditor, currency)];
      raise(spent, from, BigInt(amount));
      raise(spent, to, -BigInt(amount));
      raise(used, limitOf(from, creditor), BigInt(amount));
      raise(used, limitOf(to, debtor), -BigInt(amount));
    }
    const grade = PRIORITIES.indexOf(priority);
    for (const [place, net] of spent) {
      if (net <= 0n) continue;
      const { liquid, reserved } = at(place);
      const needed = reserved.slice(0, grade).reduce((sum, higher) => sum + higher, net);
      if (needed <= liquid) continue;
      missing.note(place, needed - liquid);
      return false;
    }
    return [...used].every(([key, net]) => net <= 0n || net <= (room.get(key) ?? net));
  };
  const book = (
    payment: CertifiedPayment,
    { debtor, creditor, currency, amount }: CertifiedPayment['legs'][0],
  ): void => {
    const [from, to] = [placeOf(debtor, currency), placeOf(creditor, currency)];
    const grade = PRIORITIES.indexOf(payment.priority) as 0 | 1 | 2;
    const { reserved } = at(from);
    at(from).liquid -= BigInt(amount);
    at(to).liquid += BigInt(amount);
    reserved[grade] = reserved[grade] > BigInt(amount) ? reserved[grade] - BigInt(amount) : 0n;
    const [out, back] = [limitOf(from, creditor), limitOf(to, debtor)];
    if (room.has(out)) room.set(out, (room.get(out) as bigint) - BigInt(amount));
    if (room.has(back)) room.set(back, (room.get(back) as bigint) + BigInt(amount));
  };
  for (const place of worklist) {
    worklist.delete(place);
    const { queue } = at(place);
    for (;;) {
      const payment = queue[at(place).head];
      if (payment === undefined) break;
      const others = debited(payment);
      const isFirst = others.every((other) => at(other).queue[at(other).head] === payment);
      if (!mayPay(payment) || !isFirst) break;
      for (const other of others) at(other).head += 1;
      for (const leg of payment.legs) book(payment, leg);
      settled.add(payment.position);
      for (const leg of payment.legs) worklist.add(placeOf(leg.creditor, leg.currency));
      for (const other of others) if (other !== place) worklist.add(other);
    }
  }
  return settled;
}
