import { PRIORITIES } from '../../../protocol/messages/priorities.ts';
import type {
  Certificate,
  CertifiedLimit,
  CertifiedPayment,
  CertifiedShortage,
} from '../certificate-format.ts';

/** Part of the certificate's checker: balances, limits and reservations as payments settle, and who is short. No code here or there is the resolver's. */

/** A queue's place: participant and currency. */
export const placeOf = (participant: string, currency: string): string =>
  `${participant} ${currency}`;

interface Sheet {
  readonly balance: bigint;
  readonly floor: bigint;
  readonly reserved: readonly [bigint, bigint];
  /** By class and entry. */
  readonly queue: CertifiedPayment[];
  into: bigint;
  readonly out: [bigint, bigint, bigint];
  readonly count: [number, number, number];
  /** Place in the queue of the first that was removed, and of the end of what is left. */
  firstGone: number;
  end: number;
}

interface Bound {
  readonly limit: CertifiedLimit;
  moved: bigint;
}

export interface Shortfall {
  readonly by: CertifiedShortage['by'];
  readonly counterparty: string | null;
  readonly amount: bigint;
}

/** Money that is added to one account; null: so much that it is never short. */
export interface Extra {
  readonly place: string;
  readonly amount: bigint | null;
}

const rest = (whole: bigint, part: bigint): bigint => (whole > part ? whole - part : 0n);

/** What a set of payments is booked against. */
export type Tables = Pick<
  Certificate,
  'accounts' | 'limits' | 'payments' | 'valuations' | 'crossLimits'
>;

/** A set of the certificate's payments, and what it does to each account and limit. */
export class Book {
  readonly members = new Set<CertifiedPayment>();
  readonly #extra: Extra | null;
  readonly #sheets = new Map<string, Sheet>();
  readonly #bounds = new Map<string, Bound>();
  readonly #boundsOf = new Map<string, Bound[]>();
  readonly #at = new Map<string, number>();
  readonly #currencies = new Map<string, string[]>();

  constructor({ accounts, limits, payments }: Tables, extra: Extra | null = null) {
    this.#extra = extra;
    for (const a of accounts) {
      const place = placeOf(a.participant, a.currency);
      const more = extra?.place === place ? (extra.amount ?? 0n) : 0n;
      const currencies = this.#currencies.get(a.participant);
      if (currencies === undefined) this.#currencies.set(a.participant, [a.currency]);
      else currencies.push(a.currency);
      this.#sheets.set(place, {
        balance: BigInt(a.balance) + more,
        floor: -BigInt(a.creditLine),
        reserved: [BigInt(a.reservedUrgent), BigInt(a.reservedHigh)],
        ...{ queue: [], into: 0n, out: [0n, 0n, 0n], count: [0, 0, 0], firstGone: 0, end: 0 },
      });
    }
    for (const limit of limits) {
      const owner = placeOf(limit.participant, limit.currency);
      const bound = { limit, moved: 0n };
      this.#bounds.set(`${owner} ${limit.counterparty ?? '*'}`, bound);
      const own = this.#boundsOf.get(owner);
      if (own === undefined) this.#boundsOf.set(owner, [bound]);
      else own.push(bound);
    }
    for (const priority of PRIORITIES)
      for (const payment of payments.filter((p) => p.priority === priority))
        for (const { debtor, currency } of payment.legs) {
          const place = placeOf(debtor, currency);
          const { queue } = this.sheet(place);
          this.#at.set(`${place} ${payment.position}`, queue.push(payment) - 1);
        }
    for (const sheet of this.#sheets.values()) sheet.firstGone = sheet.queue.length;
  }

  sheet(place: string): Sheet {
    const sheet = this.#sheets.get(place);
    if (sheet === undefined) throw new Error(`there is no account ${place}`);
    return sheet;
  }

  places(): string[] {
    return [...this.#sheets.keys()];
  }

  /** The currencies in which a participant has an account. */
  currenciesOf(participant: string): readonly string[] {
    return this.#currencies.get(participant) ?? [];
  }

  /** Where a payment stands in a queue; undefined: not there. */
  placeIn(place: string, payment: CertifiedPayment): number | undefined {
    return this.#at.get(`${place} ${payment.position}`);
  }

  #bound(owner: string, other: string): Bound | undefined {
    return this.#bounds.get(`${owner} ${other}`) ?? this.#bounds.get(`${owner} *`);
  }

  /** What the set counts out less in on a limit that there is. */
  movedOn(owner: string, counterparty: string | null): bigint {
    return this.#bounds.get(`${owner} ${counterparty ?? '*'}`)?.moved ?? 0n;
  }

  #move({ priority, legs }: CertifiedPayment, sign: 1n | -1n): void {
    const grade = PRIORITIES.indexOf(priority) as 0 | 1 | 2;
    for (const { debtor, creditor, currency, amount } of legs) {
      const moved = BigInt(amount) * sign;
      const from = placeOf(debtor, currency);
      const to = placeOf(creditor, currency);
      this.sheet(from).out[grade] += moved;
      this.sheet(from).count[grade] += Number(sign);
      this.sheet(to).into += moved;
      const out = this.#bound(from, creditor);
      const back = this.#bound(to, debtor);
      if (out !== undefined) out.moved += moved;
      if (back !== undefined) back.moved -= moved;
    }
  }

  add(payment: CertifiedPayment): void {
    if (this.members.has(payment)) return;
    this.members.add(payment);
    this.#move(payment, 1n);
    for (const [sheet, at] of this.#standings(payment)) sheet.end = Math.max(sheet.end, at + 1);
  }

  remove(payment: CertifiedPayment): void {
    if (!this.members.delete(payment)) return;
    this.#move(payment, -1n);
    for (const [sheet, at] of this.#standings(payment)) {
      sheet.firstGone = Math.min(sheet.firstGone, at);
      while (sheet.end > 0 && !this.members.has(sheet.queue[sheet.end - 1] as CertifiedPayment))
        sheet.end -= 1;
    }
  }

  *#standings(payment: CertifiedPayment): Generator<[Sheet, number]> {
    for (const { debtor, currency } of payment.legs) {
      const place = placeOf(debtor, currency);
      yield [this.sheet(place), this.placeIn(place, payment) as number];
    }
  }

  /** What the set leaves short at one account: its money, then its limits. */
  shortfalls(place: string): Shortfall[] {
    const { balance, floor, reserved, into, out, count } = this.sheet(place);
    const found: Shortfall[] = [];
    const net = into - out[0] - out[1] - out[2];
    let threshold = floor;
    if (count[1] + count[2] > 0) threshold += rest(reserved[0], out[0]);
    if (count[2] > 0) threshold += rest(reserved[1], out[1]);
    const isEndless = this.#extra?.place === place && this.#extra.amount === null;
    if (!isEndless && net < 0n && balance + net < threshold)
      found.push({ by: 'balance', counterparty: null, amount: threshold - balance - net });
    for (const { limit, moved } of this.#boundsOf.get(place) ?? []) {
      const over = BigInt(limit.position) + moved - BigInt(limit.limit);
      if (moved <= 0n || over <= 0n) continue;
      const by = limit.counterparty === null ? 'multilateralLimit' : 'bilateralLimit';
      found.push({ by, counterparty: limit.counterparty, amount: over });
    }
    return found;
  }
}

