/**
 * What the watched flow knows of a payment as it comes in, from the payments before it alone. One definition, computed
 * twice: here as payments come, in feature-sql.ts over the analysis store. A test holds both equal.
 */
export interface WatchedPayment {
  /** When it was submitted; never before the payment that came before it. */
  readonly timeMs: number;
  readonly debtorAgent: string;
  readonly creditorAgent: string;
  /** Of customers, each at its agent; empty: the agent stands for it. */
  readonly debtorAccount: string;
  readonly creditorAccount: string;
  readonly currency: string;
  readonly amountMinor: bigint;
}

/** Of the messages that banks' and customers' payments come in: those that are watched. */
export const WATCHED_TYPES = ['pacs.008.001.08', 'pacs.009.001.08'] as const;

/**
 * In the order of a row of features. `payer` and `payee` are customers' accounts, where payments have them, else banks.
 * "Earlier" are all payments of the pool before this one. In a reason, `more` says what a higher and `less` what a lower
 * value means.
 */
export const FEATURES = [
  {
    name: 'amountToCurrency',
    says: 'ln(amount) less its mean over earlier payments in the currency',
    ...{ more: 'a high amount for the currency', less: 'a low amount for the currency' },
  },
  {
    name: 'amountToPayer',
    says: 'ln(amount) less its mean over earlier payments of the payer in the currency',
    ...{ more: 'a high amount for the payer', less: 'a low amount for the payer' },
  },
  {
    name: 'amountToPair',
    says: 'ln(amount) less its mean over earlier payments of the payer to the payee in the currency',
    ...{ more: 'a high amount between the two', less: 'a low amount between the two' },
  },
  {
    name: 'payerPayments',
    says: 'ln(1 + earlier payments of the payer)',
    ...{ more: 'a payer with a long history', less: 'a payer with little history' },
  },
  {
    name: 'pairPayments',
    says: 'ln(1 + earlier payments of the payer to the payee)',
    ...{ more: 'a pair that often pays', less: 'a pair that seldom or never paid' },
  },
  {
    name: 'payeePayments',
    says: 'ln(1 + earlier payments to the payee)',
    ...{ more: 'a payee that often receives', less: 'a payee that seldom or never received' },
  },
  {
    name: 'payer5m',
    says: 'payments of the payer in the 5 minutes before',
    ...{
      more: 'many payments of the payer in 5 minutes',
      less: 'few payments of the payer in 5 minutes',
    },
  },
  {
    name: 'payer60m',
    says: 'payments of the payer in the 60 minutes before',
    ...{
      more: 'many payments of the payer in an hour',
      less: 'few payments of the payer in an hour',
    },
  },
  {
    name: 'bank5m',
    says: "(1 + payments of the debtor's agent in 5 minutes) / (1 + a twelfth of those in 60)",
    ...{
      more: 'the bank sends faster than in the hour',
      less: 'the bank sends slower than in the hour',
    },
  },
  {
    name: 'bankShare60m',
    says: "share of the debtor's agent in the payments of 60 minutes (0 where there are none), less its share in all earlier",
    ...{
      more: 'the bank sends more than its usual share',
      less: 'the bank sends less than its usual share',
    },
  },
  {
    name: 'newPayees60m',
    says: 'of the payments of the payer in 60 minutes and this one: the share to a payee it never paid before',
    ...{ more: 'payees that the payer never paid', less: 'payees that the payer knows' },
  },
  {
    name: 'roundness',
    says: 'zeros at the end of the amount in minor units, at most 6',
    ...{ more: 'a round amount', less: 'no round amount' },
  },
  {
    name: 'sameAmount60m',
    says: 'payments of the same amount between the two in 60 minutes',
    ...{ more: 'the same payment again', less: 'no such payment in the hour' },
  },
  {
    name: 'fanOut60m',
    says: 'payees of the payer in 60 minutes',
    ...{ more: 'many payees in an hour', less: 'few payees in an hour' },
  },
  {
    name: 'fanIn60m',
    says: 'payers of the payee in 60 minutes',
    ...{ more: 'many payers of the payee in an hour', less: 'few payers of the payee in an hour' },
  },
  {
    name: 'flowBack24h',
    says: 'payments of the payee to the payer in 24 hours',
    ...{ more: 'money went the other way within a day', less: 'no money went the other way' },
  },
  {
    name: 'passedOn24h',
    says: 'payments of the same amount that the payer received in 24 hours',
    ...{
      more: 'the payer received the same amount',
      less: 'the payer did not receive this amount',
    },
  },
  {
    name: 'hourHabit',
    says: "ln(24 x (1 + earlier payments of the debtor's agent at this hour, UTC) / (24 + all of them))",
    ...{
      more: 'an hour at which the bank often pays',
      less: 'an hour at which the bank seldom pays',
    },
  },
  {
    name: 'bankGap',
    says: "ln((1 s + time since the payment before of the debtor's agent) / (1 s + mean of such times)); 0 below two earlier",
    ...{ more: 'the bank was silent before', less: 'the bank had just paid' },
  },
] as const;

