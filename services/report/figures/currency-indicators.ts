/**
 * The indicators of a currency, computed from the rows of its payments, and from what books of accounts and queues say.
 * docs/indicators.md defines each; turnover and usage of liquidity: liquidity-turnover.ts.
 */
import type { AccountDay } from '../../analysis/account-days.ts';
import type { CoverHour } from '../../analysis/cover-book.ts';
import { ExactSum } from '../../analysis/exact-sum.ts';
import { NONE32 } from '../../core/settlement/records.ts';
import { PRIORITIES } from '../../protocol/messages/priorities.ts';
import { bicOf } from '../../protocol/names/handles-to-names.ts';
import type { ScenarioCurrency } from '../../scenario/scenario.ts';
import { AscendingWaits } from './ascending-waits.ts';
import { SharedValue, type SharesBy } from './concentration.ts';
import { type CoverAtHour, type CoverFigures, coverFigures } from './cover.ts';
import { DayFlows, type IntradayLiquidity, intradayLiquidity } from './intraday-liquidity.ts';
import {
  type AccountBounds,
  addFlow,
  type FlowFigures,
  Flows,
  flowFigures,
  isValid,
} from './liquidity-bounds.ts';
import { type PaymentTable, STATUS } from './payment-table.ts';
import { type Percentiles, percentiles } from './percentiles.ts';
import type { QueuePeak, Standstill } from './queues-and-standstills.ts';
import { dateSettledAt, SettledValue, type ThroughputFigures } from './throughput.ts';
import { type CloseFigures, UnsettledAtCloses } from './unsettled-at-close.ts';

/** Payments and value. */
interface Tally {
  readonly payments: number;
  readonly valueMinor: bigint;
}

const URGENT = PRIORITIES.indexOf('urgent');

interface AccountIndicators extends AccountBounds {
  readonly participant: string;
  /** Of the valid payments at least so much stays unsettled if it sends nothing all run long. */
  readonly leastUnsettledMinor: bigint;
}

export interface CurrencyIndicators {
  readonly currency: string;
  /** All valid payments' flows, and those of what settled. */
  readonly valid: FlowFigures;
  readonly settled: FlowFigures;
  /** Of the valid flows, by account. */
  readonly accounts: readonly AccountIndicators[];
  /** Of what settled; `concentration.ts`. */
  readonly shares: SharesBy;
  readonly sharesByDate: readonly (SharesBy & { readonly date: string })[];
  readonly throughput: ThroughputFigures;
  readonly queuePeak: QueuePeak;
  /** From when it was taken in, of queued payments that settled; null where none did. */
  readonly timeInQueue: Percentiles;
  readonly settledByMechanism: Readonly<Record<string, Tally>>;
  /** By close; see unsettled-at-close.ts. */
  readonly unsettledAtCloses: readonly CloseFigures[];
  /** At full hours; `cover.ts`. */
  readonly defaultCover: CoverFigures['defaultCover'];
  readonly defaultCoverByHour: readonly CoverAtHour[];
  /** By account and month. */
  readonly intraday: readonly IntradayLiquidity[];
}

/** What books of accounts and queues say. */
export interface AccountsAndQueues {
  /** Of the accounts of a currency. */
  readonly days: (currency: ScenarioCurrency) => readonly AccountDay[];
  /** By participant what its account had in all: opening, the most issued less redeemed, and the most credit; minor units. */
  readonly available: (currency: ScenarioCurrency) => ReadonlyMap<number, bigint>;
  /** Of its pool. */
  readonly shortfalls: (currency: ScenarioCurrency) => readonly CoverHour[];
  readonly queuePeak: (currency: ScenarioCurrency) => QueuePeak;
  readonly gridlocks: readonly Standstill[];
  readonly deadlocks: readonly Standstill[];
  readonly gridlocksLeft: readonly Standstill[];
}

export type CompleteWith<Figures> = (books: AccountsAndQueues) => Figures;

/** What the payments of a currency come to, row by row. */
export class PaymentsOfCurrency {
  readonly #payments: PaymentTable;
  readonly #currency: ScenarioCurrency;
  readonly #businessDates: readonly string[];
  readonly #validFlows = new Flows();
  readonly #settledFlows = new Flows();
  readonly #shared: SharedValue;
  readonly #dayFlows: DayFlows;
  readonly #settledValue: SettledValue;
  readonly #timeInQueue: TimeInQueue;
  readonly #mechanisms: SettledByMechanism;
  readonly #atCloses: UnsettledAtCloses;

  constructor(
    payments: PaymentTable,
    currency: ScenarioCurrency,
    businessDates: readonly string[],
  ) {
    this.#payments = payments;
    this.#currency = currency;
    this.#businessDates = businessDates;
    this.#shared = new SharedValue(payments);
    this.#dayFlows = new DayFlows(payments, currency.hours);
    this.#settledValue = new SettledValue(payments, businessDates);
    this.#timeInQueue = new TimeInQueue(payments);
    this.#mechanisms = new SettledByMechanism(payments);
    this.#atCloses = new UnsettledAtCloses(payments, currency);
  }

