import {
  EVENT_OFFSETS as AT,
  COMMAND_OUTCOMES,
  type CommandOutcome,
  type CycleOutcome,
  EVENT_BYTES,
  EVENT_KINDS,
  type EventKind,
  GROSS_OUTCOMES,
  HELD_UP_BY,
  kindNumbers,
  MECHANISMS,
  NETTING_OUTCOMES,
  NO_CURRENCY,
  SAID,
} from './events.ts';
import { type Reason, reasonFromNumber } from './reasons.ts';
import { NONE32, VERDICTS, type Verdict } from './records.ts';
import type { Booking, EventFields, EventOf, SettlementEvent } from './settlement-event.ts';

const KIND_NAMES: readonly (EventKind | undefined)[] = Object.entries(EVENT_KINDS).reduce(
  (names, [kind, number]) => {
    names[number] = kind as EventKind;
    return names;
  },
  [] as (EventKind | undefined)[],
);

/** Throws on a number that no kind has: only newer rules can have written it. */
export function eventKind(number: number): EventKind {
  const kind = KIND_NAMES[number];
  if (!kind) throw new RangeError(`no kind of event has the number ${number}`);
  return kind;
}

/** How many events there are. */
export const eventCount = (events: Uint8Array): number => events.length / EVENT_BYTES;

/** Reads the event at `index` (from 0) of a run of events. */
export function readEvent(events: Uint8Array, index: number): SettlementEvent {
  // A view's methods for 64 bits cost a tenth of Buffer's.
  return read(new DataView(events.buffer, events.byteOffset + index * EVENT_BYTES, EVENT_BYTES));
}

/** Reads a run of events. */
export function readEvents(events: Uint8Array): SettlementEvent[] {
  return Array.from({ length: eventCount(events) }, (_, index) => readEvent(events, index));
}

/** Reads those of some kinds; the others are passed over, which takes a hundredth of the time. */
export function eventsOf<Kind extends EventKind>(
  events: Uint8Array,
  ...kinds: readonly Kind[]
): EventOf<Kind>[] {
  const wanted = kindNumbers(kinds);
  const view = new DataView(events.buffer, events.byteOffset, events.length);
  const found: SettlementEvent[] = [];
  for (let index = 0; index < eventCount(events); index++)
    if (wanted.has(view.getUint16(index * EVENT_BYTES + AT.kind, true)))
      found.push(readEvent(events, index));
  return found as (SettlementEvent & EventOf<Kind>)[];
}

type Field = (view: DataView) => unknown;
type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

const orNull = (handle: number): number | null => (handle === NONE32 ? null : handle);
/** -1 stands for none. */
const bound = (amount: bigint): bigint | null => (amount < 0n ? null : amount);
const bytes = (view: DataView, at: number, length: number) =>
  new Uint8Array(view.buffer, view.byteOffset + at, length);

const amount1 = (view: DataView) => view.getBigInt64(AT.amount1, true);
const amount2 = (view: DataView) => view.getBigInt64(AT.amount2, true);
const balance = (view: DataView) => view.getBigInt64(AT.balance1, true);
const balance4 = (view: DataView) => view.getBigInt64(AT.balance4, true);
const count = (view: DataView) => view.getUint32(AT.count, true);
const cycle = (view: DataView) => view.getUint32(AT.cycle, true);
const currency1 = (view: DataView) => view.getUint16(AT.currency1, true);
const currency2 = (view: DataView) => view.getUint16(AT.currency2, true);
const debtorAgent = (view: DataView) => view.getUint32(AT.debtorAgent, true);
const creditorAgent = (view: DataView) => view.getUint32(AT.creditorAgent, true);
const dealer = (view: DataView) => view.getUint32(AT.dealer, true);
const counterparty = (view: DataView) => orNull(creditorAgent(view));
const priority = (view: DataView) => view.getUint8(AT.priority);
const messageType = (view: DataView) => view.getUint16(AT.messageType, true);
const reason = (view: DataView): Reason => reasonFromNumber(view.getUint16(AT.reason, true));
const id = (view: DataView) => bytes(view, AT.id, 16);
const digest = (view: DataView) => bytes(view, AT.digest, 32);
const paymentPosition = (view: DataView) => Number(view.getBigUint64(AT.paymentPosition, true));
const mechanism = (view: DataView) => MECHANISMS[view.getUint8(AT.mechanism)] ?? 'none';
/** ASCII, zeros behind it. */
const text = (view: DataView) => Buffer.from(digest(view)).toString('latin1').replace(/\0+$/, '');
const letters = (number: number) => String.fromCharCode(number & 0xff, (number >>> 8) & 0xff);
const bound1 = (view: DataView) => bound(amount1(view));