export type FeatureName = (typeof FEATURES)[number]['name'];

export const MINUTES_5 = 300_000;
export const MINUTES_60 = 3_600_000;
export const HOURS_24 = 86_400_000;
export const HABIT_MS = 3_600_000;
/**
 * Places inside a millisecond, so that no two payments have the same place in time; more of them go on into the next.
 * A day of places is what the store's windows take at most (32 bits).
 */
export const PLACES = 16;
/** Logarithms are added up in thousandths: whole numbers, whose sums are exact in any order. */
export const LOG_UNITS = 1000;
export const ROUNDNESS_MAX = 6;

/** How often each number came within a window of time. */
class RecentCounts {
  readonly #window: number;
  readonly #of = new Map<number, number>();
  readonly #gone: (id: number) => void;
  #places: number[] = [];
  #ids: number[] = [];
  #head = 0;

  /** @param gone is told of a number that no longer is in the window */
  constructor(windowMs: number, gone: (id: number) => void = () => {}) {
    this.#window = windowMs * PLACES;
    this.#gone = gone;
  }

  get total(): number {
    return this.#ids.length - this.#head;
  }

  count(id: number): number {
    return this.#of.get(id) ?? 0;
  }

  /** Whether the number was not in the window. */
  add(place: number, id: number): boolean {
    const before = this.count(id);
    this.#of.set(id, before + 1);
    this.#places.push(place);
    this.#ids.push(id);
    return before === 0;
  }

  /** Forgets what is older than the window. */
  advance(place: number): void {
    const oldest = place - this.#window;
    while (this.#head < this.#ids.length && this.#places[this.#head]! < oldest) {
      const id = this.#ids[this.#head++]!;
      const left = this.count(id) - 1;
      if (left > 0) this.#of.set(id, left);
      else {
        this.#of.delete(id);
        this.#gone(id);
      }
    }
    if (this.#head < 4096 || this.#head * 2 < this.#ids.length) return;
    this.#places = this.#places.slice(this.#head);
    this.#ids = this.#ids.slice(this.#head);
    this.#head = 0;
  }
}

/** Numbers of keys, from 0 in the order in which they came. */
class Numbers<Key> {
  readonly #of = new Map<Key, number>();

  get size(): number {
    return this.#of.size;
  }

  of(key: Key): number {
    const known = this.#of.get(key);
    if (known !== undefined) return known;
    this.#of.set(key, this.#of.size);
    return this.#of.size - 1;
  }
}

/** Sums and counts of logarithms of amounts, by number. */
class Means {
  readonly #sums = new Map<number, { sum: number; count: number }>();

  get size(): number {
    return this.#sums.size;
  }

  /** What a logarithm is above the mean so far, in natural units; 0: nothing came yet. Takes it in. */
  above(id: number, level: number): number {
    const mean = this.#sums.get(id);
    if (mean === undefined) {
      this.#sums.set(id, { sum: level, count: 1 });
      return 0;
    }
    const above = (level - mean.sum / mean.count) / LOG_UNITS;
    mean.sum += level;
    mean.count += 1;
    return above;
  }
}

/** What came so far, by number. */
class Totals {
  readonly #of = new Map<number, number>();