interface CrossShortfall extends Shortfall {
  readonly participant: string;
  readonly currency: string;
}

/** What a participant owes and is worth in all its currencies, before a set and after it. */
function standings({ valuations }: Tables, book: Book, participant: string) {
  const before = { owed: 0n, worth: 0n };
  const after = { owed: 0n, worth: 0n };
  for (const currency of book.currenciesOf(participant)) {
    const { balance, into, out } = book.sheet(placeOf(participant, currency));
    const valuation = valuations.find((v) => v.currency === currency);
    const haircut = BigInt(valuation?.haircutBps ?? 0);
    for (const [sums, money] of [
      [before, balance],
      [after, balance + into - out[0] - out[1] - out[2]],
    ] as const) {
      const value = money * BigInt(valuation?.weight ?? 0);
      if (value < 0n) sums.owed -= value;
      sums.worth += value * (value < 0n ? 10_000n + haircut : 10_000n - haircut);
    }
  }
  return { before, after };
}

/**
 * What a set breaks of limits across currencies.
 * @param of those who owe or are owed something in the set; without it everybody's limits are looked at
 */
export function crossShortfalls(
  certificate: Tables,
  book: Book,
  of?: ReadonlySet<string>,
): CrossShortfall[] {
  const found: CrossShortfall[] = [];
  for (const limit of certificate.crossLimits) {
    if (of !== undefined && !of.has(limit.participant)) continue;
    const { participant, currency, aggregateShort, pooledCollateral } = limit;
    const { before, after } = standings(certificate, book, participant);
    const unit = BigInt(certificate.valuations.find((v) => v.currency === currency)?.weight ?? 0);
    const tell = (by: Shortfall['by'], excess: bigint, per: bigint): void => {
      const amount = per === 0n ? excess : (excess + per - 1n) / per;
      if (excess > 0n) found.push({ by, participant, currency, counterparty: null, amount });
    };
    if (aggregateShort !== null && after.owed > before.owed)
      tell('aggregateShortLimit', after.owed - unit * BigInt(aggregateShort), unit);
    if (pooledCollateral !== null && after.worth < before.worth) {
      const per = 10_000n * unit;
      tell('pooledCollateral', -after.worth - per * BigInt(pooledCollateral), per);
    }
  }
  return found;
}

/** The tables once some of their payments, by position, are booked. */
export function booked(tables: Tables, positions: ReadonlySet<number>): Tables {
  if (positions.size === 0) return tables;
  const book = new Book(tables);
  for (const payment of tables.payments) if (positions.has(payment.position)) book.add(payment);
  const left = (reserved: string, used: bigint): string => String(rest(BigInt(reserved), used));
  return {
    ...tables,
    accounts: tables.accounts.map((a) => {
      const { into, out } = book.sheet(placeOf(a.participant, a.currency));
      return {
        ...a,
        balance: String(BigInt(a.balance) + into - out[0] - out[1] - out[2]),
        reservedUrgent: left(a.reservedUrgent, out[0]),
        reservedHigh: left(a.reservedHigh, out[1]),
      };
    }),
    limits: tables.limits.map((l) => {
      const moved = book.movedOn(placeOf(l.participant, l.currency), l.counterparty);
      return { ...l, position: String(BigInt(l.position) + moved) };
    }),
    payments: tables.payments.filter((p) => !positions.has(p.position)),
  };
}
