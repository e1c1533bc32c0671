import { PRIORITIES } from '../../../protocol/messages/priorities.ts';
import type { CertifiedPayment, CertifiedShortage } from '../certificate-format.ts';
import type { CertifiedSet, ProposalCertificate } from '../proposal-certificate.ts';
import { placeOf } from './book-shortfalls.ts';

/** Part of the proposal certificate's checker: accounts, limits and queues as one set after the other settles. */

const BPS = 10_000n;

interface Account {
  readonly participant: string;
  readonly currency: string;
  /** Its place among all. */
  readonly order: number;
  balance: bigint;
  readonly floor: bigint;
  /** For the urgent and for the high class. */
  readonly reserved: [bigint, bigint];
}

interface Limit {
  readonly counterparty: string | null;
  readonly limit: bigint;
  position: bigint;
}

/** What a set moves at an account. */
interface Movement {
  readonly account: Account;
  net: bigint;
  /** Out of each class, and how many payments. */
  readonly out: [bigint, bigint, bigint];
  readonly count: [number, number, number];
}

interface Moved {
  readonly accounts: ReadonlyMap<string, Movement>;
  /** Out less in. */
  readonly limits: ReadonlyMap<Limit, bigint>;
}

const rest = (whole: bigint, part: bigint): bigint => (whole > part ? whole - part : 0n);

export class ProposedBooks {
  readonly #certificate: ProposalCertificate;
  readonly #accounts = new Map<string, Account>();
  readonly #limits = new Map<string, Limit>();
  readonly #queued: Map<number, CertifiedPayment>;

