import assert from 'node:assert/strict';
import type { Static } from '@sinclair/typebox';
import { checker } from '../../services/protocol/messages/document.ts';
import {
  ACCOUNT_REPORT,
  AccountReportSchema,
  NOTIFICATION,
  NotificationSchema,
  STATEMENT,
  StatementSchema,
} from '../../services/protocol/messages/statement.ts';
import type { Headers } from '../../services/protocol/names/message-headers.ts';

type AccountReport = Static<typeof AccountReportSchema>;
type BankStatement = Static<typeof StatementSchema>;
type Notification = Static<typeof NotificationSchema>;
type Entry = Notification['Document']['BkToCstmrDbtCdtNtfctn']['Ntfctn'][0]['Ntry'][0];
type Report = AccountReport['Document']['BkToCstmrAcctRpt']['Rpt'][0];
type Stmt = BankStatement['Document']['BkToCstmrStmt']['Stmt'][0];
type Bal = Report['Bal'][0];

interface Account {
  /** By NtryRef, what camt.054 told. */
  readonly told: Map<string, Entry>;
  /** Of each camt.054, its entries by side: what a statement's entry stands for. */
  readonly batches: Map<string, Entry[]>;
  /** Those that a page of a statement has. */
  readonly stated: Set<string>;
  /** By what was told. */
  balance: bigint;
  closing: bigint;
  sequence: number;
  page: number;
  pageOpening: bigint;
  /** Of the statement at hand. */
  credits: [number, bigint];
  debits: [number, bigint];
  statements: number;
}

/** By type, the form of a message in `statements.<BIC>`. */
export const STATEMENT_SCHEMAS = {
  [ACCOUNT_REPORT]: AccountReportSchema,
  [STATEMENT]: StatementSchema,
  [NOTIFICATION]: NotificationSchema,
} as const;
const check = Object.fromEntries(
  Object.entries(STATEMENT_SCHEMAS).map(([type, schema]) => [type, checker(schema)]),
);

/** Minor units with the side's sign. */
const signed = ({ Amt, CdtDbtInd }: { Amt: { Amt: string }; CdtDbtInd: string }): bigint =>
  BigInt(Amt.Amt.replace('.', '')) * (CdtDbtInd === 'DBIT' ? -1n : 1n);
const minor = (text: string): bigint => BigInt(text.replace('.', ''));

/**
 * What a bank knows of its accounts in one pool from `statements.<BIC>` alone. Throws where anything does not
 * add up: an entry that is missing or told twice, a balance that does not follow, a page out of its order.
 */
export class StatementReader {
  readonly #accounts = new Map<string, Account>();
  readonly #values = new Map<string, string>();
  readonly types = new Map<string, number>();
  repeats = 0;
  /** Of statements that were told at their time. */
  pages = 0;
  readonly #owner: string;

  constructor(owner: string) {
    this.#owner = owner;
  }

  /** A message as the topic has it; one that was there is dropped, and must be the same. */
  take({ headers, value }: { readonly headers: Headers; readonly value: Uint8Array }): void {
    const { ce_id: id = '', ce_type: type = '' } = headers;
    const text = Buffer.from(value).toString();
    const known = this.#values.get(id);
    if (known !== undefined) {
      assert.equal(text, known, `${id} is told again with the same bytes`);
      this.repeats += 1;
      return;
    }
    this.#values.set(id, text);
    this.types.set(type, (this.types.get(type) ?? 0) + 1);
    const document = JSON.parse(text);
    const checked = check[type]?.(document);
    assert.ok(
      checked && 'value' in checked,
      `${id}: ${checked && 'detail' in checked ? checked.detail : type}`,
    );
    const [root] = Object.values(document.Document) as [{ GrpHdr: { MsgId: string } }];
    assert.equal(root.GrpHdr.MsgId, id);
    if (type === NOTIFICATION) this.#notified(document);
    else if (type === STATEMENT) this.#stated(document);
    else this.#reported(document);
  }