  /** @param order that of `inFlowOrder` */
  takeAll(order: Uint32Array | null): void {
    const { length, of } = this.#payments;
    const { currencies, currencies2, dealers } = of;
    const own = this.#payments.currency(this.#currency.code);
    for (let at = 0; at < length; at++) {
      const row = order === null ? at : (order[at] as number);
      if (currencies[row] === own) this.#take(row, true);
      else if (currencies2[row] === own && dealers[row] !== NONE32) this.#take(row, false);
    }
  }

  /** @param isDebited false: it debits another currency, and credits this one through a dealer */
  #take(row: number, isDebited: boolean): void {
    const payments = this.#payments;
    const { statuses, finalMs, priorities } = payments.of;
    const isSettled = statuses[row] === STATUS.settled;
    const date = isSettled ? dateSettledAt(this.#currency.hours, finalMs[row] as number) : null;
    if (isValid(payments, row)) {
      addFlow(this.#validFlows, payments, row, isDebited);
      this.#shared.take(row, date, isDebited);
      if (isDebited && priorities[row] === URGENT) this.#dayFlows.urgent(row);
    }
    // A leg that found no mirror is not valid: an observation says of some that they settled.
    if (isSettled) addFlow(this.#settledFlows, payments, row, isDebited);
    if (date !== null) this.#dayFlows.settled(row, date, isDebited);
    if (!isDebited) return;
    this.#atCloses.take(row);
    if (!isSettled) return;
    if (date !== null) this.#settledValue.take(row, date);
    this.#timeInQueue.take(row);
    this.#mechanisms.take(row);
  }

  /** What payments alone say is computed at once: another thread may fold the other books still. */
  figures(): CompleteWith<CurrencyIndicators> {
    const currency = this.#currency;
    const { code } = currency;
    const { directory } = this.#payments;
    const handle = this.#payments.currency(code) as number;
    const bounds = this.#validFlows.bounds();
    const { leastUnsettled, ...shares } = this.#shared.figures(this.#businessDates, bounds);
    const valid = flowFigures(bounds, this.#validFlows.legs);
    const settled = flowFigures(this.#settledFlows.bounds(), this.#settledFlows.legs);
    const throughput = this.#settledValue.figures(currency);
    const timeInQueue = this.#timeInQueue.figures();
    const settledByMechanism = this.#mechanisms.figures();
    const unsettledAtCloses = this.#atCloses.figures();
    const [dayFlows, businessDates] = [this.#dayFlows, this.#businessDates];
    return ({ days, available, shortfalls, queuePeak }) => {
      const least = leastUnsettled(available(currency));
      return {
        currency: code,
        ...{ valid, settled },
        accounts: [...bounds].map(([participant, ofAccount]) => ({
          participant: bicOf(directory, participant),
          ...ofAccount,
          leastUnsettledMinor: least.get(participant) as bigint,
        })),
        ...shares,
        ...coverFigures(shortfalls(currency), handle, directory),
        ...{ throughput, queuePeak: queuePeak(currency), timeInQueue, settledByMechanism },
        unsettledAtCloses,
        intraday: intradayLiquidity(days(currency), dayFlows, directory, businessDates),
      };
    };
  }
}

/** Of payments that settled. Of a matched pair the first leg counts, also where a close carried both over. */
class TimeInQueue {
  readonly #payments: PaymentTable;
  readonly #waits = new AscendingWaits();

  constructor(payments: PaymentTable) {
    this.#payments = payments;
  }

  take(row: number): void {
    const payments = this.#payments;
    if (!Number.isNaN(payments.of.queuedMs[row]) && payments.isCounted(row))
      this.#waits.add(payments.waitMs(row));
  }

  figures(): Percentiles {
    return percentiles(this.#waits.ascending());
  }
}

interface MechanismTally {
  firstRow: number;
  payments: number;
  readonly value: ExactSum;
}

/** Of payments that settled. Of a matched pair the first leg counts, the value of each in its own currency. */
class SettledByMechanism {
  readonly #payments: PaymentTable;
  readonly #tallies = new Map<number, MechanismTally>();
  /** That of the one before: most have the same. */
  #mechanism = -1;
  #tally: MechanismTally = { firstRow: -1, payments: 0, value: new ExactSum() };

  constructor(payments: PaymentTable) {
    this.#payments = payments;
  }

  take(row: number): void {
    const payments = this.#payments;
    const mechanism = payments.of.mechanisms[row] as number;
    if (mechanism !== this.#mechanism) this.#turnTo(mechanism, row);
    const tally = this.#tally;
    // A leg that waited for its mirror comes after what came behind it.
    if (row < tally.firstRow) tally.firstRow = row;
    if (payments.isCounted(row)) tally.payments += 1;
    tally.value.addFrom(payments.words, row);
  }

  #turnTo(mechanism: number, row: number): void {
    this.#mechanism = mechanism;
    this.#tally = this.#tallies.get(mechanism) ?? {
      ...{ firstRow: row, payments: 0, value: new ExactSum() },
    };
    this.#tallies.set(mechanism, this.#tally);
  }

  /** In the order in which their first payments came. */
  figures(): Record<string, Tally> {
    const tallies = [...this.#tallies].sort(([, a], [, b]) => a.firstRow - b.firstRow);
    return Object.fromEntries(
      tallies.map(([mechanism, { payments, value }]) => [
        this.#payments.mechanism(mechanism),
        { payments, valueMinor: value.value },
      ]),
    );
  }
}
