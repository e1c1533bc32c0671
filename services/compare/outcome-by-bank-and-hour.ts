/** What came of the payments of each bank in each currency, hour by hour (UTC). */
import { ratio } from '../report/figures/ratio-rounding.ts';
import type { HourFigures } from './comparison-json.ts';
import { compareLeaves, type Leaf } from './figure-differences.ts';
import { drawnIn, hourOf } from './hourly-liquidity.ts';
import type { CsvPayment } from './payments-csv-reader.ts';
import { type AccountFacts, accountName } from './replayed-accounts.ts';

interface Tally {
  submitted: number;
  settled: number;
  valueMinor: bigint;
  delayMs: number;
  /** Value x delay. */
  weightedMs: bigint;
}

/** Counts the payments of one run; each leg of a trade counts with the bank that delivers it. */
export class HourTallies {
  readonly #facts: AccountFacts;
  readonly #accounts = new Map<string, Map<number, Tally>>();

  constructor(facts: AccountFacts) {
    this.#facts = facts;
  }

  /** Submitted in one hour; settled, with its delay, perhaps in another. */
  take(payment: CsvPayment): void {
    const { debtorAgent, currency, status, amountMinor, submittedAtMs, finalAtMs } = payment;
    const name = accountName(debtorAgent, currency);
    const hours = this.#accounts.get(name) ?? new Map<number, Tally>();
    this.#accounts.set(name, hours);
    this.#at(hours, submittedAtMs).submitted += 1;
    if (status !== 'settled' || finalAtMs === null) return;
    const tally = this.#at(hours, finalAtMs);
    const delayMs = finalAtMs - submittedAtMs;
    tally.settled += 1;
    tally.valueMinor += amountMinor;
    tally.delayMs += delayMs;
    tally.weightedMs += amountMinor * BigInt(delayMs);
  }

  #at(hours: Map<number, Tally>, ms: number): Tally {
    const hourMs = hourOf(ms);
    const tally = hours.get(hourMs) ?? {
      ...{ submitted: 0, settled: 0, valueMinor: 0n, delayMs: 0, weightedMs: 0n },
    };
    hours.set(hourMs, tally);
    return tally;
  }

  /** By account, the hours in which something was submitted or settled. */
  get accounts(): ReadonlyMap<string, ReadonlyMap<number, unknown>> {
    return this.#accounts;
  }

  leaves(account: string, hourMs: number): Leaf[] {
    const { submitted, settled, valueMinor, delayMs, weightedMs } = this.#accounts
      .get(account)
      ?.get(hourMs) ?? { submitted: 0, settled: 0, valueMinor: 0n, delayMs: 0, weightedMs: 0n };
    const drawn = drawnIn(this.#facts.drawnByHour.get(account) ?? [], hourMs);
    const none = settled === 0;
    return [
      { path: 'submitted', value: submitted },
      { path: 'settled', value: settled },
      { path: 'settledValueMinor', value: String(valueMinor) },
      { path: 'meanDelayMs', value: none ? null : ratio(BigInt(delayMs), BigInt(settled)) },
      { path: 'weightedDelayMs', value: none ? null : ratio(weightedMs, valueMinor) },
      { path: 'liquidityUsedMinor', value: String(drawn) },
    ];
  }
}

/** By bank, then by currency and hour: hours in which a run has something of it. */
export function compareHours(books: readonly HourTallies[]): HourFigures[] {
  const accounts = new Map<string, Set<number>>();
  for (const book of books)
    for (const [account, hours] of book.accounts) {
      const all = accounts.get(account) ?? new Set();
      accounts.set(account, all);
      for (const hourMs of hours.keys()) all.add(hourMs);
    }
  return [...accounts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([account, hours]) => {
      const [participant = '', currency = ''] = account.split(' ');
      return [...hours]
        .sort((a, b) => a - b)
        .map((hourMs) => ({
          ...{ participant, currency, hourMs },
          figures: compareLeaves(
            books.map((book) => book.leaves(account, hourMs)),
            () => currency,
          ),
        }));
    });
}