const by = (view: DataView) => HELD_UP_BY[view.getUint8(AT.mechanism)] ?? 'none';

function outcome(view: DataView): CycleOutcome {
  const outcomes = mechanism(view) === 'deferredNet' ? NETTING_OUTCOMES : GROSS_OUTCOMES;
  const found = outcomes[priority(view)];
  if (found) return found;
  throw new RangeError(`no outcome of ${mechanism(view)} has the number ${priority(view)}`);
}

function commandOutcome(view: DataView): CommandOutcome {
  const number = view.getUint8(AT.mechanism);
  const found = COMMAND_OUTCOMES[number];
  if (found) return found;
  throw new RangeError(`no outcome of a command has the number ${number}`);
}

function verdict(view: DataView): Verdict {
  const found = VERDICTS[count(view) & 0xff];
  if (found) return found;
  throw new RangeError(`no verdict has the number ${count(view) & 0xff}`);
}

function ofAllOrOne(view: DataView): number | null {
  const currency = currency1(view);
  return currency === NO_CURRENCY ? null : currency;
}

const booking = (
  participant: number,
  currency: number,
  amount: bigint,
  after: bigint,
): Booking => ({
  participant,
  currency,
  amount,
  balance: after,
});

function bookings(view: DataView): readonly Booking[] {
  const [from, to, debited] = [currency1(view), currency2(view), amount1(view)];
  const balanceAt = (at: number) => view.getBigInt64(at, true);
  const isOne = to === NO_CURRENCY;
  const credited = isOne ? debited : amount2(view);
  const first = booking(debtorAgent(view), from, -debited, balance(view));
  const last = booking(creditorAgent(view), isOne ? from : to, credited, balanceAt(AT.balance2));
  if (isOne) return [first, last];
  const through = dealer(view);
  return [
    first,
    booking(through, from, debited, balanceAt(AT.balance3)),
    booking(through, to, -credited, balanceAt(AT.balance4)),
    last,
  ];
}

const account = { participant: debtorAgent, currency: currency1 };
const ofBalance = { ...account, balance };
const booked = { ...ofBalance, amount: amount1 };
const message = { messageType, id, paymentPosition, debtorAgent };
const terms = {
  ...{ ...message, priority, creditorAgent, dealer, currency1, currency2, amount1, amount2 },
};
const ended = { ...terms, reason };
const mate = (view: DataView) => Number(balance(view));
const leg = {
  legNumber: (view: DataView) => count(view) & 0xff,
  legCount: (view: DataView) => count(view) >>> 8,
};
const earmarked = (view: DataView) => view.getBigInt64(AT.balance2, true);
const setAside = { ...leg, balance, earmarked };
const day = { currency: currency1, date: count };

