// A statement's elements, in JSON: protocol/messages/statement.ts; as XML: told-as-xml.ts. When reports fall due: report-times.ts.

import { AccountsBook } from '../analysis/bank-accounts-book.ts';
import { type BookingKind, eachBooking } from '../analysis/event-bookings.ts';
import { type AccountKey, accountKey } from '../analysis/ledger.ts';
import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import {
  ACCOUNT_REPORT,
  agentText,
  type Balance,
  ENTRIES_MAX,
  type EntryKind,
  type EntrySummary,
  EntryWriter,
  NOTIFICATION,
  type OwnedAccount,
  STATEMENT,
  type StatementHead,
  type StatementPart,
  writeAccountReport,
  writeNotification,
  writeStatement,
} from '../protocol/messages/statement.ts';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import { dateText } from '../protocol/names/dates.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { toldId } from '../protocol/names/message-ids.ts';
import { statementsOf } from '../protocol/names/topic-plan.ts';
import type { StatementRules } from '../protocol/records/control-record.ts';
import { ReportTimes } from './report-times.ts';

/** Business days of an account that have closed and of which it can be told again. */
export const DAYS_HELD = 7;

/** What a message of events books on one side of an account. */
interface Side {
  count: number;
  /** Without a sign. */
  sum: bigint;
  /** Of the last booking. */
  kind: BookingKind;
  uetr: string | null;
  counterparty: number | null;
  atMs: number;
}

/** An entry of the statement at hand, on the page that is not full yet. */
interface PageEntry {
  readonly reference: string;
  readonly amount: bigint;
  readonly kind: EntryKind;
  readonly atMs: number;
  readonly uetr: string | null;
  readonly counterparty: number | null;
  /** Of the camt.054 that told of it; null: none did. */
  readonly batch: { readonly messageId: string; readonly count: number } | null;
}

interface ClosedDay {
  readonly date: string;
  readonly part: Pick<StatementPart, 'sequence' | 'period' | 'balances' | 'summary'>;
}

/** One account since its currency last closed. Balances are added up from what is booked. */
interface AccountDay {
  readonly participant: number;
  readonly currency: number;
  readonly closed: ClosedDay[];
  fromMs: number;
  opening: bigint;
  balance: bigint;
  creditCount: number;
  creditSum: bigint;
  debitCount: number;
  debitSum: bigint;
  /** Counts its statements, from 1. */
  sequence: number;
  page: number;
  pageOpening: bigint;
  entries: PageEntry[];
  /** What is booked and not told yet; the balance does not have it. */
  readonly credits: Side;
  readonly debits: Side;
  /** Its entries, as camt.054 has them. */
  untold: string;
  /** Made when it is first written. */
  name: OwnedAccount | null;
  writer: EntryWriter | null;
}

/** Who is told, what with: the same for all that the notifier writes. */
export interface StatementSender {
  readonly pool: string;
  readonly directory: Directory;
  /** The headers of a message that an event causes. */
  headers(event: SettlementEvent, id: string, type: string): Record<string, string>;
}

/**
 * What banks are told of their accounts, from the events alone: a notification (camt.054) of what is
 * booked, statements (camt.053) of each business day at the close of its currency, reports (camt.052) at
 * set times, when credit changes, and for who asks.
 *
 * Invariants
 * - Every booking is in one camt.054, and in one entry of one camt.053, which names that camt.054. Where a
 *   pool has no notifications, the entries of a camt.053 are the bookings themselves.
 * - A statement begins where the account's last one ended; its entries add up to its closing balance.
 * - A message follows from the events up to the one that it names and from where the messages of events in
 *   the log end, so that it has the same bytes whenever it is written.
 * - Memory: a page of entries for each account, whatever the length of the day.
 */
