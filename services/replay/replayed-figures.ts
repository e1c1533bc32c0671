import { AuditedAccountsBook } from '../analysis/audited-accounts-book.ts';
import { eventsOf } from '../core/settlement/event-reader.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import { DefaultBook } from '../report/figures/default-book.ts';
import { allChains, PaymentBook } from '../report/figures/payment-book.ts';
import type { PaymentTable } from '../report/figures/payment-table.ts';
import { allProposals, ProposalBook } from '../report/figures/proposal-book.ts';
import type { Indicators } from '../report/figures/run-indicators.ts';
import { type Summary, summarize } from '../report/figures/summary.ts';
import type { OpenHours } from '../scenario/scenario.ts';
import type { ReplayedEvents } from './replay.ts';

/**
 * What a summary has that its run's events do not tell: what the scenario's file says of it, what was
 * never sent, and the indicators, which need the scenario's rates and dates.
 */
const UNTOLD = [
  'overrides',
  'unsent',
  'planned',
  'settledShare',
  'settledValueShare',
  'unsentValueMinor',
  'uncapped',
  'indicators',
] as const;

/** Members that summaries of 0.1.0 do not have: absent there, they are no difference. */
const SINCE_0_2 = new Set([
  'submittedValueMinor',
  'rejectedValueMinor',
  'cancelledValueMinor',
  'queuedValueMinor',
  'defaults',
  'delay.settlementDelayIndicatorSubmitted',
]);

export type ReplayedSummary = Omit<Summary, (typeof UNTOLD)[number]>;

interface Books {
  readonly directory: Directory;
  readonly payments: PaymentBook;
  readonly liquidity: AuditedAccountsBook;
  readonly defaults: DefaultBook;
  readonly proposals: ProposalBook;
  /** By currency, as openings say them. */
  readonly hours: Map<number, OpenHours[]>;
}

/** The figures of a run's summary once more, from the events of a replay alone. */
export class ReplayedFigures {
  readonly #pools = new Map<string, Books>();

  take({ pool, batch, directory }: ReplayedEvents): void {
    const books = this.#pools.get(pool) ?? {
      directory,
      payments: new PaymentBook(pool, directory),
      liquidity: new AuditedAccountsBook(),
      defaults: new DefaultBook(directory),
      proposals: new ProposalBook(),
      hours: new Map<number, OpenHours[]>(),
    };
    this.#pools.set(pool, books);
    books.payments.fold(batch.events);
    books.liquidity.fold(batch.events);
    books.defaults.fold(batch.events);
    books.proposals.fold(batch.events);
    for (const { currency, timeMs, closesAtMs } of eventsOf(batch.events, 'opened')) {
      const open = { opensMs: timeMs, closesMs: closesAtMs };
      books.hours.set(currency, [...(books.hours.get(currency) ?? []), open]);
    }
  }

  /** What `payments.csv` has of these pools, which are in the order of the run. */
  payments(pools: readonly string[]): PaymentTable[] {
    return pools.flatMap((pool) => this.#pools.get(pool)?.payments.table ?? []);
  }

  summary(
    made: Pick<Summary, 'scenario' | 'seed' | 'version' | 'signatures' | 'eventsHash'>,
  ): ReplayedSummary {
    const pools = [...this.#pools.values()];
    const sum = (figure: (books: Books) => number) =>
      pools.reduce((total, books) => total + figure(books), 0);
    const hours = new Map(
      pools.flatMap(({ directory, hours: own }) =>
        [...own].map(([handle, dates]) => [directory.currency(handle).currency, dates] as const),
      ),
    );
    const chains = allChains(pools.map(({ payments }) => payments.chains));
    const proposals = allProposals(pools.map((books) => books.proposals));
    const figures: Partial<Summary> = summarize({
      ...made,
      ...(proposals && { proposals }),
      ...(chains && { chains }),
      overrides: [],
      payments: pools.map(({ payments }) => payments.table),
      repeated: sum(({ payments }) => payments.repeated),
      unsent: 0,
      unsentMinor: () => 0n,
      defaults: pools.flatMap(({ defaults }) => defaults.defaults),
      uncapped: {},
      refusedChanges: sum(
        ({ liquidity }) => liquidity.changes.filter((outcome) => outcome !== 'done').length,
      ),
      refusedRequests: sum(({ payments }) => payments.refusedRequests),
      accounts: pools.flatMap(({ directory, liquidity }) =>
        liquidity.accounts.map((account) => ({
          ...account,
          currencyCode: directory.currency(account.currency).currency,
        })),
      ),
      currencies: pools.flatMap(({ directory }) =>
        directory.currencies.map(({ currency }) => currency),
      ),
      hours: (currency) => hours.get(currency) ?? [],
      // The core ends a replay in which money is not conserved.
      conserved: true,
      indicators: {} as Indicators,
    });
    for (const field of UNTOLD) delete figures[field];
    return figures as ReplayedSummary;
  }
}

/** Where two summaries differ, by path: what stands in the one, and what the other has. */
export function summaryDifferences(said: unknown, replayed: unknown, path = ''): string[] {
  if (typeof replayed !== 'object' || replayed === null) {
    if (said === replayed) return [];
    return [
      `${path} ${JSON.stringify(said)?.slice(0, 80)}, by the replay ${JSON.stringify(replayed)}`,
    ];
  }
  if (typeof said !== 'object' || said === null)
    return [`${path || 'it'} ${JSON.stringify(said)?.slice(0, 80)}, expected an object`];
  const [left, right] = [said, replayed] as Record<string, unknown>[];
  // What a summary has beyond the replay's figures is the scenario's, at its top alone.
  const keys = new Set([
    ...Object.keys(right ?? {}),
    ...(path === '' ? [] : Object.keys(left ?? {})),
  ]);
  return [...keys].flatMap((key) => {
    const place = path === '' ? key : `${path}.${key}`;
    if (left?.[key] === undefined && SINCE_0_2.has(place)) return [];
    return summaryDifferences(left?.[key], right?.[key], place);
  });
}
