import type { EventCursor } from '../core/settlement/event-cursor.ts';
import { EVENT_KINDS, kindNumbers } from '../core/settlement/events.ts';
import type { EventOf } from '../core/settlement/settlement-event.ts';
import { CHAIN_TYPE } from '../protocol/messages/message-types.ts';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import { bicOf, currencyOf } from '../protocol/names/handles-to-names.ts';
import { reasonOf } from '../protocol/records/event-payment.ts';
import type { RowPlace } from './payment-rows.ts';
import { type ChainRecord, clickHouseTime } from './store-rows.ts';

type LegEvent = EventOf<
  'matched' | 'triggered' | 'earmarked' | 'promised' | 'released' | 'notEarmarked'
>;
type ChainEvent = LegEvent | EventOf<'attested' | 'recorded'>;

const K = EVENT_KINDS;
/** Kinds that have a row where they are about a leg of a chain. */
const OF_LEG = kindNumbers([
  ...(['matched', 'triggered', 'earmarked', 'promised', 'released', 'notEarmarked'] as const),
]);
const ENDS = kindNumbers(['settled', 'cancelled', 'unwound']);

/** Whether an event has a row of `chain_events`. */
const isChainEvent = (kind: number, messageType: number): boolean =>
  kind === K.attested || kind === K.recorded || (messageType === CHAIN_TYPE && OF_LEG.has(kind));

/** Rows of `chain_events` (infra/clickhouse). Memory follows the legs of chains that live. */
export class ChainRows {
  readonly #place: RowPlace;
  /** Of legs whose chain is complete: position of its leg 1. */
  readonly #leads = new Map<number, number>();

  constructor(place: RowPlace) {
    this.#place = place;
  }

  /** Of every event that is about a leg of a chain, an attestation or a record; null: it has no row. */
  take(event: EventCursor): ChainRecord | null {
    const { kind, paymentPosition } = event;
    if (ENDS.has(kind)) {
      this.#leads.delete(paymentPosition);
      return null;
    }
    if (!isChainEvent(kind, event.messageType)) return null;
    if (kind === K.matched) this.#leads.set(paymentPosition, event.mate);
    return this.#row(event.read() as ChainEvent);
  }

  #row(event: ChainEvent): ChainRecord {
    const { run, pool, directory } = this.#place;
    const reason = reasonOf(event);
    const isLeg = 'legNumber' in event;
    return {
      ...{ run, pool, event_number: event.number, time: clickHouseTime(event.timeMs) },
      kind: event.kind,
      chain: this.#chainOf(event),
      leg: isLeg ? event.legNumber : 0,
      legs: 'legCount' in event ? event.legCount : 0,
      payment_position: event.paymentPosition,
      uetr: isLeg ? (uetrFromBytes(event.id) ?? '') : '',
      participant: bicOf(directory, event.debtorAgent),
      verdict: event.kind === 'attested' ? event.verdict : '',
      reason: reason === 'none' ? '' : reason,
      currency: isLeg ? currencyOf(directory, event.currency1) : '',
      amount_minor: isLeg ? event.amount1.toString() : '0',
      earmarked_minor: 'earmarked' in event ? event.earmarked.toString() : '0',
      digest: digestOf(event),
    };
  }

  #chainOf(event: ChainEvent): number {
    if (event.kind === 'recorded') return 0;
    if ('mate' in event) return event.mate;
    return this.#leads.get(event.paymentPosition) ?? 0;
  }
}

/** What an attestation names, of the terms or of a document. */
function digestOf(event: ChainEvent): string {
  if (event.kind === 'attested') return Buffer.from(event.termsDigest).toString('hex');
  return event.kind === 'recorded' ? Buffer.from(event.documentDigest).toString('hex') : '';
}
