import { EVENT_BYTES } from '../core/settlement/events.ts';
import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import type { LoggedMessage, LogPort } from '../live/service-context.ts';
import { type Uetr, uetrBytes } from '../protocol/names/bic-and-uetr.ts';
import { bicOf, currencyOf, type Directory } from '../protocol/names/handles-to-names.ts';
import { ProblemError } from '../protocol/names/http-problems.ts';
import { HELD_UP_REASONS } from '../protocol/names/iso-reasons.ts';
import { poolEvents, poolInput } from '../protocol/names/topic-plan.ts';
import { LINK_EVENTS } from '../protocol/records/event-chain.ts';
import { eventPayment, isMessageEvent, reasonInWords } from '../protocol/records/event-payment.ts';
import { EVENT_STATUS } from '../protocol/records/event-status.ts';
import { readEventsHeaders } from '../protocol/records/events-message.ts';
import { isControl, readOriginal, readVerified } from '../protocol/records/input-record.ts';
import type { ChainLinks } from './hash-chain-links.ts';
import {
  endsOf,
  type Found,
  folded,
  foundEvents,
  paymentPositionOf,
  positionOf,
  rankOf,
  standing,
  TAKEN,
  withoutRepeats,
} from './payment-history-steps.ts';
import type { PoolView } from './pool-view.ts';
import type {
  EventProof,
  HistoryStep,
  OriginalView,
  PaymentHistory,
  ViewRelease,
  ViewWait,
} from './told-to-page.ts';
import type { UetrPlaces } from './uetr-places.ts';
import { shortageOf } from './waits-with-names.ts';

const READ_MESSAGES = 64;
/** Steps of one payment that are told, and of a search of the whole log. */
const STEPS_MAX = 200;
const WHOLE_STEPS_MAX = 5_000;

export interface HistoryPorts {
  readonly log: Pick<LogPort, 'read'>;
  readonly view: PoolView;
  readonly places: UetrPlaces;
  readonly links: ChainLinks;
  /** Whether the log has messages that the places lack. */
  readonly isBehind: () => Promise<boolean>;
  /** What would release the payment at a position; null: it stands in no queue. */
  readonly release: (position: number) => Promise<ViewRelease | null>;
  /** The command that explains a payment; empty: none can. */
  readonly explainedBy: (uetr: Uetr) => string;
}

const stepReason = (event: SettlementEvent) =>
  event.kind === 'heldUp' && event.by !== 'none' ? HELD_UP_REASONS[event.by] : reasonInWords(event);

/** What a step says of the payment; one that is about an account says whose, and how much. */
function stepPayment(directory: Directory, event: SettlementEvent) {
  if (isMessageEvent(event)) {
    const { uetr: _, ...payment } = eventPayment(directory, event);
    return payment;
  }
  const currency = 'currency' in event ? currencyOf(directory, event.currency ?? -1) : '';
  const amountMinor = String('amount' in event ? event.amount : 0n);
  return {
    debtor:
      'debtorAgent' in event ? bicOf(directory, event.debtorAgent) : accountOwner(directory, event),
    creditor: 'counterparty' in event ? bicOf(directory, event.counterparty ?? -1) : '',
    ...{ dealer: '', mechanism: '', reason: '' },
    ...{ currency, currency2: currency, amountMinor, amount2Minor: amountMinor },
  };
}

const accountOwner = (directory: Directory, event: SettlementEvent): string =>
  'participant' in event ? bicOf(directory, event.participant ?? -1) : '';

const shortagesOf = (directory: Directory, event: SettlementEvent): HistoryStep['shortages'] =>
  event.kind === 'heldUp' && event.by !== 'none'
    ? [shortageOf(directory, { ...event, by: event.by })]
    : [];

const balancesOf = (
  directory: Directory,
  { bookings }: EventOf<'settled'>,
): HistoryStep['balances'] =>
  bookings.map(({ participant, currency, balance }) => ({
    bic: bicOf(directory, participant),
    currency: currencyOf(directory, currency),
    balanceMinor: String(balance),
  }));

