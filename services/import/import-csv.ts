/** A source's CSV files, by a mapping, into the folder of an import. */
import { createHash, hash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { grown } from '../analysis/growing-typed-arrays.ts';
import { counted } from '../explain/amount-words.ts';
import { nothingWritten } from '../platform/exit-codes.ts';
import { MINOR_UNITS } from '../scenario/currency-decimals.ts';
import { LISTED_COLUMNS, type ListedColumn } from '../scenario/listed-payments.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import { PAYMENTS_MAX } from '../scenario/schema-traffic.ts';
import { BadRows, RowFault } from './bad-rows.ts';
import { checkWritten } from './check-written.ts';
import { OpeningHours } from './imported-hours.ts';
import { type ImportedPayment, paymentReader, type RowReading } from './imported-payments.ts';
import type { Mapping } from './mapping.ts';
import { NumberedTexts } from './numbered-texts.ts';
import { ObservedLate } from './observed-late.ts';
import {
  Movements,
  missingBalance,
  type SourceAccount,
  SourceAccounts,
} from './source-accounts.ts';
import { type SourceTables, tablesOf } from './source-files.ts';
import type { SourceTable } from './source-table.ts';
import { SourceBics } from './test-bics.ts';
import { ImportFolder, scenarioName } from './write-import.ts';

export interface CsvImport {
  readonly files: readonly string[];
  readonly mapping: Mapping;
  /** As messages name it: a file, or what was sniffed. */
  readonly mappingName: string;
  readonly out: string;
  /** BICs of real institutions stay as they are. */
  readonly keepsBics: boolean;
}

export interface Imported {
  readonly files: readonly string[];
  readonly payments: number;
  readonly businessDates: readonly string[];
  readonly participants: number;
  readonly assumed: readonly string[];
  readonly differences: readonly string[];
}

const COLUMNS_ALWAYS: readonly string[] = LISTED_COLUMNS.slice(0, 7);

/**
 * Reads, checks and writes. Memory is that of a block of rows, of the accounts, of a reference or a digest a payment, and of
 * a few numbers where the mapping asks for upper bounds or has times of settlement.
 * @throws ScenarioError that tells the bad rows, or the one thing that is wrong; nothing is written then
 */
export function importCsv(request: CsvImport): Imported {
  const tables = tablesOf(request.files, request.mapping, request.mappingName);
  const columns = LISTED_COLUMNS.filter(
    (column) => COLUMNS_ALWAYS.includes(column) || tables.payments.some((one) => one.has(column)),
  );
  const folder = new ImportFolder(request.out, columns, [...request.files, request.mappingName]);
  try {
    return new CsvReading(request, tables, folder).import(columns);
  } catch (error) {
    folder.discard();
    throw nothingWritten(request.out, error);
  }
}

interface NumberedPayment {
  /** Of its row in payments.csv, from 0 on. */
  readonly number: number;
  readonly payment: ImportedPayment;
}

/** One import while its files are read. */
class CsvReading {
  readonly #request: CsvImport;
  readonly #tables: SourceTables;
  readonly #folder: ImportFolder;
  readonly #bad = new BadRows();
  readonly #bics: SourceBics;
  readonly #reading: RowReading;
  readonly #accounts = new SourceAccounts();
  readonly #hours: OpeningHours;
  readonly #movements: Movements | null;
  readonly #digests = new Map<string, string>();
  /** Lines of the written payments in their files, and how many of them come from each file. */
  #lines = new Uint32Array(1024);
  #written = 0;
  /** Local times that come twice. */
  #twice = 0;
  readonly #ends: number[] = [];
  /** Of all files: the rows of payments.csv that have them, from 0 on. */
  readonly #references = new NumberedTexts();
  /** The same of rows without a reference, whole, as digests. */
  readonly #whole = new NumberedTexts();
  /** How many are as an earlier one, and the first that is. */
  #copies = 0;
  #firstCopy = '';
  /** Null: no file says when payments settled. */
  readonly #late: ObservedLate | null;
  /** By date, the rows that were submitted first and last. */
  readonly #extremes = new Map<string, { first: NumberedPayment; last: NumberedPayment }>();

  constructor(request: CsvImport, tables: SourceTables, folder: ImportFolder) {
    const { mapping, keepsBics } = request;
    this.#request = request;
    this.#tables = tables;
    this.#folder = folder;
    this.#bics = new SourceBics(mapping.bics, keepsBics);
    const securities = mapping.scenario.securities as
      | Record<string, { decimals?: number }>
      | undefined;
    const decimalsOf = (code: string) =>
      MINOR_UNITS.get(code) ?? (securities?.[code] && (securities[code].decimals ?? 0));
    const onTwice = () => {
      this.#twice += 1;
    };
    this.#reading = { mapping, bics: this.#bics, decimalsOf, onTwice };
    this.#hours = new OpeningHours(mapping);
    this.#movements = mapping.missingBalance === 'upperBound' ? new Movements() : null;
    this.#late = tables.payments.some((one) => one.has('settled')) ? new ObservedLate() : null;
  }

  import(columns: readonly ListedColumn[]): Imported {
    for (const table of this.#tables.balances)
      this.#digested(table, (onBytes) =>
        this.#accounts.read(table, this.#reading, this.#bad, onBytes),
      );
    for (const table of this.#tables.payments)
      this.#digested(table, (onBytes) => this.#readPayments(table, onBytes));
    this.#folder.endPayments();
    this.#refuseBad();
    for (const [kind, tables] of Object.entries(this.#tables))
      for (const { path, rows } of tables)
        if (rows === 0)
          throw new ScenarioError(`${path}: no rows: expected ${kind} below the header`);
    const scenario = this.#scenario();
    this.#refuseBad();
    const { mapping, out } = this.#request;
    const checked = checkWritten(
      this.#folder,
      scenario,
      columns,
      [...this.#extremes.values()].flatMap(({ first, last }) =>
        [first, last].map(({ number, payment }) => [number, payment.row] as const),
      ),
      (row, fault) => this.#tell(row, fault),
      `${out}/scenario.yaml`,
      (path) =>
        path[0] !== undefined && path[0] in mapping.scenario
          ? `${mapping.where(['scenario', ...path])}: scenario.`
          : null,
    );
    this.#refuseBad();
    return this.#finish(scenario, checked);
  }

  #refuseBad(): void {
    const tables = Object.values(this.#tables).flat();
    this.#bad.refuse(
      tables.reduce((sum, { rows }) => sum + rows, 0),
      tables.length,
    );
  }

  #digested(table: SourceTable, read: (onBytes: (bytes: Uint8Array) => void) => void): void {
    const hash = createHash('sha256');
    read((bytes) => hash.update(bytes));
    this.#digests.set(table.path, hash.digest('hex'));
  }

  #readPayments(table: SourceTable, onBytes: (bytes: Uint8Array) => void): void {
    const read = paymentReader(table, this.#reading);
    const isObserved = table.has('settled');
    for (const { fields, line } of table.read(this.#bad, onBytes))
      try {
        const payment = read(fields);
        if (this.#written === PAYMENTS_MAX)
          throw new RowFault('', `at most ${PAYMENTS_MAX} payments`, fields.join(' | '));
        if (this.#movements !== null) refuseUnbounded(table, payment);
        if (payment.row.reference) this.#refuseAgain(table, payment);
        else this.#countAgain(table, fields, line);
        this.#keep(table, payment, line);
        const { atMs: submittedMs, settledMs } = payment;
        if (isObserved) this.#folder.addPayment(payment.row, { submittedMs, settledMs });
        else this.#folder.addPayment(payment.row);
      } catch (error) {
        if (!(error instanceof RowFault)) throw error;
        this.#bad.add(`${table.path}:${line}`, error);
      }
    this.#ends.push(this.#written);
  }

  /** Who pays whom, when: what the scenario is made of. */
  #keep(table: SourceTable, payment: ImportedPayment, line: number): void {
    const { row, atMs, timeMs, periodMs, amountMinor, settledMs } = payment;
    const { date = '', debtor = '', creditor = '', currency = '' } = row;
    const account = (bic: string, code: string, column: string) =>
      this.#accounts.numberOf(bic, code, this.#reading.decimalsOf(code) as number, () => ({
        place: `${table.path}:${line}`,
        column: table.nameOf(column),
      }));
    const credited = row.toCurrency ?? currency;
    const from = account(debtor, currency, 'debtor');
    const to = account(creditor, credited, 'creditor');
    const see = (code: string) => {
      this.#hours.see(code, timeMs);
      for (const one of periodMs) this.#hours.see(code, one);
    };
    see(currency);
    if (settledMs !== null) this.#hours.seeInstant(currency, date, settledMs);
    if (credited !== currency) see(credited);
    for (const code of row.dealer ? [currency, credited] : [])
      account(row.dealer as string, code, 'dealer');
    if (row.receives !== undefined) {
      account(debtor, row.receives, 'debtor');
      account(creditor, row.receives, 'creditor');
      see(row.receives);
    }
    this.#movements?.add(atMs, from, to, amountMinor);
    this.#late?.add(currency, date, settledMs);
    const known = this.#extremes.get(date);
    const numbered = { number: this.#written, payment };
    if (known === undefined) this.#extremes.set(date, { first: numbered, last: numbered });
    else if (atMs < known.first.payment.atMs) known.first = numbered;
    else if (atMs > known.last.payment.atMs) known.last = numbered;
    if (this.#written === this.#lines.length)
      this.#lines = grown(this.#lines, 2 * this.#lines.length);
    this.#lines[this.#written] = line;
    this.#written += 1;
  }

  /**
   * A bank's reference names one payment, or both legs of a trade, which have other debtors. What is kept is
   * the row that comes next: no fault may be found in it afterwards.
   */
  #refuseAgain(table: SourceTable, { row: { debtor, reference } }: ImportedPayment): void {
    const earlier = this.#references.add(`${debtor} ${reference}`, this.#written);
    if (earlier === null) return;
    const place = this.#placeFrom(table, earlier);
    throw new RowFault(
      table.nameOf('reference'),
      `each reference of a bank once; ${place} has it`,
      reference,
    );
  }

  /** A row without a reference may be a payment of its own, or one that the source has twice. */
  #countAgain(table: SourceTable, fields: readonly string[], line: number): void {
    const earlier = this.#whole.add(hash('sha256', fields.join('\0'), 'base64'), this.#written);
    if (earlier === null) return;
    this.#copies += 1;
    this.#firstCopy ||= `${table.path}:${line} is as ${this.#placeFrom(table, earlier)}`;
  }

  /** @param row of payments.csv, from 0 on, as messages about `table` name it */
  #placeFrom(table: SourceTable, row: number): string {
    const other = this.#tableOf(row);
    return `${other === table ? 'line ' : `${other.path}:`}${this.#lines[row]}`;
  }

  /** @param row of payments.csv, from 0 on; behind all ends it is of the file that is being read */
  #tableOf(row: number): SourceTable {
    const at = this.#ends.findIndex((end) => row < end);
    return this.#tables.payments[at < 0 ? this.#ends.length : at] as SourceTable;
  }

  /** @param row of payments.csv, from 0 on */
  #tell(row: number, { column, expected, value }: RowFault): void {
    const table = this.#tableOf(row);
    const fault = new RowFault(table.nameOf(column), expected, value);
    this.#bad.add(`${table.path}:${this.#lines[row]}`, fault);
  }

  #scenario(): Record<string, unknown> {
    const { mapping, out, keepsBics } = this.#request;
    const { missingBalance: rule, scenario } = mapping;
    const bounds = this.#movements?.upperBounds(this.#accounts.all.length) ?? null;
    const names = new Map([...this.#bics.table].map(([name, bic]) => [bic, name]));
    const told = new Set<string>();
    const balanceOf = (account: SourceAccount): string => {
      if (rule !== undefined) return missingBalance(rule, account, bounds);
      const { place, column, bic, code } = account;
      const expected = `a bank with a balance in ${code} in the files of balances, or missingBalance in the mapping: upperBound, zero or an amount`;
      this.#bad.add(place, new RowFault(column, expected, names.get(bic)), !told.has(place));
      told.add(place);
      return '0';
    };
    const participants = this.#accounts.participants((bic) => names.get(bic) ?? bic, balanceOf);
    return {
      name: scenarioName(basename(resolve(out)), 'import'),
      description: `Imported from ${this.#tables.payments.map(({ path }) => basename(path)).join(', ')}.`,
      ...scenario,
      businessDates: [...this.#extremes.keys()].sort(),
      zone: mapping.payments.zone,
      currencies: this.#hours.currencies(this.#accounts.all.map(({ code }) => code)),
      ...(keepsBics && { realBics: true }),
      participants,
      payments: { csv: 'payments.csv' },
    };
  }

  #finish(scenario: Record<string, unknown>, checked: Scenario): Imported {
    const { mapping, mappingName, keepsBics } = this.#request;
    const unknown = this.#accounts.all.filter(({ fields }) => fields === undefined).length;
    const { missingBalance: rule } = mapping;
    const assumed = [
      ...this.#hours.assumed,
      ...(unknown > 0 && rule !== undefined
        ? [
            `Balances of ${counted(unknown, 'account')} that no row of balances has: ${RULES[rule] ?? rule}.`,
          ]
        : []),
    ];
    const changed = [...this.#bics.table].filter(([name, bic]) => name !== bic).length;
    const { timeForm = '', settledForm = '', zone } = mapping.payments;
    const differences = [
      ...(changed > 0
        ? [`BICs of ${counted(changed, 'name')} of the source are test BICs, as bics.csv says.`]
        : []),
      ...[...this.#bics.table.keys()]
        .filter((name) => this.#bics.table.has(`${name}XXX`))
        .map((name) => `${name} and ${name}XXX are two participants: BICs are compared exactly.`),
      ...(keepsBics ? ['BICs are those of the source: realBics is true.'] : []),
      ...(/F/.test(timeForm + settledForm) ? ['Times are in ms: what is less is cut off.'] : []),
      ...(this.#twice > 0
        ? [
            `${counted(this.#twice, 'local time')} ${this.#twice === 1 ? 'comes' : 'come'} twice in ${zone}, whose clocks go back then: the first is taken.`,
          ]
        : []),
      ...(this.#copies > 0
        ? [
            `${counted(this.#copies, 'row')} without a reference ${this.#copies === 1 ? 'is' : 'are'} as an earlier one in all columns, and ${this.#copies === 1 ? 'a payment of its own' : 'payments of their own'}: ${this.#firstCopy}.`,
          ]
        : []),
      ...(this.#late?.sentences(
        checked,
        (row) => `${this.#tableOf(row).path}:${this.#lines[row]}`,
      ) ?? []),
    ];
    const businessDates = scenario.businessDates as string[];
    const participants = (scenario.participants as unknown[]).length;
    const told = {
      mappingFile: mappingName,
      mapping,
      counts: {
        payments: this.#written,
        businessDates: businessDates.length,
        participants,
        accounts: this.#accounts.all.length,
      },
      assumed,
    };
    const files = this.#folder.finish({
      source: 'csv',
      files: this.#digests,
      scenario,
      bics: this.#bics.table,
      differences,
      told,
    });
    return { files, payments: this.#written, businessDates, participants, assumed, differences };
  }
}

const RULES: Readonly<Record<string, string>> = {
  upperBound: 'the least with which each of their payments settles when it is submitted',
  zero: '0',
};

const UNBOUNDED = [
  ['toCurrency', 'what the dealer needs depends on rates'],
  ['receives', 'a leg of a trade settles with the other, not when it is submitted'],
] as const;

/** @throws RowFault of what moves money otherwise than from debtor to creditor when it is submitted */
function refuseUnbounded(table: SourceTable, { row }: ImportedPayment): void {
  for (const [column, why] of UNBOUNDED)
    if (row[column] && row[column] !== row.currency)
      throw new RowFault(
        table.nameOf(column),
        `one currency, where missingBalance is upperBound: ${why}`,
        row[column],
      );
}
