import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { QUOTE } from '../protocol/messages/message-types.ts';
import { QUOTE_USE, writeQuoteUse } from '../protocol/messages/quote-use.ts';
import {
  STATUS_REPORT,
  type StatusCode,
  writeStatusReport,
} from '../protocol/messages/status-report.ts';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import { isoReason } from '../protocol/names/iso-reasons.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { toldId } from '../protocol/names/message-ids.ts';
import { amountText, type Rate, rateText } from '../protocol/names/minor-units.ts';
import { QUOTES, statusesOf } from '../protocol/names/topic-plan.ts';
import {
  endedQuoteMessage,
  type QuoteEnd,
  quoteMessage,
} from '../protocol/records/quote-record.ts';
import { NOT_PROVIDED } from './kept-originals.ts';

export type QuoteEvent = EventOf<'quoted' | 'quoteUsed' | 'quoteEnded'>;

export const isQuoteEvent = (event: SettlementEvent): event is QuoteEvent =>
  event.kind === 'quoted' || event.kind === 'quoteUsed' || event.kind === 'quoteEnded';

/** What a message about a quote repeats, by the kind of event that gave the quote its state. */
export const QUOTE_STATUS: Partial<Record<SettlementEvent['kind'], StatusCode>> = {
  quoted: 'ACTC',
  quoteEnded: 'CANC',
};

interface LiveQuote {
  readonly id: string;
  readonly dealer: number;
  readonly base: number;
  readonly quoted: number;
  readonly rate: Rate;
  readonly covers: bigint;
  readonly validUntilMs: number;
  left: bigint;
  end: QuoteEnd | null;
}

/** Who is told, what with. */
export interface QuoteSender {
  readonly pool: string;
  readonly directory: Directory;
  headers(event: SettlementEvent, id: string, type: string): Record<string, string>;
  numbered(event: SettlementEvent): Record<string, string>;
}

/**
 * What is told of quotes, from the events alone: to the dealer that its quote was taken, each use with what is left,
 * and its end; to all, in the topic `quotes`, what can be paid at each quote now.
 *
 * Invariants
 * - What is covered is what was used, less what was given back, and what is left, which the events say.
 * - The topic has the state of a quote once for each run of events, as of its last event in the run; so
 *   a notifier that goes on behind a run writes the same.
 */
export class Quotes {
  readonly #live = new Map<string, LiveQuote>();
  /** Quotes that changed in this run, with the last event that did it. */
  readonly #changed = new Map<LiveQuote, QuoteEvent>();

  /** Takes an event in. */
  take(event: QuoteEvent): void {
    const key = keyOf(event);
    if (event.kind === 'quoted') {
      const rate = { mantissa: event.rateMantissa, scale: event.rateScale };
      this.#live.set(key, {
        ...{ id: uetrFromBytes(event.id) ?? '', dealer: event.debtorAgent, rate },
        ...{ base: event.currency1, quoted: event.currency2, covers: event.amount1 },
        ...{ validUntilMs: event.validUntilMs, left: event.amount1, end: null },
      });
    }
    const quote = this.#live.get(key);
    if (!quote) return;
    if (event.kind === 'quoteUsed') quote.left = event.left;
    if (event.kind === 'quoteEnded') {
      quote.end = event.reason === 'quoteWithdrawn' ? 'withdrawn' : 'expired';
      this.#live.delete(key);
    }
    // Behind the others, so that they are published in the order of their events.
    this.#changed.delete(quote);
    this.#changed.set(quote, event);
  }

  /** What can be paid at: a dealer's live quotes of a pair. */
  at(dealer: number, base: number, quoted: number): readonly Pick<LiveQuote, 'rate' | 'left'>[] {
    return [...this.#live.values()].filter(
      (one) => one.dealer === dealer && one.base === base && one.quoted === quoted,
    );
  }

  /** What the dealer is told of an event that was taken in. */
  toDealer(event: QuoteEvent, sender: QuoteSender): AddressedMessage {
    return event.kind === 'quoteUsed' ? used(event, sender) : stated(event, sender);
  }

  /** A run of events is over: what all are told of the quotes that changed in it. */
  publish(sender: QuoteSender): AddressedMessage[] {
    const messages = [...this.#changed].map(([quote, event]) => published(quote, event, sender));
    this.#changed.clear();
    return messages;
  }

  /** A run is over whose messages were written. */
  pass(): void {
    this.#changed.clear();
  }
}