  /** By currency or ISIN, what each account has after all that was told. */
  get balances(): Map<string, bigint> {
    return new Map([...this.#accounts].map(([code, { balance }]) => [code, balance]));
  }

  /** What its entries of a kind come to in a currency. */
  sumOf(code: string, kind: string): bigint {
    return [...(this.#accounts.get(code)?.told.values() ?? [])]
      .filter(({ BkTxCd }) => BkTxCd.Prtry.Cd === kind)
      .reduce((sum, entry) => sum + signed(entry), 0n);
  }

  /** Statements that were closed, of all accounts. */
  get statements(): number {
    return [...this.#accounts.values()].reduce((sum, { statements }) => sum + statements, 0);
  }

  entries(code: string): Entry[] {
    return [...(this.#accounts.get(code)?.told.values() ?? [])];
  }

  #account(Acct: Report['Acct']): Account {
    const code = Acct.Id.Othr.Id;
    assert.equal(Acct.Ownr.Id.OrgId.AnyBIC, this.#owner);
    assert.equal(Acct.Ccy, code.length === 3 ? code : undefined);
    let account = this.#accounts.get(code);
    if (!account) {
      account = {
        ...{
          told: new Map(),
          batches: new Map(),
          stated: new Set(),
          balance: 0n,
          closing: 0n,
          sequence: 1,
          page: 1,
        },
        ...{ pageOpening: 0n, credits: [0, 0n], debits: [0, 0n], statements: 0 },
      };
      this.#accounts.set(code, account);
    }
    return account;
  }

  #notified({ Document }: Notification): void {
    const { GrpHdr, Ntfctn } = Document.BkToCstmrDbtCdtNtfctn;
    for (const { Acct, Ntry } of Ntfctn) {
      const account = this.#account(Acct);
      for (const entry of Ntry) {
        const batch = `${GrpHdr.MsgId} ${entry.CdtDbtInd}`;
        account.batches.set(batch, [...(account.batches.get(batch) ?? []), entry]);
        assert.ok(!account.told.has(entry.NtryRef), `${entry.NtryRef} is told once`);
        account.told.set(entry.NtryRef, entry);
        account.balance += signed(entry);
      }
    }
  }

  #stated({ Document }: BankStatement): void {
    for (const statement of Document.BkToCstmrStmt.Stmt) {
      const account = this.#account(statement.Acct);
      if (statement.CpyDplctInd !== 'DUPL') this.#page(statement, account);
    }
  }

  #page(statement: Stmt, account: Account): void {
    const { Id, StmtPgntn: page, ElctrncSeqNb, Bal, TxsSummry, Ntry = [] } = statement;
    assert.ok(page);
    assert.equal(Number(ElctrncSeqNb), account.sequence, `${Id}: statements follow each other`);
    assert.equal(Number(page.PgNb), account.page, `${Id}: pages follow each other`);
    const opening = balanceIn(Bal, 'OPBD');
    assert.equal(signed(opening), account.pageOpening, `${Id} begins where the one before ended`);
    assert.equal(opening.Tp.SubTp?.Cd, account.page > 1 ? 'INTM' : undefined);
    for (const entry of Ntry) {
      const total = signed(entry) < 0n ? account.debits : account.credits;
      total[0] += this.#standsFor(entry, account);
      total[1] += signed(entry);
    }
    const sum = Ntry.reduce((sum, entry) => sum + signed(entry), account.pageOpening);
    const closing = balanceIn(Bal, 'CLBD');
    assert.equal(signed(closing), sum, `${Id}: opening and entries are the closing`);
    this.pages += 1;
    account.page += 1;
    account.pageOpening = sum;
    assert.equal(closing.Tp.SubTp?.Cd, page.LastPgInd ? undefined : 'INTM');
    if (!page.LastPgInd) return;
    const [line] = closing.CdtLine ?? [];
    assert.ok(line);
    assert.equal(signed(balanceIn(Bal, 'CLAV')), sum + minor(line.Amt.Amt));
    assert.equal(account.balance, sum, `${Id}: all that was told is in it`);
    assert.equal(account.stated.size, account.told.size);
    this.#summed(TxsSummry, account, Id);
    account.credits = [0, 0n];
    account.debits = [0, 0n];
    account.closing = sum;
    account.sequence += 1;
    account.page = 1;
    account.statements += 1;
  }

  /** How many bookings an entry of a statement stands for: they were told, and are stated once. */
  #standsFor(entry: Entry, account: Account): number {
    const { Btch, TxDtls } = entry.NtryDtls?.[0] ?? {};
    if (!Btch) {
      // A pool without notifications: the entry is the booking.
      assert.ok(!account.told.has(entry.NtryRef), `${entry.NtryRef} is told once`);
      account.told.set(entry.NtryRef, entry);
      account.stated.add(entry.NtryRef);
      account.balance += signed(entry);
      return 1;
    }
    const told = account.batches.get(`${Btch.MsgId} ${entry.CdtDbtInd}`) ?? [];
    assert.equal(Number(Btch.NbOfTxs), told.length, `${entry.NtryRef}: as many as were told`);
    assert.deepEqual(Btch.TtlAmt, entry.Amt);
    assert.equal(
      told.reduce((sum, one) => sum + signed(one), 0n),
      signed(entry),
      `${entry.NtryRef}: the sum of what was told`,
    );
    const [only] = told;
    const isOne = told.length === 1;
    assert.equal(entry.BkTxCd.Prtry.Cd, isOne ? only?.BkTxCd.Prtry.Cd : 'BATCH');
    assert.deepEqual(TxDtls, isOne ? only?.NtryDtls?.[0]?.TxDtls : undefined);
    for (const { NtryRef } of told) {
      assert.ok(!account.stated.has(NtryRef), `${NtryRef} is stated once`);
      account.stated.add(NtryRef);
    }
    return told.length;
  }

  #summed(
    summary: Report['TxsSummry'] | undefined,
    { credits, debits }: Account,
    id: string,
  ): void {
    assert.ok(summary);
    const { TtlCdtNtries, TtlDbtNtries } = summary;
    const told = [TtlCdtNtries, TtlDbtNtries].map(({ NbOfNtries, Sum }) => [
      Number(NbOfNtries),
      minor(Sum),
    ]);
    assert.deepEqual(told, [credits, [debits[0], -debits[1]]], id);
  }

  #reported({ Document }: AccountReport): void {
    for (const { Id, Acct, Bal, TxsSummry } of Document.BkToCstmrAcctRpt.Rpt) {
      const account = this.#account(Acct);
      assert.equal(signed(balanceIn(Bal, 'OPBD')), account.closing, `${Id}: since the last close`);
      // Without notifications it has what no page has told yet.
      if (account.batches.size === 0) continue;
      assert.equal(signed(balanceIn(Bal, 'ITBD')), account.balance, `${Id}: what was told`);
      const since = [...account.told.values()].slice(account.told.size - sinceClose(account));
      const sides: [number, bigint][] = [
        [0, 0n],
        [0, 0n],
      ];
      for (const entry of since) {
        const side = sides[signed(entry) < 0n ? 1 : 0] as [number, bigint];
        side[0] += 1;
        side[1] += signed(entry);
      }
      const [credits, debits] = sides as [[number, bigint], [number, bigint]];
      this.#summed(TxsSummry, { ...account, credits, debits }, Id);
    }
  }
}

/** Entries told since the last close: those of pages that came since, and those on none yet. */
const sinceClose = ({ told, stated, credits, debits }: Account): number =>
  told.size - stated.size + credits[0] + debits[0];

function balanceIn(balances: readonly Bal[], code: string): Bal {
  const [found, ...more] = balances.filter(({ Tp }) => Tp.CdOrPrtry.Cd === code);
  assert.ok(found && more.length === 0, `one ${code}`);
  return found;
}
