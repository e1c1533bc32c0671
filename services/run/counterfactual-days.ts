import type { ControlRecord } from '../protocol/records/control-record.ts';
import { isControl, readControl, readVerified, writeControl } from '../protocol/records/input-record.ts';
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

/**
 * Recorded openings and closes moved to when currencies are open by other hours; what is not moved stays
 * as and where it was recorded. What would come after the last record does not come.
 */
export class MovedDays {
  readonly #dates: OpenDates;
  /** In order of time. */
  #due: (ControlRecord & { readonly kind: 'open' | 'close' })[] = [];
  #timeMs = 0;

  constructor(dates: OpenDates) {
    this.#dates = dates;
  }

  /** What stands in the place of a record, the openings and closes that are due before it first. */
  take({ pool, value }: PoolRecord): PoolRecord[] {
    const control = isControl(value) ? readControl(value) : null;
    const atMs = control ? control.timeMs : readVerified(value).appendedAtMs;
    this.#timeMs = Math.max(this.#timeMs, atMs);
    const due = this.#due.filter(({ timeMs }) => timeMs <= this.#timeMs);
    this.#due = this.#due.filter(({ timeMs }) => timeMs > this.#timeMs);
    const before = due.map((record) => ({ pool, value: writeControl(record) }));
    return [...before, ...this.#inPlaceOf(control, value).map((one) => ({ pool, value: one }))];
  }

  #inPlaceOf(control: ControlRecord | null, value: Uint8Array): Uint8Array[] {
    if (control?.kind === 'close') {
      const hours = this.#hours(control);
      return hours && hours.closesMs >= endOf(control.date) ? [value] : [];
    }
    if (control?.kind !== 'open') return [value];
    const hours = this.#hours(control);
    if (!hours) return [];
    const { opensMs, closesMs } = hours;
    const { currency, date, closesAtMs } = control;
    const opening = { ...control, timeMs: opensMs, closesAtMs: closesMs };
    const isMoved = opensMs > control.timeMs;
    const close = { kind: 'close', timeMs: closesMs, currency, date } as const;
    this.#due.push(...(isMoved ? [opening] : []), ...(closesMs < closesAtMs ? [close] : []));
    this.#due.sort((a, b) => a.timeMs - b.timeMs);
    if (isMoved) return [];
    return [closesMs === closesAtMs ? value : writeControl(opening)];
  }

  #hours({ currency, date }: { readonly currency: string; readonly date: string }) {
    return this.#dates.get(currency)?.get(date);
  }
}

const DAY_MS = 86_400_000;
/** Of a network's own calendar: midnight UTC (gateway/business-days.ts). */
const endOf = (date: string): number => Date.parse(date) + DAY_MS;
