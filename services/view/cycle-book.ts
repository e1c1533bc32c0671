import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import { currencyOf } from '../protocol/names/handles-to-names.ts';
import { mechanismOf } from '../protocol/records/event-payment.ts';
import { CYCLE_ROWS } from './lengths-of-feed-lists-charts.ts';
import type { CycleRow } from './told-to-page.ts';
import { shortageOf } from './waits-with-names.ts';

/** Reasons that a row tells of what its cycle left. */
const HELD_UP_MAX = 6;

type Row = { -readonly [Member in keyof CycleRow]: CycleRow[Member] } & {
  value: Record<string, string>;
  heldUp: CycleRow['heldUp'][number][];
};

/** A run of a cycle found that nothing queued can settle in order, and so did each since. */
export interface Deadlock {
  readonly pool: string;
  /** Empty: all that are resolved together. */
  readonly currency: string;
  readonly sinceMs: number;
}

interface Entry {
  readonly row: Row;
  isChanged: boolean;
}

/** The last cycles of one pool that had something before them. */
export class CycleBook {
  readonly #pool: string;
  readonly #directory: Directory;
  #entries: Entry[] = [];
  /** By currency of the run: those whose last found a deadlock, which stands. */
  readonly #deadlocks = new Map<number | null, Deadlock>();

  constructor(pool: string, directory: Directory) {
    this.#pool = pool;
    this.#directory = directory;
  }

  take(event: SettlementEvent): void {
    if (event.kind === 'cycled') this.#cycled(event);
    // Another mechanism: the runs of the one before it say nothing any more.
    else if (event.kind === 'rulesSet') this.#deadlocks.clear();
    else if (event.kind === 'settled' && event.cycle > 0) this.#settled(event);
    else if (event.kind === 'heldUp') this.#heldUp(event);
  }

  /** Those that stand, the oldest first. */
  get deadlocks(): readonly Deadlock[] {
    return [...this.#deadlocks.values()].sort((a, b) => a.sinceMs - b.sinceMs);
  }

  /** Where nothing stands in a queue any more, no deadlock does. */
  dissolve(queued: ReadonlySet<number>): void {
    for (const currency of this.#deadlocks.keys())
      if (currency === null ? queued.size === 0 : !queued.has(currency))
        this.#deadlocks.delete(currency);
  }

  /** Any run but one with a deadlock ends that of the run before it. */
  #judge({ currency: handle, outcome, timeMs }: EventOf<'cycled'>, currency: string): void {
    if (outcome !== 'deadlock') this.#deadlocks.delete(handle);
    else if (!this.#deadlocks.has(handle))
      this.#deadlocks.set(handle, { pool: this.#pool, currency, sinceMs: timeMs });
  }

  #cycled(event: EventOf<'cycled'>): void {
    const { outcome } = event;
    const currency = event.currency === null ? '' : currencyOf(this.#directory, event.currency);
    if (event.mechanism !== 'deferredNet' && event.mechanism !== 'proposed')
      this.#judge(event, currency);
    if (outcome === 'nothingQueued' || outcome === 'nothingAccepted') return;
    const row: Row = {
      pool: this.#pool,
      number: event.cycle,
      eventNumber: event.number,
      atMs: event.timeMs,
      mechanism: mechanismOf(event, event.proposer),
      currency,
      outcome,
      settled: event.settled,
      left: event.left,
      runs: 1,
      sinceMs: event.timeMs,
      value: {},
      heldUp: [],
    };
    const last = this.#entries[this.#entries.length - 1];
    if (last && isSame(last.row, row)) {
      const { runs, sinceMs, eventNumber } = last.row;
      Object.assign(last.row, row, { runs: runs + 1, sinceMs, eventNumber });
      last.isChanged = true;
    } else this.#entries.push({ row, isChanged: true });
    if (this.#entries.length > CYCLE_ROWS) this.#entries.shift();
  }

  #settled({ cycle, currency1, amount1 }: EventOf<'settled'>): void {
    const entry = this.#of(cycle);
    if (!entry) return;
    const currency = currencyOf(this.#directory, currency1);
    const { value } = entry.row;
    value[currency] = String(BigInt(value[currency] ?? '0') + amount1);
    entry.isChanged = true;
  }

  #heldUp(event: EventOf<'heldUp'>): void {
    const entry = this.#of(event.cycle);
    const { by } = event;
    if (!entry || by === 'none' || entry.row.heldUp.length >= HELD_UP_MAX) return;
    entry.row.heldUp.push({
      uetr: uetrFromBytes(event.id) ?? '',
      ...shortageOf(this.#directory, { ...event, by }),
    });
    entry.isChanged = true;
  }

  #of(cycle: number): Entry | undefined {
    const last = this.#entries[this.#entries.length - 1];
    return last?.row.number === cycle
      ? last
      : this.#entries.find(({ row }) => row.number === cycle);
  }

  rows(all: boolean): CycleRow[] {
    return this.#entries.filter(({ isChanged }) => all || isChanged).map(({ row }) => row);
  }

  forgetChanges(): void {
    for (const entry of this.#entries) entry.isChanged = false;
  }
}

/** Runs in a row that settled nothing are one row: else a deadlock would push all else out. */
const isSame = (before: CycleRow, row: CycleRow): boolean =>
  before.settled === 0 &&
  row.settled === 0 &&
  before.outcome === row.outcome &&
  before.mechanism === row.mechanism &&
  before.currency === row.currency;
