/**
 * Queues of payments with one leg or two, none of a chain, where nobody has a limit, as columns: what gridlock resolution
 * drops of them and what holds up the first of each, by the same rules as queues/gridlock-resolution.ts, which has all queues.
 */
import { type CapturedQueues, DESCRIBED_BYTES } from '../../core/settlement/queue-state.ts';

const WORDS = DESCRIBED_BYTES / 4;
/** Where a description has its fields, in words: assembly/settlement/state-for-host.ts. A second leg's follow the first's. */
const [POSITION, ID, AMOUNT, DEBTOR, CREDITOR, CURRENCIES, CLASS] = [
  ...[0, 2, 6, 10, 11, 14, 15],
] as [number, number, number, number, number, number, number];
const HIGH = 2 ** 32;
const CLASSES = 3;
/** A payment's places in the columns of legs. */
const LEGS = 2;
/** Of a second leg that is not there, and because of which what is held went. */
export const NO_ACCOUNT = -1;

function wordsOf(described: Uint8Array): Int32Array {
  const { buffer, byteOffset, length } =
    described.byteOffset % 4 === 0 ? described : new Uint8Array(described);
  return new Int32Array(buffer, byteOffset, length / 4);
}

/** What a set of payments moves, by the account's place; what it takes, and how often, by place and class. */
class SetSums {
  readonly net: Float64Array;
  readonly taken: Float64Array;
  readonly count: Uint32Array;

  constructor(accounts: number) {
    this.net = new Float64Array(accounts);
    this.taken = new Float64Array(CLASSES * accounts);
    this.count = new Uint32Array(CLASSES * accounts);
  }
}

