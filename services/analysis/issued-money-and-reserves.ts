import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { isReturnType } from '../protocol/messages/message-types.ts';
import { currencyOf, type DirectoryNames } from '../protocol/names/handles-to-names.ts';
import { eachBooking } from './event-bookings.ts';
import { type AccountKey, accountKey, Ledger } from './ledger.ts';

/** Of a currency with an issuer: what all others have of it, minor units. */
export interface Supply {
  readonly currency: number;
  readonly issuer: number;
  /** When its issuer was appointed. */
  readonly opening: bigint;
  /** By legs out of the issuer's own account and by records, since then; and back. */
  issued: bigint;
  redeemed: bigint;
  /** By the balances that events state, and the least and the most of it. */
  held: bigint;
  least: bigint;
  most: bigint;
  /** Records that moved any of it: after each the two counts were compared. */
  records: number;
  /** What the issuer has of the currency that backs it; null: nothing does. */
  readonly reserves: Reserves | null;
  /** Of deposits: who takes part in the system through the issuer. */
  readonly customers: DepositHolders;
}

/** Those who have deposits at a bank, and what it pays for them. */
export interface DepositHolders {
  number: number;
  /** Payments of theirs that settled: legs that redeem their deposits. Returns are none. */
  payments: number;
  /** The same by the date of the reserves that opened last, from the first on; minor units. */
  readonly sentByDate: bigint[];
  /** The most by which what the bank owes them exceeded its reserves. */
  exposure: bigint;
}

export interface Reserves {
  readonly currency: number;
  readonly opening: bigint;
  held: bigint;
  least: bigint;
  /** Reserves and supply where the first were least in proportion; null: there was no supply. */
  scarcest: { readonly reserves: bigint; readonly supply: bigint } | null;
}

/**
 * Both layers of money of one pool, from its events alone: of each currency with an issuer what is issued and redeemed, by
 * movements, and what others have, by balances.
 */
export class SupplyBook {
  readonly supplies: Supply[] = [];
  /** Records after which the two counts differ, in words. */
  readonly disagreements: string[] = [];
  readonly #directory: DirectoryNames;
  /** By code: of deposits the currency of the reserves. */
  readonly #backing: ReadonlyMap<string, string>;
  readonly #ledger = new Ledger();
  readonly #balances = new Map<AccountKey, bigint>();
  readonly #by = new Map<number, Supply>();
  readonly #moved = new Set<Supply>();
  /** Whether any balance has, also of reserves that nobody issues. */
  #hasMoved = false;
  #position = 0;

  constructor(directory: DirectoryNames, backing: ReadonlyMap<string, string>) {
    this.#directory = directory;
    this.#backing = backing;
  }

  take(event: SettlementEvent): void {
    if (event.position !== this.#position) this.end();
    this.#position = event.position;
    if (event.kind === 'issuerSet') this.#appoint(event);
    this.#customers(event);
    for (const { participant, currency, balance } of this.#ledger.take(event)) {
      const key = accountKey(participant, currency);
      const change = balance - (this.#balances.get(key) ?? 0n);
      this.#balances.set(key, balance);
      if (change === 0n) continue;
      this.#hasMoved = true;
      const supply = this.#by.get(currency);
      if (!supply) continue;
      if (participant !== supply.issuer) supply.held += change;
      this.#moved.add(supply);
    }
    eachBooking(event, (participant, currency, amount, kind) => {
      const supply = this.#by.get(currency);
      if (!supply) return;
      const isRecord = kind === 'issue' || kind === 'redemption';
      const isIssuers = participant === supply.issuer;
      if (isRecord === isIssuers) return;
      const out = isRecord ? amount : -amount;
      if (out > 0n) supply.issued += out;
      else supply.redeemed -= out;
    });
  }

  /** After the last event of a record. */
  end(): void {
    if (!this.#hasMoved) return;
    this.#hasMoved = false;
    for (const supply of this.#moved) this.#close(supply);
    this.#moved.clear();
    for (const supply of this.supplies) this.#closeReserves(supply);
  }

  #customers(event: SettlementEvent): void {
    if (event.kind === 'opened')
      for (const { reserves, customers } of this.supplies)
        if (reserves?.currency === event.currency) customers.sentByDate.push(0n);
    if (event.kind !== 'settled' || isReturnType(event.messageType)) return;
    const supply = this.#by.get(event.currency1);
    if (!supply?.reserves || event.debtorAgent === supply.issuer) return;
    const { customers } = supply;
    customers.payments += 1;
    const last = Math.max(0, customers.sentByDate.length - 1);
    customers.sentByDate[last] = (customers.sentByDate[last] ?? 0n) + event.amount1;
  }

  #appoint({ participant: issuer, currency }: EventOf<'issuerSet'>): void {
    let [opening, number] = [0n, 0];
    for (const account of this.#ledger.accounts()) {
      if (account.currency !== currency || account.participant === issuer) continue;
      opening += account.balance;
      number += 1;
    }
    const supply: Supply = {
      ...{ currency, issuer, opening, issued: 0n, redeemed: 0n, records: 0 },
      ...{ held: opening, least: opening, most: opening },
      reserves: this.#reservesOf(issuer, currency),
      customers: { number, payments: 0, sentByDate: [], exposure: 0n },
    };
    const before = this.supplies.findIndex((one) => one.currency === currency);
    if (before >= 0) this.supplies.splice(before, 1);
    this.supplies.push(supply);
    this.#by.set(currency, supply);
    this.#closeReserves(supply);
  }

  #reservesOf(issuer: number, of: number): Reserves | null {
    const code = this.#backing.get(currencyOf(this.#directory, of));
    const currency = this.#directory.currencies.findIndex((one) => one.currency === code);
    if (currency < 0) return null;
    const opening = this.#balances.get(accountKey(issuer, currency)) ?? 0n;
    return { currency, opening, held: opening, least: opening, scarcest: null };
  }

  #close(supply: Supply): void {
    const { held, opening, issued, redeemed, currency } = supply;
    supply.records += 1;
    if (held < supply.least) supply.least = held;
    if (held > supply.most) supply.most = held;
    if (held !== opening + issued - redeemed)
      this.disagreements.push(
        `${currencyOf(this.#directory, currency)} after record ${this.#position}: ${held} held, ${opening + issued - redeemed} issued`,
      );
  }

  #closeReserves({ reserves, issuer, held: supply, customers }: Supply): void {
    if (!reserves) return;
    reserves.held = this.#balances.get(accountKey(issuer, reserves.currency)) ?? 0n;
    if (reserves.held < reserves.least) reserves.least = reserves.held;
    if (supply - reserves.held > customers.exposure) customers.exposure = supply - reserves.held;
    const { scarcest } = reserves;
    if (supply > 0n && (!scarcest || reserves.held * scarcest.supply < scarcest.reserves * supply))
      reserves.scarcest = { reserves: reserves.held, supply };
  }
}