const keyOf = (event: QuoteEvent): string =>
  event.kind === 'quoteUsed'
    ? `${event.dealer} ${Buffer.from(event.quote).toString('hex')}`
    : `${event.debtorAgent} ${Buffer.from(event.id).toString('hex')}`;

function published(quote: LiveQuote, event: QuoteEvent, sender: QuoteSender): AddressedMessage {
  const { directory } = sender;
  const base = directory.currency(quote.base);
  const name = { dealer: directory.bic(quote.dealer), id: quote.id };
  const end = quote.end ?? (quote.left === 0n ? 'used-up' : null);
  const { key, value, headers } = end
    ? endedQuoteMessage(name, end)
    : quoteMessage({
        ...{ id: quote.id, dealer: name.dealer, baseCurrency: base.currency },
        quoteCurrency: directory.currency(quote.quoted).currency,
        rate: rateText(quote.rate),
        covers: amountText(quote.covers, base.minorUnits),
        left: amountText(quote.left, base.minorUnits),
        validUntilMs: String(quote.validUntilMs),
      });
  const message = { key, value, headers: { ...headers, ...sender.numbered(event) } };
  return { topic: QUOTES, message: { ...message, timestampMs: event.timeMs } };
}

/** That it is taken, or has ended, in the form in which it would be refused. */
function stated(event: EventOf<'quoted' | 'quoteEnded'>, sender: QuoteSender): AddressedMessage {
  const { pool, directory } = sender;
  const to = directory.bic(event.debtorAgent);
  const messageId = toldId(`${pool}-${event.number}`);
  const uetr = uetrFromBytes(event.id);
  const value = writeStatusReport({
    ...{ messageId, createdAtMs: event.timeMs, to },
    original: { messageId: NOT_PROVIDED, messageType: QUOTE, endToEndId: null, uetr },
    status: QUOTE_STATUS[event.kind] as StatusCode,
    reason: event.kind === 'quoted' ? null : isoReason(event.reason),
    ...{ information: [], detail: null, payloadDigest: null },
  });
  const headers = sender.headers(event, messageId, STATUS_REPORT);
  const key = uetr ?? messageId;
  return { topic: statusesOf(to), message: { key, value, headers, timestampMs: event.timeMs } };
}

function used(event: EventOf<'quoteUsed'>, sender: QuoteSender): AddressedMessage {
  const { pool, directory } = sender;
  const to = directory.bic(event.dealer);
  const messageId = toldId(`${pool}-${event.number}`);
  const quoteId = uetrFromBytes(event.quote) ?? '';
  const money = (handle: number, amountMinor: bigint) => {
    const { currency, minorUnits: decimals } = directory.currency(handle);
    return { currency, decimals, amountMinor };
  };
  const value = writeQuoteUse({
    ...{ messageId, createdAtMs: event.timeMs, quoteId, uetr: uetrFromBytes(event.id) ?? '' },
    instructingAgent: directory.bic(event.debtorAgent),
    base: money(event.currency1, event.amount1),
    quoted: money(event.currency2, event.amount2),
    rate: { mantissa: event.rateMantissa, scale: event.rateScale },
    leftMinor: event.left,
  });
  const headers = sender.headers(event, messageId, QUOTE_USE);
  return {
    topic: statusesOf(to),
    message: { key: quoteId, value, headers, timestampMs: event.timeMs },
  };
}
