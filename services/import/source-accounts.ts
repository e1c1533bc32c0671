/** Who takes part in a source, with what money: from its balances, and from who pays whom. */

import { double } from '../analysis/growing-typed-arrays.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import { ROLES } from '../protocol/names/participant-roles.ts';
import { type BadRows, RowFault } from './bad-rows.ts';
import { amountsOf, assetOf, type RowReading } from './imported-payments.ts';
import type { SourceTable } from './source-table.ts';

export interface SourceAccount {
  readonly number: number;
  readonly bic: string;
  readonly code: string;
  readonly decimals: number;
  /** As a scenario has them; undefined: no row of balances has the account. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Where it was seen first: `file:line`, and the source's column. */
  readonly place: string;
  readonly column: string;
}

interface SourceParticipant {
  readonly name: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

export class SourceAccounts {
  readonly #accounts: SourceAccount[] = [];
  readonly #numberOf = new Map<string, Map<string, number>>();
  readonly #participants = new Map<string, SourceParticipant>();

  get all(): readonly SourceAccount[] {
    return this.#accounts;
  }

  /** The account's number; it is there from now on. */
  numberOf(
    bic: string,
    code: string,
    decimals: number,
    seen: () => Pick<SourceAccount, 'place' | 'column'>,
  ): number {
    const codes = this.#numberOf.get(bic) ?? new Map<string, number>();
    if (codes.size === 0) this.#numberOf.set(bic, codes);
    const known = codes.get(code);
    if (known !== undefined) return known;
    const number = this.#accounts.length;
    codes.set(code, number);
    this.#accounts.push({ number, bic, code, decimals, ...seen() });
    return number;
  }

  /** The accounts of a file of balances, each of which is one row. */
  read(
    table: SourceTable,
    reading: RowReading,
    bad: BadRows,
    onBytes: (bytes: Uint8Array) => void,
  ): void {
    const cells = (columns: readonly string[]) =>
      columns
        .filter((one) => table.has(one))
        .map((column) => ({ column, of: table.textOf(column) }));
    const [name, code] = [table.textOf('participant'), table.textOf('currency')];
    const amounts = cells(['balance', 'creditLine', 'netDebitCap', 'limit']);
    const facts = cells(['name', 'role', 'size']);
    const amountIn = amountsOf(table, 'of 0 or more');
    for (const { fields, line } of table.read(bad, onBytes))
      try {
        const place = `${table.path}:${line}`;
        const currency = code(fields);
        const decimals = assetOf(table, 'currency', currency, reading);
        const given: Record<string, string> = {};
        for (const { column, of } of amounts) {
          const text = of(fields);
          if (text === '' && column !== 'balance') continue;
          given[column] = amountIn(column, text, currency, decimals).decimal;
        }
        const participant = name(fields);
        const column = table.nameOf('participant');
        if (participant === '') throw new RowFault(column, 'a value');
        const bic = reading.bics.of(column, participant);
        const number = this.numberOf(bic, currency, decimals, () => ({ place, column }));
        const account = this.#accounts[number] as SourceAccount;
        if (account.fields !== undefined)
          throw new RowFault(
            column,
            `each account in ${currency} once; ${account.place} has it`,
            participant,
          );
        this.#accounts[number] = { ...account, fields: given };
        this.#participants.set(bic, {
          name: participant,
          facts: { ...this.#participants.get(bic)?.facts, ...factsOf(table, facts, fields) },
        });
      } catch (error) {
        if (!(error instanceof RowFault)) throw error;
        bad.add(`${table.path}:${line}`, error);
      }
  }

  /**
   * Participants as a scenario has them.
   * @param nameOf a BIC's name in the source
   * @param balanceOf of an account that no row of balances has
   */
  participants(nameOf: (bic: string) => string, balanceOf: (account: SourceAccount) => string) {
    return [...this.#numberOf].map(([bic, codes]) => ({
      bic,
      name: nameOf(bic).slice(0, 140),
      ...this.#participants.get(bic)?.facts,
      accounts: Object.fromEntries(
        [...codes].map(([code, number]) => {
          const account = this.#accounts[number] as SourceAccount;
          return [code, account.fields ?? { balance: balanceOf(account) }];
        }),
      ),
    }));
  }
}

function factsOf(
  table: SourceTable,
  cells: readonly { column: string; of: (fields: readonly string[]) => string }[],
  fields: readonly string[],
): Record<string, string | number> {
  const facts: Record<string, string | number> = {};
  for (const { column, of } of cells) {
    const text = of(fields);
    if (text === '') continue;
    if (column === 'role' && !(ROLES as readonly string[]).includes(text))
      throw new RowFault(table.nameOf(column), `one of ${ROLES.join(', ')}`, text);
    if (column === 'size' && !/^\d{1,9}(?:\.\d+)?$/.test(text))
      throw new RowFault(table.nameOf(column), 'a weight of 0 or more', text);
    facts[column] = column === 'size' ? Number(text) : text;
  }
  return facts;
}

/**
 * What moves between accounts, for the balances with which every payment settles as soon as it is
 * submitted: the upper bound of liquidity (BoF-PSS; docs/indicators.md), of each account alone.
 */
export class Movements {
  readonly #columns = {
    atMs: new Float64Array(1024),
    debited: new Int32Array(1024),
    credited: new Int32Array(1024),
    amountMinor: new BigInt64Array(1024),
  };
  #count = 0;
  #isSorted = true;

  add(atMs: number, debited: number, credited: number, amountMinor: bigint): void {
    const at = this.#count;
    if (at === this.#columns.atMs.length) double(this.#columns);
    const of = this.#columns;
    if (at > 0 && atMs < (of.atMs[at - 1] as number)) this.#isSorted = false;
    of.atMs[at] = atMs;
    of.debited[at] = debited;
    of.credited[at] = credited;
    of.amountMinor[at] = amountMinor;
    this.#count += 1;
  }

  /** By account, in minor units: how far the account goes below its opening balance. */
  upperBounds(accounts: number): BigInt64Array {
    const { atMs, debited: from, credited: to, amountMinor } = this.#columns;
    const order = Uint32Array.from({ length: this.#count }, (_, at) => at);
    // Payments of one moment settle in the order of their rows.
    if (!this.#isSorted) order.sort((a, b) => (atMs[a] as number) - (atMs[b] as number) || a - b);
    const positions = new BigInt64Array(accounts);
    const lowest = new BigInt64Array(accounts);
    for (const at of order) {
      const [debited, credited] = [from[at] as number, to[at] as number];
      const amount = amountMinor[at] as bigint;
      positions[debited] = (positions[debited] as bigint) - amount;
      positions[credited] = (positions[credited] as bigint) + amount;
      if ((positions[debited] as bigint) < (lowest[debited] as bigint))
        lowest[debited] = positions[debited] as bigint;
    }
    return lowest.map((value) => -value);
  }
}

/** What the mapping says of an account without a balance, as an amount. */
export function missingBalance(
  rule: string,
  { number, decimals }: SourceAccount,
  bounds: BigInt64Array | null,
): string {
  if (rule === 'zero') return '0';
  if (rule !== 'upperBound') return rule;
  return amountText((bounds as BigInt64Array)[number] as bigint, decimals);
}
