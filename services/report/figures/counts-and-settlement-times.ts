import { MECHANISMS } from '../../core/settlement/events.ts';
import { REASONS, type Reason } from '../../core/settlement/reasons.ts';
import { isoReason } from '../../protocol/names/iso-reasons.ts';
import { AscendingWaits } from './ascending-waits.ts';
import { type PaymentStatus, type PaymentTable, STATUS, STATUSES } from './payment-table.ts';
import { percentile, percentiles } from './percentiles.ts';

/**
 * Which payments are counted, as what, and whose time to settlement counts: all that settled, at once or later; a matched
 * pair is one payment (`isCounted`). What has not settled waits in other figures: delay-indicators.ts.
 * From when to when it is measured: `waitMs` in payment-table.ts.
 */
export class Counts {
  submitted = 0;
  /** By number of STATUSES, and of REASONS. */
  readonly #byStatus = new Uint32Array(STATUSES.length);
  readonly #byReason = STATUSES.map(() => new Uint32Array(REASONS.length));
  readonly #byMechanism = new Uint32Array(MECHANISMS.length);
  readonly #waits = new AscendingWaits();
  readonly #tables: readonly PaymentTable[];
  #settledAfterQueuing = 0;

  constructor(payments: readonly PaymentTable[]) {
    this.#tables = payments;
    for (const table of payments)
      for (let row = 0; row < table.length; row++)
        if (table.isCounted(row)) this.#count(table, row);
  }

  #count(table: PaymentTable, row: number): void {
    const { of } = table;
    const status = of.statuses[row] as number;
    this.submitted += 1;
    increment(this.#byStatus, status);
    if (status === STATUS.settled) {
      increment(this.#byMechanism, of.mechanisms[row]);
      this.#waits.add(table.waitMs(row));
      if (!Number.isNaN(of.queuedMs[row])) this.#settledAfterQueuing += 1;
    } else increment(this.#byReason[status] as Uint32Array, of.reasons[row]);
  }

  of(status: PaymentStatus): number {
    return this.#byStatus[STATUS[status]] as number;
  }

  /** By ISO 20022 code. */
  byReason(status: 'rejected' | 'cancelled'): Record<string, number> {
    const counts = new Map<string, number>();
    for (const [number, count] of (this.#byReason[STATUS[status]] as Uint32Array).entries()) {
      if (count === 0) continue;
      const reason = REASONS[number] as Reason;
      const code = isoReason(reason)?.code ?? reason;
      counts.set(code, (counts.get(code) ?? 0) + count);
    }
    return byName(counts);
  }

  byMechanism(): Record<string, number> {
    const counts = [...this.#byMechanism.entries()].filter(([, count]) => count > 0);
    const called = (number: number) =>
      this.#tables
        .map((table) => table.mechanism(number))
        .find((name) => name !== MECHANISMS[number]);
    return byName(
      counts.map(([number, count]) => [called(number) ?? (MECHANISMS[number] as string), count]),
    );
  }

  waits() {
    const waits = this.#waits.ascending();
    return {
      ...percentiles(waits),
      maxMs: percentile(waits, 1),
      settledAfterQueuing: this.#settledAfterQueuing,
    };
  }
}

function increment(counts: Uint32Array, number: number | undefined): void {
  counts[number as number] = (counts[number as number] as number) + 1;
}

const byName = (counts: Iterable<readonly [string, number]>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
