/** Whether and when the alerts on banks that do not send tell of the silent outage of a study's seed: by the live view's own code. */
import { stringify } from 'csv-stringify/sync';
import { planPayments } from '../scenario/payments-in-sending-order.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { SenderBook } from '../view/silent-banks.ts';
import { JUDGED_FROM_MS, studyScenario } from './anomaly-days.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The rules, as the live view asks them at an instant. */
const RULES = {
  silence: (book: SenderBook, nowMs: number) => book.silent(nowMs),
  outage: (book: SenderBook, nowMs: number) => book.outages(nowMs),
} as const;
export type SilenceRule = keyof typeof RULES;
export const SILENCE_RULES = Object.keys(RULES) as SilenceRule[];

/** What stands before the judged date: the study's two dates, and as many as the rule on large banks needs at least, and one. */
export const HISTORIES: Readonly<Record<string, readonly string[]>> = {
  2: [],
  4: ['businessDates=[2026-03-12, 2026-03-13, 2026-03-16, 2026-03-17, 2026-03-18]'],
};

export interface SilenceCell {
  readonly seed: number;
  /** Dates before the one that is judged. */
  readonly history: number;
  readonly rule: SilenceRule;
  readonly bank: string;
  /** How long the bank is silent, minutes. */
  readonly minutes: number;
  /** After how many of them it was told first; null: not before it sent again. */
  readonly toldAfter: number | null;
  /** Other banks that the rule told on that date. */
  readonly others: number;
}

/** Payments settle as they come: shares of banks alone follow from it. */
export function silenceCells(seed: number, history: number): SilenceCell[] {
  const scenario = studyScenario(seed, HISTORIES[history]);
  const outage = scenario.anomalies.find((one) => one.kind === 'silentOutage');
  if (outage?.kind !== 'silentOutage') throw new Error(`seed ${seed} has no silent outage`);
  const { fromMs, untilMs } = outage;
  const silent = scenario.participants[outage.bank]!.bic;
  const told = new Map(SILENCE_RULES.map((rule) => [rule, new Map<string, number>()]));
  for (const { nowMs, book } of minutesOf(scenario))
    for (const rule of SILENCE_RULES)
      for (const { bic } of RULES[rule](book, nowMs)) {
        const isDuring = bic !== silent || (nowMs > fromMs && nowMs <= untilMs);
        const first = told.get(rule)!;
        if (isDuring && !first.has(bic)) first.set(bic, nowMs);
      }
  return SILENCE_RULES.map((rule): SilenceCell => {
    const first = told.get(rule)!;
    const atMs = first.get(silent);
    return {
      ...{ seed, history, rule, bank: silent, minutes: (untilMs - fromMs) / MINUTE_MS },
      toldAfter: atMs === undefined ? null : (atMs - fromMs) / MINUTE_MS,
      others: first.size - (atMs === undefined ? 0 : 1),
    };
  });
}

/** The minutes of the judged date, with what had been sent by then. */
function* minutesOf(scenario: Scenario): Generator<{ nowMs: number; book: SenderBook }> {
  const book = new SenderBook();
  let nowMs = JUDGED_FROM_MS;
  for (const payment of planPayments(scenario)) {
    const { atMs, kind, isRepeat, corrupt } = payment;
    if (isRepeat || corrupt || (kind !== 'customer' && kind !== 'bank')) continue;
    for (; nowMs <= atMs; nowMs += MINUTE_MS) yield { nowMs, book };
    const bic = scenario.participants[payment.debtorAgent]!.bic;
    const currency = scenario.currencies[payment.currency]!.code;
    book.take(bic, currency, atMs, false);
    book.settled(bic, currency, atMs, payment.amountMinor);
  }
  for (; nowMs < JUDGED_FROM_MS + DAY_MS; nowMs += MINUTE_MS) yield { nowMs, book };
}

export const allSilenceCells = (seeds: readonly number[]): SilenceCell[] =>
  Object.keys(HISTORIES).flatMap((history) =>
    seeds.flatMap((seed) => silenceCells(seed, Number(history))),
  );

const COLUMNS = ['seed', 'history', 'rule', 'bank', 'minutes', 'toldAfter', 'others'] as const;

export const silenceCsv = (cells: readonly SilenceCell[]): string =>
  stringify([COLUMNS, ...cells.map((cell) => COLUMNS.map((column) => cell[column] ?? ''))]);
