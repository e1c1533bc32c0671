import { type TSchema, Type } from '@sinclair/typebox';
import { BIC_PATTERN, type Bic, UETR_PATTERN } from '../names/bic-and-uetr.ts';
import { ASSET_PATTERN, CURRENCY_PATTERN } from '../names/currency-and-isin.ts';
import { isoTime } from '../names/dates.ts';
import { ID_MAX } from '../names/message-ids.ts';
import { AMOUNT_PATTERN, amountText } from '../names/minor-units.ts';
import { closed, isoDate, oneOf } from './document.ts';

/**
 * What tells a bank of its accounts: camt.052 how they are now, camt.053 a business day that has closed,
 * camt.054 what is booked. An account is named by what it holds. Of one that holds a security that is its
 * ISIN, and its amounts have the currency XXX (ISO 4217: none), as they count pieces.
 */
export const ACCOUNT_REPORT = 'camt.052.001.08';
export const STATEMENT = 'camt.053.001.08';
export const NOTIFICATION = 'camt.054.001.08';

/** Entries of one account in a message at most: what is more goes into the next, or on the next page. */
export const ENTRIES_MAX = 256;
const NO_CURRENCY = 'XXX';

/** Why an account is booked, as BkTxCd tells it. */
export const ENTRY_CODES = {
  payment: 'PAYMENT',
  return: 'RETURN',
  issue: 'ISSUE',
  redemption: 'REDEMPTION',
  net: 'NET-POSITION',
  lossShare: 'LOSS-SHARE',
  /** Several of one camt.054, in a statement. */
  batch: 'BATCH',
} as const;
export type EntryKind = keyof typeof ENTRY_CODES;

const id = Type.String({ minLength: 1, maxLength: ID_MAX });
const dateTime = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' });
const digits = Type.String({ pattern: '^[0-9]{1,15}$' });
const bic = Type.Unsafe<Bic>(Type.String({ pattern: BIC_PATTERN }));
const decimal = Type.String({ pattern: '^-?[0-9]{1,22}(\\.[0-9]{1,5})?$' });
const amount = closed({
  Ccy: Type.String({ pattern: CURRENCY_PATTERN }),
  Amt: Type.String({ pattern: AMOUNT_PATTERN }),
});
const side = oneOf('CRDT', 'DBIT');
const institution = closed({ FinInstnId: closed({ BICFI: bic }) });
const page = closed({ PgNb: digits, LastPgInd: Type.Boolean() });
const period = closed({ FrDtTm: dateTime, ToDtTm: dateTime });
const header = closed({
  MsgId: id,
  CreDtTm: dateTime,
  OrgnlBizQry: Type.Optional(closed({ MsgId: id, MsgNmId: id })),
});
const account = closed({
  Id: closed({ Othr: closed({ Id: Type.String({ pattern: ASSET_PATTERN }) }) }),
  Ccy: Type.Optional(Type.String({ pattern: CURRENCY_PATTERN })),
  Ownr: closed({ Id: closed({ OrgId: closed({ AnyBIC: bic }) }) }),
});
const balance = closed({
  Tp: closed({
    CdOrPrtry: closed({ Cd: oneOf('OPBD', 'CLBD', 'CLAV', 'ITBD', 'ITAV', 'XPCD') }),
    SubTp: Type.Optional(closed({ Cd: oneOf('INTM') })),
  }),
  CdtLine: Type.Optional(
    Type.Array(closed({ Incl: Type.Boolean(), Amt: amount }), { minItems: 1, maxItems: 1 }),
  ),
  Amt: amount,
  CdtDbtInd: side,
  Dt: Type.Union([closed({ Dt: isoDate }), closed({ DtTm: dateTime })]),
});
const total = closed({ NbOfNtries: digits, Sum: decimal });
const summary = closed({ TtlCdtNtries: total, TtlDbtNtries: total });
const entry = closed({
  NtryRef: id,
  Amt: amount,
  CdtDbtInd: side,
  Sts: closed({ Cd: oneOf('BOOK') }),
  BookgDt: closed({ DtTm: dateTime }),
  BkTxCd: closed({ Prtry: closed({ Cd: oneOf(...Object.values(ENTRY_CODES)) }) }),
  NtryDtls: Type.Optional(
    Type.Array(
      closed({
        Btch: Type.Optional(
          closed({ MsgId: id, NbOfTxs: digits, TtlAmt: amount, CdtDbtInd: side }),
        ),
        TxDtls: Type.Optional(
          Type.Array(
            closed({
              Refs: Type.Optional(closed({ UETR: Type.String({ pattern: UETR_PATTERN }) })),
              RltdAgts: Type.Optional(
                closed({
                  DbtrAgt: Type.Optional(institution),
                  CdtrAgt: Type.Optional(institution),
                }),
              ),
            }),
            { minItems: 1, maxItems: 1 },
          ),
        ),
      }),
      { minItems: 1, maxItems: 1 },
    ),
  ),
});
const entries = (least: number) => Type.Array(entry, { minItems: least, maxItems: ENTRIES_MAX });
const many = <T extends TSchema>(one: T) => Type.Array(one, { minItems: 1 });

