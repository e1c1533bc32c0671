/** What came of the payments of each bank in each currency. */
import { shareOf } from '../report/figures/corridor-figures.ts';
import { DelaySums, delayUntil } from '../report/figures/delay-indicators.ts';
import type { AccountFigures } from './comparison-json.ts';
import { compareLeaves, type Leaf } from './figure-differences.ts';
import type { CsvPayment } from './payments-csv-reader.ts';
import { type AccountFacts, accountName } from './replayed-accounts.ts';

interface Tally {
  submitted: number;
  settled: number;
  rejected: number;
  cancelled: number;
  settledValueMinor: bigint;
  readonly delay: DelaySums;
}

/** Counts the payments of one run; each leg of a trade counts with the bank that delivers it. */
export class BankTallies {
  readonly #facts: AccountFacts;
  readonly #tallies = new Map<string, Tally>();

  constructor(facts: AccountFacts) {
    this.#facts = facts;
  }

  take(payment: CsvPayment): void {
    const name = accountName(payment.debtorAgent, payment.currency);
    const tally = this.#tallies.get(name) ?? {
      ...{ submitted: 0, settled: 0, rejected: 0, cancelled: 0 },
      ...{ settledValueMinor: 0n, delay: new DelaySums() },
    };
    this.#tallies.set(name, tally);
    const { status, amountMinor } = payment;
    tally.submitted += 1;
    if (status === 'rejected') {
      tally.rejected += 1;
      return;
    }
    const hours = this.#facts.openHours.get(payment.currency);
    if (hours !== undefined)
      tally.delay.add({ valueMinor: amountMinor, ...delayUntil(payment, hours) });
    if (status === 'cancelled') tally.cancelled += 1;
    if (status !== 'settled') return;
    tally.settled += 1;
    tally.settledValueMinor += amountMinor;
  }

  get accounts(): string[] {
    return [...new Set([...this.#facts.drawnMinor.keys(), ...this.#tallies.keys()])];
  }

  leaves(account: string): Leaf[] {
    const drawn = this.#facts.drawnMinor.get(account);
    const tally = this.#tallies.get(account);
    const { submitted = 0, settled = 0, rejected = 0, cancelled = 0 } = tally ?? {};
    const settledShare = shareOf(settled, submitted);
    return [
      { path: 'submitted', value: submitted },
      { path: 'settled', value: settled },
      { path: 'settledOfSubmitted', value: settledShare },
      { path: 'rejected', value: rejected },
      { path: 'cancelled', value: cancelled },
      { path: 'open', value: submitted - settled - rejected - cancelled },
      { path: 'settledValueMinor', value: String(tally?.settledValueMinor ?? 0n) },
      {
        path: 'settlementDelayIndicator',
        value: tally?.delay.indicator ?? null,
        settledShare,
      },
      { path: 'valueWeightedDelayMs', value: tally?.delay.weightedMs ?? null, settledShare },
      { path: 'liquidityUsedMinor', value: drawn === undefined ? null : String(drawn) },
    ];
  }
}

/** By bank, then by currency. */
export function compareBanks(books: readonly BankTallies[]): AccountFigures[] {
  const accounts = new Set(books.flatMap((book) => book.accounts));
  return [...accounts].sort().map((account) => {
    const [participant = '', currency = ''] = account.split(' ');
    const figures = compareLeaves(
      books.map((book) => book.leaves(account)),
      () => currency,
    );
    return { participant, currency, figures };
  });
}
