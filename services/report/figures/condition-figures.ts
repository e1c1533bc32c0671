import {
  type AttestationTotals,
  ChainBook,
  type ChainTotals,
  type EarmarkTotals,
  tellsOfChains,
  type WaitedForLast,
} from '../../analysis/chains/chain-totals.ts';
import { EventCursor } from '../../core/settlement/event-cursor.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../../protocol/names/handles-to-names.ts';
import { AscendingWaits } from './ascending-waits.ts';
import { type Percentiles, percentile, percentiles } from './percentiles.ts';

/** What was set aside of an account. */
export interface LockedLiquidity {
  readonly participant: string;
  readonly currency: string;
  /** Legs. */
  readonly earmarks: number;
  readonly peakMinor: bigint;
  /** Minor units × ms. */
  readonly lockedMinorMs: bigint;
}

interface SpanFigures extends Percentiles {
  readonly chains: number;
  readonly maxMs: number | null;
}

/** Of a run that has conditions or earmarks: docs/indicators.md. */
export interface ConditionFigures {
  /** `waiting`: complete, and not ended with the run. Those that settled: `chains` of the summary. */
  readonly chains: Omit<ChainTotals, 'matched' | 'settled'> & { readonly waiting: number };
  /** Legs. `standing`: still set aside at the end of the run. */
  readonly earmarks: EarmarkTotals & { readonly standing: number };
  readonly timeToLastAttestation: SpanFigures;
  readonly attestationToSettlement: SpanFigures;
  /** By attestor, in the order of BICs. */
  readonly attestations: readonly ({ readonly attestor: string } & AttestationTotals)[];
  /** Of those for whom chains waited last of all, in the order of BICs. */
  readonly waitedForLast: readonly ({ readonly attestor: string } & Readonly<WaitedForLast>)[];
  /** By bank and currency. */
  readonly locked: readonly LockedLiquidity[];
}

/** Gathers them from the events of one pool. */
export class ConditionBook {
  readonly chains: ChainBook;
  readonly directory: DirectoryNames;
  readonly toLastAttestation: number[] = [];
  readonly toSettlement: number[] = [];
  /** Of the last event. */
  timeMs = 0;

  constructor(directory: DirectoryNames) {
    this.directory = directory;
    this.chains = new ChainBook({
      toLastAttestation: (ms) => this.toLastAttestation.push(ms),
      toSettlement: (ms) => this.toSettlement.push(ms),
    });
  }

  /** @param events bytes, as events.ts lays them out */
  fold(events: Uint8Array): void {
    const event = new EventCursor(events);
    while (event.next()) {
      if (tellsOfChains(event.kind, event.messageType)) this.chains.take(event.read());
      this.timeMs = event.timeMs;
    }
  }
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function spans(of: readonly number[]): SpanFigures {
  const times = new AscendingWaits();
  for (const ms of of) times.add(ms);
  const ascending = times.ascending();
  return { chains: of.length, ...percentiles(ascending), maxMs: percentile(ascending, 1) };
}

function total<Name extends string>(
  of: readonly Readonly<Record<Name, number>>[],
  names: readonly Name[],
): Record<Name, number> {
  const sums = names.map((name) => [name, of.reduce((sum, one) => sum + one[name], 0)]);
  return Object.fromEntries(sums) as Record<Name, number>;
}

/** Of all pools; null: nothing was attested, set aside or ended for want of it. */
export function conditionFigures(books: readonly ConditionBook[]): ConditionFigures | null {
  const all = books.map(({ chains }) => chains);
  if (!all.some(({ hasConditions }) => hasConditions)) return null;
  const earmarks = total(
    all.map((book) => book.earmarks),
    ['set', 'settled', 'expired', 'released'],
  );
  const { set, settled, expired, released } = earmarks;
  return {
    chains: {
      ...total(
        all.map((book) => book.totals),
        [
          ...(['met', 'metBySilence', 'refused', 'deadline', 'expired', 'capped'] as const),
          ...(['unearmarked', 'promised'] as const),
        ],
      ),
      waiting: all.reduce((sum, { live }) => sum + live.size, 0),
    },
    earmarks: { ...earmarks, standing: set - settled - expired - released },
    timeToLastAttestation: spans(books.flatMap((book) => book.toLastAttestation)),
    attestationToSettlement: spans(books.flatMap((book) => book.toSettlement)),
    attestations: attestations(books),
    waitedForLast: waitedForLast(books),
    locked: books
      .flatMap(locked)
      .sort((a, b) =>
        a.participant === b.participant
          ? byName(a.currency, b.currency)
          : byName(a.participant, b.participant),
      ),
  };
}

/** Of each attestor, who may be named in several pools, what the books have of it, in the order of BICs. */
function byAttestor<Of>(
  books: readonly ConditionBook[],
  of: (book: ChainBook) => ReadonlyMap<number, Of>,
): readonly (readonly [attestor: string, of: readonly Of[]])[] {
  const all = new Map<string, Of[]>();
  for (const { chains, directory } of books)
    for (const [handle, one] of of(chains)) {
      const attestor = bicOf(directory, handle);
      all.set(attestor, [...(all.get(attestor) ?? []), one]);
    }
  return [...all].sort(([a], [b]) => byName(a, b));
}

const attestations = (books: readonly ConditionBook[]): ConditionFigures['attestations'] =>
  byAttestor(books, (book) => book.attestations).map(([attestor, of]) => ({
    attestor,
    ...total(of, ['accepted', 'refused', 'held', 'recorded', 'notCounted']),
  }));

const waitedForLast = (books: readonly ConditionBook[]): ConditionFigures['waitedForLast'] =>
  byAttestor(books, (book) => book.waitedForLast).map(([attestor, of]) => ({
    attestor,
    ...total(of, ['chains']),
    longestMs: Math.max(...of.map(({ longestMs }) => longestMs)),
  }));

const locked = ({ chains, directory, timeMs }: ConditionBook): LockedLiquidity[] =>
  chains
    .accountsAt(timeMs)
    .map(({ participant, currency, count, peak, locked: lockedMinorMs }) => ({
      participant: bicOf(directory, participant),
      currency: currencyOf(directory, currency),
      ...{ earmarks: count, peakMinor: peak, lockedMinorMs },
    }));
