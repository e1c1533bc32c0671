import type { AccountBook } from '../../analysis/audited-accounts-book.ts';
import { ratio } from './ratio-rounding.ts';

export interface LiquiditySummary {
  /** Opening balances, and of each account the most that was issued less redeemed, and the most credit. */
  readonly availableMinor: string;
  /** Sum over participants of the most that payments drew: max(0, opening + issued - redeemed - balance). */
  readonly usedMinor: string;
  readonly usage: number | null;
  /** Value settled (both kinds of leg) / liquidity used. */
  readonly turnover: number | null;
}

/**
 * Of the accounts in one currency: docs/indicators.md, "Liquidity".
 * @param flow value settled in it, both kinds of leg; minor units
 */
export function liquiditySummary(accounts: readonly AccountBook[], flow: bigint): LiquiditySummary {
  const sum = (figure: (account: AccountBook) => bigint) =>
    accounts.reduce((total, account) => total + figure(account), 0n);
  const available = sum((a) => a.openingMinor + a.injectedMinor + a.creditLineMinor);
  const used = sum(({ drawnMinor }) => drawnMinor);
  return {
    availableMinor: available.toString(),
    usedMinor: used.toString(),
    usage: available > 0n ? ratio(used, available) : null,
    turnover: used > 0n ? ratio(flow, used) : null,
  };
}
