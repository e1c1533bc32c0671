import type { SettlementEvent } from '../../core/settlement/settlement-event.ts';
import type { PreValidation } from '../../protocol/records/control-record.ts';
import {
  isControl,
  readControl,
  readOriginal,
  readVerified,
} from '../../protocol/records/input-record.ts';
import type { AskedCondition } from '../../protocol/records/pre-validation.ts';
import type { ChainLegContent } from '../../protocol/records/verified-content.ts';
import { ChainNotes } from '../chains/attested-and-earmarked.ts';
import { awaitedOf, awaitedText } from '../chains/awaited-attestors.ts';
import { chainFacts } from './chain-facts.ts';
import { WaitBook } from './wait-book.ts';
import type { PaymentFacts, RecordFacts } from './waiting-message.ts';

/** Records of the pool's input at these positions. */
export type ReadRecords = (
  positions: Iterable<number>,
) => Promise<readonly { readonly position: number; readonly value: Uint8Array }[]>;

/**
 * The book of what waits for a reader of events alone: it reads of the input what no event tells, of what still
 * waits when the events at hand are over.
 */
export class WaitingRecords implements RecordFacts {
  readonly book = new WaitBook(this);
  readonly #read: ReadRecords;
  /** Of what waits, by the position of its record. */
  readonly #facts = new Map<number, KnownFacts>();
  /** What was attested of the chains that wait. */
  readonly #notes = new ChainNotes();
  /** Records of attestations in the events at hand. */
  readonly #attested = new Map<number, Uint8Array>();
  /** Of the genesis. */
  #preValidation: readonly PreValidation[] = [];
  /** Re-orderings of the events at hand that go to the front. */
  readonly #toFront = new Set<number>();

  constructor(read: ReadRecords) {
    this.#read = read;
  }

  payment(position: number): PaymentFacts | undefined {
    return this.#facts.get(position);
  }

  movesToFront(position: number): boolean {
    return this.#toFront.has(position);
  }

  /** The id that its sender gave what waits: the UETR, or of a return the message id. */
  idOf(position: number): string {
    return this.#facts.get(position)?.id ?? '';
  }

  /**
   * Whom the chain of a leg that waits for its condition waits for, in words, as of the last event; empty: nobody.
   * @param bicOf by the handle of a participant
   */
  awaitedBy(position: number, bicOf: (handle: number) => string): string {
    const asked = this.#facts.get(position)?.asked;
    if (!asked) return '';
    const said = this.#notes.verdictsOf(position, this.book.timeMs);
    const verdicts = new Map([...said].map(([handle, verdict]) => [bicOf(handle), verdict]));
    return awaitedText(awaitedOf(asked, verdicts));
  }

  /** Takes in events, in their order, or none where records cannot be read; what ends among them is not looked up. */
  async take(events: readonly SettlementEvent[]): Promise<void> {
    const wanted = new Set<number>();
    const ended: number[] = [];
    for (const event of events) {
      if (ASKED_FOR.has(event.kind)) wanted.add(event.position);
      else if (BEGINS.has(event.kind) && 'paymentPosition' in event)
        wanted.add(event.paymentPosition);
      else if (ENDS.has(event.kind) && 'paymentPosition' in event) {
        wanted.delete(event.paymentPosition);
        ended.push(event.paymentPosition);
      }
    }
    for (const position of wanted) if (this.#facts.has(position)) wanted.delete(position);
    for (const { position, value } of await this.#read(wanted)) this.#note(position, value);
    for (const event of events) {
      this.#begin(event);
      this.#notes.take(event, (position) => this.#attested.get(position));
      this.book.take(event);
    }
    for (const position of ended) this.#facts.delete(position);
    this.#toFront.clear();
    this.#attested.clear();
    // Nobody here is told of changes.
    this.book.changed();
  }

  /** A leg with a condition is taken in. */
  #begin(event: SettlementEvent): void {
    if (!('paymentPosition' in event) || event.position !== event.paymentPosition) return;
    const leg = this.#facts.get(event.position)?.leg;
    if (leg && BEGINS.has(event.kind)) this.#notes.begin(event, leg.content, leg.appendedAtMs);
  }

  #note(position: number, value: Uint8Array): void {
    if (isControl(value)) {
      const control = readControl(value);
      if (control.kind !== 'genesis') return;
      this.book.usualRule(control.queueRule === 'bypass-fifo');
      this.#preValidation = control.preValidation ?? [];
      return;
    }
    const { kind, content, appendedAtMs } = readVerified(value);
    if (kind === 'attestation') this.#attested.set(position, value);
    else if (kind === 'reordering') {
      if (content.move === 'front') this.#toFront.add(position);
    } else if (content && 'settlementDate' in content) {
      const { settlementDate, earliest } = content;
      const { headers, payload } = readOriginal(value);
      const id = headers.ce_id ?? '';
      const further =
        kind === 'chainLeg' ? chainFacts(payload, settlementDate, this.#preValidation) : {};
      this.#facts.set(position, {
        ...{ settlementDate, earliest, id },
        ...(kind === 'chainLeg' && {
          ...{ legNumber: content.legNumber, legCount: content.legCount },
          termsDigest: content.termsDigest,
          ...further,
          ...(further.asked && { leg: { content, appendedAtMs } }),
        }),
      });
    }
  }
}

interface KnownFacts extends PaymentFacts {
  readonly id: string;
  readonly asked?: AskedCondition;
  /** Of a leg whose chain has a condition. */
  readonly leg?: { readonly content: ChainLegContent; readonly appendedAtMs: number };
}

/** Events of which the record is read that caused them. */
const ASKED_FOR: ReadonlySet<string> = new Set(['genesis', 'reordered', 'attested']);
const BEGINS: ReadonlySet<string> = new Set(['queued', 'matched', 'accepted']);
const ENDS: ReadonlySet<string> = new Set(['settled', 'cancelled', 'unwound']);
