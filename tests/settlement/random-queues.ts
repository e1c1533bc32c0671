import { CYCLE_MECHANISMS } from '../../services/core/settlement/records.ts';
import type { Accounts } from './case-language.ts';
import { seeded } from './random-draft.ts';

/** A small day in words: what is open, limited and reserved, then payments of which most queue. */
export interface SmallDay {
  readonly accounts: Accounts;
  readonly rows: readonly string[];
}

const CURRENCIES = ['EUR', 'USD', 'CNY'];
const CLASSES = ['urgent', 'high', 'normal'];

/**
 * Three to ten payments among two to four banks with little money; D deals at par. With `bounds`
 * there are limits and reservations too, with `mixed` each currency has a mechanism of its own, and
 * with `strained` accounts have less than they must keep: reservations of what they do not have,
 * limits below their positions, balances below their floors.
 */
export function smallDay(
  seed: number,
  currencyCount: number,
  { bounds = false, mixed = false, strained = false } = {},
): SmallDay {
  const pick = seeded(seed);
  const banks = currencyCount > 1 ? ['A', 'B', 'D'] : ['A', 'B', 'C', 'D'].slice(0, 2 + pick(3));
  const currencies = CURRENCIES.slice(0, currencyCount);
  const spread = currencyCount > 1 ? 3 : 9;
  const accounts: Record<string, readonly [number, number]> = {};
  for (const bank of banks)
    for (const currency of currencies)
      accounts[`${bank} ${currency}`] = [
        pick(3) === 0 ? pick(spread) : 0,
        pick(4) === 0 ? pick(spread) : 0,
      ];
  const one = <T>(list: readonly T[]): T => list[pick(list.length)] as T;
  const other = (bank: string): string => one(banks.filter((name) => name !== bank));
  const rows = currencies.map((currency) => `open ${currency} 1`);
  if (mixed)
    for (const currency of currencies)
      rows.push(`rules ${currency} ${CYCLE_MECHANISMS[1 + pick(5)]}`);
  for (const base of currencies)
    for (const quoted of currencies)
      if (base !== quoted) rows.push(`quote ${base}${quoted} D ${base}/${quoted} 1 for 1000`);
  for (let i = 0; bounds && i < 1 + pick(4); i += 1) {
    const bank = one(banks);
    if (pick(3) === 0)
      rows.push(`reserve v${i} ${bank} ${one(currencies)} ${one(['urgent', 'high'])} ${pick(4)}`);
    else {
      const against = pick(3) === 0 ? 'all' : other(bank);
      rows.push(`limit l${i} ${bank}>${against} ${one(currencies)} ${pick(spread)}`);
    }
  }
  for (let i = 0; strained && i < 1 + pick(4); i += 1) {
    const bank = one(banks);
    rows.push(...strain(`s${i}`, bank, other(bank), one(currencies), spread, pick));
  }
  const count = 3 + pick(8);
  for (let i = 0; i < count; i += 1) {
    const amount = 1 + pick(spread);
    const priority = CLASSES[pick(3) === 0 ? pick(2) : 2];
    const currency = one(currencies);
    if (currencyCount > 1 && pick(2) === 0) {
      const [from, to] = [other('D'), other('D')];
      const second = one(currencies.filter((name) => name !== currency));
      rows.push(
        `pay p${i} ${from}>${to} ${amount} ${currency} via D ${amount} ${second} at 1 ${priority}`,
      );
    } else {
      const from = one(banks);
      rows.push(`pay p${i} ${from}>${other(from)} ${amount} ${currency} ${priority}`);
    }
  }
  return { accounts, rows };
}

/** Rows that leave a bank with less than it must keep, or a limit of it below its position. */
function strain(
  name: string,
  bank: string,
  other: string,
  currency: string,
  spread: number,
  pick: (below: number) => number,
): string[] {
  const kind = pick(3);
  if (kind === 0) {
    const priority = pick(3) === 0 ? 'urgent' : 'high';
    return [`reserve ${name} ${bank} ${currency} ${priority} ${1 + pick(4 * spread)}`];
  }
  // Paid by a credit line that is then taken away, under a limit that is then lowered.
  const amount = 1 + pick(spread);
  const pay = `pay ${name} ${bank}>${other} ${amount} ${currency} urgent`;
  const line = (capacity: number): string => `line ${bank} ${currency} ${capacity}`;
  if (kind === 1) return [line(2 * spread), pay, line(pick(amount))];
  const limit = (id: string, figure: number): string =>
    `limit ${name}${id} ${bank}>${other} ${currency} ${figure}`;
  return [line(4 * spread), limit('a', spread), pay, limit('b', pick(amount)), line(pick(spread))];
}