export class PlainQueues {
  /** By the account's place. */
  readonly balances: Float64Array;
  readonly creditLines: Float64Array;
  readonly reservedUrgent: Float64Array;
  readonly reservedHigh: Float64Array;
  readonly payments: number;
  /** By payment, in entry order. */
  readonly positions: Float64Array;
  readonly classes: Uint8Array;
  /** By leg, two places for each payment; debtors and creditors by the places of their accounts, NO_ACCOUNT where there is no second leg. */
  readonly amounts: Float64Array;
  readonly debtors: Int32Array;
  readonly creditors: Int32Array;
  /**
   * Payments that went, one after the other; because of which account, NO_ACCOUNT where they were held; and what it was short of
   * before, 0 where they were held or stood behind one that went.
   */
  readonly drops: number[] = [];
  readonly dropsAt: number[] = [];
  readonly dropsMissing: number[] = [];
  /** The first payment of each queue once the run has settled what it did, and where what it is short of ends in what follows. */
  readonly firsts: number[] = [];
  readonly firstsEnds: number[] = [];
  /** Accounts, and what they are short of. */
  readonly shortAt: number[] = [];
  readonly shortMissing: number[] = [];
  /** Positions, in entry order. */
  settled: readonly number[] = [];
  largest: readonly number[] = [];
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
    this.classes = new Uint8Array(payments);
    this.amounts = new Float64Array(LEGS * payments);
    this.debtors = new Int32Array(LEGS * payments).fill(NO_ACCOUNT);
    this.creditors = new Int32Array(LEGS * payments).fill(NO_ACCOUNT);
    this.#isIn = isIn;
    this.#queues = new Uint32Array(LEGS * payments);
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
    const isIn = accounts.map(({ currency }) => currencies.includes(currency));
    const queues = new PlainQueues(accounts, described.length / DESCRIBED_BYTES, isIn);
    const places: number[][] = [];
    for (const [place, { participant, currency }] of accounts.entries()) {
      places[currency] ??= [];
      (places[currency] as number[])[participant] = place;
    }
    return queues.#read(wordsOf(described), places) && queues.#areExact() ? queues : null;
  }

  /** Whether all their accounts are there, none is a chain's or held, and none stands in one queue twice. */
  #read(words: Int32Array, places: readonly (readonly number[])[]): boolean {
    const { debtors } = this;
    for (let payment = 0; payment < this.payments; payment++) {
      const at = payment * WORDS;
      const leg = LEGS * payment;
      // Behind its class: of how many legs a chain is, and whether it is held.
      if ((words[at + CLASS]! & 0xff_ffff) >= CLASSES) return false;
      this.positions[payment] = (words[at + POSITION]! >>> 0) + words[at + POSITION + 1]! * HIGH;
      this.classes[payment] = words[at + CLASS]!;
      const currencies = words[at + CURRENCIES]!;
      if (!this.#readLeg(leg, words, at, 0, places[currencies & 0xffff])) return false;
      if (words[at + DEBTOR + 2] === -1) continue;
      if (!this.#readLeg(leg + 1, words, at, 2, places[currencies >>> 16])) return false;
      if (debtors[leg] === debtors[leg + 1]) return false;
    }
    return true;
  }

  /** @param behind by how many words its fields stand behind those of a first leg */
  #readLeg(
    leg: number,
    words: Int32Array,
    at: number,
    behind: number,
    places: readonly number[] | undefined,
  ): boolean {
    const debtor = places?.[words[at + DEBTOR + behind]! >>> 0];
    const creditor = places?.[words[at + CREDITOR + behind]! >>> 0];
    if (debtor === undefined || creditor === undefined) return false;
    const amountAt = at + AMOUNT + behind;
    this.amounts[leg] = (words[amountAt]! >>> 0) + words[amountAt + 1]! * HIGH;
    this.debtors[leg] = debtor;
    this.creditors[leg] = creditor;
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

  /** The place of a payment's first leg. */
  legsBegin(payment: number): number {
    return LEGS * payment;
  }

  /** The place behind its last one. */
  legsEnd(payment: number): number {
    const second = this.legsBegin(payment) + 1;
    return this.debtors[second] === NO_ACCOUNT ? second : second + 1;
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
    for (const place of debtors) if (place !== NO_ACCOUNT) begins[place + 1]! += 1;
    for (let place = 1; place < begins.length; place++) begins[place]! += begins[place - 1]!;
    const next = begins.slice();
    for (let of = 0; of < CLASSES; of++)
      for (let payment = 0; payment < payments; payment++) {
        if (classes[payment] !== of) continue;
        for (let leg = this.legsBegin(payment); leg < this.legsEnd(payment); leg++)
          this.#queues[next[debtors[leg]!]!++] = payment;
      }
  }

  /** Of a set: a payment comes in (1), or goes (-1). */
  #move(sums: SetSums, payment: number, sign: number): void {
    const { debtors, creditors, amounts } = this;
    const of = this.classes[payment]!;
    for (let leg = this.legsBegin(payment); leg < this.legsEnd(payment); leg++) {
      const debtor = debtors[leg]!;
      const amount = sign * amounts[leg]!;
      sums.net[debtor]! -= amount;
      sums.net[creditors[leg]!]! += amount;
      sums.taken[CLASSES * debtor + of]! += amount;
      sums.count[CLASSES * debtor + of]! += sign;
    }
  }

  /** What a set leaves an account short of, once others have settled; 0 or less: of nothing. */
  #missing(sums: SetSums, place: number, settled: SetSums | null): number {
    if (sums.net[place]! >= 0) return 0;
    const first = CLASSES * place;
    const { count, taken } = sums;
    const lowest = count[first + 2]! > 0 ? 2 : count[first + 1]! > 0 ? 1 : 0;
    const [urgent, high] = settled ? [settled.taken[first]!, settled.taken[first + 1]!] : [0, 0];
    let kept = -this.creditLines[place]!;
    // What was reserved and is used up is not kept from it any more.
    if (lowest > 0) kept += Math.max(0, this.reservedUrgent[place]! - urgent - taken[first]!);
    if (lowest > 1) kept += Math.max(0, this.reservedHigh[place]! - high - taken[first + 1]!);
    return kept - (this.balances[place]! + (settled ? settled.net[place]! : 0) + sums.net[place]!);
  }

  /** While an account is short the last payment of its queue goes, with all that stands behind it anywhere. */
  #drop(): boolean {
    const { debtors, creditors, payments } = this;
    const isIn = this.#isIn;
    const begins = this.#begins;
    const ends = begins.slice(1);
    const sums = new SetSums(this.balances.length);
    const isMember = new Uint8Array(payments);
    const todo: number[] = [];
    const wentBecauseOf = (payment: number, at: number, missing: number) => {
      isMember[payment] = 0;
      this.drops.push(payment);
      this.dropsAt.push(at);
      this.dropsMissing.push(missing);
      for (let leg = this.legsBegin(payment); leg < this.legsEnd(payment); leg++)
        if (isIn[debtors[leg]!]) todo.push(debtors[leg]!, creditors[leg]!);
    };
    for (let payment = 0; payment < payments; payment++) {
      const [first, last] = [this.legsBegin(payment), this.legsEnd(payment) - 1];
      if (isIn[debtors[first]!] && isIn[debtors[last]!]) {
        isMember[payment] = 1;
        this.#move(sums, payment, 1);
      } else if (isIn[debtors[first]!] || isIn[debtors[last]!])
        wentBecauseOf(payment, NO_ACCOUNT, 0);
    }
    for (const [place, takesPart] of isIn.entries()) if (takesPart) todo.push(place);
    const go = (payment: number, at: number, missing: number) => {
      if (!isMember[payment]) return;
      this.#move(sums, payment, -1);
      wentBecauseOf(payment, at, missing);
    };
    for (let place = todo.pop(); place !== undefined; place = todo.pop()) {
      const first = CLASSES * place;
      const members = sums.count[first]! + sums.count[first + 1]! + sums.count[first + 2]!;
      if (begins[place]! + members < ends[place]!) {
        let gone = begins[place]!;
        while (isMember[this.#queues[gone]!]) gone += 1;
        for (; ends[place]! > gone; ends[place]! -= 1)
          go(this.#queues[ends[place]! - 1]!, place, 0);
      }
      const missing = this.#missing(sums, place, null);
      if (missing <= 0) continue;
      if (ends[place] === begins[place]) return false;
      ends[place]! -= 1;
      todo.push(place);
      go(this.#queues[ends[place]!]!, place, missing);
    }
    this.largest = this.#positionsOf((payment) => isMember[payment] === 1);
    return true;
  }

  #findFirsts(settled: ReadonlySet<number>): void {
    const { debtors, classes, payments, positions } = this;
    this.settled = this.#positionsOf((payment) => settled.has(positions[payment]!));
    const moved = new SetSums(this.balances.length);
    const isSettled = new Uint8Array(payments);
    for (let payment = 0; payment < payments; payment++) {
      if (this.settled.length === 0 || !settled.has(positions[payment]!)) continue;
      isSettled[payment] = 1;
      this.#move(moved, payment, 1);
    }
    const closures = new SetSums(this.balances.length);
    const hasFirst = new Uint8Array(this.balances.length);
    for (let of = 0; of < CLASSES; of++)
      for (let payment = 0; payment < payments; payment++) {
        if (classes[payment] !== of || isSettled[payment]) continue;
        let isFirst = false;
        for (let leg = this.legsBegin(payment); leg < this.legsEnd(payment); leg++)
          if (!hasFirst[debtors[leg]!]) {
            hasFirst[debtors[leg]!] = 1;
            isFirst = true;
          }
        if (isFirst) this.#tellFirst(payment, closures, moved, isSettled);
      }
  }

  /** What it, all that stands before it in its queues, and all before that, leave short. */
  #tellFirst(payment: number, closures: SetSums, moved: SetSums, isSettled: Uint8Array): void {
    const closure = this.#closureOf(payment, isSettled);
    const payers: number[] = [];
    for (const member of closure) {
      this.#move(closures, member, 1);
      for (let leg = this.legsBegin(member); leg < this.legsEnd(member); leg++)
        if (!payers.includes(this.debtors[leg]!)) payers.push(this.debtors[leg]!);
    }
    for (const place of payers.sort((a, b) => a - b)) {
      const missing = this.#missing(closures, place, moved);
      if (missing <= 0) continue;
      this.shortAt.push(place);
      this.shortMissing.push(missing);
    }
    for (const member of closure) this.#move(closures, member, -1);
    this.firsts.push(payment);
    this.firstsEnds.push(this.shortAt.length);
  }

  #closureOf(payment: number, isSettled: Uint8Array): readonly number[] {
    // First in its only queue.
    if (this.legsEnd(payment) === this.legsBegin(payment) + 1) return [payment];
    const closure = new Set([payment]);
    for (const member of closure)
      for (let leg = this.legsBegin(member); leg < this.legsEnd(member); leg++)
        for (let at = this.#begins[this.debtors[leg]!]!; this.#queues[at] !== member; at++)
          if (!isSettled[this.#queues[at]!]) closure.add(this.#queues[at]!);
    return [...closure];
  }

  #positionsOf(isIn: (payment: number) => boolean): number[] {
    const found: number[] = [];
    for (let payment = 0; payment < this.payments; payment++)
      if (isIn(payment)) found.push(this.positions[payment]!);
    return found;
  }
}