/** Payments of one pool as its log has them: read again for each question, so that it is the log's. */
export class History {
  readonly #ports: HistoryPorts;
  #searching = false;

  constructor(ports: HistoryPorts) {
    this.#ports = ports;
  }

  /**
   * Null where the pool has nothing under the UETR; throws a ProblemError while another search runs.
   * @param whole searches all of the log, where else the index tells in which messages it stands
   */
  async of(uetr: Uetr, whole = false): Promise<PaymentHistory | null> {
    const { places, view } = this.#ports;
    const id = Buffer.from(uetrBytes(uetr));
    const { found, leftOut } = whole
      ? { found: await this.#search(id, places.ends), leftOut: 0 }
      : await this.#found(id);
    const paymentPosition = positionOf(found);
    if (paymentPosition === null) return null;
    const all = folded(found.map((one) => this.#step(one)));
    const steps = endsOf(all, paymentPosition, whole ? WHOLE_STEPS_MAX : STEPS_MAX);
    return {
      uetr,
      position: paymentPosition,
      isTaken: standing(found, paymentPosition) === TAKEN,
      complete: leftOut === 0 && steps.length === all.length,
      steps,
      original: await this.#original(paymentPosition),
      wait: await this.#wait(view.wait(paymentPosition), paymentPosition),
      explainedBy: this.#ports.explainedBy(uetr),
    };
  }

  /** While it is, what it does not find may be in the log all the same. */
  isBehind(): Promise<boolean> {
    return this.#ports.isBehind();
  }

  /** Why it waits is as things stand when the question comes, and so is what would release it. */
  async #wait(wait: ViewWait | null, position: number): Promise<ViewWait | null> {
    if (!wait?.release) return wait;
    return { ...wait, release: (await this.#ports.release(position)) ?? wait.release };
  }

  async #found(id: Buffer): Promise<{ found: Found[]; leftOut: number }> {
    const { places } = this.#ports;
    const { offsets, leftOut } = places.of(id);
    const recent = await this.#at(id, offsets);
    // The first event of a payment is its own record's: without it there is more in the log.
    const isThere = recent.some(
      ({ event }) => rankOf(event) === TAKEN && event.position === paymentPositionOf(event),
    );
    if (isThere || places.searchEnds === 0) return { found: recent, leftOut };
    const older = await this.#search(id, places.searchEnds);
    return { found: withoutRepeats([...older, ...recent]), leftOut };
  }

  async #at(id: Buffer, offsets: readonly number[]): Promise<Found[]> {
    const found: Found[] = [];
    for (const offset of offsets) {
      const [message] = await this.#messages(offset, 1);
      if (message?.logOffset === offset) found.push(...foundEvents(id, message));
    }
    return withoutRepeats(found);
  }

  /** One at a time: it reads the log from its beginning to an offset. */
  async #search(id: Buffer, end: number): Promise<Found[]> {
    if (this.#searching)
      throw new ProblemError('overloaded', {
        detail: 'a payment is being sought in the log; ask again',
        retryAfterSeconds: 1,
      });
    this.#searching = true;
    try {
      const found: Found[] = [];
      for (let next = 0; next < end; ) {
        const messages = await this.#messages(next, Math.min(READ_MESSAGES, end - next));
        const last = messages[messages.length - 1];
        if (!last) break;
        for (const message of messages) found.push(...foundEvents(id, message));
        next = last.logOffset + 1;
      }
      return withoutRepeats(found);
    } finally {
      this.#searching = false;
    }
  }

  #messages(fromOffset: number, count: number): Promise<readonly LoggedMessage[]> {
    const { log, view } = this.#ports;
    return log.read(poolEvents(view.pool), 0, fromOffset, count);
  }

  #step({ event, message }: Found): HistoryStep {
    const { directory, pool, scenarioMs: clock } = this.#ports.view;
    const scenarioMs = clock(event.timeMs);
    const reason = stepReason(event);
    const { firstNumber, count, digestBefore, digestAfter } = readEventsHeaders(message.headers);
    return {
      ...stepPayment(directory, event),
      pool,
      eventNumber: event.number,
      position: paymentPositionOf(event),
      repeats: null,
      kind: event.kind,
      status: EVENT_STATUS[event.kind] ?? '',
      atMs: event.timeMs,
      ...(scenarioMs !== null && { scenarioMs }),
      reason: reason?.code ?? '',
      reasonText: reason?.text ?? '',
      cycle: 'cycle' in event ? event.cycle : 0,
      shortages: shortagesOf(directory, event),
      balances: event.kind === 'settled' ? balancesOf(directory, event) : [],
      place: {
        topic: poolEvents(pool),
        logOffset: message.logOffset,
        firstNumber,
        count,
        digestBefore,
        digestAfter,
        appendedAtMs: message.timestampMs,
        inputPosition: event.position,
      },
    };
  }

