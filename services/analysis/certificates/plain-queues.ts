/**
 * Queues in which each payment has one leg and nobody has a limit, as columns: what gridlock resolution drops of them and
 * what holds up the first of each, by the same rules as queues/gridlock-resolution.ts, which has all queues.
 */
import { type CapturedQueues, DESCRIBED_BYTES } from '../../core/settlement/queue-state.ts';

const WORDS = DESCRIBED_BYTES / 4;
/** Where a description has its fields, in words: assembly/settlement/state-for-host.ts. */
const [POSITION, ID, AMOUNT, DEBTOR, CREDITOR, DEBTOR_2, CURRENCY, CLASS] = [
  ...[0, 2, 6, 10, 11, 12, 14, 15],
] as [number, number, number, number, number, number, number, number];
const HIGH = 2 ** 32;
const CLASSES = 3;

function wordsOf(described: Uint8Array): Int32Array {
  const { buffer, byteOffset, length } =
    described.byteOffset % 4 === 0 ? described : new Uint8Array(described);
  return new Int32Array(buffer, byteOffset, length / 4);
}

/** Of no chain, and not held. Most queues that are not plain have others: they are looked at before anything is made of them. */
function haveOneLeg(words: Int32Array): boolean {
  for (let at = 0; at < words.length; at += WORDS)
    if (words[at + DEBTOR_2] !== -1 || (words[at + CLASS]! & 0xff_ffff) >= CLASSES) return false;
  return true;
}

export class PlainQueues {
  /** By the account's place. */
  readonly balances: Float64Array;
  readonly creditLines: Float64Array;
  readonly reservedUrgent: Float64Array;
  readonly reservedHigh: Float64Array;
  readonly payments: number;
  /** By payment, in entry order; debtors and creditors by the places of their accounts. */
  readonly positions: Float64Array;
  readonly amounts: Float64Array;
  readonly debtors: Uint32Array;
  readonly creditors: Uint32Array;
  readonly classes: Uint8Array;
  /** Payments that went, one after the other, and what their accounts were short of before. */
  readonly drops: number[] = [];
  readonly dropsMissing: number[] = [];
  /** The first payment of each queue once the run has settled what it did; and what it is short of, 0 or less: of nothing. */
  readonly firsts: number[] = [];
  readonly firstsMissing: number[] = [];
  /** Positions, in entry order. */
  settled: readonly number[] = [];
  largest: readonly number[] = [];
  /** By payment: whether its currency takes part. */
  readonly #takesPart: Uint8Array;
  /** By the account's place. */
  readonly #isIn: readonly boolean[];
  /** All payments of each queue by class and entry, one queue after the other; and where each begins. */
  readonly #queues: Uint32Array;
  readonly #begins: Uint32Array;

  private constructor(accounts: CapturedQueues['accounts'], payments: number, isIn: boolean[]) {
    const column = (of: (account: CapturedQueues['accounts'][number]) => bigint) =>
      Float64Array.from(accounts, (account) => Number(of(account)));
    this.balances = column(({ balance }) => balance);
    this.creditLines = column(({ creditLine }) => creditLine);
    this.reservedUrgent = column(({ reserved }) => reserved[0]);
    this.reservedHigh = column(({ reserved }) => reserved[1]);
    this.payments = payments;
    this.positions = new Float64Array(payments);
    this.amounts = new Float64Array(payments);
    this.debtors = new Uint32Array(payments);
    this.creditors = new Uint32Array(payments);
    this.classes = new Uint8Array(payments);
    this.#takesPart = new Uint8Array(payments);
    this.#isIn = isIn;
    this.#queues = new Uint32Array(payments);
    this.#begins = new Uint32Array(accounts.length + 1);
  }

  /**
   * @param currencies that take part
   * @returns null where they are not so plain, or amounts are so large that a sum of doubles might round
   */
  static of(
    { accounts, limits, crossLimits, described, proposed }: CapturedQueues,
    currencies: readonly number[],
  ): PlainQueues | null {
    if (limits.length > 0 || crossLimits.length > 0 || proposed !== null) return null;
    const words = wordsOf(described);
    if (!haveOneLeg(words)) return null;
    const isIn = accounts.map(({ currency }) => currencies.includes(currency));
    const queues = new PlainQueues(accounts, described.length / DESCRIBED_BYTES, isIn);
    const places: number[][] = [];
    for (const [place, { participant, currency }] of accounts.entries()) {
      places[currency] ??= [];
      (places[currency] as number[])[participant] = place;
    }
    return queues.#read(words, places) && queues.#areExact() ? queues : null;
  }

