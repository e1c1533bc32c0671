/**
 * What flows between settlement accounts, leg by leg, and what follows from the flows alone: bounds
 * of the liquidity that they need, what netting could save, and how concentrated they are. Sums are
 * exact (bigint); a ratio is one division at the end.
 */
import { ratio } from './delay-indicators.ts';
import { isLeg, type PaymentRow } from './payment-book.ts';

/** One leg of a payment, in the order in which the payments came in. */
export interface PaidFlow {
  readonly debtor: string;
  readonly creditor: string;
  readonly minor: bigint;
}

/** Of one account, over the whole run: balances carry over from date to date. */
export interface AccountBounds {
  readonly inMinor: bigint;
  readonly outMinor: bigint;
  /** max(0, -min over time of cumulative in - out), were each payment settled as it comes in. */
  readonly upperMinor: bigint;
  /** max(0, out - in): what it pays, net, were all settled together at the end. */
  readonly lowerMinor: bigint;
}

/** Of all accounts of a currency. */
export interface FlowFigures {
  /** Legs. */
  readonly legs: number;
  /** Sum of the legs. */
  readonly grossMinor: bigint;
  readonly upperMinor: bigint;
  readonly lowerMinor: bigint;
  /** 1 - sum of lower bounds / gross value; null without flows. */
  readonly nettingEfficiency: number | null;
  /** Gross value / sum of the bounds; null where the bound is 0. */
  readonly turnoverAtUpper: number | null;
  readonly turnoverAtLower: number | null;
  /** Sum of the squared shares of the accounts that pay (Herfindahl and Hirschman); 1 / n to 1. */
  readonly concentration: number | null;
}

/** Payments that clearing took as valid: all but the rejected, and legs that found no mirror. */
export const isValid = (row: PaymentRow): boolean =>
  row.status !== 'rejected' && (!isLeg(row) || row.pairPosition !== null);

/** The legs of these payments in a currency. A matched leg flows when the later of the two is there. */
export function flowsOf(rows: readonly PaymentRow[], currency: string): PaidFlow[] {
  const entry = ({ position, pairPosition }: PaymentRow) => Math.max(position, pairPosition ?? 0);
  return rows
    .filter((row) => row.currency === currency || (row.dealer !== '' && row.currency2 === currency))
    .sort((a, b) => entry(a) - entry(b))
    .map((row) => {
      const { debtorAgent, creditorAgent, dealer } = row;
      if (row.currency !== currency)
        return { debtor: dealer, creditor: creditorAgent, minor: row.amount2Minor };
      const creditor = dealer === '' ? creditorAgent : dealer;
      return { debtor: debtorAgent, creditor, minor: row.amountMinor };
    });
}

/** Bounds of each account that a flow touches. Source: Leinonen and Soramaki, BoF DP 16/1999. */
export function boundsOf(flows: readonly PaidFlow[]): ReadonlyMap<string, AccountBounds> {
  const accounts = new Map<string, { inMinor: bigint; outMinor: bigint; lowest: bigint }>();
  const account = (name: string) => {
    const known = accounts.get(name) ?? { inMinor: 0n, outMinor: 0n, lowest: 0n };
    accounts.set(name, known);
    return known;
  };
  for (const { debtor, creditor, minor } of flows) {
    const payer = account(debtor);
    payer.outMinor += minor;
    const position = payer.inMinor - payer.outMinor;
    if (position < payer.lowest) payer.lowest = position;
    account(creditor).inMinor += minor;
  }
  return new Map(
    [...accounts].map(([name, { inMinor, outMinor, lowest }]) => {
      const lowerMinor = outMinor > inMinor ? outMinor - inMinor : 0n;
      return [name, { inMinor, outMinor, upperMinor: -lowest, lowerMinor }];
    }),
  );
}

export function flowFigures(
  flows: readonly PaidFlow[],
  of: ReadonlyMap<string, AccountBounds> = boundsOf(flows),
): FlowFigures {
  const bounds = [...of.values()];
  const sum = (figure: (account: AccountBounds) => bigint) =>
    bounds.reduce((total, account) => total + figure(account), 0n);
  const grossMinor = sum(({ outMinor }) => outMinor);
  const upperMinor = sum((account) => account.upperMinor);
  const lowerMinor = sum((account) => account.lowerMinor);
  const over = (part: bigint, whole: bigint) => (whole === 0n ? null : ratio(part, whole));
  return {
    legs: flows.length,
    grossMinor,
    upperMinor,
    lowerMinor,
    nettingEfficiency: over(grossMinor - lowerMinor, grossMinor),
    turnoverAtUpper: over(grossMinor, upperMinor),
    turnoverAtLower: over(grossMinor, lowerMinor),
    concentration: over(
      sum(({ outMinor }) => outMinor * outMinor),
      grossMinor * grossMinor,
    ),
  };
}