export class Statements {
  readonly #rules: StatementRules;
  readonly #pool: string;
  readonly #book = new AccountsBook();
  readonly #days = new Map<AccountKey, AccountDay>();
  /** The same by participant. */
  readonly #ofParticipant = new Map<number, AccountDay[]>();
  readonly #reports: ReportTimes;
  /** Participants with untold bookings, and the last event that booked. */
  readonly #untold = new Map<number, SettlementEvent>();
  /** By participant: how an entry names it, credited and debited by it. */
  readonly #agents: [string | undefined, string | undefined][] = [];
  #genesisMs = Number.POSITIVE_INFINITY;
  // Of the event that is entered: a closure for each would cost more than what it does.
  #event: SettlementEvent | null = null;
  #uetr: string | null = null;
  #place = 0;
  #to: StatementSender | null = null;
  #out: AddressedMessage[] = [];

  constructor(pool: string, rules: StatementRules) {
    this.#pool = pool;
    this.#rules = rules;
    this.#reports = new ReportTimes(rules);
  }

  /**
   * Takes in an event.
   * @param to writes what it causes into `out`; null: all of it was written before
   */
  take(event: SettlementEvent, to: StatementSender | null, out: AddressedMessage[]): void {
    const dueMs = this.#reports.pass(event.timeMs);
    if (dueMs !== null) this.#reportAll(event, dueMs, to, out);
    this.#book.take(event);
    this.#event = event;
    // Not a view of the event's bytes: it would keep all that were read with them.
    this.#uetr = event.kind === 'settled' ? uetrFromBytes(event.id) : null;
    this.#place = 0;
    this.#to = to;
    this.#out = out;
    eachBooking(event, this.#enter);
    switch (event.kind) {
      case 'genesis':
        this.#genesisMs = event.timeMs;
        return;
      case 'accountOpened':
        // Where it was opened with nothing, no booking has begun it.
        this.#at(event.participant, event.currency, event.timeMs);
        return;
      case 'creditLineSet':
      case 'collateralSet':
        if (event.timeMs > this.#genesisMs) this.#creditChanged(event, to, out);
        return;
      case 'closed':
        this.#close(event, to, out);
    }
  }

  /** A message of events ends here: tells what was booked in it. */
  tell(to: StatementSender | null, out: AddressedMessage[]): void {
    if (this.#untold.size === 0) return;
    const participants = [...this.#untold.keys()].sort((one, other) => one - other);
    for (const participant of participants) this.#notify(participant, to, out);
  }

  /** How the asker's accounts are after the event; null: it has none. */
  report(
    event: EventOf<'queried' | 'repeated'>,
    currency: number | null,
    query: StatementHead['query'],
    to: StatementSender,
  ): AddressedMessage[] | null {
    const days = this.#daysOf(event.debtorAgent, currency);
    if (days.length === 0) return null;
    const out: AddressedMessage[] = [];
    this.#notify(event.debtorAgent, to, out);
    const id = toldId(`${this.#pool}-${event.number}-report`);
    out.push(this.#reported(event, days, { id, atMs: event.timeMs, query }, to));
    return out;
  }

  /** The statements of a date that has closed, without their entries; null: none is held. */
  statement(
    event: EventOf<'queried' | 'repeated'>,
    currency: number | null,
    date: string,
    query: StatementHead['query'],
    to: StatementSender,
  ): AddressedMessage[] | null {
    const participant = event.debtorAgent;
    const parts = this.#daysOf(participant, currency).flatMap((day): StatementPart[] => {
      const closed = day.closed.find((one) => one.date === date);
      if (!closed) return [];
      const account = nameOf(day, to);
      const id = toldId(`${this.#pool}-${event.number}-${account.currency}`);
      return [{ ...closed.part, account, id, page: null, entries: [] }];
    });
    if (parts.length === 0) return null;
    const out: AddressedMessage[] = [];
    this.#notify(participant, to, out);
    const id = toldId(`${this.#pool}-${event.number}-statement`);
    const head = { messageId: id, createdAtMs: event.timeMs, query };
    out.push(message(event, participant, id, STATEMENT, writeStatement(head, parts), to));
    return out;
  }

  /** Business dates that have closed and of which `statement` tells, YYYY-MM-DD, in order. */
  datesHeld(participant: number, currency: number | null): readonly string[] {
    const days = this.#daysOf(participant, currency);
    return [...new Set(days.flatMap(({ closed }) => closed.map(({ date }) => date)))].sort();
  }

  #at(participant: number, currency: number, timeMs: number): AccountDay {
    const key = accountKey(participant, currency);
    let day = this.#days.get(key);
    if (!day) {
      day = {
        ...{ participant, currency, closed: [], fromMs: timeMs, opening: 0n, balance: 0n },
        ...{ creditCount: 0, creditSum: 0n, debitCount: 0, debitSum: 0n },
        ...{ sequence: 1, page: 1, pageOpening: 0n, entries: [], untold: '' },
        ...{ credits: noSide(), debits: noSide(), name: null, writer: null },
      };
      this.#days.set(key, day);
      const own = this.#ofParticipant.get(participant);
      if (own) own.push(day);
      else this.#ofParticipant.set(participant, [day]);
    }
    return day;
  }

  #daysOf(participant: number, currency: number | null): readonly AccountDay[] {
    if (currency === null) return this.#ofParticipant.get(participant) ?? [];
    const day = this.#days.get(accountKey(participant, currency));
    return day ? [day] : [];
  }

  readonly #enter = (
    participant: number,
    currency: number,
    amount: bigint,
    kind: BookingKind,
    counterparty: number | null,
  ): void => {
    const event = this.#event as SettlementEvent;
    const day = this.#at(participant, currency, event.timeMs);
    this.#place += 1;
    const isDebit = amount < 0n;
    const magnitude = isDebit ? -amount : amount;
    const side = isDebit ? day.debits : day.credits;
    side.count += 1;
    side.sum += magnitude;
    side.kind = kind;
    side.uetr = this.#uetr;
    side.counterparty = counterparty;
    side.atMs = event.timeMs;
    if (!this.#rules.notifications) {
      const reference = toldId(`${this.#pool}-${event.number}-${this.#place}`);
      this.#settle(event, day, side, isDebit, reference, null, this.#to, this.#out);
      return;
    }
    this.#untold.set(participant, event);
    const to = this.#to;
    if (to) {
      day.writer ??= new EntryWriter(nameOf(day, to));
      const text = day.writer.booked(
        toldId(`${this.#pool}-${event.number}-${this.#place}`),
        magnitude,
        isDebit,
        event.timeMs,
        kind,
        this.#uetr,
        counterparty === null ? '' : this.#agent(counterparty, isDebit, to.directory),
      );
      day.untold = day.untold === '' ? text : `${day.untold},${text}`;
    }
    if (day.credits.count + day.debits.count >= ENTRIES_MAX)
      this.#notify(participant, to, this.#out);
  };

