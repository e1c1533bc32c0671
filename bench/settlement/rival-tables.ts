// The rival's tables: what the core keeps in linear memory, on typed arrays. Money is in
// BigInt64Array, links and counts in Int32Array, index 0 is "none".
import { NONE32 } from '../../services/core/settlement/records.ts';

export class Accounts {
  readonly balance: BigInt64Array;
  readonly floor: BigInt64Array;
  readonly participant: Int32Array;
  readonly currency: Int32Array;
  /** First and last of each class: account x 3 + class. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** Worklist: next account, and whether it is listed. */
  readonly workNext: Int32Array;
  readonly listed: Uint8Array;
  /** Bit 1: it has bilateral limits, bit 2: a multilateral one. */
  readonly flags: Uint8Array;
  readonly multilateral: Int32Array;
  /** What stands in each queue: payments, and the sum of their amounts. */
  readonly queued: Int32Array;
  readonly value: BigInt64Array;
  readonly participants: number;
  readonly currencies: number;
  /** By currency: what was issued. */
  readonly #issued: BigInt64Array;

  constructor(participants: number, currencies: number) {
    const count = participants * currencies + 1;
    this.participants = participants;
    this.currencies = currencies;
    this.queued = new Int32Array(count);
    this.value = new BigInt64Array(count);
    this.#issued = new BigInt64Array(currencies);
    this.balance = new BigInt64Array(count);
    this.floor = new BigInt64Array(count);
    this.participant = new Int32Array(count);
    this.currency = new Int32Array(count);
    this.first = new Int32Array(count * 3);
    this.last = new Int32Array(count * 3);
    this.workNext = new Int32Array(count);
    this.listed = new Uint8Array(count);
    this.flags = new Uint8Array(count);
    this.multilateral = new Int32Array(count);
    for (let p = 0; p < participants; p++)
      for (let c = 0; c < currencies; c++) {
        this.participant[this.at(p, c)] = p;
        this.currency[this.at(p, c)] = c;
      }
  }

  at(participant: number, currency: number): number {
    return participant * this.currencies + currency + 1;
  }

  /** Counts what an account is opened with. */
  note(account: number): void {
    const c = this.currency[account] as number;
    this.#issued[c] = (this.#issued[c] as bigint) + (this.balance[account] as bigint);
  }

  /** Whether the balances of each currency add up to what was issued. */
  addUp(): boolean {
    const { balance, participants, currencies } = this;
    for (let c = 0; c < currencies; c++) {
      let sum = 0n;
      for (let p = 0; p < participants; p++)
        sum = BigInt.asIntN(64, sum + (balance[p * currencies + c + 1] as bigint));
      if (sum !== this.#issued[c]) return false;
    }
    return true;
  }
}

/** Queued payments: debtor's and creditor's account, amount, links, what events need. */
export class Payments {
  readonly amount: BigInt64Array;
  readonly debit: Int32Array;
  readonly credit: Int32Array;
  readonly priority: Uint8Array;
  readonly before: Int32Array;
  readonly after: Int32Array;
  readonly identity: Int32Array;
  readonly limit: Int32Array;
  readonly back: Int32Array;
  /** Four words of the id, then two of the position. */
  readonly words: Int32Array;
  #free = 0;
  #drawn = 1;

  constructor(max: number) {
    this.amount = new BigInt64Array(max + 1);
    this.debit = new Int32Array(max + 1);
    this.credit = new Int32Array(max + 1);
    this.priority = new Uint8Array(max + 1);
    this.before = new Int32Array(max + 1);
    this.after = new Int32Array(max + 1);
    this.identity = new Int32Array(max + 1);
    this.limit = new Int32Array(max + 1);
    this.back = new Int32Array(max + 1);
    this.words = new Int32Array((max + 1) * 6);
  }

  draw(): number {
    const slot = this.#free;
    if (slot === 0) return this.#drawn++;
    this.#free = this.after[slot] as number;
    return slot;
  }

  free(slot: number): void {
    this.after[slot] = this.#free;
    this.#free = slot;
  }
}

/** Limits by account and counterparty: open addressing, multilateral ones by account. */
export class Limits {
  readonly value: BigInt64Array;
  readonly position: BigInt64Array;
  readonly #account: Int32Array;
  readonly #counterparty: Int32Array;
  readonly #slots: Int32Array;
  readonly #mask: number;
  #drawn = 1;

