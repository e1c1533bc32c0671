/** What each bank paid and what it used for that, by currency: a row an account. */
import { shareOf } from '../report/figures/corridor-figures.ts';
import { ratio } from '../report/figures/delay-indicators.ts';
import { isCounted, type PaymentRow, waitMs } from '../report/figures/payment-book.ts';
import type { Indicators } from '../report/figures/run-indicators.ts';
import type { NamedAccount } from '../report/figures/run-results.ts';
import type { Figures } from './cell-figures.ts';

interface Paid {
  submitted: number;
  settled: number;
  settledMinor: bigint;
  /** Sum of value times wait, of what settled. */
  waited: bigint;
}

/** By the bank debited: a dealer's second legs are in its account's liquidity alone. */
export function bankRows(
  payments: Iterable<PaymentRow>,
  accounts: readonly NamedAccount[],
  indicators: Indicators,
): Figures[] {
  const key = (bic: string, code: string) => `${bic} ${code}`;
  const paid = new Map<string, Paid>();
  const of = (name: string): Paid => {
    const known = paid.get(name) ?? { submitted: 0, settled: 0, settledMinor: 0n, waited: 0n };
    paid.set(name, known);
    return known;
  };
  for (const row of payments) {
    const sums = of(key(row.debtorAgent, row.currency));
    if (isCounted(row)) sums.submitted += 1;
    if (row.status !== 'settled') continue;
    if (isCounted(row)) sums.settled += 1;
    sums.settledMinor += row.amountMinor;
    sums.waited += row.amountMinor * BigInt(waitMs(row));
  }
  const bounds = new Map(
    indicators.currencies.flatMap(({ currency, accounts: all }) =>
      all.map((account) => [key(account.participant, currency), account] as const),
    ),
  );
  return accounts.map((account) => {
    const {
      bic,
      currencyCode: code,
      openingMinor,
      injectedMinor,
      creditLineMinor,
      drawnMinor,
    } = account;
    const { submitted, settled, settledMinor, waited } = of(key(bic, code));
    const bound = bounds.get(key(bic, code));
    const availableMinor = openingMinor + injectedMinor + creditLineMinor;
    return {
      participant: bic,
      currency: code,
      submitted,
      settled,
      settledShare: shareOf(settled, submitted),
      settledValueMinor: String(settledMinor),
      valueWeightedDelayMs: settledMinor > 0n ? ratio(waited, settledMinor) : null,
      availableMinor: String(availableMinor),
      usedMinor: String(drawnMinor),
      usage: availableMinor > 0n ? ratio(drawnMinor, availableMinor) : null,
      upperMinor: String(bound?.upperMinor ?? 0n),
      lowerMinor: String(bound?.lowerMinor ?? 0n),
    };
  });
}
