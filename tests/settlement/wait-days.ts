import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  accountAcross,
  excessAcross,
} from '../../services/analysis/queues/cross-currency-limits.ts';
import { WaitBook } from '../../services/analysis/waits/wait-book.ts';
import type { WaitingMessage, WaitReason } from '../../services/analysis/waits/waiting-message.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type {
  QueuedPayment,
  QueueLeg,
  QueueState,
} from '../../services/core/settlement/queue-state.ts';
import { RECORD_KINDS } from '../../services/core/settlement/records.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import type { EventOf, SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { atLeast } from '../support/at-least.ts';
import { typed } from '../support/random-days.ts';
import { decodeRecord, type FlatRecord } from './flat-records.ts';
import { randomDay } from './random-day.ts';

const DAY_MS = 86_400_000;
const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

/** A wait in words that can be compared: of a payment in front its position. */
const worded = (wait: WaitReason): string => {
  if (wait.kind === 'behind') return `behind ${wait.front.position}`;
  if (wait.kind === 'closed') return `closed ${wait.currencies.join(',')} for ${wait.date}`;
  if (wait.kind === 'earliestTime') return `earliestTime ${wait.atMs}`;
  return 'amount' in wait ? `${wait.kind} ${wait.currency} ${wait.amount}` : wait.kind;
};

/** What the slow oracle knows of a message that has no final status. */
interface Live {
  readonly record: FlatRecord;
  readonly position: number;
  readonly sender: number;
  mate: number | null;
  isAccepted: boolean;
}

/**
 * Reasons to wait as docs/settlement.md defines queues, worked out anew each time from the core's own state
 * and the records: it shares no code with the book but the sums across currencies.
 */
class SlowWaits {
  readonly live = new Map<number, Live>();
  readonly #open = new Map<number, number>();

  note(event: SettlementEvent, records: ReadonlyMap<number, FlatRecord>): void {
    if (event.kind === 'opened') this.#open.set(event.currency, event.date);
    if (event.kind === 'closed') this.#open.delete(event.currency);
    if (event.kind === 'queued' || event.kind === 'matched' || event.kind === 'accepted') {
      const { paymentPosition: position, debtorAgent: sender } = event;
      const record = records.get(position) as FlatRecord;
      const known = this.live.get(position);
      const live = known ?? { record, position, sender, mate: null, isAccepted: false };
      this.live.set(position, live);
      if (event.kind === 'accepted') live.isAccepted = true;
      if (event.kind === 'matched') live.mate = event.mate;
    }
    if (event.kind === 'settled' || event.kind === 'cancelled' || event.kind === 'unwound')
      this.live.delete(event.paymentPosition);
  }

  /** By account, the payments of its queue in order. */
  queue(state: QueueState, { debtor, currency }: QueueLeg): QueuedPayment[] {
    const own = state.payments.filter(({ legs }) =>
      legs.some((leg) => leg.debtor === debtor && leg.currency === currency),
    );
    return own.sort((a, b) => a.priority - b.priority);
  }

  wait(state: QueueState, live: Live, timeMs: number): string {
    const { record, mate, sender } = live;
    if (live.isAccepted) return 'accepted';
    if (record.kind === RECORD_KINDS.pvpLeg && mate === null) return 'unmatched';
    const found = state.payments.find(
      ({ position }) => position === live.position || position === mate,
    );
    if (!found) return this.#outside(live, timeMs);
    const place = mate !== null && found.position !== live.position ? 1 : 0;
    const leg = found.legs[place] as QueueLeg;
    assert.equal(leg.debtor, sender);
    const queue = this.queue(state, leg);
    const ahead = queue.slice(0, queue.indexOf(found));
    const blocking =
      found.priority === 2 && state.bypasses[leg.currency] === true
        ? ahead.filter(({ priority }) => priority < 2)
        : ahead;
    const front = blocking.at(-1);
    if (front) return `behind ${this.#ownPosition(front, leg)}`;
    const own = this.#own(state, found, leg) ?? this.#across(state, found, sender);
    if (own) return own;
    return found.legs.length > 1 ? 'counterparty' : 'cycle';
  }

