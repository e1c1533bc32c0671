/**
 * What each corridor achieved. Those across a border, which the G20's targets are about: cross-border.ts.
 * A corridor is the currency debited and the currency credited; trades between two banks (PvP, DvP)
 * are corridors of their own kind, from what the first leg delivers to what it receives.
 */

import { ExactSum } from '../../analysis/exact-sum.ts';
import { NO_CURRENCY } from '../../core/settlement/events.ts';
import { REASONS, type Reason, reasonNumber } from '../../core/settlement/reasons.ts';
import { bicOf, currencyOf } from '../../protocol/names/handles-to-names.ts';
import { Exact } from '../../protocol/names/minor-units.ts';
import { referenceRate } from '../../scenario/rates-and-rounding.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { AscendingWaits } from './ascending-waits.ts';
import { isWithinHour, withinBusinessDay } from './g20-targets.ts';
import { isWithdrawn } from './liquidity-bounds.ts';
import { type PaymentStatus, type PaymentTable, STATUS, STATUSES } from './payment-table.ts';
import { type Percentiles, percentiles } from './percentiles.ts';
import { ratio } from './ratio-rounding.ts';

/** Percentiles are of the time to finality of what settled. */
export interface CorridorFigures extends Percentiles {
  readonly kind: 'payments' | 'trades';
  readonly currency: string;
  readonly currency2: string;
  readonly submitted: number;
  readonly settled: number;
  readonly rejected: number;
  readonly cancelled: number;
  /** Neither settled nor ended when the run ended. */
  readonly open: number;
  /** Of what settled; of trades the two legs. */
  readonly debitedMinor: bigint;
  readonly creditedMinor: bigint;
  readonly speed: SpeedFigures;
  readonly cost: CostFigures | null;
  /** Payments refused for their rate: the dealer had no such quote, or not enough of it. */
  readonly refusedForRate: number;
  readonly endedBy: Readonly<Record<string, number>>;
}

/** What the G20's targets are about: g20-targets.ts. */
export interface SpeedFigures {
  /** What could be credited: neither rejected nor withdrawn by its bank. */
  readonly payments: number;
  readonly withinHour: number;
  /** By the same time of the next business date of both currencies, or 24 hours after the last. */
  readonly withinBusinessDay: number;
}

/** What of the value debited does not arrive: the dealers' margin, with the rounding. */
interface CostFigures {
  /** 1 - credited / (debited x reference rate), of what settled; null where nothing did. */
  readonly share: number | null;
  readonly byDealer: readonly DealerCost[];
}

export interface DealerCost {
  readonly dealer: string;
  readonly payments: number;
  readonly debitedMinor: bigint;
  readonly creditedMinor: bigint;
  readonly share: number;
}