export const AccountReportSchema = closed({
  Document: closed({
    BkToCstmrAcctRpt: closed({
      GrpHdr: header,
      Rpt: many(
        closed({
          Id: id,
          CreDtTm: dateTime,
          FrToDt: period,
          Acct: account,
          Bal: many(balance),
          TxsSummry: summary,
        }),
      ),
    }),
  }),
});
export const StatementSchema = closed({
  Document: closed({
    BkToCstmrStmt: closed({
      GrpHdr: header,
      Stmt: many(
        closed({
          Id: id,
          StmtPgntn: Type.Optional(page),
          ElctrncSeqNb: digits,
          CreDtTm: dateTime,
          FrToDt: Type.Optional(period),
          CpyDplctInd: Type.Optional(oneOf('DUPL')),
          Acct: account,
          Bal: many(balance),
          TxsSummry: Type.Optional(summary),
          Ntry: Type.Optional(entries(1)),
        }),
      ),
    }),
  }),
});
export const NotificationSchema = closed({
  Document: closed({
    BkToCstmrDbtCdtNtfctn: closed({
      GrpHdr: header,
      Ntfctn: many(closed({ Id: id, CreDtTm: dateTime, Acct: account, Ntry: entries(1) })),
    }),
  }),
});

/** What an account holds, and who owns it. */
export interface OwnedAccount {
  readonly owner: Bic;
  /** A currency's code or a security's ISIN. */
  readonly currency: string;
  readonly minorUnits: number;
}

/** One booking, or several of one side. `amount` is what it adds, in minor units, negative for a debit. */
export interface Entry {
  /** Its own in the pool: the same booking has the same one wherever it is told. */
  readonly reference: string;
  readonly amount: bigint;
  readonly kind: EntryKind;
  readonly bookedAtMs: number;
  /** Of the payment; null: it is none. */
  readonly uetr: string | null;
  /** Whose account is on the other side; null: nobody's. */
  readonly counterparty: Bic | null;
  /** The camt.054 that told of it, and of how many bookings. */
  readonly batch: { readonly messageId: string; readonly count: number } | null;
}

export interface Balance {
  readonly code: 'OPBD' | 'CLBD' | 'CLAV' | 'ITBD' | 'ITAV' | 'XPCD';
  /** Of a page that is not the first, or not the last. */
  readonly isIntermediate?: boolean;
  readonly amount: bigint;
  /** A time in ms, or a business date, YYYY-MM-DD. */
  readonly at: number | string;
  /** Credit that the account has; told where it is not null. */
  readonly credit?: bigint | null;
  /** Whether the amount has the credit in it. */
  readonly creditIncluded?: boolean;
}

/** How many entries there were, and what they come to. */
export interface EntryTotals {
  readonly count: number;
  readonly sum: bigint;
}

export interface EntrySummary {
  readonly credits: EntryTotals;
  readonly debits: EntryTotals;
}

/** What each of these messages begins with. */
export interface StatementHead {
  readonly messageId: string;
  readonly createdAtMs: number;
  /** The camt.060 that it answers; null: nobody asked. */
  readonly query: { readonly id: string; readonly type: string } | null;
}

// Written as text: a document as an object, made and serialised, takes four times as long, and what is
// booked makes two entries for each payment. Ids, BICs and codes hold nothing that JSON would escape.

/** An entry of an account, but for what is each booking's own. */
export class EntryWriter {
  readonly #beforeAmount: string;
  readonly #minorUnits: number;
  readonly #account: OwnedAccount;

  constructor(account: OwnedAccount) {
    this.#account = account;
    this.#minorUnits = account.minorUnits;
    this.#beforeAmount = `","Amt":{"Ccy":"${currencyCode(account.currency)}","Amt":"`;
  }