  /** Before this one, which it takes in. */
  before(id: number): number {
    const count = this.#of.get(id) ?? 0;
    this.#of.set(id, count + 1);
    return count;
  }
}

/** Two numbers, each below 2^26, as one that a double holds exactly. */
const both = (high: number, low: number): number => high * 2 ** 26 + low;

function roundness(amountMinor: bigint): number {
  let rest = amountMinor;
  let zeros = 0;
  while (zeros < ROUNDNESS_MAX && rest !== 0n && rest % 10n === 0n) {
    rest /= 10n;
    zeros += 1;
  }
  return zeros;
}

/** Characters of an account's name that take as much room as one thing held. */
const HELD_CHARACTERS = 64;

/** The features of a pool's payments, one after another. */
export class FlowWatch {
  readonly #accounts = new Numbers<string>();
  readonly #banks = new Numbers<string>();
  readonly #currencies = new Numbers<string>();
  readonly #pairs = new Numbers<number>();
  /** Accounts or pairs with currency and amount. They stay for the longest window and no longer. */
  readonly #amounts = new Map<string, number>();
  readonly #amountTexts = new Map<number, string>();
  #nextAmount = 0;
  readonly #payer5 = new RecentCounts(MINUTES_5);
  readonly #payer60 = new RecentCounts(MINUTES_60);
  readonly #new60 = new RecentCounts(MINUTES_60);
  readonly #bank5 = new RecentCounts(MINUTES_5);
  readonly #bank60 = new RecentCounts(MINUTES_60);
  readonly #pairAmount60 = new RecentCounts(MINUTES_60, (id) => this.#forgetAmount(id));
  readonly #received24 = new RecentCounts(HOURS_24, (id) => this.#forgetAmount(id));
  readonly #pair24 = new RecentCounts(HOURS_24);
  readonly #payees = new Map<number, number>();
  readonly #payers = new Map<number, number>();
  readonly #pair60 = new RecentCounts(MINUTES_60, (pair) => this.#counterparties(pair, -1));
  readonly #currencyMeans = new Means();
  readonly #payerMeans = new Means();
  readonly #pairMeans = new Means();
  readonly #payerTotals = new Totals();
  readonly #payeeTotals = new Totals();
  readonly #pairTotals = new Totals();
  readonly #bankTotals = new Totals();
  readonly #hourTotals = new Totals();
  readonly #bankTimes = new Map<number, { readonly firstMs: number; lastMs: number }>();
  #characters = 0;
  #count = 0;
  #place = 0;

  /**
   * How much it holds: payers, payees, pairs, their means by currency, which stay for good, and the payments of 24 hours.
   * Each takes up to 250 bytes.
   */
  get held(): number {
    const stays = this.#accounts.size + this.#characters / HELD_CHARACTERS + this.#pairs.size;
    return stays + this.#payerMeans.size + this.#pairMeans.size + this.#received24.total;
  }

