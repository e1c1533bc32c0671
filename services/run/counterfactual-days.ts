import type { ControlRecord } from '../protocol/records/control-record.ts';
import {
  isControl,
  readControl,
  readVerified,
  writeControl,
} from '../protocol/records/input-record.ts';
import type { OpenHours, Scenario } from '../scenario/scenario.ts';
import type { PoolRecord } from '../simulator/recorded-simulation.ts';
import type { DateOpening, RecordedNetwork } from './recorded-network.ts';

/** By currency's code and date: when it is open; dates on which it is not are left out. */
export type OpenDates = ReadonlyMap<string, ReadonlyMap<string, OpenHours>>;

/** When a network's currencies are open by a scenario's hours, as far as they were open when it ran. */
export function openDates({ pools }: RecordedNetwork, scenario: Scenario): OpenDates {
  const dates = new Map<string, Map<string, OpenHours>>();
  for (const opening of pools.flatMap(({ openings }) => openings)) {
    const { currency, date } = opening;
    const own = dates.get(currency) ?? new Map<string, OpenHours>();
    dates.set(currency, own);
    const hours = hoursOf(scenario, opening);
    // One that is logged twice opens once.
    if (hours !== null && !own.has(date)) own.set(date, hours);
  }
  return dates;
}

function hoursOf(scenario: Scenario, opening: DateOpening): OpenHours | null {
  const wanted = scenario.currencies.find(({ code }) => code === opening.currency)?.hours[
    scenario.businessDates.indexOf(opening.date)
  ];
  if (!wanted) return null;
  const opensMs = Math.max(wanted.opensMs, opening.timeMs);
  const closesMs = Math.min(wanted.closesMs, opening.closesAtMs);
  return opensMs < closesMs ? { opensMs, closesMs } : null;
}

type DateRecord = ControlRecord & { readonly kind: 'open' | 'close' };
const dateOf = ({ currency, date }: DateRecord): string => `${currency} ${date}`;

/**
 * Recorded openings and closes moved to when currencies are open by other hours; what is not moved stays
 * as and where it was recorded. What would come after the last record does not come.
 */
export class MovedDays {
  readonly #dates: OpenDates;
  /** Moved, and still to come, in order of time. */
  #due: DateRecord[] = [];
  readonly #opened = new Set<string>();
  /** Before their recorded close. */
  readonly #closed = new Set<string>();
  #timeMs = 0;

  constructor(dates: OpenDates) {
    this.#dates = dates;
  }

  /** What stands in the place of a record, the openings and closes that are due before it first. */
  take({ pool, value }: PoolRecord): PoolRecord[] {
    const control = isControl(value) ? readControl(value) : null;
    const atMs = control ? control.timeMs : readVerified(value).appendedAtMs;
    this.#timeMs = Math.max(this.#timeMs, atMs);
    const values = this.#takeDue();
    if (control?.kind === 'open') values.push(...this.#open(control, value));
    else if (control?.kind === 'close') values.push(...this.#close(control, value));
    else values.push(value);
    return values.map((one) => ({ pool, value: one }));
  }

  #takeDue(): Uint8Array[] {
    const values: Uint8Array[] = [];
    for (let [next] = this.#due; next && next.timeMs <= this.#timeMs; [next] = this.#due) {
      if (next.kind === 'close') this.#closed.add(dateOf(next));
      values.push(writeControl(next));
      this.#due.shift();
    }
    return values;
  }

  #open(recorded: DateOpening, value: Uint8Array): Uint8Array[] {
    const { currency, date, closesAtMs } = recorded;
    const hours = this.#dates.get(currency)?.get(date);
    if (!hours) return [];
    const { opensMs, closesMs } = hours;
    const isLater = opensMs > recorded.timeMs;
    const isEarlier = closesMs < closesAtMs;
    if (!isLater && !isEarlier) return [value];
    if (this.#opened.has(dateOf(recorded))) return [];
    this.#opened.add(dateOf(recorded));
    const opening = { ...recorded, timeMs: opensMs, closesAtMs: closesMs };
    if (isLater) this.#due.push(opening);
    if (isEarlier) this.#due.push({ kind: 'close', timeMs: closesMs, currency, date });
    this.#due.sort((a, b) => a.timeMs - b.timeMs);
    return isLater ? [] : [writeControl({ ...opening, timeMs: recorded.timeMs })];
  }

  #close(recorded: DateRecord, value: Uint8Array): Uint8Array[] {
    const date = dateOf(recorded);
    const isOpen = !this.#due.some((one) => one.kind === 'open' && dateOf(one) === date);
    this.#due = this.#due.filter((one) => dateOf(one) !== date);
    const isOurs = this.#dates.get(recorded.currency)?.has(recorded.date);
    return isOpen && isOurs && !this.#closed.has(date) ? [value] : [];
  }
}