  /** Of a pair the leg of the bank whose queue it is. */
  #ownPosition(payment: QueuedPayment, leg: QueueLeg): number {
    const live = this.live.get(payment.position) as Live;
    return live.mate === null || live.sender === leg.debtor ? payment.position : live.mate;
  }

  #outside({ record, mate }: Live, timeMs: number): string {
    const other = mate === null ? undefined : this.live.get(mate)?.record;
    const currencies = [record.currency1, ...(record.currency2 < 0xffff ? [record.currency2] : [])];
    const first = other && Number(other.position) < Number(record.position) ? other : record;
    if (first !== record) currencies.reverse();
    const closed = currencies.filter((currency) => (this.#open.get(currency) ?? -1) < record.date);
    const earliest = Math.max(record.earliest, other?.earliest ?? 0);
    const atMs = (record.date - 1) * DAY_MS + earliest * 1000;
    return closed.length === 0 && earliest > 0 && atMs > timeMs
      ? `earliestTime ${atMs}`
      : `closed ${closed.join(',')} for ${record.date}`;
  }

  #own(state: QueueState, { priority }: QueuedPayment, leg: QueueLeg): string | null {
    const { currency, debtor, creditor, amount } = leg;
    const account = state.accounts.find(
      (one) => one.participant === debtor && one.currency === currency,
    );
    assert.ok(account);
    const usable = account.balance + account.creditLine;
    const kept = account.reserved.slice(0, priority).reduce((sum, one) => sum + one, 0n);
    if (usable < amount) return `balance ${currency} ${amount + kept - usable}`;
    if (usable < amount + kept) return `reservation ${currency} ${amount + kept - usable}`;
    const limits = state.limits.filter(
      (one) => one.participant === debtor && one.currency === currency,
    );
    const bilateral = limits.find(({ counterparty }) => counterparty === creditor);
    const counts = bilateral ?? limits.find(({ counterparty }) => counterparty === null);
    const over = counts ? counts.position + amount - counts.limit : 0n;
    if (over <= 0n) return null;
    return `${bilateral ? 'bilateralLimit' : 'multilateralLimit'} ${currency} ${over}`;
  }

  #across(state: QueueState, { legs }: QueuedPayment, sender: number): string | null {
    const limit = state.crossLimits.find(({ participant }) => participant === sender);
    if (!limit) return null;
    const before = accountAcross();
    const after = accountAcross();
    for (const { participant, currency, balance } of state.accounts) {
      if (participant !== sender) continue;
      const moved = legs
        .filter((leg) => leg.currency === currency)
        .map((leg) =>
          leg.debtor === sender ? -leg.amount : leg.creditor === sender ? leg.amount : 0n,
        );
      before.add(balance, state.valuations[currency]);
      after.add(
        moved.reduce((sum, one) => sum + one, balance),
        state.valuations[currency],
      );
    }
    const unit = state.valuations[limit.currency]?.weight ?? 0n;
    const [first] = excessAcross(limit, unit, before, after);
    return first ? `${first.by} ${limit.currency} ${first.amount}` : null;
  }
}

/** After every record of random days the book says of each message what the core's queues say. */
export function isAsTheCoreSays(seeds: readonly number[]): void {
  const seen = new Map<string, number>();
  test(`the book of what waits says what the core's queues say, over ${seeds.length} random days`, () => {
    for (const seed of atLeast(12, seeds)) playDay(seed, seen);
    // What is returned waits like a payment.
    for (const seed of [31_001, 31_002, 31_003, 31_004]) playDay(seed, seen, true);
    for (const kind of atLeast(14, KINDS)) assert.ok((seen.get(kind) ?? 0) > 0, `${kind} was met`);
  });
}

const KINDS = [
  ...['unmatched', 'closed', 'earliestTime', 'behind', 'balance', 'reservation', 'bilateralLimit'],
  ...['multilateralLimit', 'aggregateShortLimit', 'pooledCollateral', 'counterparty', 'accepted'],
  ...['told', 'passed over'],
];

