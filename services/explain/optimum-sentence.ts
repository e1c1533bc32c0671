import {
  bestSet,
  byNumber,
  byValue,
  leastMoney,
  type NoMoney,
} from '../analysis/queues/best-set-and-least-money.ts';
import type { QueuedPayment, QueueState } from '../core/settlement/queue-state.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { loadHighs } from '../platform/optimizer/highs-solver.ts';
import type { PoolState } from '../replay/replayed-state-and-names.ts';
import { type Amounts, counted, listed } from './amount-words.ts';
import type { EarlierTakers } from './earlier-takers.ts';
import type { Tense } from './queue-hold-sentence.ts';

/** A percentage of minor amounts, with two decimals. */
const percent = (part: bigint, whole: bigint): string =>
  whole === 0n ? '0.00 %' : `${(Number((part * 10_000n) / whole) / 100).toFixed(2)} %`;

/** The same of a gap, which is not told as none. */
const gapPercent = (gap: bigint, whole: bigint): string => {
  const text = percent(gap, whole);
  return gap > 0n && text === '0.00 %' ? 'less than 0.01 %' : text;
};

/** How far an answer may be from the best, and in which words. */
interface Gap {
  readonly isProven: boolean;
  /** |bound - value| / bound. */
  readonly gap: string;
}

const gapOf = (value: bigint, bound: bigint): Gap => ({
  isProven: value === bound,
  gap: gapPercent(value > bound ? value - bound : bound - value, bound),
});

const gapText = ({ isProven, gap }: Gap, proven: string, seconds: number): string =>
  isProven ? `${proven} by HiGHS` : `found by HiGHS in ${seconds} s, ${gap} from the best at most`;

/** The best set that a cycle could have settled without the sequence rule. */
export interface ExactCycle extends Gap {
  /** Null: the number of payments. */
  readonly valueIn: string | null;
  readonly best: bigint;
  readonly payments: number;
  /** The same of what the cycle settled. */
  readonly settled: bigint;
}

/**
 * @param currencies handles of those that the cycle looked at
 * @param valueIn the currency whose value counts; null: that of the only one, or the number
 */
export async function exactCycle(
  pool: PoolState,
  state: QueueState,
  currencies: readonly number[],
  settled: readonly number[],
  valueIn: string | null,
  seconds: number,
): Promise<ExactCycle> {
  refuseAcross(state, '--exact');
  const only = currencies.length === 1 ? currencies[0] : undefined;
  const handle = valueIn === null ? only : pool.directory.currencyHandle(valueIn);
  if (valueIn !== null && (handle === undefined || !currencies.includes(handle)))
    throw new BadInput(
      `--value-in ${valueIn}: the cycle looked at ${listed(currencies.map((c) => pool.directory.currency(c).currency))}; expected one of them`,
    );
  const worth = handle === undefined ? byNumber : byValue(handle);
  const solve = await loadHighs();
  const optimum = inWords(() => bestSet(state, currencies, worth, solve, seconds));
  const booked = state.payments.filter((p) => settled.includes(p.position));
  return {
    valueIn: handle === undefined ? null : pool.directory.currency(handle).currency,
    best: optimum.value,
    payments: optimum.settled.size,
    settled: booked.reduce((sum, p) => sum + worth(p), 0n),
    ...gapOf(optimum.value, optimum.bound),
  };
}

export function exactText(exact: ExactCycle, amounts: Amounts, seconds: number): string {
  const { valueIn, best, payments, settled } = exact;
  const much = (amount: bigint): string =>
    valueIn === null ? counted(Number(amount), 'payment') : amounts.text(valueIn, amount);
  const how = gapText(exact, 'proven', seconds);
  const best1 = valueIn === null ? much(best) : `${much(best)} in ${counted(payments, 'payment')}`;
  return `  without the sequence rule ${best1} could have settled (${how}); the cycle settled ${much(settled)}, ${percent(settled, best)} of it`;
}

