import { PRIORITIES } from '../../../protocol/messages/priorities.ts';
import type { OffsettingCertificate, QueuedSince } from '../offsetting-certificate.ts';
import { placeOf } from './book-shortfalls.ts';

/** Part of the offsetting certificate's checker: accounts, limits and queues as groups settle. */

const BPS = 10_000n;

interface Account {
  readonly participant: string;
  readonly currency: string;
  balance: bigint;
  readonly floor: bigint;
  /** For the urgent and for the high class. */
  readonly reserved: [bigint, bigint];
}

interface Limit {
  readonly limit: bigint;
  position: bigint;
}

interface Side {
  readonly account: Account;
  readonly limit: Limit | undefined;
  /** What the group moves: in less out, and out of each class. */
  net: bigint;
  readonly out: [bigint, bigint, bigint];
}

const aboveZero = (a: bigint): bigint => (a > 0n ? a : 0n);

export class OffsettingDesk {
  readonly #certificate: OffsettingCertificate;
  readonly #accounts = new Map<string, Account>();
  readonly #limits = new Map<string, Limit>();
  /** By account and class, in entry order. */
  readonly #queues = new Map<string, [QueuedSince[], QueuedSince[], QueuedSince[]]>();
  readonly #gone = new Set<QueuedSince>();

  constructor(certificate: OffsettingCertificate) {
    this.#certificate = certificate;
    for (const a of certificate.accounts)
      this.#accounts.set(placeOf(a.participant, a.currency), {
        ...{ participant: a.participant, currency: a.currency },
        ...{ balance: BigInt(a.balance), floor: -BigInt(a.creditLine) },
        reserved: [BigInt(a.reservedUrgent), BigInt(a.reservedHigh)],
      });
    for (const l of certificate.limits)
      this.#limits.set(`${placeOf(l.participant, l.currency)} ${l.counterparty ?? '*'}`, {
        ...{ limit: BigInt(l.limit), position: BigInt(l.position) },
      });
    for (const payment of certificate.payments)
      for (const { debtor, currency } of payment.legs) {
        const place = placeOf(debtor, currency);
        const queue = this.#queues.get(place) ?? [[], [], []];
        queue[PRIORITIES.indexOf(payment.priority) as 0 | 1 | 2].push(payment);
        this.#queues.set(place, queue);
      }
  }

  /** What stands in an account's queue, by class and entry. */
  *queued(place: string): Generator<QueuedSince> {
    for (const payments of this.#queues.get(place) ?? []) yield* payments;
  }

  /** Whether nothing stands before it, or under bypass FIFO only normal payments before a normal one. */
  isNext(payment: QueuedSince, bypasses: boolean): boolean {
    if (this.#gone.has(payment)) return false;
    const [leg] = payment.legs as [QueuedSince['legs'][0]];
    const [first] = this.queued(placeOf(leg.debtor, leg.currency));
    if (first === payment) return true;
    return bypasses && payment.priority === 'normal' && first?.priority === 'normal';
  }

  /** What the group moves at the account that pays its first payment, and at the one that receives it. */
  #sides(group: readonly QueuedSince[]): [Side, Side] {
    const [{ debtor, creditor, currency }] = (group[0] as QueuedSince).legs as [
      QueuedSince['legs'][0],
    ];
    const side = (who: string, other: string): Side => {
      const place = placeOf(who, currency);
      return {
        account: this.#accounts.get(place) as Account,
        limit: this.#limits.get(`${place} ${other}`) ?? this.#limits.get(`${place} *`),
        ...{ net: 0n, out: [0n, 0n, 0n] },
      };
    };
    const sides: [Side, Side] = [side(debtor, creditor), side(creditor, debtor)];
    for (const [at, { priority, legs }] of group.entries()) {
      const amount = BigInt((legs[0] as QueuedSince['legs'][0]).amount);
      const [from, to] = at === 0 ? sides : [sides[1], sides[0]];
      from.net -= amount;
      from.out[PRIORITIES.indexOf(priority) as 0 | 1 | 2] += amount;
      to.net += amount;
    }
    return sides;
  }

  canSettle(group: readonly QueuedSince[]): boolean {
    return this.#sides(group).every((side) => this.#isFunded(side) && isWithin(side));
  }

  #leave(payment: QueuedSince): void {
    const [{ debtor, currency }] = payment.legs as [QueuedSince['legs'][0]];
    const queue = this.#queues.get(placeOf(debtor, currency)) ?? [[], [], []];
    const own = queue[PRIORITIES.indexOf(payment.priority) as 0 | 1 | 2];
    own.splice(own.indexOf(payment), 1);
    this.#gone.add(payment);
  }

  /** Books a group that can settle. */
  settle(group: readonly QueuedSince[]): void {
    for (const payment of group) this.#leave(payment);
    for (const { account, limit, net, out } of this.#sides(group)) {
      account.balance += net;
      if (limit !== undefined) limit.position -= net;
      account.reserved[0] = aboveZero(account.reserved[0] - out[0]);
      account.reserved[1] = aboveZero(account.reserved[1] - out[1]);
    }
  }

  #isFunded({ account, net, out }: Side): boolean {
    if (net >= 0n) return true;
    const [urgent, high] = account.reserved;
    const lowest = out[2] > 0n ? 2 : out[1] > 0n ? 1 : 0;
    let threshold = account.floor;
    if (lowest > 0) threshold += aboveZero(urgent - out[0]);
    if (lowest > 1) threshold += aboveZero(high - out[1]);
    return account.balance + net >= threshold && this.#holdsAcross(account, net);
  }

  /** Whether the participant's limits across currencies are kept, or no worse than before. */
  #holdsAcross({ participant, currency }: Account, net: bigint): boolean {
    const { crossLimits } = this.#certificate;
    const limit = crossLimits.find((l) => l.participant === participant);
    if (limit === undefined) return true;
    const before = this.#standing(participant, currency, 0n);
    const after = this.#standing(participant, currency, net);
    const unit = this.#valuation(limit.currency).weight;
    const { aggregateShort: short, pooledCollateral: pooled } = limit;
    const owesTooMuch = short !== null && after.owed > unit * BigInt(short);
    const isWorthTooLittle = pooled !== null && after.worth < -BPS * unit * BigInt(pooled);
    if (owesTooMuch && after.owed > before.owed) return false;
    return !(isWorthTooLittle && after.worth < before.worth);
  }

  #valuation(currency: string): { weight: bigint; haircut: bigint } {
    const found = this.#certificate.valuations.find((v) => v.currency === currency);
    return { weight: BigInt(found?.weight ?? 0), haircut: BigInt(found?.haircutBps ?? 0) };
  }

  #standing(participant: string, currency: string, net: bigint): { owed: bigint; worth: bigint } {
    let [owed, worth] = [0n, 0n];
    for (const account of this.#accounts.values()) {
      if (account.participant !== participant) continue;
      const { weight, haircut } = this.#valuation(account.currency);
      const value = weight * (account.balance + (account.currency === currency ? net : 0n));
      if (value < 0n) owed -= value;
      worth += value * (value < 0n ? BPS + haircut : BPS - haircut);
    }
    return { owed, worth };
  }
}

/** Its position rises by what the account pays more than it receives. */
const isWithin = ({ limit, net }: Side): boolean =>
  limit === undefined || net >= 0n || limit.position - net <= limit.limit;
