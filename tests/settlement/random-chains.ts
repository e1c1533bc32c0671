import type { Accounts } from './case-language.ts';
import { seeded } from './random-draft.ts';

const BANKS = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J'];
const CURRENCIES = ['EUR', 'USD', 'CNY'];
const CLASSES = ['urgent', 'high', 'normal'];

interface Leg {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly currency: string;
}

/** Rows that queue one after the other, and the names by which what is left of them can be cancelled. */
export interface ChainRound {
  readonly rows: readonly string[];
  readonly names: readonly string[];
}

export interface ChainRounds {
  readonly accounts: Accounts;
  readonly rounds: readonly ChainRound[];
}

/**
 * Rounds of three to eight payments of one leg and chains of two to six among four banks with little money, limits and
 * reservations: legs share accounts, come back to where they began, differ in amount along the way, and much of
 * it is owed back by something else. With `strained` reservations and limits come behind the payments, so that
 * accounts have less than they must keep.
 * @param crowd not 0: so many of them in each round, among ten banks
 */
export function chainRounds(
  seed: number,
  count: number,
  strained: boolean,
  crowd = 0,
): ChainRounds {
  const pick = seeded(seed);
  const one = <T>(list: readonly T[]): T => list[pick(list.length)] as T;
  const banks = BANKS.slice(0, crowd > 0 ? 10 : 3 + pick(2));
  const currencies = CURRENCIES.slice(0, 1 + pick(3));
  const spread = 2 + pick(4);
  const other = (bank: string): string => one(banks.filter((name) => name !== bank));
  const accounts: Record<string, readonly [number, number]> = {};
  for (const bank of banks)
    for (const currency of currencies)
      accounts[`${bank} ${currency}`] = [
        pick(3) === 0 ? pick(spread) : 0,
        pick(6) === 0 ? pick(spread) : 0,
      ];

  const priority = (): string => CLASSES[pick(3) === 0 ? pick(2) : 2] as string;
  const payment = (): Leg => {
    const from = one(banks);
    return { from, to: other(from), amount: 1 + pick(spread), currency: one(currencies) };
  };

  /** From bank to bank, mostly with one amount; or legs that have nothing to do with each other. */
  function path(): Leg[] {
    const legs = Array.from({ length: 2 + pick(5) }, payment);
    if (pick(4) === 0) return legs;
    const { amount, currency } = legs[0] as Leg;
    let from = one(banks);
    return legs.map((leg) => {
      const to = other(from);
      const own = pick(3) === 0 ? leg : { amount, currency };
      const next = { from, to, amount: own.amount, currency: own.currency };
      from = to;
      return next;
    });
  }

  /** What owes back what something before it owes, to the unit or nearly. */
  const back = (legs: readonly Leg[]): Leg[] =>
    legs
      .map(({ from, to, amount, currency }) => ({
        ...{ from: to, to: from, currency },
        amount: pick(4) === 0 ? 1 + pick(spread) : amount,
      }))
      .reverse();

  function round(prefix: string): ChainRound {
    const names: string[] = [];
    const rows: string[] = [];
    const made: Leg[][] = [];
    const say = (legs: readonly Leg[]): void => {
      const name = `${prefix}p${names.length}`;
      const asked = priority();
      legs.forEach(({ from, to, amount, currency }, k) => {
        const terms = `${name}${k} ${from}>${to} ${amount} ${currency}`;
        if (legs.length === 1) rows.push(`pay ${terms} ${asked}`);
        else
          rows.push(
            `link ${terms} as ${k + 1}/${legs.length} of ${name} ${pick(6) === 0 ? 'normal' : asked}`,
          );
      });
      names.push(`${name}0`);
      made.push([...legs]);
    };
    const size = crowd > 0 ? crowd : 3 + pick(4);
    while (names.length < size) {
      const kind = pick(4);
      if (kind === 0) say([payment()]);
      else if (kind === 1 || made.length === 0) say(path());
      else if (kind === 2) say(back(one(made)));
      else for (const leg of back(one(made)).slice(0, size + 2 - names.length)) say([leg]);
    }
    const bounds = Array.from({ length: pick(4) }, (_, i) => {
      const bank = one(banks);
      const currency = one(currencies);
      if (pick(3) === 0)
        return `reserve ${prefix}v${i} ${bank} ${currency} ${one(['urgent', 'high'])} ${pick(4)}`;
      const against = pick(3) === 0 ? 'all' : other(bank);
      const figure = pick(4) === 0 ? 'none' : pick(2 * spread);
      return `limit ${prefix}l${i} ${bank}>${against} ${currency} ${figure}`;
    });
    return { names, rows: strained ? [...rows, ...bounds] : [...bounds, ...rows] };
  }
  return { accounts, rounds: Array.from({ length: count }, (_, i) => round(`${i}`)) };
}