  #agent(participant: number, isDebit: boolean, directory: Directory): string {
    let texts = this.#agents[participant];
    if (!texts) {
      texts = [undefined, undefined];
      this.#agents[participant] = texts;
    }
    const place = isDebit ? 1 : 0;
    texts[place] ??= agentText(directory.bic(participant), isDebit);
    return texts[place] as string;
  }

  /** What is booked on one side goes into the balance, and into the statement as one entry. */
  #settle(
    event: SettlementEvent,
    day: AccountDay,
    side: Side,
    isDebit: boolean,
    reference: string,
    messageId: string | null,
    to: StatementSender | null,
    out: AddressedMessage[],
  ): void {
    const { count, sum, atMs } = side;
    if (count === 0) return;
    side.count = 0;
    side.sum = 0n;
    if (isDebit) {
      day.debitCount += count;
      day.debitSum += sum;
      day.balance -= sum;
    } else {
      day.creditCount += count;
      day.creditSum += sum;
      day.balance += sum;
    }
    const isOne = count === 1;
    // Spreads would take several times as long.
    day.entries.push({
      reference,
      amount: isDebit ? -sum : sum,
      kind: isOne ? side.kind : 'batch',
      atMs,
      uetr: isOne ? side.uetr : null,
      counterparty: isOne ? side.counterparty : null,
      batch: messageId === null ? null : { messageId, count },
    });
    if (day.entries.length < ENTRIES_MAX) return;
    this.#page(event, day, null, to, out);
    turnPage(day);
  }

  /** Tells a bank what was booked on its accounts since it was last told. */
  #notify(participant: number, to: StatementSender | null, out: AddressedMessage[]): void {
    const event = this.#untold.get(participant);
    if (!event) return;
    this.#untold.delete(participant);
    const id = toldId(`${this.#pool}-${event.number}-booked`);
    const days = this.#daysOf(participant, null).filter(
      ({ credits, debits }) => credits.count + debits.count > 0,
    );
    if (to) {
      const booked = days.map((day) => {
        const account = nameOf(day, to);
        const id = toldId(`${this.#pool}-${event.number}-${account.currency}`);
        return { account, id, entries: day.untold };
      });
      const head = { messageId: id, createdAtMs: event.timeMs, query: null };
      out.push(message(event, participant, id, NOTIFICATION, writeNotification(head, booked), to));
    }
    for (const day of days) {
      day.untold = '';
      const of = (side: string) => toldId(`${this.#pool}-${event.number}-${side}`);
      this.#settle(event, day, day.credits, false, of('CRDT'), id, to, out);
      this.#settle(event, day, day.debits, true, of('DBIT'), id, to, out);
    }
  }

  /** A page of an account's statement; the last where `date` says which business day has closed. */
  #page(
    event: SettlementEvent,
    day: AccountDay,
    date: string | null,
    to: StatementSender | null,
    out: AddressedMessage[],
  ): void {
    if (!to) return;
    const account = nameOf(day, to);
    const isLast = date !== null;
    const id = toldId(
      `${this.#pool}-${event.number}-${account.currency}-${isLast ? 'closed' : day.page}`,
    );
    const opens: Balance = {
      ...{ code: 'OPBD', amount: day.pageOpening, at: day.fromMs },
      isIntermediate: day.page > 1,
    };
    const closes: readonly Balance[] = isLast
      ? this.#closing(day, date)
      : [{ code: 'CLBD', isIntermediate: true, amount: day.balance, at: event.timeMs }];
    day.writer ??= new EntryWriter(account);
    const part: StatementPart = {
      ...{ account, id, page: { number: day.page, isLast }, sequence: day.sequence },
      period: isLast ? { fromMs: day.fromMs, toMs: event.timeMs } : null,
      balances: [opens, ...closes],
      summary: isLast ? summaryOf(day) : null,
      entries: day.entries.map((entry) => entryText(entry, day.writer as EntryWriter, to)),
    };
    const head = { messageId: id, createdAtMs: event.timeMs, query: null };
    out.push(message(event, day.participant, id, STATEMENT, writeStatement(head, [part]), to));
  }

  /** The balance at the close of a business day, and what it can pay with the account's credit. */
  #closing({ participant, currency, balance }: AccountDay, at: string): readonly Balance[] {
    const credit = this.#creditOf(participant, currency);
    return [
      { code: 'CLBD', amount: balance, at, credit },
      { code: 'CLAV', amount: balance + credit, at, credit, creditIncluded: true },
    ];
  }

  #creditOf(participant: number, currency: number): bigint {
    const account = this.#book.account(participant, currency);
    return account ? account.creditLine + account.collateral : 0n;
  }

  /** A currency has closed: each of its accounts gets the end of its statement, and begins another. */
  #close(event: EventOf<'closed'>, to: StatementSender | null, out: AddressedMessage[]): void {
    const date = dateText(event.date);
    for (const day of this.#days.values()) {
      if (day.currency !== event.currency) continue;
      this.#notify(day.participant, to, out);
      this.#page(event, day, date, to, out);
      const { sequence, fromMs, opening } = day;
      const first: Balance = { code: 'OPBD', amount: opening, at: fromMs };
      day.closed.push({
        date,
        part: {
          sequence,
          period: { fromMs, toMs: event.timeMs },
          balances: [first, ...this.#closing(day, date)],
          summary: summaryOf(day),
        },
      });
      if (day.closed.length > DAYS_HELD) day.closed.shift();
      turnPage(day);
      day.sequence += 1;
      day.page = 1;
      day.fromMs = event.timeMs;
      day.opening = day.balance;
      day.creditCount = 0;
      day.creditSum = 0n;
      day.debitCount = 0;
      day.debitSum = 0n;
    }
  }

  #creditChanged(
    event: EventOf<'creditLineSet' | 'collateralSet'>,
    to: StatementSender | null,
    out: AddressedMessage[],
  ): void {
    const { participant, currency, number, timeMs } = event;
    this.#notify(participant, to, out);
    if (!to) return;
    const days = this.#daysOf(participant, currency);
    const id = toldId(`${this.#pool}-${number}-credit`);
    out.push(this.#reported(event, days, { id, atMs: timeMs, query: null }, to));
  }

  /** Before an event: how all accounts were at an instant that has passed. */
  #reportAll(
    event: SettlementEvent,
    atMs: number,
    to: StatementSender | null,
    out: AddressedMessage[],
  ): void {
    this.tell(to, out);
    if (!to) return;
    const id = toldId(`${this.#pool}-${event.number}-due`);
    for (const days of this.#ofParticipant.values())
      out.push(this.#reported(event, days, { id, atMs, query: null }, to));
  }

  #reported(
    event: SettlementEvent,
    days: readonly AccountDay[],
    { id, atMs, query }: { id: string; atMs: number; query: StatementHead['query'] },
    to: StatementSender,
  ): AddressedMessage {
    const parts = days.map((day) => {
      const account = nameOf(day, to);
      return {
        ...{ account, id: toldId(`${id}-${account.currency}`), summary: summaryOf(day) },
        period: { fromMs: Math.min(day.fromMs, atMs), toMs: atMs },
        balances: this.#balancesNow(day, atMs),
      };
    });
    const head = { messageId: id, createdAtMs: atMs, query };
    const { participant } = days[0] as AccountDay;
    return message(event, participant, id, ACCOUNT_REPORT, writeAccountReport(head, parts), to);
  }

  /** What it opened with, what is booked, what can be paid with, and what it comes to with all that waits. */
  #balancesNow(day: AccountDay, at: number): readonly Balance[] {
    const { participant, currency, opening, fromMs, balance } = day;
    const state = this.#book.account(participant, currency);
    const credit = this.#creditOf(participant, currency);
    const waiting = state ? state.pendingCredits.amount - state.pendingDebits.amount : 0n;
    return [
      { code: 'OPBD', amount: opening, at: Math.min(fromMs, at) },
      { code: 'ITBD', amount: balance, at, credit },
      { code: 'ITAV', amount: state?.available ?? balance, at, credit, creditIncluded: true },
      { code: 'XPCD', amount: balance + waiting, at },
    ];
  }
}

