import { EventCursor } from '../core/settlement/event-cursor.ts';
import {
  EVENT_OFFSETS as AT,
  EVENT_KINDS,
  type EventKind,
  kindNumbers,
  MECHANISMS,
  type Mechanism,
} from '../core/settlement/events.ts';
import type { Reason } from '../core/settlement/reasons.ts';
import { RECORD_KINDS } from '../core/settlement/records.ts';
import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { CHAIN_TYPE } from '../protocol/messages/message-types.ts';
import { type AccountDay, AccountDays } from './account-days.ts';
import { CoverBook, type CoverHour } from './cover-book.ts';
import { eachBooking } from './event-bookings.ts';
import { ExactSum } from './exact-sum.ts';
import { accountKey, Ledger, type LedgerAccount } from './ledger.ts';
import { NettingCheck } from './net-positions-check.ts';

/** Beside what the ledger has of an account. */
interface Audit {
  /** The opening and all that was booked since. */
  readonly summed: ExactSum;
  creditMax: bigint;
  injectedMax: bigint;
  readonly drawn: ExactSum;
}

/** Kinds of record that change liquidity: a `refused` event names the kind that was refused. */
const CHANGES: ReadonlySet<number> = new Set([
  RECORD_KINDS.creditLine,
  RECORD_KINDS.collateral,
  RECORD_KINDS.issue,
  RECORD_KINDS.redeem,
]);

/** Events that move money, or state a balance after what moves with them. */
const BOOKINGS = ['settled', 'issued', 'redeemed', 'netted', 'lossShared', 'defaulted'] as const;
type BookingEvent = EventOf<(typeof BOOKINGS)[number]>;
const isBooking: ReadonlySet<EventKind> = new Set(BOOKINGS);

/** Events of which it takes something. */
const TAKEN = kindNumbers([
  ...BOOKINGS,
  ...(['genesis', 'accountOpened', 'refused', 'creditLineSet', 'collateralSet'] as const),
  ...(['opened', 'closed', 'issuerSet', 'accepted', 'unwound'] as const),
]);

/** What these settle is booked with what they offset. */
const OFFSETTING: readonly Mechanism[] = ['entryOffsetting', 'bilateralOffsetting'];
/** By number: what these settle may be booked with others outside a cycle. */
const TOGETHER: ReadonlySet<number> = new Set(
  [...OFFSETTING, 'observed' as const].map((name) => MECHANISMS.indexOf(name)),
);

const isTogether = ({ mechanism, messageType }: EventCursor): boolean =>
  TOGETHER.has(mechanism) || messageType === CHAIN_TYPE;

/**
 * Gets an account after each booking, or after all that is booked at once.
 * @param drawnMinor by how much payments have drawn it below what was put in; below 0: it has more
 */
export type NoteAccount = (account: LedgerAccount, drawnMinor: bigint, timeMs: number) => void;

/** A ledger and days of the same events, which somebody else keeps: each event is in them between `pass` and `take`. */
export interface ToldAccounts {
  readonly ledger: Ledger;
  readonly days: AccountDays;
}

/** One settlement account, in minor units, as its events tell. */
export interface AccountBook {
  readonly participant: number;
  readonly currency: number;
  readonly openingMinor: bigint;
  /** The most that was issued less redeemed after the opening, 0 or more: what is redeemed at a day's end was there until then. */
  readonly injectedMinor: bigint;
  /** The most credit that it had: its line and what its collateral gave. */
  readonly creditLineMinor: bigint;
  readonly balanceMinor: bigint;
  /** The most by which payments drew the balance below what was put in, 0 or more. */
  readonly drawnMinor: bigint;
}

/** All that the book comes to, of all events. */
export interface AuditedAccounts
  extends Pick<
    AuditedAccountsBook,
    'accounts' | 'days' | 'shortfalls' | 'changes' | 'disagreements'
  > {}

/**
 * The audit of a pool's ledger, and what its accounts used. Balances are added up from the amounts
 * booked, leg by leg, and held against those that the ledger has of what events state.
 */
export class AuditedAccountsBook {
  /** Accounts whose summed balance differed from the one stated: empty, or money was made. */
  readonly disagreements: string[] = [];
  /** What became of each change of liquidity after the openings, in the order of the log. */
  readonly changes: ('done' | Reason)[] = [];
  readonly #ledger: Ledger;
  /** Whether ledger and days are somebody else's. */
  readonly #isTold: boolean;
  /** By the ledger's number of the account. */
  readonly #audits: Audit[] = [];
  readonly #days: AccountDays;
  /** Of dates before the last of each currency. */
  readonly #daysBefore: AccountDay[] = [];
  readonly #cover = new CoverBook();
  readonly #coverHours: CoverHour[] = [];
  readonly #drawn = new ExactSum();
  readonly #note: NoteAccount | null;

