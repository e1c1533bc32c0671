import type {
  QueuedPayment,
  QueueLeg,
  QueueLimit,
  QueueState,
} from '../../core/settlement/queue-state.ts';
import { type AccountName, byClass, nameOf } from './queue-set.ts';

interface Standing {
  readonly currency: number;
  /** Balance above the floor. */
  liquid: bigint;
  readonly reserved: [bigint, bigint];
  /** Its queue, by class and entry. */
  queue: QueuedPayment[];
}

/** Told that an account's money does not suffice, and by how much. */
export type OnMissing = (account: AccountName, missing: bigint) => void;

const NORMAL = 2;

/**
 * Gross settlement from a state, outside the core: rescans as docs/settlement.md defines them. It
 * tells each test that money decided against, so that a search knows what more money could change.
 */
export class Gross {
  readonly settled = new Set<QueuedPayment>();
  readonly #state: QueueState;
  readonly #accounts = new Map<AccountName, Standing>();
  readonly #limits = new Map<string, { readonly limit: QueueLimit; position: bigint }>();
  readonly #onMissing: OnMissing;
  #worklist: AccountName[] = [];

  constructor(state: QueueState, onMissing: OnMissing = () => {}) {
    this.#state = state;
    this.#onMissing = onMissing;
    for (const { participant, currency, balance, creditLine, reserved } of state.accounts)
      this.#accounts.set(nameOf(participant, currency), {
        currency,
        liquid: balance + creditLine,
        reserved: [...reserved],
        queue: [],
      });
    for (const limit of state.limits)
      this.#limits.set(`${limit.participant}/${limit.currency}/${limit.counterparty ?? 'all'}`, {
        limit,
        position: limit.position,
      });
    for (const payment of byClass(state.payments))
      for (const standing of new Set(payment.legs.map((leg) => this.#debit(leg))))
        standing.queue.push(payment);
  }

  #at(name: AccountName): Standing {
    const standing = this.#accounts.get(name);
    if (standing === undefined) throw new Error(`no account ${name}`);
    return standing;
  }

  #debit(leg: QueueLeg): Standing {
    return this.#at(nameOf(leg.debtor, leg.currency));
  }

  inject(name: AccountName, amount: bigint): void {
    this.#at(name).liquid += amount;
    this.push(name);
  }

  /** Puts an account at the end of the worklist, unless it is in it. */
  push(name: AccountName): void {
    if (!this.#worklist.includes(name)) this.#worklist.push(name);
  }

  /** Works the worklist off. */
  rescan(): void {
    for (let name = this.#worklist.shift(); name !== undefined; name = this.#worklist.shift())
      this.#scan(name);
  }

  #scan(name: AccountName): void {
    const standing = this.#at(name);
    const isBypass = this.#state.bypasses[standing.currency] === true;
    for (;;) {
      const [head] = standing.queue;
      if (head === undefined) return;
      if (isBypass && head.priority === NORMAL) {
        for (const payment of [...standing.queue])
          if (this.#canSettle(payment, name)) this.#settle(payment, name);
        return;
      }
      if (!this.#canSettle(head, name)) return;
      this.#settle(head, name);
    }
  }

  #isNext(payment: QueuedPayment, { queue, currency }: Standing): boolean {
    if (queue[0] === payment) return true;
    const passes = payment.priority === NORMAL && this.#state.bypasses[currency] === true;
    return passes && queue[0]?.priority === NORMAL;
  }

  /**
   * Whether the account that a leg debits, and the limit that the leg counts on, are left as they may be with
   * all legs of the payment together: what a chain brings in counts against what it takes out.
   */
  #mayDebit(leg: QueueLeg, { legs, priority }: QueuedPayment): boolean {
    const name = nameOf(leg.debtor, leg.currency);
    const limit = this.#limitOf(leg.debtor, leg.currency, leg.creditor);
    let taken = 0n;
    let counted = 0n;
    for (const other of legs) {
      if (other.currency !== leg.currency) continue;
      const sign = other.debtor === leg.debtor ? 1n : other.creditor === leg.debtor ? -1n : 0n;
      if (sign === 0n) continue;
      taken += sign * other.amount;
      const counterparty = sign > 0n ? other.creditor : other.debtor;
      if (this.#limitOf(leg.debtor, leg.currency, counterparty) === limit)
        counted += sign * other.amount;
    }
    const { liquid, reserved } = this.#at(name);
    let needed = taken;
    for (let higher = 0; higher < priority; higher += 1) needed += reserved[higher as 0 | 1];
    if (taken > 0n && liquid < needed) {
      this.#onMissing(name, needed - liquid);
      return false;
    }
    return limit === undefined || counted <= 0n || limit.position + counted <= limit.limit.limit;
  }

  #canSettle(payment: QueuedPayment, scanned: AccountName): boolean {
    const own = payment.legs.filter((leg) => nameOf(leg.debtor, leg.currency) === scanned);
    const others = payment.legs.filter((leg) => !own.includes(leg));
    return (
      [...own, ...others].every((leg) => this.#mayDebit(leg, payment)) &&
      others.every((leg) => this.#isNext(payment, this.#debit(leg)))
    );
  }

  #limitOf(owner: number, currency: number, other: number) {
    return (
      this.#limits.get(`${owner}/${currency}/${other}`) ??
      this.#limits.get(`${owner}/${currency}/all`)
    );
  }

  #settle(payment: QueuedPayment, scanned: AccountName): void {
    const heads: AccountName[] = [];
    for (const leg of payment.legs) {
      const name = nameOf(leg.debtor, leg.currency);
      const standing = this.#at(name);
      if (name !== scanned && standing.queue[0] === payment) heads.push(name);
      standing.queue = standing.queue.filter((p) => p !== payment);
    }
    for (const leg of payment.legs) {
      this.#book(leg, payment.priority, payment.isHeld === true);
      this.push(nameOf(leg.creditor, leg.currency));
    }
    for (const name of heads) this.push(name);
    this.settled.add(payment);
  }

  /** What is set aside reaches its creditor later. */
  #book(leg: QueueLeg, priority: number, isSetAside: boolean): void {
    const debit = this.#debit(leg);
    debit.liquid -= leg.amount;
    if (priority < NORMAL) {
      const left = debit.reserved[priority as 0 | 1] - leg.amount;
      debit.reserved[priority as 0 | 1] = left > 0n ? left : 0n;
    }
    if (!isSetAside) this.#at(nameOf(leg.creditor, leg.currency)).liquid += leg.amount;
    const out = this.#limitOf(leg.debtor, leg.currency, leg.creditor);
    const back = this.#limitOf(leg.creditor, leg.currency, leg.debtor);
    if (out !== undefined) out.position += leg.amount;
    if (back !== undefined && !isSetAside) back.position -= leg.amount;
  }
}