const noSide = (): Side => ({
  ...{ count: 0, sum: 0n, kind: 'payment', uetr: null, counterparty: null, atMs: 0 },
});

function turnPage(day: AccountDay): void {
  day.entries = [];
  day.page += 1;
  day.pageOpening = day.balance;
}

const summaryOf = (day: AccountDay): EntrySummary => ({
  credits: { count: day.creditCount, sum: day.creditSum },
  debits: { count: day.debitCount, sum: day.debitSum },
});

function nameOf(day: AccountDay, { directory }: StatementSender): OwnedAccount {
  if (day.name) return day.name;
  const { currency, minorUnits } = directory.currency(day.currency);
  day.name = { owner: directory.bic(day.participant), currency, minorUnits };
  return day.name;
}

function entryText(entry: PageEntry, writer: EntryWriter, { directory }: StatementSender): string {
  const { reference, amount, kind, atMs, uetr, batch } = entry;
  const counterparty = entry.counterparty === null ? null : directory.bic(entry.counterparty);
  if (batch !== null)
    return writer.batch({ reference, amount, kind, bookedAtMs: atMs, uetr, counterparty, batch });
  const isDebit = amount < 0n;
  const agent = counterparty === null ? '' : agentText(counterparty, isDebit);
  return writer.booked(reference, isDebit ? -amount : amount, isDebit, atMs, kind, uetr, agent);
}

function message(
  event: SettlementEvent,
  participant: number,
  id: string,
  type: string,
  value: Uint8Array,
  to: StatementSender,
): AddressedMessage {
  return {
    topic: statementsOf(to.directory.bic(participant)),
    message: {
      ...{ key: id, value, headers: to.headers(event, id, type), timestampMs: event.timeMs },
    },
  };
}
