/** Payments that a source has settle later than its hours let them. They are taken so, and told. */
import { double } from '../analysis/growing-typed-arrays.ts';
import { counted } from '../explain/amount-words.ts';
import type { Scenario } from '../scenario/scenario.ts';

export class ObservedLate {
  /** By payment; NaN: it never settled. */
  readonly #columns = {
    settledMs: new Float64Array(1024),
    kind: new Uint32Array(1024),
  };
  #count = 0;
  /** Numbers of `currency date`. */
  readonly #kinds = new Map<string, number>();

  /** The next payment. */
  add(currency: string, date: string, settledMs: number | null): void {
    if (this.#count === this.#columns.kind.length) double(this.#columns);
    const key = `${currency} ${date}`;
    const kind = this.#kinds.get(key) ?? this.#kinds.size;
    if (kind === this.#kinds.size) this.#kinds.set(key, kind);
    this.#columns.settledMs[this.#count] = settledMs ?? Number.NaN;
    this.#columns.kind[this.#count] = kind;
    this.#count += 1;
  }

  /**
   * In sentences; none where nothing settled late.
   * @param placeOf a payment, by its number from 0 on: `file:line`
   */
  sentences(
    { currencies, businessDates }: Scenario,
    placeOf: (payment: number) => string,
  ): string[] {
    const closes = [...this.#kinds.keys()].map((key) => {
      const [code, date = ''] = key.split(' ');
      const hours = currencies.find((one) => one.code === code)?.hours ?? [];
      const at = (open: (typeof hours)[number] | undefined) => open?.closesMs;
      const later = hours.slice(businessDates.indexOf(date)).map(at);
      const [own, ...next] = later.filter((close) => close !== undefined);
      return [own, next[0], next.at(-1) ?? own];
    });
    const { settledMs, kind } = this.#columns;
    return LATE.flatMap((words, which) => {
      let [count, first] = [0, 0];
      for (let payment = 0; payment < this.#count; payment++) {
        const close = closes[kind[payment] as number]?.[which];
        if (close === undefined || !((settledMs[payment] as number) > close)) continue;
        if (count === 0) first = payment;
        count += 1;
      }
      if (count === 0) return [];
      const at = new Date(settledMs[first] as number).toISOString();
      return [
        `${counted(count, 'payment')} settled ${words}, as the source has it; the first in it: ${placeOf(first)}, at ${at}.`,
      ];
    });
  }
}

/** After which close: of the date, of the next one, of the last one. */
const LATE = [
  'after the close of the currency on their business date',
  'after the close of the next business date',
  'after the last close of the currency',
] as const;
