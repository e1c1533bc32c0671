import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Payments a second that a sandbox's banks send at most: it is for trying things out; what a machine can do is measured by `npm run bench`. */
export const TRAFFIC_PER_SECOND_MAX = 1_000;

/** By currency, the banks that have an account in it. */
export type Holders = ReadonlyMap<string, ReadonlySet<Bic>>;

/** Banks alone: dealers send nothing by themselves. */
export function holdersOf({ participants, currencies }: Scenario): Holders {
  const banks = participants.filter(({ role }) => role === 'bank');
  const holds = ({ accounts }: (typeof banks)[number], index: number) =>
    accounts.some(({ currency }) => currency === index);
  return new Map(
    currencies.map(({ code }, index) => [
      code,
      new Set(banks.filter((bank) => holds(bank, index)).map(({ bic }) => bic as Bic)),
    ]),
  );
}

/**
 * How much each bank sends, payments a second, where it pays the others in its currencies at random:
 * the same from each account, so that in the long run each account gets back what it paid. Were it
 * the same from each bank, those with one currency would pay those with two until they are empty, and
 * ever more payments would wait. A bank that can pay nobody sends nothing.
 */
export function balancedRates(holders: Holders, paymentsPerSecond: number): Map<Bic, number> {
  const accounts = new Map<Bic, number>();
  for (const [code, banks] of holders) {
    // A security is delivered by trades, never paid.
    if (code.length !== 3 || banks.size < 2) continue;
    for (const bic of banks) accounts.set(bic, (accounts.get(bic) ?? 0) + 1);
  }
  const all = [...accounts.values()].reduce((sum, count) => sum + count, 0);
  return new Map([...accounts].map(([bic, count]) => [bic, (paymentsPerSecond * count) / all]));
}
