import type { EventView } from '../../core/event-reader.ts';
import { NO_CURRENCY } from '../../core/events.ts';
import { NONE32 } from '../../core/records.ts';
import type { Directory } from '../../protocol/directory.ts';
import { bicOf, currencyOf } from '../../protocol/directory.ts';
import { uetrFromBytes } from '../../protocol/identifiers.ts';
import { CYCLE_ROWS, type CycleRow } from './wire.ts';

/** Reasons that a row tells of what its cycle left. */
const HELD_UP_MAX = 6;
const OUTCOMES = ['empty', 'resolved', 'deadlock', 'gridlock', 'undecided'] as const;
const NETTING_OUTCOMES = ['empty', 'netted', 'unwound'] as const;

type Row = { -readonly [Member in keyof CycleRow]: CycleRow[Member] } & {
  value: Record<string, string>;
  heldUp: CycleRow['heldUp'][number][];
};

interface Entry {
  readonly row: Row;
  isChanged: boolean;
}

/** The last cycles of one pool that had something before them. */
export class CycleBook {
  readonly #pool: string;
  readonly #directory: Directory;
  #entries: Entry[] = [];
  /** Of the newest run that had something before it; null: none yet. */
  #latest: Row | null = null;

  constructor(pool: string, directory: Directory) {
    this.#pool = pool;
    this.#directory = directory;
  }

  take(event: EventView): void {
    if (event.kind === 'cycled') this.#cycled(event);
    else if (event.kind === 'settled' && event.cycle > 0) this.#settled(event);
    else if (event.kind === 'heldUp') this.#heldUp(event);
  }

  get latest(): CycleRow | null {
    return this.#latest;
  }

  #cycled(event: EventView): void {
    const nets = event.mechanism === 'deferredNet';
    const outcome = (nets ? NETTING_OUTCOMES : OUTCOMES)[event.priority] ?? 'empty';
    if (outcome === 'empty') return;
    const row: Row = {
      pool: this.#pool,
      number: event.cycle,
      eventNumber: event.number,
      atMs: event.timeMs,
      mechanism: event.mechanism,
      currency: event.currency1 === NO_CURRENCY ? '' : currencyOf(this.#directory, event.currency1),
      outcome,
      settled: event.count,
      left: Number(event.amount1),
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
    this.#latest = row;
    if (this.#entries.length > CYCLE_ROWS) this.#entries.shift();
  }

  #settled({ cycle, currency1, amount1 }: EventView): void {
    const entry = this.#of(cycle);
    if (!entry) return;
    const currency = currencyOf(this.#directory, currency1);
    const { value } = entry.row;
    value[currency] = String(BigInt(value[currency] ?? '0') + amount1);
    entry.isChanged = true;
  }

  #heldUp(event: EventView): void {
    const entry = this.#of(event.cycle);
    if (!entry || event.heldUpBy === 'none' || entry.row.heldUp.length >= HELD_UP_MAX) return;
    entry.row.heldUp.push({
      uetr: uetrFromBytes(event.id) ?? '',
      by: event.heldUpBy,
      bic: bicOf(this.#directory, event.debtorAgent),
      currency: currencyOf(this.#directory, event.currency1),
      counterparty:
        event.creditorAgent === NONE32 ? null : bicOf(this.#directory, event.creditorAgent),
      amountMinor: String(event.amount1),
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
