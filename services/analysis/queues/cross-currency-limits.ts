import type { CrossLimit, Valuation } from '../../core/settlement/queue-state.ts';

/** What a participant owes and is worth in all of its currencies (docs/settlement.md). */
export interface Across {
  short: bigint;
  /** Times 10,000. */
  worth: bigint;
  add(balance: bigint, valuation: Valuation | undefined): void;
}

const ALL_BPS = 10_000n;

export function accountAcross(): Across {
  return {
    short: 0n,
    worth: 0n,
    add(balance, valuation) {
      const { weight, haircutBps } = valuation ?? { weight: 0n, haircutBps: 0n };
      if (balance < 0n) this.short -= weight * balance;
      this.worth += weight * balance * (ALL_BPS + (balance < 0n ? haircutBps : -haircutBps));
    },
  };
}

const ceilDivide = (a: bigint, b: bigint): bigint => (b === 0n ? a : (a + b - 1n) / b);

/** What breaks a participant's limits, in minor units of their currency, rounded up. */
export function excessAcross(
  { aggregateShort, pooledCollateral }: CrossLimit,
  unit: bigint,
  before: Across,
  after: Across,
): { by: 'aggregateShortLimit' | 'pooledCollateral'; amount: bigint }[] {
  const found: ReturnType<typeof excessAcross> = [];
  const owed = after.short - unit * (aggregateShort ?? 0n);
  if (aggregateShort !== null && owed > 0n && after.short > before.short)
    found.push({ by: 'aggregateShortLimit', amount: ceilDivide(owed, unit) });
  const lacking = -after.worth - ALL_BPS * unit * (pooledCollateral ?? 0n);
  if (pooledCollateral !== null && lacking > 0n && after.worth < before.worth)
    found.push({ by: 'pooledCollateral', amount: ceilDivide(lacking, ALL_BPS * unit) });
  return found;
}
