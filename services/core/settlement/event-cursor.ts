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
const DEFERRED_NET = MECHANISMS.indexOf('deferredNet');

/**
 * Walks over events in their bytes and reads single fields in place, which takes a twentieth of the time
 * of an object for each event: for what takes millions in. Fields are those of events.ts, whatever the
 * kind means by them; `read` gives the event by its kind.
 */
export class EventCursor {
  /** All that it walks over. */
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #known: readonly SettlementEvent[] | undefined;
  #at = -EVENT_BYTES;

  /**
   * It stands before the first event.
   * @param known the same events where they were read already: `read` gives these
   */
  constructor(events: Uint8Array, known?: readonly SettlementEvent[]) {
    this.bytes = events;
    this.#known = known;
    this.#view = new DataView(events.buffer, events.byteOffset, events.length);
  }

  /** Goes to the next event; false: there is none. */
  next(): boolean {
    this.#at += EVENT_BYTES;
    return this.#at < this.#view.byteLength;
  }

  read(): SettlementEvent {
    return this.#known?.[this.index] ?? readEvent(this.bytes, this.index);
  }

  /** Whether it settles a payment in one currency and books it: most events do. */
  isTransfer(): boolean {
    return (
      this.kind === EVENT_KINDS.settled &&
      this.currency2 === NO_CURRENCY &&
      this.mechanism !== DEFERRED_NET
    );
  }

  get number(): number {
    return this.#int64(AT.number);
  }

  /** Its place in these events, from 0. */
  get index(): number {
    return this.#at / EVENT_BYTES;
  }

  /** A number of EVENT_KINDS. */
  get kind(): number {
    return this.#view.getUint16(this.#at + AT.kind, true);
  }

  /** Of the record that caused it. */
  get position(): number {
    return this.#int64(AT.position);
  }

  get timeMs(): number {
    return this.#int64(AT.timeMs);
  }

  /** A number of REASONS. */
  get reason(): number {
    return this.#view.getUint16(this.#at + AT.reason, true);
  }

  /** A number of MECHANISMS. */
  get mechanism(): number {
    return this.#view.getUint8(this.#at + AT.mechanism);
  }

  get priority(): number {
    return this.#view.getUint8(this.#at + AT.priority);
  }

  get messageType(): number {
    return this.#view.getUint16(this.#at + AT.messageType, true);
  }

  get paymentPosition(): number {
    return this.#int64(AT.paymentPosition);
  }

  /** 16 bytes, a view. */
  get id(): Uint8Array {
    return this.bytes.subarray(this.#at + AT.id, this.#at + AT.id + 16);
  }

  get debtorAgent(): number {
    return this.#view.getUint32(this.#at + AT.debtorAgent, true);
  }

  get creditorAgent(): number {
    return this.#view.getUint32(this.#at + AT.creditorAgent, true);
  }

  get dealer(): number {
    return this.#view.getUint32(this.#at + AT.dealer, true);
  }

  get currency1(): number {
    return this.#view.getUint16(this.#at + AT.currency1, true);
  }

  get currency2(): number {
    return this.#view.getUint16(this.#at + AT.currency2, true);
  }

  get amount1(): bigint {
    return this.#view.getBigInt64(this.#at + AT.amount1, true);
  }

  get amount2(): bigint {
    return this.#view.getBigInt64(this.#at + AT.amount2, true);
  }

  get cycle(): number {
    return this.#view.getUint32(this.#at + AT.cycle, true);
  }

  /** Of a match, as `settlement-event.ts` has them. */
  get mate(): number {
    return this.#int64(AT.balance1);
  }

  get legCount(): number {
    return this.#view.getUint32(this.#at + AT.count, true) >>> 8;
  }

  /** Balances by their place in the event, 1 to 4. */
  get balance1(): bigint {
    return this.#view.getBigInt64(this.#at + AT.balance1, true);
  }

  get balance2(): bigint {
    return this.#view.getBigInt64(this.#at + AT.balance2, true);
  }

  get balance3(): bigint {
    return this.#view.getBigInt64(this.#at + AT.balance3, true);
  }

  get balance4(): bigint {
    return this.#view.getBigInt64(this.#at + AT.balance4, true);
  }

  /** Where a field of the event stands in the bytes, by its offset in EVENT_OFFSETS. */
  at(field: number): number {
    return this.#at + field;
  }

  /** The halves of a field of 64 bits, by its offset in EVENT_OFFSETS: x 2^32, and the rest. */
  high(field: number): number {
    return this.#view.getInt32(this.#at + field + 4, true);
  }

  low(field: number): number {
    return this.#view.getUint32(this.#at + field, true);
  }

  /** Copies a field of 64 bits, by its offset in EVENT_OFFSETS, to a place of an array of 64-bit integers. */
  copyLong(field: number, to: Int32Array, place: number): void {
    const at = this.#at + field;
    to[2 * place] = this.#view.getInt32(at, true);
    to[2 * place + 1] = this.#view.getInt32(at + 4, true);
  }

  /** A number that a double holds: positions and times. */
  #int64(field: number): number {
    const at = this.#at + field;
    return this.#view.getUint32(at, true) + this.#view.getInt32(at + 4, true) * HIGH;
  }
}