  constructor(certificate: ProposalCertificate) {
    this.#certificate = certificate;
    for (const [order, a] of certificate.accounts.entries())
      this.#accounts.set(placeOf(a.participant, a.currency), {
        ...{ participant: a.participant, currency: a.currency, order },
        ...{ balance: BigInt(a.balance), floor: -BigInt(a.creditLine) },
        reserved: [BigInt(a.reservedUrgent), BigInt(a.reservedHigh)],
      });
    for (const { participant, currency, counterparty, limit, position } of certificate.limits)
      this.#limits.set(`${placeOf(participant, currency)} ${counterparty ?? '*'}`, {
        ...{ counterparty, limit: BigInt(limit), position: BigInt(position) },
      });
    this.#queued = new Map(certificate.payments.map((p) => [p.position, p]));
  }

  #takes(currency: string): boolean {
    return this.#certificate.currencies.includes(currency);
  }

  isAnyProposable(): boolean {
    return [...this.#queued.values()].some(({ legs }) => legs.some((l) => this.#takes(l.currency)));
  }

  /** Why the set cannot settle; null: it can. */
  judge(positions: readonly number[]): CertifiedSet['refused'] {
    const seen = new Set<number>();
    for (const position of positions) {
      const payment = this.#queued.get(position);
      if (payment === undefined || payment.isHeld === true || seen.has(position))
        return { kind: 'notQueued', payment: position };
      const elsewhere = payment.legs.find((leg) => !this.#takes(leg.currency));
      if (elsewhere) return { kind: 'elsewhere', payment: position, currency: elsewhere.currency };
      seen.add(position);
    }
    const moved = this.#moved(positions);
    const movements = [...moved.accounts.values()].sort(
      (a, b) => a.account.order - b.account.order,
    );
    for (const movement of movements) {
      const shortage = shortBy(movement) ?? this.#exceeded(movement.account, moved);
      if (shortage) return { kind: 'short', shortage };
    }
    const across = this.#shortAcross(moved);
    return across && { kind: 'short', shortage: across };
  }

  #limitOf(owner: string, other: string): Limit | undefined {
    return this.#limits.get(`${owner} ${other}`) ?? this.#limits.get(`${owner} *`);
  }

  #moved(positions: readonly number[]): Moved {
    const accounts = new Map<string, Movement>();
    const limits = new Map<Limit, bigint>();
    const at = (place: string): Movement => {
      const account = this.#accounts.get(place) as Account;
      const movement = accounts.get(place) ?? {
        ...{ account, net: 0n, out: [0n, 0n, 0n], count: [0, 0, 0] },
      };
      accounts.set(place, movement as Movement);
      return movement as Movement;
    };
    const count = (limit: Limit | undefined, amount: bigint): void => {
      if (limit) limits.set(limit, (limits.get(limit) ?? 0n) + amount);
    };
    for (const position of positions) {
      const { priority, legs } = this.#queued.get(position) as CertifiedPayment;
      const grade = PRIORITIES.indexOf(priority) as 0 | 1 | 2;
      for (const { debtor, creditor, currency, amount: text } of legs) {
        const amount = BigInt(text);
        const from = at(placeOf(debtor, currency));
        from.net -= amount;
        from.out[grade] += amount;
        from.count[grade] += 1;
        at(placeOf(creditor, currency)).net += amount;
        count(this.#limitOf(placeOf(debtor, currency), creditor), amount);
        count(this.#limitOf(placeOf(creditor, currency), debtor), -amount);
      }
    }
    return { accounts, limits };
  }

  /** The first bilateral limit by its counterparty's registration, else the multilateral one. */
  #exceeded(account: Account, { limits }: Moved): CertifiedShortage | null {
    const { participant, currency } = account;
    const order = (counterparty: string | null): number =>
      counterparty === null
        ? Number.POSITIVE_INFINITY
        : (this.#accounts.get(placeOf(counterparty, currency))?.order ?? 0);
    const own = [...limits].filter(
      ([limit]) =>
        this.#limits.get(`${placeOf(participant, currency)} ${limit.counterparty ?? '*'}`) ===
        limit,
    );
    const over = own
      .map(([{ counterparty, limit, position }, moved]) => {
        const amount = position + moved - limit;
        return { counterparty, amount: moved > 0n && amount > 0n ? amount : 0n };
      })
      .filter(({ amount }) => amount > 0n)
      .sort((a, b) => (order(a.counterparty) < order(b.counterparty) ? -1 : 1))[0];
    if (over === undefined) return null;
    const by = over.counterparty === null ? 'multilateralLimit' : 'bilateralLimit';
    const { counterparty, amount } = over;
    return { by, participant, currency, counterparty, amount: String(amount) };
  }

  /** The first participant by registration whose limits across currencies the set breaks. */
  #shortAcross({ accounts }: Moved): CertifiedShortage | null {
    const touched = new Set([...accounts.values()].map(({ account }) => account.participant));
    const { crossLimits, valuations } = this.#certificate;
    for (const limit of crossLimits) {
      const { participant, currency, aggregateShort, pooledCollateral } = limit;
      if (!touched.has(participant)) continue;
      const before = this.#standing(participant, null);
      const after = this.#standing(participant, accounts);
      const unit = BigInt(valuations.find((v) => v.currency === currency)?.weight ?? 0);
      const told = { participant, currency, counterparty: null };
      const owed = after.owed - unit * BigInt(aggregateShort ?? 0);
      if (aggregateShort !== null && owed > 0n && after.owed > before.owed)
        return { by: 'aggregateShortLimit', ...told, amount: inUnits(owed, unit) };
      const lacking = -after.worth - BPS * unit * BigInt(pooledCollateral ?? 0);
      if (pooledCollateral !== null && lacking > 0n && after.worth < before.worth)
        return { by: 'pooledCollateral', ...told, amount: inUnits(lacking, BPS * unit) };
    }
    return null;
  }

  /** What a participant owes and is worth, with what a set moves or without. */
  #standing(participant: string, moved: Moved['accounts'] | null) {
    let [owed, worth] = [0n, 0n];
    for (const [place, account] of this.#accounts) {
      if (account.participant !== participant) continue;
      const found = this.#certificate.valuations.find((v) => v.currency === account.currency);
      const haircut = BigInt(found?.haircutBps ?? 0);
      const net = moved?.get(place)?.net ?? 0n;
      const value = BigInt(found?.weight ?? 0) * (account.balance + net);
      if (value < 0n) owed -= value;
      worth += value * (value < 0n ? BPS + haircut : BPS - haircut);
    }
    return { owed, worth };
  }

  /** Books a set that can settle; what it leaves on the accounts that it touches. */
  settle(positions: readonly number[]): CertifiedSet['balances'] {
    const { accounts, limits } = this.#moved(positions);
    for (const position of positions) this.#queued.delete(position);
    for (const [limit, moved] of limits) limit.position += moved;
    const movements = [...accounts.values()].sort((a, b) => a.account.order - b.account.order);
    return movements.map(({ account, net, out }) => {
      account.balance += net;
      account.reserved[0] = rest(account.reserved[0], out[0]);
      account.reserved[1] = rest(account.reserved[1], out[1]);
      const { participant, currency, balance } = account;
      return { participant, currency, balance: String(balance) };
    });
  }
}

const inUnits = (value: bigint, unit: bigint): string =>
  String(unit === 0n ? value : (value + unit - 1n) / unit);

/** What an account that pays more than it receives is short of, counted to its threshold. */
function shortBy({ account, net, out, count }: Movement): CertifiedShortage | null {
  const { participant, currency, balance, floor, reserved } = account;
  let threshold = floor;
  if (count[1] + count[2] > 0) threshold += rest(reserved[0], out[0]);
  if (count[2] > 0) threshold += rest(reserved[1], out[1]);
  const amount = threshold - balance - net;
  if (net >= 0n || amount <= 0n) return null;
  return { by: 'balance', participant, currency, counterparty: null, amount: String(amount) };
}