  constructor(max: number) {
    const slots = 2 ** Math.ceil(Math.log2(max * 2 + 2));
    this.value = new BigInt64Array(max + 1);
    this.position = new BigInt64Array(max + 1);
    this.#account = new Int32Array(max + 1);
    this.#counterparty = new Int32Array(max + 1);
    this.#slots = new Int32Array(slots);
    this.#mask = slots - 1;
  }

  #home(account: number, counterparty: number): number {
    return (
      (Math.imul(account ^ Math.imul(counterparty, 0x9e3779b1), 0x85ebca6b) >>> 8) & this.#mask
    );
  }

  find(account: number, counterparty: number): number {
    let slot = this.#home(account, counterparty);
    for (;;) {
      const limit = this.#slots[slot] as number;
      if (limit === 0) return 0;
      if (this.#account[limit] === account && this.#counterparty[limit] === counterparty)
        return limit;
      slot = (slot + 1) & this.#mask;
    }
  }

  add(accounts: Accounts, account: number, counterparty: number, value: bigint): void {
    const limit = this.#drawn++;
    this.value[limit] = value;
    if (counterparty === NONE32) {
      accounts.multilateral[account] = limit;
      accounts.flags[account] = (accounts.flags[account] as number) | 2;
      return;
    }
    this.#account[limit] = account;
    this.#counterparty[limit] = counterparty;
    accounts.flags[account] = (accounts.flags[account] as number) | 1;
    let slot = this.#home(account, counterparty);
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = limit;
  }
}

/** Identities: id, sender and type, digest, outcome; the index keeps bits of the hash. */
export class Identities {
  /** Ten words each: id, four of the digest, sender, type. */
  readonly words: Int32Array;
  readonly positions: Float64Array;
  readonly outcome: Uint8Array;
  readonly #index: Int32Array;
  readonly #tags: Int32Array;
  readonly #mask: number;
  readonly #key: number;
  count = 0;

  constructor(max: number, key: number) {
    const slots = 2 ** Math.ceil(Math.log2(max * 1.5 + 2));
    this.words = new Int32Array((max + 1) * 10);
    this.positions = new Float64Array(max + 1);
    this.outcome = new Uint8Array(max + 1);
    this.#index = new Int32Array(slots);
    this.#tags = new Int32Array(slots);
    this.#mask = slots - 1;
    this.#key = key;
  }

  /** A keyed mix of the words, in 32 bits, as fast as JavaScript has it: not proof against crafting. */
  hash(input: Int32Array, at: number): number {
    let h = this.#key;
    for (let i = 0; i < 4; i++) {
      h = Math.imul(h ^ (input[at + 6 + i] as number), 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
    }
    h = Math.imul(h ^ (input[at + 1] as number), 0x85ebca6b);
    return h ^ (h >>> 13);
  }

  find(input: Int32Array, at: number, hash: number): number {
    const { words } = this;
    let slot = hash & this.#mask;
    for (;;) {
      const identity = this.#index[slot] as number;
      if (identity === 0) return 0;
      if (this.#tags[slot] === hash) {
        const w = identity * 10;
        if (
          words[w] === input[at + 6] &&
          words[w + 1] === input[at + 7] &&
          words[w + 2] === input[at + 8] &&
          words[w + 3] === input[at + 9] &&
          words[w + 8] === input[at + 1] &&
          words[w + 9] === ((input[at + 18] as number) & 0xffff)
        )
          return identity;
      }
      slot = (slot + 1) & this.#mask;
    }
  }

  add(input: Int32Array, at: number, hash: number, position: number): number {
    const identity = ++this.count;
    const w = identity * 10;
    for (let i = 0; i < 8; i++) this.words[w + i] = input[at + 6 + i] as number;
    this.words[w + 8] = input[at + 1] as number;
    this.words[w + 9] = (input[at + 18] as number) & 0xffff;
    this.positions[identity] = position;
    let slot = hash & this.#mask;
    while (this.#index[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#index[slot] = identity;
    this.#tags[slot] = hash;
    return identity;
  }

  /** Whether the digest is the one remembered, by its first four words. */
  sameDigest(input: Int32Array, at: number, identity: number): boolean {
    const w = identity * 10 + 4;
    for (let i = 0; i < 4; i++) if (this.words[w + i] !== input[at + 10 + i]) return false;
    return true;
  }
}