  /**
   * A single booking.
   * @param magnitude of its amount
   * @param agent the text of `agentText` for its counterparty; empty: it has none
   */
  booked(
    reference: string,
    magnitude: bigint,
    isDebit: boolean,
    bookedAtMs: number,
    kind: EntryKind,
    uetr: string | null,
    agent: string,
  ): string {
    const text = `{"NtryRef":"${reference}${this.#beforeAmount}${amountText(magnitude, this.#minorUnits)}${isDebit ? DEBIT : CREDIT}${isoTime(bookedAtMs)}${AFTER_TIME[kind]}`;
    if (uetr !== null && agent !== '')
      return `${text},"NtryDtls":[{"TxDtls":[{"Refs":{"UETR":"${uetr}"},${agent}}]}]}`;
    return agent === '' ? `${text}}` : `${text},"NtryDtls":[{"TxDtls":[{${agent}}]}]}`;
  }

  /** An entry of a statement: bookings of one side that one camt.054 told of. */
  batch(entry: Entry & { readonly batch: NonNullable<Entry['batch']> }): string {
    const { reference, amount, kind, uetr, counterparty, batch } = entry;
    const isDebit = amount < 0n;
    const magnitude = isDebit ? -amount : amount;
    const text = `{"NtryRef":"${reference}${this.#beforeAmount}${amountText(magnitude, this.#minorUnits)}${isDebit ? DEBIT : CREDIT}${isoTime(entry.bookedAtMs)}${AFTER_TIME[kind]}`;
    const { currency, minorUnits } = this.#account;
    const told = `"Btch":{"MsgId":"${batch.messageId}","NbOfTxs":"${batch.count}","TtlAmt":${moneyText(currency, amount, minorUnits)},"CdtDbtInd":"${isDebit ? 'DBIT' : 'CRDT'}"}`;
    const refs = uetr === null ? [] : [`"Refs":{"UETR":"${uetr}"}`];
    const agents = counterparty === null ? [] : [agentText(counterparty, isDebit)];
    const details = [...refs, ...agents];
    const single = details.length > 0 ? `,"TxDtls":[{${details.join(',')}}]` : '';
    return `${text},"NtryDtls":[{${told}${single}}]}`;
  }
}

/** The other side of a booking, as its entry has it. */
export const agentText = (counterparty: Bic, isDebit: boolean): string =>
  `"RltdAgts":{"${isDebit ? 'CdtrAgt' : 'DbtrAgt'}":{"FinInstnId":{"BICFI":"${counterparty}"}}}`;

const SIDE = (code: string) => `"},"CdtDbtInd":"${code}","Sts":{"Cd":"BOOK"},"BookgDt":{"DtTm":"`;
const DEBIT = SIDE('DBIT');
const CREDIT = SIDE('CRDT');
const AFTER_TIME = Object.fromEntries(
  Object.entries(ENTRY_CODES).map(([kind, code]) => [
    kind,
    `"},"BkTxCd":{"Prtry":{"Cd":"${code}"}}`,
  ]),
) as Readonly<Record<EntryKind, string>>;

const currencyCode = (currency: string): string => (currency.length === 3 ? currency : NO_CURRENCY);

/** The amount without its sign. */
function moneyText(currency: string, amount: bigint, minorUnits: number): string {
  return `{"Ccy":"${currencyCode(currency)}","Amt":"${amountText(amount < 0n ? -amount : amount, minorUnits)}"}`;
}

/** camt.054 of what was booked on accounts of one bank.
 * @param booked by account, its entries as an `EntryWriter` gives them, with commas between */
export function writeNotification(
  head: StatementHead,
  booked: readonly {
    readonly account: OwnedAccount;
    readonly id: string;
    readonly entries: string;
  }[],
): Uint8Array {
  const time = isoTime(head.createdAtMs);
  const each = booked.map(
    ({ account, id, entries }) =>
      `{"Id":"${id}","CreDtTm":"${time}","Acct":${accountText(account)},"Ntry":[${entries}]}`,
  );
  // All of it is ASCII, which takes less to write as what it is than as UTF-8.
  return Buffer.from(
    `{"Document":{"BkToCstmrDbtCdtNtfctn":{"GrpHdr":${headText(head)},"Ntfctn":[${each.join(',')}]}}}`,
    'latin1',
  );
}

/** One statement of an account, or a page of it. */
export interface StatementPart {
  readonly account: OwnedAccount;
  readonly id: string;
  /** Null in one told again, without its entries. */
  readonly page: { readonly number: number; readonly isLast: boolean } | null;
  /** Counts the account's statements, from 1. */
  readonly sequence: number;
  /** Ms; null: it is not over yet. */
  readonly period: { readonly fromMs: number; readonly toMs: number } | null;
  readonly balances: readonly Balance[];
  readonly summary: EntrySummary | null;
  readonly entries: readonly string[];
}

