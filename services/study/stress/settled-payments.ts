/** What settled on a day, payment by payment, as what a failure is held against. */
import { NO_CURRENCY } from '../../core/settlement/events.ts';
import { NONE32 } from '../../core/settlement/records.ts';
import { currencyOf } from '../../protocol/names/handles-to-names.ts';
import { isSettled } from '../../report/figures/liquidity-bounds.ts';
import type { PaymentTable } from '../../report/figures/payment-table.ts';
import type { Scenario } from '../../scenario/scenario.ts';

/** An account over all pools: the scenario's numbers of its participant and its currency. */
export type StressAccount = number;

/** A payment that settled; the two legs of a trade that met are one. */
export interface SettledPayment {
  /** Of its UETR: the same on every day that has the same plan. */
  readonly key: string;
  readonly settledMs: number;
  /** Participants by their numbers in the scenario: who pays, who is paid, and through whom. */
  readonly parties: readonly number[];
  /** Accounts from which it needs money, and those to which it brings some. */
  readonly debits: readonly StressAccount[];
  readonly credits: readonly StressAccount[];
  /** What it settles, by the currency debited; of a trade both legs. */
  readonly values: readonly { readonly currency: string; readonly amountMinor: bigint }[];
}

/** Instants of settlement by key; NaN: it was sent and has not settled. */
export type Outcomes = ReadonlyMap<string, number>;

const keyAt = ({ of }: PaymentTable, row: number): string =>
  Buffer.from(of.ids.buffer, of.ids.byteOffset + row * 16, 16).toString('latin1');

export function outcomesOf(tables: readonly PaymentTable[]): Outcomes {
  const outcomes = new Map<string, number>();
  for (const table of tables)
    for (let row = 0; row < table.length; row++)
      outcomes.set(
        keyAt(table, row),
        isSettled(table, row) ? (table.of.finalMs[row] as number) : Number.NaN,
      );
  return outcomes;
}

/** By pool, in the order in which they were sent. */
export function settledPayments(
  scenario: Scenario,
  tables: readonly PaymentTable[],
): SettledPayment[] {
  return tables.flatMap((table, pool) => {
    const currencies = scenario.pools[pool]?.currencies ?? [];
    const account = (participant: number, handle: number): StressAccount =>
      participant * scenario.currencies.length + (currencies[handle] as number);
    const payments: SettledPayment[] = [];
    for (let row = 0; row < table.length; row++)
      if (isSettled(table, row) && table.isCounted(row))
        payments.push(paymentAt(table, row, account));
    return payments;
  });
}

function paymentAt(
  table: PaymentTable,
  row: number,
  account: (participant: number, handle: number) => StressAccount,
): SettledPayment {
  const { of } = table;
  const value = (at: number) => ({
    currency: currencyOf(table.directory, of.currencies[at] as number),
    amountMinor: of.amounts[at] as bigint,
  });
  const [debtor, creditor] = [of.debtors[row] as number, of.creditors[row] as number];
  const [dealer, from] = [of.dealers[row] as number, of.currencies[row] as number];
  const to = of.currencies2[row] as number;
  const settled = { key: keyAt(table, row), settledMs: of.finalMs[row] as number };
  const pair = of.pairs[row] as number;
  if (!Number.isNaN(pair)) {
    const other = table.rowAt(pair);
    const back = of.currencies[other] as number;
    return {
      ...settled,
      parties: [debtor, creditor],
      debits: [account(debtor, from), account(creditor, back)],
      credits: [account(creditor, from), account(debtor, back)],
      values: [value(row), value(other)],
    };
  }
  if (dealer === NONE32 || to === NO_CURRENCY)
    return {
      ...settled,
      parties: [debtor, creditor],
      debits: [account(debtor, from)],
      credits: [account(creditor, from)],
      values: [value(row)],
    };
  return {
    ...settled,
    parties: [debtor, creditor, dealer],
    debits: [account(debtor, from), account(dealer, to)],
    credits: [account(dealer, from), account(creditor, to)],
    values: [value(row)],
  };
}
