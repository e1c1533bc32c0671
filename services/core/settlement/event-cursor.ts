import { readEvent } from './event-reader.ts';
import {
  EVENT_OFFSETS as AT,
  EVENT_BYTES,
  EVENT_KINDS,
  MECHANISMS,
  NO_CURRENCY,
} from './events.ts';
import type { SettlementEvent } from './settlement-event.ts';

const HIGH = 2 ** 32;
const WORD = 4;
const WORDS = EVENT_BYTES / WORD;
const SETTLED = EVENT_KINDS.settled;
const DEFERRED_NET = MECHANISMS.indexOf('deferredNet');

/** Where the words stand that have fields; several have more than one, the lower first. */
const TIME = AT.timeMs / WORD;
const KIND_AND_REASON = AT.kind / WORD;
const MECHANISM_PRIORITY_AND_TYPE = AT.mechanism / WORD;
const PAYMENT = AT.paymentPosition / WORD;
const DEBTOR = AT.debtorAgent / WORD;
const CREDITOR = AT.creditorAgent / WORD;
const DEALER = AT.dealer / WORD;
const CURRENCIES = AT.currency1 / WORD;
const CYCLE = AT.cycle / WORD;
const COUNT = AT.count / WORD;

/**
 * Walks over events in their bytes and reads single fields in place, which takes a twentieth of the time
 * of an object for each event: for what takes millions in. Fields are those of events.ts, whatever the
 * kind means by them; `read` gives the event by its kind. Fields are words of memory, and each is got by so little code
 * that V8 takes it into whatever asks for it: a view of bytes is a call for each field.
 */
export class EventCursor {
  /** All that it walks over. */
  readonly bytes: Uint8Array;
  /** The same as words, low before high. */
  readonly words: Int32Array;
  /** Where the event begins in them. */
  place = -WORDS;
  /** A number of EVENT_KINDS. */
  kind = 0;
  timeMs = 0;
  readonly #known: readonly SettlementEvent[] | undefined;
  /** The event that was read last, and where it begins: several books ask for the same. */
  #read: SettlementEvent | null = null;
  #readAt = -WORDS;

  /**
   * It stands before the first event.
   * @param known the same events where they were read already: `read` gives these
   */
  constructor(events: Uint8Array, known?: readonly SettlementEvent[]) {
    this.bytes = events;
    this.#known = known;
    // Words stand at multiples of four; a message may have its events anywhere.
    const { buffer, byteOffset, length } =
      events.byteOffset % WORD === 0 ? events : new Uint8Array(events);
    this.words = new Int32Array(buffer, byteOffset, length / WORD);
  }

  /** Goes to the next event; false: there is none. */
  next(): boolean {
    const { words } = this;
    const place = this.place + WORDS;
    this.place = place;
    if (place >= words.length) return false;
    this.kind = words[place + KIND_AND_REASON]! & 0xffff;
    this.timeMs = (words[place + TIME]! >>> 0) + words[place + TIME + 1]! * HIGH;
    return true;
  }

  /** The same object to all who ask while it stands there. */
  read(): SettlementEvent {
    if (this.#read !== null && this.#readAt === this.place) return this.#read;
    this.#read = this.#known?.[this.index] ?? readEvent(this.bytes, this.index);
    this.#readAt = this.place;
    return this.#read;
  }

  /** Whether it settles a payment in one currency and books it: most events do. */
  isTransfer(): boolean {
    return (
      this.kind === SETTLED &&
      this.words[this.place + CURRENCIES]! >>> 16 === NO_CURRENCY &&
      (this.words[this.place + MECHANISM_PRIORITY_AND_TYPE]! & 0xff) !== DEFERRED_NET
    );
  }

  get number(): number {
    return this.#int64(AT.number);
  }

  /** Its place in these events, from 0. */
  get index(): number {
    return this.place / WORDS;
  }

  /** Of the record that caused it. */
  get position(): number {
    return this.#int64(AT.position);
  }

  /** A number of REASONS. */
  get reason(): number {
    return this.words[this.place + KIND_AND_REASON]! >>> 16;
  }

  /** A number of MECHANISMS. */
  get mechanism(): number {
    return this.words[this.place + MECHANISM_PRIORITY_AND_TYPE]! & 0xff;
  }

  get priority(): number {
    return (this.words[this.place + MECHANISM_PRIORITY_AND_TYPE]! >>> 8) & 0xff;
  }

  get messageType(): number {
    return this.words[this.place + MECHANISM_PRIORITY_AND_TYPE]! >>> 16;
  }

  get paymentPosition(): number {
    const { words, place } = this;
    return (words[place + PAYMENT]! >>> 0) + words[place + PAYMENT + 1]! * HIGH;
  }

  /** 16 bytes, a view. */
  get id(): Uint8Array {
    const at = this.at(AT.id);
    return this.bytes.subarray(at, at + 16);
  }

  get debtorAgent(): number {
    return this.words[this.place + DEBTOR]! >>> 0;
  }

  get creditorAgent(): number {
    return this.words[this.place + CREDITOR]! >>> 0;
  }

  get dealer(): number {
    return this.words[this.place + DEALER]! >>> 0;
  }

  get currency1(): number {
    return this.words[this.place + CURRENCIES]! & 0xffff;
  }

  get currency2(): number {
    return this.words[this.place + CURRENCIES]! >>> 16;
  }

  get amount1(): bigint {
    return this.#long(AT.amount1);
  }

  get amount2(): bigint {
    return this.#long(AT.amount2);
  }

  get cycle(): number {
    return this.words[this.place + CYCLE]! >>> 0;
  }

  /** Of a match, as `settlement-event.ts` has them. */
  get mate(): number {
    return this.#int64(AT.balance1);
  }

  get legCount(): number {
    return this.words[this.place + COUNT]! >>> 8;
  }

  /** Balances by their place in the event, 1 to 4. */
  get balance1(): bigint {
    return this.#long(AT.balance1);
  }

  get balance2(): bigint {
    return this.#long(AT.balance2);
  }

  get balance3(): bigint {
    return this.#long(AT.balance3);
  }

  get balance4(): bigint {
    return this.#long(AT.balance4);
  }

  /** Where a field of the event stands in the bytes, by its offset in EVENT_OFFSETS. */
  at(field: number): number {
    return this.place * WORD + field;
  }

  /** The halves of a field of 64 bits, by its offset in EVENT_OFFSETS: x 2^32, and the rest. */
  high(field: number): number {
    return this.words[this.place + (field >> 2) + 1]!;
  }

  low(field: number): number {
    return this.words[this.place + (field >> 2)]! >>> 0;
  }

  /** Copies a field of 64 bits, by its offset in EVENT_OFFSETS, to a place of an array of 64-bit integers. */
  copyLong(field: number, to: Int32Array, place: number): void {
    const at = this.place + (field >> 2);
    to[2 * place] = this.words[at]!;
    to[2 * place + 1] = this.words[at + 1]!;
  }

  /** A number that a double holds: positions and times. */
  #int64(field: number): number {
    return this.low(field) + this.high(field) * HIGH;
  }

  #long(field: number): bigint {
    return (BigInt(this.high(field)) << 32n) + BigInt(this.low(field));
  }
}