/** Of each kind what it tells, and from where: the table in events.ts. */
const TOLD: {
  readonly [Kind in EventKind]: { readonly [Name in keyof EventFields[Kind]]: Field };
} = {
  genesis: { rulesVersion: count },
  participantAdded: { participant: debtorAgent },
  currencyAdded: { currency: currency1 },
  accountOpened: { ...ofBalance, opening: amount1, creditLine: amount2 },
  creditLineSet: { ...ofBalance, creditLine: amount1 },
  issued: booked,
  redeemed: booked,
  opened: { ...day, closesAtMs: (view) => Number(amount1(view)) },
  closed: { ...day, queued: (view) => Number(amount1(view)) },
  quoted: {
    ...{ ...message, currency1, currency2, amount1, rateMantissa: amount2, rateScale: count },
    validUntilMs: (view) => Number(balance(view)),
  },
  noticed: { ...message, reason, digest },
  keyChanged: {
    ...{ participant: debtorAgent, publicKey: digest },
    isRevoked: (view) => reason(view) !== 'none',
  },
  queued: terms,
  settled: { ...terms, mechanism, cycle, bookings },
  rejected: { ...ended, digest },
  cancelled: ended,
  carriedOver: terms,
  repeated: { ...ended, outcome: (view) => eventKind(count(view)) },
  refused: { reason, recordKind: count },
  cycled: {
    ...{ cycle, mechanism, proposer: text, currency: ofAllOrOne, outcome, settled: count },
    left: (view) => Number(amount1(view)),
  },
  setRefused: {
    ...{ cycle, reason, set: count, by, currency: ofAllOrOne, counterparty, amount: amount1 },
    ...{ participant: (view) => orNull(debtorAgent(view)), paymentPosition },
  },
  quoteUsed: {
    ...{ ...terms, quote: (view) => bytes(view, AT.digest, 16), rateScale: count },
    ...{ rateMantissa: balance4, left: (view) => view.getBigInt64(AT.balance3, true) },
  },
  quoteEnded: {
    ...{ ...message, reason, currency1, currency2, left: amount1 },
    ...{ rateMantissa: balance4, rateScale: count },
  },
  passedOn: { ...message, receiver: creditorAgent },
  recallEnded: { ...message, reason, receiver: creditorAgent },
  rulesSet: { currency: currency1, isBypass: (view) => amount1(view) !== 0n },
  issuerSet: account,
  collateralSet: { ...ofBalance, creditCapacity: (view) => view.getBigInt64(AT.balance2, true) },
  capSet: { ...account, counterparty, cap: bound1 },
  limitSet: { ...message, ...account, counterparty, limit: bound1 },
  reservationSet: { ...message, ...account, priority, amount: amount1 },
  queried: {
    ...{ ...message, reason, participant: debtorAgent, currency: ofAllOrOne },
    outcome: (view) => (count(view) === 0 ? null : eventKind(count(view))),
    settled: (view) =>
      currency2(view) === NO_CURRENCY
        ? null
        : {
            currency: currency2(view),
            left: amount2(view),
            isRecalled: (priority(view) & SAID.recall) !== 0,
            isCredited:
              (priority(view) & (SAID.credited | SAID.notCredited)) === 0
                ? null
                : (priority(view) & SAID.credited) !== 0,
          },
  },
  reordered: { ...message, priority },
  matched: { ...terms, ...leg, mate },
  attested: {
    ...{ ...message, legCount: leg.legCount, mate },
    verdict,
    termsDigest: (view) => bytes(view, AT.balance2, 20),
  },
  triggered: { ...terms, ...leg, mate },
  earmarked: { ...terms, ...setAside },
  released: { ...ended, ...setAside },
  notEarmarked: { ...ended, ...setAside },
  promised: { ...terms, ...setAside },
  recorded: {
    ...message,
    counter: (view) => amount1(view) || null,
    documentDigest: (view) => bytes(view, AT.balance2, 20),
  },
  accepted: terms,
  netted: { ...booked, cycle },
  defaulted: { ...booked, cycle },
  lossShared: { ...booked, cycle, defaulter: creditorAgent },
  unwound: ended,
  heldUp: { ...account, cycle, paymentPosition, id, by, counterparty, amount: amount1 },
  valuationSet: { currency: currency1, weight: amount1, haircutBps: amount2 },
  crossLimitSet: {
    ...{ ...account, aggregateShort: bound1 },
    pooledCollateral: (view) => bound(amount2(view)),
  },
  corridorLimitSet: {
    ...{ currency: currency1, limit: amount1, used: amount2 },
    from: (view) => letters(debtorAgent(view)),
    to: (view) => letters(creditorAgent(view)),
  },
  commanded: { reason, id, outcome: commandOutcome, digest },
};
/** Kinds whose events are many have their terms in one literal: a field at a time takes twice as long. */
const hasTerms = (told: object): boolean => 'amount2' in told && 'dealer' in told;
const FIELDS = new Map(
  Object.entries(TOLD).map(([kind, told]) => {
    const fields = Object.entries(told) as [string, Field][];
    const isMany = hasTerms(told);
    return [kind, { isMany, fields: fields.filter(([name]) => !isMany || !(name in terms)) }];
  }),
);

function withTerms(view: DataView, kind: EventKind) {
  return {
    kind,
    number: Number(view.getBigUint64(AT.number, true)),
    position: Number(view.getBigUint64(AT.position, true)),
    timeMs: Number(view.getBigInt64(AT.timeMs, true)),
    messageType: messageType(view),
    id: id(view),
    paymentPosition: paymentPosition(view),
    priority: priority(view),
    debtorAgent: debtorAgent(view),
    creditorAgent: creditorAgent(view),
    dealer: dealer(view),
    currency1: currency1(view),
    currency2: currency2(view),
    amount1: amount1(view),
    amount2: amount2(view),
  };
}

const placed = (view: DataView, kind: EventKind) => ({
  kind,
  number: Number(view.getBigUint64(AT.number, true)),
  position: Number(view.getBigUint64(AT.position, true)),
  timeMs: Number(view.getBigInt64(AT.timeMs, true)),
});

function read(view: DataView): SettlementEvent {
  const kind = eventKind(view.getUint16(AT.kind, true));
  if (kind === 'settled') {
    const event = withTerms(view, kind) as Writable<EventOf<'settled'>>;
    event.mechanism = mechanism(view);
    event.cycle = cycle(view);
    event.bookings = bookings(view);
    return event;
  }
  const { isMany, fields } = FIELDS.get(kind) as { isMany: boolean; fields: [string, Field][] };
  const event: Record<string, unknown> = isMany ? withTerms(view, kind) : placed(view, kind);
  for (const [name, field] of fields) event[name] = field(view);
  return event as unknown as SettlementEvent;
}