  /** The message as its sender signed it, out of the pool's input. */
  async #original(position: number): Promise<OriginalView | null> {
    const { log, view } = this.#ports;
    const [record] = await log.read(poolInput(view.pool), 0, position, 1);
    if (record?.logOffset !== position || isControl(record.value)) return null;
    const verified = readVerified(record.value);
    const { headers, payload } = readOriginal(record.value);
    return {
      messageType: headers.ce_type ?? '',
      sender: headers.ce_source ?? '',
      keyId: headers.ce_keyid ?? '',
      issuedAtMs: verified.issuedAtMs,
      appendedAtMs: verified.appendedAtMs,
      partition: verified.partition,
      logOffset: verified.logOffset,
      signature: headers.ce_signature ?? '',
      payloadDigest: Buffer.from(verified.payloadDigest).toString('hex'),
      payload: verified.payloadOmitted ? null : Buffer.from(payload).toString('utf8'),
    };
  }

  /**
   * What lets a reader compute the chain over an event again: the events from the beginning of its
   * link to the end of its message. Throws a ProblemError where the message does not hold it.
   */
  async proof(eventNumber: number, logOffset: number): Promise<EventProof> {
    const { links, view } = this.#ports;
    const [message] = await this.#messages(logOffset, 1);
    const place = message?.logOffset === logOffset ? readEventsHeaders(message.headers) : null;
    const index = place ? eventNumber - place.firstNumber : -1;
    if (!message || !place || index < 0 || index >= place.count || eventNumber > links.count)
      throw new ProblemError('notFound', {
        detail: `the message at offset ${logOffset} of ${poolEvents(view.pool)} holds no event ${eventNumber}`,
      });
    const { firstNumber, digestBefore } = links.linkOf(eventNumber);
    const at = index * EVENT_BYTES;
    return {
      pool: view.pool,
      eventNumber,
      event: Buffer.from(message.value)
        .subarray(at, at + EVENT_BYTES)
        .toString('hex'),
      firstNumber,
      digestBefore: digestBefore.toString('hex'),
      events: (await this.#since(firstNumber, message)).toString('base64'),
      linkEvents: LINK_EVENTS,
      digestAfter: place.digestAfter,
    };
  }

  /** The events from a number on to the end of a message, each once. */
  async #since(firstNumber: number, last: LoggedMessage): Promise<Buffer> {
    let pieces: LoggedMessage[] = [last];
    for (;;) {
      const [first] = pieces as [LoggedMessage];
      if (readEventsHeaders(first.headers).firstNumber <= firstNumber || first.logOffset === 0)
        break;
      const from = Math.max(0, first.logOffset - READ_MESSAGES);
      pieces = [...(await this.#messages(from, first.logOffset - from)), ...pieces];
    }
    let next = firstNumber;
    const kept = pieces.map(({ headers, value }) => {
      const place = readEventsHeaders(headers);
      const skip = Math.max(0, next - place.firstNumber);
      if (skip >= place.count) return new Uint8Array(0);
      next = place.firstNumber + place.count;
      return value.subarray(skip * EVENT_BYTES);
    });
    return Buffer.concat(kept);
  }
}
