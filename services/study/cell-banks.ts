/** What each bank paid and what it used for that, by currency: a row an account. */

import { ExactSum, ProductSum } from '../analysis/exact-sum.ts';
import { accountKey } from '../analysis/ledger.ts';
import { bicOf, currencyOf } from '../protocol/names/handles-to-names.ts';
import { shareOf } from '../report/figures/corridor-figures.ts';
import { isSettled } from '../report/figures/liquidity-bounds.ts';
import type { PaymentTable } from '../report/figures/payment-table.ts';
import { ratio } from '../report/figures/ratio-rounding.ts';
import type { NamedAccount } from '../report/figures/run-books.ts';
import type { Indicators } from '../report/figures/run-indicators.ts';
import type { ColumnGroups, Figures } from './cell-figures.ts';

class Paid {
  submitted = 0;
  settled = 0;
  readonly settledMinor = new ExactSum();
  /** Sum of value times wait, of what settled. */
  readonly waited = new ProductSum();
}

/** By the bank debited: a dealer's second legs are in its account's liquidity alone. */
export function bankRows(
  payments: readonly PaymentTable[],
  accounts: readonly NamedAccount[],
  indicators: Indicators,
) {
  const key = (bic: string, code: string) => `${bic} ${code}`;
  const paid = new Map<string, Paid>();
  for (const table of payments)
    for (const { participant, currency, sums } of paidIn(table))
      paid.set(
        key(bicOf(table.directory, participant), currencyOf(table.directory, currency)),
        sums,
      );
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
    const { submitted, settled, ...sums } = paid.get(key(bic, code)) ?? new Paid();
    const settledMinor = sums.settledMinor.value;
    const bound = bounds.get(key(bic, code));
    const availableMinor = openingMinor + injectedMinor + creditLineMinor;
    return {
      participant: bic,
      currency: code,
      submitted,
      settled,
      settledShare: shareOf(settled, submitted),
      settledValueMinor: String(settledMinor),
      valueWeightedDelayMs: settledMinor > 0n ? ratio(sums.waited.value, settledMinor) : null,
      availableMinor: String(availableMinor),
      usedMinor: String(drawnMinor),
      usage: availableMinor > 0n ? ratio(drawnMinor, availableMinor) : null,
      upperMinor: String(bound?.upperMinor ?? 0n),
      lowerMinor: String(bound?.lowerMinor ?? 0n),
      leastUnsettledMinor: String(bound?.leastUnsettledMinor ?? 0n),
    } satisfies Figures;
  });
}

export const BANK_ROW_COLUMNS: ColumnGroups<ReturnType<typeof bankRows>[number]> = {
  ...{ participant: 'figure', currency: 'figure', submitted: 'figure', settled: 'figure' },
  ...{ settledShare: 'figure', settledValueMinor: 'figure', valueWeightedDelayMs: 'figure' },
  ...{ availableMinor: 'figure', usedMinor: 'figure', usage: 'figure' },
  ...{ upperMinor: 'figure', lowerMinor: 'figure', leastUnsettledMinor: 'figure' },
};

/** By the handles of the account debited. */
function paidIn(payments: PaymentTable) {
  const { debtors, currencies } = payments.of;
  const byAccount = new Map<
    number,
    { readonly participant: number; readonly currency: number; readonly sums: Paid }
  >();
  for (let row = 0; row < payments.length; row++) {
    const [participant, currency] = [debtors[row] as number, currencies[row] as number];
    const account = accountKey(participant, currency);
    let own = byAccount.get(account);
    if (!own) {
      own = { participant, currency, sums: new Paid() };
      byAccount.set(account, own);
    }
    const { sums } = own;
    const isCounted = payments.isCounted(row);
    if (isCounted) sums.submitted += 1;
    if (!isSettled(payments, row)) continue;
    if (isCounted) sums.settled += 1;
    sums.settledMinor.addFrom(payments.words, row);
    sums.waited.add(payments.high(row), payments.low(row), payments.waitMs(row));
  }
  return byAccount.values();
}