  constructor(note: NoteAccount | null = null, told: ToldAccounts | null = null) {
    this.#note = note;
    this.#isTold = told !== null;
    this.#ledger = told?.ledger ?? new Ledger();
    this.#days = told?.days ?? new AccountDays();
  }

  /** @param events bytes, as events.ts lays them out */
  fold(events: Uint8Array): void {
    if (this.#isTold) throw new Error('the ledger is told: events are passed and taken one by one');
    const event = new EventCursor(events);
    while (event.next()) {
      this.pass(event);
      this.take(event);
    }
    this.#settleBatch();
  }

  /** Before ledger and days have the event. */
  pass(event: EventCursor): void {
    if (event.timeMs > this.#cover.hourMs)
      this.#coverHours.push(...this.#cover.pass(event.timeMs, this.#ledger.accounts()));
    this.#isAlone = event.cycle === 0 && event.isTransfer() && !isTogether(event);
    this.#event = null;
    if (this.#isAlone) {
      this.#settleBatch();
      this.#booking = null;
    } else if (TAKEN.has(event.kind)) {
      this.#event = event.read();
      this.#begin(this.#event);
    }
  }

  /** The event that was passed: ledger and days have it too, where they are told. */
  take(event: EventCursor): void {
    if (this.#isAlone) this.#transfer(event);
    else if (this.#event) this.#take(this.#event);
    else if (event.kind === EVENT_KINDS.matched) this.#noteChain(event);
  }

  /** No event follows. */
  end(): AuditedAccounts {
    this.#settleBatch();
    const { accounts, days, shortfalls, changes, disagreements } = this;
    return { accounts, days, shortfalls, changes, disagreements };
  }

  /** In the order in which they were opened. */
  get accounts(): AccountBook[] {
    return [...this.#ledger.accounts()].map((account) => this.#bookOf(account));
  }

  /** Of each date that opened, of a currency date by date. */
  get days(): AccountDay[] {
    return [...this.#daysBefore, ...this.#days.last];
  }

  /** At full hours, whose default would leave most uncovered. */
  get shortfalls(): readonly CoverHour[] {
    return [...this.#coverHours, ...this.#cover.end(this.#ledger.accounts())];
  }

  account(participant: number, currency: number): AccountBook | undefined {
    const account = this.#ledger.account(accountKey(participant, currency));
    return account && this.#bookOf(account);
  }

  #bookOf(account: LedgerAccount): AccountBook {
    const { participant, currency, opening } = account;
    const { summed, creditMax, injectedMax, drawn } = this.#at(account);
    return {
      ...{ participant, currency, openingMinor: opening, injectedMinor: injectedMax },
      ...{ creditLineMinor: creditMax, balanceMinor: summed.value, drawnMinor: drawn.value },
    };
  }

  /** By the position of a leg of a chain that of its leg 1. */
  readonly #leads = new Map<number, number>();
  readonly #touched = new Set<LedgerAccount>();
  readonly #netting = new NettingCheck();
  #genesisMs = Number.NEGATIVE_INFINITY;
  #booking: string | null = null;
  /** Of what is booked. */
  #timeMs = 0;
  /** Of the event that was passed: it is a payment in one currency that is booked alone; what else it is, if it is taken. */
  #isAlone = false;
  #event: SettlementEvent | null = null;

  /** What is before the event ends with it, as the ledger has it without. */
  #begin(event: SettlementEvent): void {
    // What is booked at once states the balances after the whole of it, and what lies between two of
    // its events never was a balance.
    if (isBooking.has(event.kind)) {
      const booking = this.#chainOf(event) ?? bookingOf(event as BookingEvent);
      if (booking === null || booking !== this.#booking) this.#settleBatch();
      this.#booking = booking;
      this.#timeMs = event.timeMs;
    } else if (event.kind === 'opened') {
      this.#settleBatch();
      this.#daysBefore.push(...this.#days.endedBy(event));
    } else if (event.kind === 'closed') this.#settleBatch();
  }

  #take(event: SettlementEvent): void {
    if (!this.#isTold) this.#ledger.take(event);
    this.#cover.take(event);
    switch (event.kind) {
      case 'genesis':
        this.#genesisMs = event.timeMs;
        return;
      case 'accountOpened':
        this.#open(event);
        return;
      case 'opened':
        if (!this.#isTold) this.#days.opened(event, this.#ledger.accounts());
        return;
      case 'closed':
        if (!this.#isTold) this.#days.closed(event);
        return;
      case 'refused':
        if (event.timeMs <= this.#genesisMs)
          this.disagreements.push(
            `a record of the beginning was refused, kind ${event.recordKind}`,
          );
        else if (CHANGES.has(event.recordKind)) this.changes.push(event.reason);
        return;
      case 'creditLineSet':
      case 'collateralSet':
        this.#changed(event);
        this.#credit(this.#account(event.participant, event.currency));
        return;
      case 'netted':
        this.#netting.netted(event);
        break;
      case 'lossShared':
        this.#netting.shared(event);
        break;
      case 'issued':
      case 'redeemed':
        this.#changed(event);
        this.#inject(this.#account(event.participant, event.currency));
        break;
      case 'issuerSet':
      case 'accepted':
      case 'unwound':
        return;
      case 'settled':
        if (event.mechanism === 'deferredNet') this.#netting.settled(event);
    }
    eachBooking(event, this.#book);
  }

  /** Legs of a chain are booked at once: their matches name the position of leg 1. */
  #noteChain({ messageType, paymentPosition, balance1 }: EventCursor): void {
    if (messageType === CHAIN_TYPE) this.#leads.set(paymentPosition, Number(balance1));
  }

  #chainOf(event: SettlementEvent): string | null {
    if (event.kind !== 'settled' || event.messageType !== CHAIN_TYPE) return null;
    const lead = this.#leads.get(event.paymentPosition);
    this.#leads.delete(event.paymentPosition);
    return event.cycle > 0 ? null : `chain ${lead}`;
  }

  #transfer(event: EventCursor): void {
    if (this.#note) this.#timeMs = event.timeMs;
    const debtor = this.#ledger.stated(event, event.debtorAgent, AT.balance1);
    const creditor = this.#ledger.stated(event, event.creditorAgent, AT.balance2);
    const debited = this.#at(debtor);
    const credited = this.#at(creditor);
    debited.summed.subtractHalves(event.high(AT.amount1), event.low(AT.amount1));
    credited.summed.addHalves(event.high(AT.amount1), event.low(AT.amount1));
    this.#settle(debtor, debited);
    this.#settle(creditor, credited);
    if (!this.#isTold) this.#days.noteTransfer(debtor, creditor);
  }

  /** A change took effect; what belongs to the pool's beginning is none. */
  #changed({ timeMs }: SettlementEvent): void {
    if (timeMs > this.#genesisMs) this.changes.push('done');
  }

  #credit(account: LedgerAccount): void {
    const audit = this.#at(account);
    const capacity = account.creditLine + account.collateral;
    if (capacity > audit.creditMax) audit.creditMax = capacity;
  }

  #inject(account: LedgerAccount): void {
    const audit = this.#at(account);
    if (account.injected > audit.injectedMax) audit.injectedMax = account.injected;
  }

  #open({ participant, currency, opening, creditLine }: EventOf<'accountOpened'>): void {
    const account = this.#account(participant, currency);
    const summed = new ExactSum().add(opening);
    const most = { creditMax: creditLine, injectedMax: 0n };
    this.#audits[account.number] = { summed, ...most, drawn: new ExactSum() };
    if (!this.#isTold) this.#days.note(account);
  }

  #account(participant: number, currency: number): LedgerAccount {
    return this.#ledger.account(accountKey(participant, currency)) as LedgerAccount;
  }

  #at({ participant, currency, number }: LedgerAccount): Audit {
    const audit = this.#audits[number];
    if (!audit)
      throw new Error(`an event books on an account (${participant}, ${currency}) never opened`);
    return audit;
  }

  readonly #book = (participant: number, currency: number, amount: bigint): void => {
    const account = this.#account(participant, currency);
    this.#at(account).summed.add(amount);
    this.#touched.add(account);
  };

  #settleBatch(): void {
    const found = this.#netting.take();
    // Asked before each payment: to spread nothing takes longer than to look.
    if (found.length > 0) this.disagreements.push(...found);
    if (this.#touched.size === 0) return;
    for (const account of this.#touched) {
      this.#settle(account, this.#at(account));
      if (!this.#isTold) this.#days.note(account);
    }
    this.#touched.clear();
  }

  /** What was booked on the account is the whole of something. */
  #settle(account: LedgerAccount, audit: Audit): void {
    if (!audit.summed.equals(account.held))
      this.disagreements.push(
        `account (${account.participant}, ${account.currency}): ${audit.summed.value} by its bookings, ${account.balance} as stated`,
      );
    const drawn = this.#drawn;
    drawn.set(account.putIn);
    drawn.subtractSum(audit.summed);
    if (audit.drawn.isBelow(drawn)) audit.drawn.set(drawn);
    this.#note?.(account, drawn.value, this.#timeMs);
  }
}

/**
 * What events that are booked at once have in common; null for one that is booked alone. A cycle's
 * have its number. Offset payments follow one another and state the same balances of two accounts.
 * Of what an observation has at one instant nobody knows the order: it is one whole.
 */
function bookingOf(event: BookingEvent): string | null {
  if ('cycle' in event && event.cycle > 0) return `cycle ${event.cycle}`;
  if (event.kind !== 'settled') return null;
  const { mechanism, currency1, bookings } = event;
  if (mechanism === 'observed') return `observed ${event.timeMs}`;
  if (!OFFSETTING.includes(mechanism)) return null;
  const two = bookings.map(({ participant, balance }) => `${participant}: ${balance}`).sort();
  return `offset ${currency1}, ${two.join(', ')}`;
}