function playDay(seed: number, seen: Map<string, number>, hasReturns = false): void {
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  const records = new Map<number, FlatRecord>();
  const slow = new SlowWaits();
  const core = createSettlement(wasm);
  const book = new WaitBook({
    payment(position) {
      const record = records.get(position);
      return record && { settlementDate: record.date, earliest: record.earliest };
    },
    movesToFront: (position) => records.get(position)?.move === 1,
  });
  const legs = new Set<number>();
  const told = new Map<number, string>();
  const key = (message: WaitingMessage) => book.keyOf(message, book.waitOf(message));
  const tell = ({ paymentPosition }: EventOf<'queued' | 'matched' | 'carriedOver'>) => {
    const message = book.of(paymentPosition) as WaitingMessage;
    told.set(message.position, key(message));
  };
  let timeMs = 0;
  for (const [index, { record }] of randomDay(seed, seed % 5 === 0, hasReturns).entries()) {
    const where = `seed ${seed}, record ${index + 1}`;
    const fields = decodeRecord(record);
    const position = Number(fields.position);
    records.set(position, fields);
    if (fields.kind === RECORD_KINDS.pvpLeg) legs.add(position);
    const events = readEvents(typed(core.apply(record, 1), legs));
    for (const event of events) {
      if (event.kind === 'genesis') book.usualRule(fields.queueRule === 1);
      book.take(event);
      slow.note(event, records);
      if (TOLD_AT.has(event.kind)) tell(event as EventOf<'queued' | 'matched' | 'carriedOver'>);
      timeMs = Math.max(timeMs, event.timeMs);
    }
    // Time passes in the core without an event, and the book hears of it with the next one.
    if (fields.timeMs > timeMs && fields.timeMs < 8_640_000_000_000_000n && index > 2)
      timeMs = Number(fields.timeMs);
    book.advance(timeMs);
    const state = core.queues();
    const messages = [...book.messages()];
    assert.deepEqual(
      messages.map((one) => one.position).sort((a, b) => a - b),
      [...slow.live.keys()].sort((a, b) => a - b),
      where,
    );
    for (const message of messages) {
      const wait = book.waitOf(message);
      count(wait.kind);
      const live = slow.live.get(message.position) as Live;
      assert.equal(worded(wait), slow.wait(state, live, timeMs), `${where}, ${message.position}`);
    }
    checkOrder(book, slow, state, where);
    // Other rules of a queue concern all that stands in it.
    checkTold(book, told, where, count, fields.kind === RECORD_KINDS.rules);
  }
}

/** Events that are told of themselves, with the reason as it is then. */
const TOLD_AT: ReadonlySet<string> = new Set(['queued', 'matched', 'carriedOver', 'accepted']);

/** Each bank's own, in the order of its queues, each with its place among all that debit the account. */
function checkOrder(book: WaitBook, slow: SlowWaits, state: QueueState, where: string): void {
  for (const { participant } of state.accounts) {
    const expected: [position: number, place: number][] = [];
    for (const { currency, participant: debtor } of state.accounts)
      if (debtor === participant) {
        const queue = slow.queue(state, { debtor, currency } as QueueLeg);
        for (const [at, { position }] of [...queue].entries()) {
          const live = slow.live.get(position) as Live;
          if (live.sender === participant && live.record.currency1 === currency)
            expected.push([position, at + 1]);
          const mate = live.mate === null ? undefined : slow.live.get(live.mate);
          if (mate?.sender === participant && mate.record.currency1 === currency)
            expected.push([mate.position, at + 1]);
        }
      }
    const places = book.placesOf(participant).filter(({ place }) => place !== null);
    assert.deepEqual(
      places.map(({ message, place }) => [message.position, place]),
      expected,
      `${where}, queue of ${participant}`,
    );
  }
}

/** What was told last of each is still so; where payments pass each other, after some more records. */
function checkTold(
  book: WaitBook,
  told: Map<number, string>,
  where: string,
  count: (what: string) => void,
  isAtLast: boolean,
): void {
  const key = (message: WaitingMessage) => book.keyOf(message, book.waitOf(message));
  const hear = (messages: readonly WaitingMessage[], what: string) => {
    for (const message of messages) {
      if (told.get(message.position) !== key(message)) count(what);
      told.set(message.position, key(message));
    }
  };
  hear(book.changed(), 'told');
  for (const message of book.messages())
    if (!isAtLast && !book.mayPass(message))
      assert.equal(told.get(message.position), key(message), `${where}: told of`);
  for (let more = book.changed(); more.length > 0; more = book.changed()) hear(more, 'passed over');
  for (const message of book.messages())
    assert.equal(told.get(message.position), key(message), `${where}: told of at last`);
}