  /** Takes in a payment: its features, in the order of FEATURES. */
  take(payment: WatchedPayment): readonly number[] {
    const { timeMs, debtorAgent, creditorAgent, amountMinor } = payment;
    const payer = this.#account(debtorAgent, payment.debtorAccount);
    const payee = this.#account(creditorAgent, payment.creditorAccount);
    const bank = this.#banks.of(debtorAgent);
    const currency = this.#currencies.of(payment.currency);
    const pair = both(payer, payee);
    const pairNumber = this.#pairs.of(pair);
    const level = Math.round(LOG_UNITS * Math.log(Number(amountMinor > 0n ? amountMinor : 1n)));
    const place = Math.max(timeMs * PLACES, this.#place + 1);
    this.#place = place;
    this.#advance(place);
    const amount = `${payment.currency} ${amountMinor}`;
    const pairAmount = this.#amount(`${payer}>${payee} ${amount}`);
    const received = this.#amounts.get(`${payer} ${amount}`);
    const payerEarlier = this.#payerTotals.before(payer);
    const pairEarlier = this.#pairTotals.before(pairNumber);
    const isNew = pairEarlier === 0 ? 1 : 0;
    const payer60 = this.#payer60.count(payer);
    const bank60 = this.#bank60.count(bank);
    const bankEarlier = this.#bankTotals.before(bank);
    const hour = Math.floor(timeMs / HABIT_MS) % 24;
    const row = [
      this.#currencyMeans.above(currency, level),
      this.#payerMeans.above(both(payer, currency), level),
      this.#pairMeans.above(both(pairNumber, currency), level),
      Math.log(1 + payerEarlier),
      Math.log(1 + pairEarlier),
      Math.log(1 + this.#payeeTotals.before(payee)),
      this.#payer5.count(payer),
      payer60,
      (1 + this.#bank5.count(bank)) / (1 + bank60 / 12),
      this.#count === 0
        ? 0
        : (this.#bank60.total === 0 ? 0 : bank60 / this.#bank60.total) - bankEarlier / this.#count,
      (this.#new60.count(payer) + isNew) / (payer60 + 1),
      roundness(amountMinor),
      this.#pairAmount60.count(pairAmount),
      this.#payees.get(payer) ?? 0,
      this.#payers.get(payee) ?? 0,
      this.#pair24.count(both(payee, payer)),
      received === undefined ? 0 : this.#received24.count(received),
      Math.log((24 * (1 + this.#hourTotals.before(bank * 24 + hour))) / (24 + bankEarlier)),
      this.#gap(bank, bankEarlier, timeMs),
    ];
    this.#payer5.add(place, payer);
    this.#payer60.add(place, payer);
    if (isNew === 1) this.#new60.add(place, payer);
    this.#bank5.add(place, bank);
    this.#bank60.add(place, bank);
    this.#pairAmount60.add(place, pairAmount);
    this.#received24.add(place, this.#amount(`${payee} ${amount}`));
    this.#pair24.add(place, pair);
    if (this.#pair60.add(place, pair)) this.#counterparties(pair, 1);
    this.#count += 1;
    return row;
  }

  #advance(place: number): void {
    for (const recent of [
      ...[this.#payer5, this.#payer60, this.#new60, this.#bank5, this.#bank60],
      ...[this.#pairAmount60, this.#received24, this.#pair24, this.#pair60],
    ])
      recent.advance(place);
  }

  /** Of an account at its agent: another bank may have one of the same name. */
  #account(agent: string, of: string): number {
    const name = of === '' ? agent : `${agent} ${of}`;
    const before = this.#accounts.size;
    const account = this.#accounts.of(name);
    if (account === before) this.#characters += name.length;
    return account;
  }

  #amount(text: string): number {
    const known = this.#amounts.get(text);
    if (known !== undefined) return known;
    const id = this.#nextAmount++;
    this.#amounts.set(text, id);
    this.#amountTexts.set(id, text);
    return id;
  }

  #forgetAmount(id: number): void {
    this.#amounts.delete(this.#amountTexts.get(id)!);
    this.#amountTexts.delete(id);
  }

  #counterparties(pair: number, by: 1 | -1): void {
    const payer = Math.floor(pair / 2 ** 26);
    const payee = pair - payer * 2 ** 26;
    for (const [of, id] of [
      [this.#payees, payer],
      [this.#payers, payee],
    ] as const) {
      const count = (of.get(id) ?? 0) + by;
      if (count === 0) of.delete(id);
      else of.set(id, count);
    }
  }

  #gap(bank: number, earlier: number, timeMs: number): number {
    const times = this.#bankTimes.get(bank);
    if (times === undefined) {
      this.#bankTimes.set(bank, { firstMs: timeMs, lastMs: timeMs });
      return 0;
    }
    const since = timeMs - times.lastMs;
    const mean = earlier < 2 ? 0 : (times.lastMs - times.firstMs) / (earlier - 1);
    times.lastMs = timeMs;
    return earlier < 2 ? 0 : Math.log((since + 1000) / (mean + 1000));
  }
}