/** camt.053. */
export function writeStatement(head: StatementHead, parts: readonly StatementPart[]): Uint8Array {
  const time = isoTime(head.createdAtMs);
  const each = parts.map(({ account, id, page, sequence, period, balances, summary, entries }) => {
    const paged = page ? `"StmtPgntn":{"PgNb":"${page.number}","LastPgInd":${page.isLast}},` : '';
    const again = page ? '' : '"CpyDplctInd":"DUPL",';
    const when = period ? `"FrToDt":${periodText(period)},` : '';
    const sums = summary ? `,"TxsSummry":${summaryText(account, summary)}` : '';
    const booked = entries.length > 0 ? `,"Ntry":[${entries.join(',')}]` : '';
    return `{"Id":"${id}",${paged}"ElctrncSeqNb":"${sequence}","CreDtTm":"${time}",${when}${again}"Acct":${accountText(account)},"Bal":[${balancesText(account, balances)}]${sums}${booked}}`;
  });
  return Buffer.from(
    `{"Document":{"BkToCstmrStmt":{"GrpHdr":${headText(head)},"Stmt":[${each.join(',')}]}}}`,
  );
}

/** How one account is now. */
export interface ReportPart {
  readonly account: OwnedAccount;
  readonly id: string;
  readonly period: { readonly fromMs: number; readonly toMs: number };
  readonly balances: readonly Balance[];
  /** Of what was booked in the period. */
  readonly summary: EntrySummary;
}

/** camt.052. */
export function writeAccountReport(head: StatementHead, parts: readonly ReportPart[]): Uint8Array {
  const time = isoTime(head.createdAtMs);
  const each = parts.map(
    ({ account, id, period, balances, summary }) =>
      `{"Id":"${id}","CreDtTm":"${time}","FrToDt":${periodText(period)},"Acct":${accountText(account)},"Bal":[${balancesText(account, balances)}],"TxsSummry":${summaryText(account, summary)}}`,
  );
  return Buffer.from(
    `{"Document":{"BkToCstmrAcctRpt":{"GrpHdr":${headText(head)},"Rpt":[${each.join(',')}]}}}`,
  );
}

function headText({ messageId, createdAtMs, query }: StatementHead): string {
  const asked = query
    ? `,"OrgnlBizQry":{"MsgId":${JSON.stringify(query.id)},"MsgNmId":"${query.type}"}`
    : '';
  return `{"MsgId":"${messageId}","CreDtTm":"${isoTime(createdAtMs)}"${asked}}`;
}

function accountText({ owner, currency }: OwnedAccount): string {
  const code = currency.length === 3 ? `"Ccy":"${currency}",` : '';
  return `{"Id":{"Othr":{"Id":"${currency}"}},${code}"Ownr":{"Id":{"OrgId":{"AnyBIC":"${owner}"}}}}`;
}

const periodText = ({ fromMs, toMs }: { fromMs: number; toMs: number }): string =>
  `{"FrDtTm":"${isoTime(fromMs)}","ToDtTm":"${isoTime(toMs)}"}`;

const totalText = ({ minorUnits }: OwnedAccount, { count, sum }: EntryTotals): string =>
  `{"NbOfNtries":"${count}","Sum":"${amountText(sum, minorUnits)}"}`;

const summaryText = (account: OwnedAccount, { credits, debits }: EntrySummary): string =>
  `{"TtlCdtNtries":${totalText(account, credits)},"TtlDbtNtries":${totalText(account, debits)}}`;

const balancesText = (account: OwnedAccount, balances: readonly Balance[]): string =>
  balances.map((balance) => balanceText(account, balance)).join(',');

function balanceText({ currency, minorUnits }: OwnedAccount, balance: Balance): string {
  const { code, isIntermediate, amount, at, credit, creditIncluded } = balance;
  const part = isIntermediate ? ',"SubTp":{"Cd":"INTM"}' : '';
  const line =
    credit == null
      ? ''
      : `"CdtLine":[{"Incl":${creditIncluded === true},"Amt":${moneyText(currency, credit, minorUnits)}}],`;
  const when = typeof at === 'string' ? `"Dt":"${at}"` : `"DtTm":"${isoTime(at)}"`;
  return `{"Tp":{"CdOrPrtry":{"Cd":"${code}"}${part}},${line}"Amt":${moneyText(currency, amount, minorUnits)},"CdtDbtInd":"${amount < 0n ? 'DBIT' : 'CRDT'}","Dt":{${when}}}`;
}