  /** Whether all their accounts are there. */
  #read(words: Int32Array, places: readonly (readonly number[])[]): boolean {
    for (let payment = 0; payment < this.payments; payment++) {
      const at = payment * WORDS;
      const inCurrency = places[words[at + CURRENCY]! & 0xffff];
      const debtor = inCurrency?.[words[at + DEBTOR]! >>> 0];
      const creditor = inCurrency?.[words[at + CREDITOR]! >>> 0];
      if (debtor === undefined || creditor === undefined) return false;
      this.positions[payment] = (words[at + POSITION]! >>> 0) + words[at + POSITION + 1]! * HIGH;
      this.amounts[payment] = (words[at + AMOUNT]! >>> 0) + words[at + AMOUNT + 1]! * HIGH;
      this.debtors[payment] = debtor;
      this.creditors[payment] = creditor;
      this.classes[payment] = words[at + CLASS]!;
      this.#takesPart[payment] = this.#isIn[debtor] ? 1 : 0;
    }
    return true;
  }

  /** Whether no sum of some of the amounts is more than a double has exactly. */
  #areExact(): boolean {
    let most = 0;
    for (const column of [
      ...[this.balances, this.creditLines, this.reservedUrgent, this.reservedHigh, this.amounts],
    ])
      for (const amount of column) most += Math.abs(amount);
    return most <= Number.MAX_SAFE_INTEGER;
  }

  /** Where the bytes of a payment's UETR begin in those described. */
  uetrAt(payment: number): number {
    return payment * DESCRIBED_BYTES + 4 * ID;
  }

  /**
   * Finds the largest set, why it is the largest, and what holds up what is left.
   * @param settled positions of what the run settled
   * @returns false where an account is short that pays nothing
   */
  resolve(settled: ReadonlySet<number>): boolean {
    this.#line();
    if (!this.#drop()) return false;
    this.#findFirsts(settled);
    return true;
  }

  #line(): void {
    const begins = this.#begins;
    const { debtors, classes, payments } = this;
    for (let payment = 0; payment < payments; payment++) begins[debtors[payment]! + 1]! += 1;
    for (let place = 1; place < begins.length; place++) begins[place]! += begins[place - 1]!;
    const next = begins.slice();
    for (let of = 0; of < CLASSES; of++)
      for (let payment = 0; payment < payments; payment++)
        if (classes[payment] === of) this.#queues[next[debtors[payment]!]!++] = payment;
  }

  /** While an account is short the last payment of its queue goes: that of one leg stands behind no other's. */
  #drop(): boolean {
    const { debtors, creditors, amounts, classes, payments } = this;
    const begins = this.#begins;
    const ends = begins.slice(1);
    const net = new Float64Array(this.balances.length);
    /** By place and class. */
    const taken = new Float64Array(CLASSES * net.length);
    const count = new Uint32Array(CLASSES * net.length);
    const isMember = this.#takesPart.slice();
    for (let payment = 0; payment < payments; payment++) {
      if (!isMember[payment]) continue;
      const debtor = debtors[payment]!;
      net[debtor]! -= amounts[payment]!;
      net[creditors[payment]!]! += amounts[payment]!;
      taken[CLASSES * debtor + classes[payment]!]! += amounts[payment]!;
      count[CLASSES * debtor + classes[payment]!]! += 1;
    }
    const todo: number[] = [];
    for (const [place, isIn] of this.#isIn.entries()) if (isIn) todo.push(place);
    for (let place = todo.pop(); place !== undefined; place = todo.pop()) {
      if (net[place]! >= 0) continue;
      const first = CLASSES * place;
      const lowest = count[first + 2]! > 0 ? 2 : count[first + 1]! > 0 ? 1 : 0;
      const kept = this.#kept(place, lowest, taken[first]!, taken[first + 1]!);
      const missing = kept - (this.balances[place]! + net[place]!);
      if (missing <= 0) continue;
      if (ends[place] === begins[place]) return false;
      ends[place]! -= 1;
      const last = this.#queues[ends[place]!]!;
      const creditor = creditors[last]!;
      isMember[last] = 0;
      net[place]! += amounts[last]!;
      net[creditor]! -= amounts[last]!;
      taken[first + classes[last]!]! -= amounts[last]!;
      count[first + classes[last]!]! -= 1;
      this.drops.push(last);
      this.dropsMissing.push(missing);
      todo.push(place, creditor);
    }
    this.largest = this.#positionsOf((payment) => isMember[payment] === 1);
    return true;
  }

  /** Below this the balance may not go, where payments of this class and of higher ones take so much. */
  #kept(place: number, lowest: number, urgent: number, high: number): number {
    let kept = -this.creditLines[place]!;
    if (lowest > 0) kept += Math.max(0, this.reservedUrgent[place]! - urgent);
    if (lowest > 1) kept += Math.max(0, this.reservedHigh[place]! - high);
    return kept;
  }

  #findFirsts(settled: ReadonlySet<number>): void {
    const { debtors, creditors, amounts, classes, payments, positions } = this;
    this.settled = this.#positionsOf((payment) => settled.has(positions[payment]!));
    const balances = this.balances.slice();
    const used = new Float64Array(CLASSES * balances.length);
    const isSettled = new Uint8Array(payments);
    for (let payment = 0; payment < payments; payment++) {
      if (this.settled.length === 0 || !settled.has(positions[payment]!)) continue;
      isSettled[payment] = 1;
      balances[debtors[payment]!]! -= amounts[payment]!;
      balances[creditors[payment]!]! += amounts[payment]!;
      used[CLASSES * debtors[payment]! + classes[payment]!]! += amounts[payment]!;
    }
    const hasFirst = new Uint8Array(balances.length);
    for (let of = 0; of < CLASSES; of++)
      for (let payment = 0; payment < payments; payment++) {
        const place = debtors[payment]!;
        if (classes[payment] !== of || isSettled[payment] || hasFirst[place]) continue;
        hasFirst[place] = 1;
        // What was reserved and is used up is not kept from it any more.
        const kept = this.#kept(place, of, used[CLASSES * place]!, used[CLASSES * place + 1]!);
        this.firsts.push(payment);
        this.firstsMissing.push(kept - (balances[place]! - amounts[payment]!));
      }
  }

  #positionsOf(isIn: (payment: number) => boolean): number[] {
    const found: number[] = [];
    for (let payment = 0; payment < this.payments; payment++)
      if (isIn(payment)) found.push(this.positions[payment]!);
    return found;
  }
}
