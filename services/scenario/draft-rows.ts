/**
 * What is drawn and listed of payments before outages, a row of numbers each. There are millions of them, and an object
 * for each costs more than all that is drawn: one is made where somebody asks (payments-in-sending-order.ts).
 */
import type { Uuid } from './drawn-uuids.ts';
import type { CustomerAccounts, ListedPayment, PaymentKind, PlannedChainLeg } from './scenario.ts';

/** A payment before outages: as a flow draws it or a table lists it. */
export interface DraftPayment extends Omit<ListedPayment, 'reference'> {
  /** Absent: it is no leg of a chain. */
  readonly ofChain?: PlannedChainLeg;
  /** Absent or null: its message names none. */
  readonly accounts?: CustomerAccounts | null;
  /** Place of the scenario's anomaly that it is of; absent: of none. */
  readonly label?: number;
  /** An anomaly adds it: no rule for every so many payments counts it. */
  readonly isAdded?: true;
  readonly uetr: Uuid;
  readonly endToEndId: string;
}

/**
 * Places in a row. Most payments stand in it whole. One with times or a dealer of its flow is `furnished` with more, and
 * what is neither of a flow nor a plain line of a list stands `beside` the rows, as an object.
 */
export const DRAFT = {
  /** ms since 1970 */
  atMs: 0,
  /** Number of the business date. */
  date: 1,
  debtorAgent: 2,
  creditorAgent: 3,
  /** The scenario's number. */
  currency: 4,
  /** Minor units, up to 2^53 - 1. */
  amount: 5,
  /** By PRIORITIES. */
  priority: 6,
  /** By DRAFT_KINDS. */
  kind: 7,
  /** Four words of 32 bits. */
  uetr: 8,
  /** Place among the dealers of the flow; -1: none. */
  dealer: 12,
  /** 1: it has times, or a dealer. */
  furnished: 13,
  /** Number of its flow, or one of the next two. */
  origin: 14,
  /** In its flow, from 1; in the list, or beside the rows, from 0. */
  place: 15,
} as const;
const NUMBERS = 16;
/** Those that a plain payment of a list has: all before its UETR (payment-list.ts). */
export const LISTED_NUMBERS = DRAFT.uetr;

/** Origins that are no flow: a line of the list, an object beside the rows. */
export const LISTED = -1;
export const BESIDE = -2;

/** Kinds that a row can be of. */
export const DRAFT_KINDS: readonly PaymentKind[] = ['customer', 'bank'];

export class DraftRows {
  /** NUMBERS of each row. */
  numbers: Float64Array;
  length = 0;
  readonly beside: DraftPayment[] = [];

  constructor(room: number) {
    this.numbers = new Float64Array(room * NUMBERS);
  }

  /** Where the numbers of a row begin. */
  static at(row: number): number {
    return row * NUMBERS;
  }

  /** When the payment of a row is meant to leave, ms since 1970. */
  atMs(row: number): number {
    return this.numbers[row * NUMBERS + DRAFT.atMs]!;
  }

  clear(): void {
    this.length = 0;
    this.beside.length = 0;
  }

  /** Makes room for so many rows more. */
  ensure(more: number): void {
    const length = (this.length + more) * NUMBERS;
    if (length <= this.numbers.length) return;
    const larger = new Float64Array(Math.max(length, 2 * this.numbers.length));
    larger.set(this.numbers);
    this.numbers = larger;
  }

  /** Adds a row of others. */
  copy(from: DraftRows, row: number): void {
    const first = row * NUMBERS;
    if (from.numbers[first + DRAFT.origin] === BESIDE) {
      this.push(from.beside[from.numbers[first + DRAFT.place]!]!);
      return;
    }
    this.ensure(1);
    const numbers = this.numbers;
    const others = from.numbers;
    const at = this.length * NUMBERS;
    for (let place = 0; place < NUMBERS; place++) numbers[at + place] = others[first + place]!;
    this.length += 1;
  }

  /** Adds a payment that stands beside the rows. */
  push(draft: DraftPayment): void {
    this.ensure(1);
    const at = this.length * NUMBERS;
    this.numbers[at + DRAFT.atMs] = draft.atMs;
    this.numbers[at + DRAFT.origin] = BESIDE;
    this.numbers[at + DRAFT.place] = this.beside.length;
    this.beside.push(draft);
    this.length += 1;
  }
}