export function corridorFigures(
  scenario: Scenario,
  payments: readonly PaymentTable[],
): CorridorFigures[] {
  const nameOf = ({ kind, currency, currency2 }: CorridorFigures) =>
    `${kind} ${currency} ${currency2}`;
  return payments
    .flatMap((table) => corridorsOf(scenario, table, () => 0))
    .map(({ figures }) => figures)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/**
 * A pool's corridors: no payment leaves its pool.
 * @param placeOf a whole number below 2^20 by which a corridor's payments are told apart beside their currencies;
 * -1: the payment is in none
 */
export function corridorsOf(
  scenario: Scenario,
  payments: PaymentTable,
  placeOf: (row: number) => number,
): { readonly place: number; readonly figures: CorridorFigures }[] {
  const corridors = new Map<number, { place: number; corridor: Corridor }>();
  const { currencies } = payments.of;
  for (let row = 0; row < payments.length; row++) {
    if (currencies[row] === NO_CURRENCY || !payments.isCounted(row)) continue;
    const place = placeOf(row);
    if (place < 0) continue;
    const key = place * KEYS + keyOf(payments, row);
    let known = corridors.get(key);
    if (!known) {
      known = { place, corridor: new Corridor(scenario, payments, row) };
      corridors.set(key, known);
    }
    known.corridor.count(row);
  }
  return [...corridors.values()].map(({ place, corridor }) => ({
    place,
    figures: corridor.figures(),
  }));
}

const BASE = 0x10000;
/** More than any of `keyOf`. */
const KEYS = 2 * BASE * BASE;

/** Of a leg: the leg that it met; -1: none. */
const mateOf = (payments: PaymentTable, row: number): number =>
  payments.rowAt(payments.of.pairs[row] as number);

/** What a corridor's payments have in common, as a number. */
function keyOf(payments: PaymentTable, row: number): number {
  const { currencies, currencies2 } = payments.of;
  const own = currencies[row] as number;
  if (!payments.isLeg(row)) {
    const other = currencies2[row] as number;
    return own * BASE + (other === NO_CURRENCY ? own : other);
  }
  const mate = mateOf(payments, row);
  const received = mate < 0 ? NO_CURRENCY : (currencies[mate] as number);
  // Both directions of a trade are one corridor: which bank instructs first is chance.
  return BASE * BASE + Math.min(own, received) * BASE + Math.max(own, received);
}

const REFUSED_FOR_RATE: ReadonlySet<number> = new Set(
  (['quoteMissing', 'quoteExhausted', 'amountNotAsQuoted'] as const).map(reasonNumber),
);

/** What was debited and credited. */
class Converted {
  payments = 0;
  readonly debited = new ExactSum();
  readonly credited = new ExactSum();

  add(payments: PaymentTable, row: number): void {
    this.payments += 1;
    const isOne = payments.of.currencies2[row] === NO_CURRENCY;
    this.debited.addFrom(payments.words, row);
    this.credited.addFrom(isOne ? payments.words : payments.words2, row);
  }

  get minor() {
    return { debitedMinor: this.debited.value, creditedMinor: this.credited.value };
  }
}

class Corridor {
  readonly #scenario: Scenario;
  readonly #payments: PaymentTable;
  readonly #kind: CorridorFigures['kind'];
  readonly #currency: string;
  /** '?' where a leg found no mirror to say it. */
  readonly #currency2: string;
  readonly #isWithinDay: (submittedMs: number, waitMs: number) => boolean;
  /** By number of STATUSES. */
  readonly #byStatus = new Uint32Array(STATUSES.length);
  readonly #endedBy = new Map<Reason, number>();
  readonly #speed = { payments: 0, withinHour: 0, withinBusinessDay: 0 };
  readonly #waits = new AscendingWaits();
  readonly #converted = new Converted();
  readonly #byDealer = new Map<number, Converted>();
  #refusedForRate = 0;

  /** @param row one of its payments */
  constructor(scenario: Scenario, payments: PaymentTable, row: number) {
    this.#scenario = scenario;
    this.#payments = payments;
    const { currencies, currencies2 } = payments.of;
    const code = (handle: number | undefined) => currencyOf(payments.directory, handle as number);
    const own = code(currencies[row]);
    this.#kind = payments.isLeg(row) ? 'trades' : 'payments';
    if (this.#kind === 'payments') {
      this.#currency = own;
      this.#currency2 = currencies2[row] === NO_CURRENCY ? own : code(currencies2[row]);
    } else {
      const mate = mateOf(payments, row);
      const both = mate < 0 ? [own, '?'] : [own, code(currencies[mate])].sort();
      [this.#currency, this.#currency2] = both as [string, string];
    }
    this.#isWithinDay = withinBusinessDay(scenario, this.#currency, this.#currency2);
  }

  count(row: number): void {
    const { of } = this.#payments;
    const status = of.statuses[row] as number;
    this.#byStatus[status] = (this.#byStatus[status] as number) + 1;
    // What settled has no reason.
    if (status === STATUS.settled) {
      this.#speed.payments += 1;
      this.#settled(row);
      return;
    }
    const reason = of.reasons[row] as number;
    if (REFUSED_FOR_RATE.has(reason)) this.#refusedForRate += 1;
    if (status === STATUS.rejected || status === STATUS.cancelled) {
      const name = REASONS[reason] as Reason;
      this.#endedBy.set(name, (this.#endedBy.get(name) ?? 0) + 1);
    }
    if (status !== STATUS.rejected && !isWithdrawn(this.#payments, row)) this.#speed.payments += 1;
  }

  #settled(row: number): void {
    const { of } = this.#payments;
    const waitMs = this.#payments.waitMs(row);
    this.#waits.add(waitMs);
    if (isWithinHour(waitMs)) this.#speed.withinHour += 1;
    if (this.#isWithinDay(of.submittedMs[row] as number, waitMs))
      this.#speed.withinBusinessDay += 1;
    if (this.#kind === 'trades') {
      for (const leg of [row, mateOf(this.#payments, row)]) if (leg >= 0) this.#delivered(leg);
      return;
    }
    this.#converted.add(this.#payments, row);
    // Inside one currency nothing is charged.
    if (this.#currency === this.#currency2) return;
    const dealer = of.dealers[row] as number;
    let sums = this.#byDealer.get(dealer);
    if (!sums) {
      sums = new Converted();
      this.#byDealer.set(dealer, sums);
    }
    sums.add(this.#payments, row);
  }

  /** Of trades: what was delivered in the first currency, and in the second. */
  #delivered(leg: number): void {
    const payments = this.#payments;
    const handle = payments.of.currencies[leg] as number;
    const isFirst = currencyOf(payments.directory, handle) === this.#currency;
    const { debited, credited } = this.#converted;
    (isFirst ? debited : credited).addFrom(payments.words, leg);
  }

  figures(): CorridorFigures {
    const count = (status: PaymentStatus) => this.#byStatus[STATUS[status]] as number;
    return {
      kind: this.#kind,
      currency: this.#currency,
      currency2: this.#currency2,
      submitted: this.#byStatus.reduce((sum, of) => sum + of, 0),
      settled: count('settled'),
      rejected: count('rejected'),
      cancelled: count('cancelled'),
      open: count('queued') + count('accepted'),
      ...this.#converted.minor,
      ...percentiles(this.#waits.ascending()),
      speed: this.#speed,
      cost: this.#kind === 'payments' ? this.#cost() : null,
      refusedForRate: this.#refusedForRate,
      endedBy: Object.fromEntries(
        [...this.#endedBy].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)),
      ),
    };
  }

  /** Null inside one currency, where nothing is charged, and where there is no rate to compare with. */
  #cost(): CostFigures | null {
    const share = shareLost(this.#scenario, this.#currency, this.#currency2);
    if (share === null) return null;
    const byDealer = [...this.#byDealer].map(([handle, sums]): DealerCost => {
      const { debitedMinor, creditedMinor } = sums.minor;
      return {
        dealer: bicOf(this.#payments.directory, handle),
        payments: sums.payments,
        ...{ debitedMinor, creditedMinor, share: share(debitedMinor, creditedMinor) },
      };
    });
    const all = this.#converted.minor;
    return {
      share: all.debitedMinor > 0n ? share(all.debitedMinor, all.creditedMinor) : null,
      byDealer: byDealer.sort((a, b) => (a.dealer < b.dealer ? -1 : 1)),
    };
  }
}

/** What of an amount debited is lost against the reference rate; null: there is none to compare with. */
function shareLost(
  scenario: Scenario,
  currency: string,
  currency2: string,
): ((debited: bigint, credited: bigint) => number) | null {
  const { rates } = scenario.document;
  if (currency === currency2 || !rates) return null;
  const rate = referenceRate(rates, currency, currency2);
  if (typeof rate === 'string') return null;
  const decimals = (code: string) =>
    scenario.currencies.find((one) => one.code === code)?.minorUnits ?? 0;
  const scale = new Exact(10).pow(decimals(currency2) - decimals(currency));
  return (debited, credited) =>
    Number(
      new Exact(1)
        .sub(new Exact(credited.toString()).div(rate.mul(scale).mul(debited.toString())))
        .toFixed(9),
    );
}

/** Part of a whole to nine decimals; null of nothing. */
export const shareOf = (part: number, whole: number): number | null =>
  whole === 0 ? null : ratio(BigInt(part), BigInt(whole));