/** The least money over all accounts that releases a payment by gridlock resolution. */
export interface LeastMoney extends Gap {
  readonly injections: readonly {
    readonly participant: string;
    readonly currency: string;
    readonly amount: bigint;
  }[];
  /** What then settles with it, at least. */
  readonly settles: number;
}

/** One major unit of each currency counts alike. */
export async function leastMoneyFor(
  pool: PoolState,
  state: QueueState,
  payment: QueuedPayment,
  seconds: number,
): Promise<LeastMoney | NoMoney> {
  refuseAcross(state, '--minimum');
  const solve = await loadHighs();
  const decimals = pool.directory.currencies.map((c) => c.minorUnits);
  const most = Math.max(...decimals);
  const weights = decimals.map((d) => 10n ** BigInt(most - d));
  const all = state.mechanisms.map((_, currency) => currency);
  const least = inWords(() => leastMoney(state, all, payment, weights, solve, seconds));
  if (typeof least === 'string') return least;
  return {
    injections: [...least.injections].map(([name, amount]) => {
      const [participant, currency] = name.split('/').map(Number) as [number, number];
      return {
        participant: pool.directory.bic(participant),
        currency: pool.directory.currency(currency).currency,
        amount,
      };
    }),
    settles: least.settled.size,
    ...gapOf(least.value, least.bound),
  };
}

export function leastMoneyText(
  least: LeastMoney | NoMoney,
  amounts: Amounts,
  seconds: number,
  passed: number,
): string {
  if (least === 'none')
    return 'No money in any accounts releases it by gridlock resolution (proven by HiGHS).';
  if (least === 'notFound')
    return `No money with which gridlock resolution releases it was found by HiGHS in ${seconds} s; it is not proven that there is none.`;
  const { injections, settles } = least;
  if (injections.length === 0)
    return 'It needs no money: a cycle of gridlock resolution settles it.';
  const into = injections.map(
    ({ participant, currency, amount }) =>
      `${amounts.text(currency, amount)} into ${participant}'s ${currency} account`,
  );
  return `Over all accounts the least money with which gridlock resolution settles it is ${listed(into)}; ${counted(settles, 'payment')} settle then (${gapText(least, 'proven least', seconds)}; a major unit of each currency counts alike).${orderText(passed)}`;
}

/** Why the shortages alone do not release a payment that others may pass; empty where they do. */
export function earlierTakersText(
  { directory }: PoolState,
  takers: EarlierTakers | null,
  amounts: Amounts,
  tense: Tense,
): string[] {
  if (takers === null) return [];
  const { payments, taken } = takers;
  const money = taken.map(
    ({ participant, currency, amount }) =>
      `${amounts.text(directory.currency(currency).currency, amount)} of ${directory.bic(participant)}'s ${directory.currency(currency).currency} account`,
  );
  const [alone, take] =
    tense === 'past'
      ? ['would not have released', 'would have taken']
      : ['do not release', payments === 1 ? 'takes' : 'take'];
  return [
    `The shortages alone ${alone} it: under bypass FIFO ${counted(payments, 'payment')} before it ${take} the money first, ${listed(money)}.`,
  ];
}

/** Gridlock resolution passes nothing, so its least money may be far more than what a payment lacks. */
const orderText = (passed: number): string =>
  passed === 0
    ? ''
    : ` Gridlock resolution keeps the order of the queues, so that pays also for ${counted(passed, 'payment')} before it that bypass FIFO lets it pass.`;

/** A limit across currencies has a term for each balance below zero; the programs have none. */
function refuseAcross({ crossLimits }: QueueState, option: string): void {
  if (crossLimits.length > 0)
    throw new BadInput(
      `${option}: participants have limits across currencies, which its integer program does not know; expected a pool without`,
    );
}

/** Amounts that the solver cannot take are the input's matter. */
function inWords<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new BadInput(`HiGHS: ${error.message}`);
    throw error;
  }
}
