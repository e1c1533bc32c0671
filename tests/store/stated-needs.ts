/**
 * What accounts needed at each hour, from a list of all that events state of them: other code than
 * services/analysis/needs-by-hour.ts and need-forecasts.ts, and slower.
 */
import { Ledger } from '../../services/analysis/ledger.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { dateText } from '../../services/protocol/names/dates.ts';
import {
  bicOf,
  currencyOf,
  type DirectoryNames,
} from '../../services/protocol/names/handles-to-names.ts';

const HOUR_MS = 3_600_000;

interface Stated {
  readonly number: number;
  readonly timeMs: number;
  readonly balance: bigint;
  readonly credit: bigint;
  /** Balance less what was put in. */
  readonly flow: bigint;
}

interface OpenDate {
  readonly currency: string;
  readonly date: string;
  readonly opening: number;
  readonly openedMs: number;
  closing: number;
  closedMs: number;
}

/** Minor units. */
export interface StatedNeed {
  readonly participant: string;
  readonly currency: string;
  readonly date: string;
  readonly hour: number;
  readonly hourMs: number;
  readonly balance: bigint;
  readonly credit: bigint;
  readonly need: bigint;
  readonly moved: bigint;
  readonly dateMoved: bigint;
}

export class StatedNeeds {
  readonly #ledger = new Ledger();
  readonly #accounts = new Map<string, Stated[]>();
  readonly #dates: OpenDate[] = [];
  /** Holders of deposits, and issuers in their own money: they find no liquidity. */
  readonly #others = new Set<string>();

  take(events: Uint8Array, directory: DirectoryNames): void {
    for (const event of readEvents(events)) {
      const { number, timeMs } = event;
      if (event.kind === 'opened')
        this.#dates.push({
          ...{ currency: currencyOf(directory, event.currency), date: dateText(event.date) },
          ...{ opening: number, openedMs: timeMs, closing: 0, closedMs: 0 },
        });
      if (event.kind === 'closed') {
        const currency = currencyOf(directory, event.currency);
        const date = this.#dates.filter((one) => one.currency === currency).at(-1);
        if (date) Object.assign(date, { closing: number, closedMs: timeMs });
      }
      const nameOf = (participant: number, currency: number) =>
        `${bicOf(directory, participant)} ${currencyOf(directory, currency)}`;
      if (event.kind === 'issuerSet') this.#others.add(nameOf(event.participant, event.currency));
      for (const account of this.#ledger.take(event)) {
        const { participant, currency, balance, opening, injected } = account;
        const name = nameOf(participant, currency);
        if (directory.participants[participant]?.role === 'customer') this.#others.add(name);
        const credit = account.creditLine + account.collateral;
        const flow = balance - opening - injected;
        const list = this.#accounts.get(name) ?? [];
        list.push({ number, timeMs, balance, credit, flow });
        this.#accounts.set(name, list);
      }
    }
  }

  /** Of dates that closed, by date, account and hour. */
  needs(): StatedNeed[] {
    return this.#dates
      .filter(({ closing }) => closing > 0)
      .flatMap((date) =>
        [...this.#accounts].flatMap(([name, list]) => {
          const [participant = '', currency = ''] = name.split(' ');
          return currency === date.currency && !this.#others.has(name)
            ? needsOf(date, participant, list)
            : [];
        }),
      );
  }
}

function needsOf(of: OpenDate, participant: string, all: readonly Stated[]): StatedNeed[] {
  const { currency, date, opening, openedMs, closing, closedMs } = of;
  const list = all.filter(({ number }) => number < closing);
  const needs: StatedNeed[] = [];
  for (let hour = 0; hour <= 24 && openedMs + hour * HOUR_MS < closedMs; hour += 1) {
    const hourMs = openedMs + hour * HOUR_MS;
    const isBefore = ({ number, timeMs }: Stated) =>
      hour === 0 ? number < opening : timeMs <= hourMs;
    const before = list.filter(isBefore);
    const last = before.at(-1);
    if (!last) continue;
    const later = list.slice(before.length).map(({ flow }) => flow);
    const least = [last.flow, ...later].reduce((low, flow) => (flow < low ? flow : low));
    needs.push({
      ...{ participant, currency, date, hour, hourMs, balance: last.balance, credit: last.credit },
      ...{ need: last.flow - least, moved: movedIn(before, opening) },
      dateMoved: movedIn(list, opening),
    });
  }
  return needs;
}

function movedIn(list: readonly Stated[], opening: number): bigint {
  let sum = 0n;
  for (const [at, { number, flow }] of list.entries()) {
    const before = list[at - 1];
    if (!before || number < opening) continue;
    sum += flow < before.flow ? before.flow - flow : flow - before.flow;
  }
  return sum;
}

/** Lower, middle and upper, by the steps of docs/indicators.md; null below four dates. @param before of the account and hour, date by date */
export function statedForecast(before: readonly StatedNeed[], moved: bigint): number[] | null {
  const dates = before.slice(-20);
  if (dates.length < 4) return null;
  const sum = (of: (date: StatedNeed) => bigint) =>
    dates.reduce((total, date) => total + Number(of(date)), 0);
  const usualDay = sum(({ dateMoved }) => dateMoved);
  const usualRest = usualDay - sum((date) => date.moved);
  const pace = usualDay === 0 ? 1 : (Number(moved) * dates.length + usualRest) / usualDay;
  const needs = dates.map(({ need }) => Number(need)).sort((a, b) => a - b);
  return [1, 5, 9].map((tenths) => {
    const rank = (tenths * (dates.length + 1)) / 10;
    const low = Math.min(dates.length, Math.max(1, Math.floor(rank)));
    const high = Math.min(dates.length, Math.max(1, Math.ceil(rank)));
    const [from = 0, to = 0] = [needs[low - 1], needs[high - 1]];
    return Math.round(pace * (from + (rank - Math.floor(rank)) * (to - from)));
  });
}
