import type { WaitBook } from '../analysis/waits/wait-book.ts';
import type { WaitingMessage } from '../analysis/waits/waiting-message.ts';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import {
  ALLEGEMENT,
  type AllegementState,
  writeAllegement,
} from '../protocol/messages/allegement.ts';
import { type Uetr, uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import { dateText } from '../protocol/names/dates.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { toldId } from '../protocol/names/message-ids.ts';
import { statusesOf } from '../protocol/names/topic-plan.ts';
import type { LegContent } from '../protocol/records/verified-content.ts';
import type { Originals } from './kept-originals.ts';
import type { StatementSender } from './statements.ts';
import { delivered, type NearLeg, received, UnmatchedLegs } from './unmatched-legs.ts';

/** A leg that waits for its mirror, and what its counterparty is to be told of it. */
interface Alleged {
  readonly leg: WaitingMessage;
  readonly state: AllegementState;
  /** The counterparty's own leg that was to mirror it. */
  readonly own: NearLeg | null;
}

const NONE: readonly Alleged[] = [];
const NOTHING: readonly AddressedMessage[] = [];

/**
 * Tells the counterparty of an unmatched leg what its own must mirror, and that it need not any more. Where its own
 * leg under the same EndToEndId waits too, both banks are told in what the two differ. A function of the events and
 * of the records of the legs that wait.
 */
export class Allegements {
  readonly #book: WaitBook;
  readonly #originals: Originals;
  readonly #sender: StatementSender;
  readonly #legs: UnmatchedLegs;

  constructor(book: WaitBook, originals: Originals, sender: StatementSender) {
    this.#book = book;
    this.#originals = originals;
    this.#sender = sender;
    this.#legs = new UnmatchedLegs(sender.directory.decimals);
  }

  /** The leg that an event ends the wait of, before the book has taken the event in. */
  before(event: SettlementEvent): readonly AddressedMessage[] {
    const ended = this.#ended(event);
    if (!ended) return NOTHING;
    const told = this.#told(event, ended);
    this.#legs.remove(ended.leg);
    return told ? [told] : NOTHING;
  }

  /** The leg that an event lets wait, once the book has taken the event in; `isTold` false: nothing is written. */
  after(event: SettlementEvent, isTold = true): readonly AddressedMessage[] {
    const begun = this.#begun(event);
    if (!isTold || begun.length === 0) return NOTHING;
    return begun.flatMap((alleged) => this.#told(event, alleged) ?? []);
  }

  #ended(event: SettlementEvent): Alleged | null {
    if (event.kind !== 'matched' && event.kind !== 'cancelled') return null;
    const position = event.kind === 'matched' ? event.mate : event.paymentPosition;
    const leg = this.#book.of(position);
    if (leg?.standing.place !== 'unmatched') return null;
    if (event.kind === 'matched') return { leg, state: 'MATCHED', own: null };
    return { leg, state: event.reason === 'unmatched' ? 'TIMED_OUT' : 'CANCELLED', own: null };
  }

  #begun(event: SettlementEvent): readonly Alleged[] {
    if (event.kind !== 'queued') return NONE;
    const leg = this.#book.of(event.paymentPosition);
    if (leg?.standing.place !== 'unmatched') return NONE;
    const content = this.#originals.leg(leg.position);
    // What a restart finds no record of has ended since.
    if (!content) return NONE;
    const own = this.#legs.nearest(leg, content);
    this.#legs.add(leg, content);
    if (!own) return [{ leg, state: 'ALLEGED', own: null }];
    const other = this.#legs.contentOf(own.message) as LegContent;
    const differences = this.#legs.differences(content, other);
    return [
      { leg, state: 'ALLEGED', own },
      // Its bank was told of the other leg when it had none of its own.
      { leg: own.message, state: 'ALLEGED', own: { message: leg, differences } },
    ];
  }

  #told(event: SettlementEvent, { leg, state, own }: Alleged): AddressedMessage | null {
    const { directory, pool, headers } = this.#sender;
    const content = this.#legs.contentOf(leg);
    const endToEndId = this.#originals.of(leg.position, true)?.endToEndId;
    if (!content || !endToEndId) return null;
    const to = directory.bic(leg.counterparty);
    const messageId = toldId(`${pool}-${event.number}-leg`);
    const allegementId = toldId(`${pool}-${leg.sinceEvent}`);
    const value = writeAllegement(
      {
        ...{ messageId, createdAtMs: event.timeMs, allegementId, state, endToEndId },
        ...{ instructingAgent: directory.bic(leg.sender), counterparty: to },
        ...{ delivers: delivered(content), receives: received(content) },
        settlementDate: dateText(content.settlementDate),
        own: own && {
          uetr: uetrFromBytes(own.message.id) as Uetr,
          differences: own.differences,
        },
      },
      directory.decimals,
    );
    const message = {
      ...{ key: allegementId, value, timestampMs: event.timeMs },
      headers: headers(event, messageId, ALLEGEMENT),
    };
    return { topic: statusesOf(to), message };
  }
}
