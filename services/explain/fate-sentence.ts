/**
 * What became of a payment, which `explain` prints first. What holds or held it comes after: in a queue
 * queue-hold-sentence.ts, in none yet outside-queues-sentence.ts. explain-payment.ts puts them together.
 */
import { uetrOf } from '../analysis/certificates/gridlock-certificate.ts';
import { NO_CURRENCY } from '../core/settlement/events.ts';
import { NONE32, type Verdict } from '../core/settlement/records.ts';
import {
  CHAIN,
  CHAIN_TYPE,
  LEG,
  LEG_TYPE,
  MESSAGE_TYPES,
} from '../protocol/messages/message-types.ts';
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import { instantOf } from '../protocol/messages/settlement-times.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import { originalPosition, reasonInWords } from '../protocol/records/event-payment.ts';
import { printable } from '../protocol/rules/refusal.ts';
import { type Amounts, settledBy, timeText } from './amount-words.ts';
import type { PaymentTrace, TracedEvent } from './payment-trace.ts';

/** Kinds of events that end a payment. */
export const ENDS: readonly string[] = ['settled', 'rejected', 'cancelled', 'unwound', 'noticed'];
/** A payment's own events, without repeated messages. */
export const fateOf = ({ events }: PaymentTrace): TracedEvent[] =>
  events.filter((event) => event.kind !== 'repeated');

/** What a payment is, as far as its events say. */
export interface Described {
  readonly messageType: string;
  readonly debtorAgent: string | null;
  readonly creditorAgent: string | null;
  readonly dealer: string | null;
  readonly currency: string | null;
  readonly amount: bigint;
  readonly creditedCurrency: string | null;
  readonly creditedAmount: bigint;
  readonly priority: string;
  readonly pairedWith: string | null;
  /** Of a leg of a chain that is complete which leg it is, and the UETRs of all in their order. */
  readonly chain: { readonly legNumber: number; readonly legs: readonly string[] } | null;
}

export function describePayment({ pool, position, events }: PaymentTrace): Described {
  const [first] = events;
  const mate = pool.mates.get(position);
  return {
    messageType: MESSAGE_TYPES[first.messageType] ?? '',
    debtorAgent: pool.directory.participants[first.debtorAgent]?.bic ?? null,
    ...termsOf(pool.directory, events),
    pairedWith: mate === undefined ? null : uetrOf(mate.idHex),
    chain: chainOf(pool, position),
  };
}

function chainOf({ chains }: PaymentTrace['pool'], position: number): Described['chain'] {
  const legs = chains.get(position);
  if (!legs) return null;
  const legNumber = legs.findIndex((leg) => leg.position === position) + 1;
  return { legNumber, legs: legs.map(({ idHex }) => uetrOf(idHex)) };
}

const UNKNOWN = {
  ...{ creditorAgent: null, dealer: null, currency: null, amount: 0n },
  ...{ creditedCurrency: null, creditedAmount: 0n, priority: 'normal' },
} as const;

/** A message that failed authentication is known by the sender it names, and by nothing else. */
function termsOf(directory: Directory, events: PaymentTrace['events']) {
  const [first] = events;
  if (first.kind === 'noticed' || !('creditorAgent' in first)) return UNKNOWN;
  const bic = (handle: number): string | null => directory.participants[handle]?.bic ?? null;
  const currency = (handle: number): string | null =>
    directory.currencies[handle]?.currency ?? null;
  const converts = first.currency2 !== NO_CURRENCY;
  const last = events.findLast((e) => e.kind !== 'repeated' && 'priority' in e) ?? first;
  return {
    creditorAgent: bic(first.creditorAgent),
    dealer: first.dealer === NONE32 ? null : bic(first.dealer),
    currency: currency(first.currency1),
    amount: first.amount1,
    creditedCurrency: currency(converts ? first.currency2 : first.currency1),
    creditedAmount: converts ? first.amount2 : first.amount1,
    priority: ('priority' in last && PRIORITIES[last.priority]) || 'normal',
  };
}

/** "BETAFR00 to GAMMUS00, USD 12.00, normal". */
export function titleOf(trace: PaymentTrace, amounts: Amounts): string {
  const d = describePayment(trace);
  if (d.currency === null) return `a message that names ${d.debtorAgent ?? 'nobody known'}`;
  const parties = `${d.debtorAgent ?? 'unknown'} to ${d.creditorAgent ?? 'unknown'}`;
  const amount = amounts.text(d.currency, d.amount);
  const credited =
    d.dealer === null || d.creditedCurrency === null
      ? ''
      : ` (${amounts.text(d.creditedCurrency, d.creditedAmount)} through ${d.dealer})`;
  const what = WHAT[d.messageType] ?? returned(trace);
  const mate = d.pairedWith === null ? '' : `, paired with ${d.pairedWith}`;
  return `${what}${parties}, ${amount}${credited}${supplied(trace, d)}, ${d.priority}${mate}${chained(d.chain)}`;
}

/** Of money that comes from its issuer or goes back to it: out of a customer's deposits, or into them. */
function supplied({ pool, events: [first] }: PaymentTrace, d: Described): string {
  if (!('currency1' in first)) return '';
  const issuer = pool.settlement.issuers()[first.currency1] ?? null;
  if (issuer === null) return '';
  const bic = pool.directory.participants[issuer]?.bic;
  if (bic === d.debtorAgent) return `, issued by ${bic}`;
  return bic === d.creditorAgent ? `, redeemed by ${bic}` : '';
}

const WHAT: Readonly<Record<string, string>> = {
  [LEG]: 'a PvP leg of ',
  [CHAIN]: 'a leg of a chain, ',
};

/** The other legs of a chain that is complete. */
function chained(chain: Described['chain']): string {
  if (chain === null) return '';
  const others = chain.legs.filter((_, place) => place !== chain.legNumber - 1);
  if (others.length === 0) return ', a chain of one leg';
  return `, leg ${chain.legNumber} of ${chain.legs.length} with ${others.join(', ')}`;
}

/** What a return gives back: the payment whose UETR it goes by, by the place of its message in the pool's log. */
function returned({ events: [first] }: PaymentTrace): string {
  const position = originalPosition(first);
  if (position === null) return '';
  return position === 0
    ? 'a return of no known payment, '
    : `a return of the payment at position ${position}, `;
}

const WAITED: Readonly<Record<string, string>> = {
  queued: 'queued',
  matched: 'matched with the other leg',
  accepted: 'accepted for net settlement',
  carriedOver: 'carried over at a close',
  reordered: 're-ordered',
};

/** A leg that comes before the others it settles with, or a payment before its earliest time, waits in no queue. */
const waitsOutside = (event: TracedEvent, { record }: PaymentTrace): boolean => {
  if (event.kind !== 'queued') return false;
  if ([LEG_TYPE, CHAIN_TYPE].includes(event.messageType)) return true;
  const { earliest = 0, settlementDate = 0 } = record?.content ?? {};
  return earliest > 0 && instantOf(settlementDate, earliest) > event.timeMs;
};

/** What became of it, in one sentence. */
export function fateSentence(trace: PaymentTrace): string {
  const events = fateOf(trace);
  const parts = events.flatMap((event) => {
    const at = timeText(event.timeMs);
    const isChained = event.kind === 'matched' && event.legCount > 0;
    const isOne = event.kind === 'matched' && event.legCount === 1;
    const chained = isOne ? 'taken in' : 'matched with the other legs';
    const waited = isChained ? chained : waitsOutside(event, trace) ? 'came' : WAITED[event.kind];
    if (waited !== undefined) return [`${waited} at ${at}`];
    const told = chainText(event, trace);
    if (told !== null) return [`${told} at ${at}${wordsText(event)}${reasonText(event)}`];
    if (event.kind === 'settled')
      return [`settled at ${at} ${settledBy(trace.pool.mechanismOf(event), event.cycle)}`];
    return [
      `${event.kind === 'noticed' ? 'refused, as it is not authentic,' : event.kind} at ${at}${reasonText(event)}`,
    ];
  });
  // Each currency of a pair tells its own close.
  const told = parts.filter((part, i) => part !== parts[i - 1]);
  const repeats = trace.events.length - events.length;
  const again =
    repeats === 0
      ? ''
      : `; its message came ${repeats === 1 ? 'once' : `${repeats} times`} more and changed nothing`;
  const isOpen = !ENDS.includes(events.at(-1)?.kind ?? '');
  return `${told.join(', ')}${isOpen ? ' and still waits' : ''}${again}.`;
}

const SAID: Readonly<Record<Verdict, string>> = {
  ...{ accepted: 'accepted', refused: 'refused', held: 'held it', recorded: 'recorded' },
};

/** What an event tells of the condition or the earmarks of its chain. */
function chainText(event: TracedEvent, { pool: { directory } }: PaymentTrace): string | null {
  if (event.kind === 'attested')
    return `${directory.bic(event.debtorAgent)} ${SAID[event.verdict]}`;
  if (event.kind === 'triggered') return 'its condition met';
  if (event.kind === 'earmarked') return 'its money set aside';
  if (event.kind === 'promised') return 'promised to what its home pool decides';
  if (event.kind === 'notEarmarked') return 'nothing set aside for it';
  return event.kind === 'released' ? 'its money set aside no more' : null;
}

/** What an attestor said, in its own words. */
const wordsText = (event: TracedEvent): string =>
  event.kind === 'attested' && event.words !== null ? `, saying "${printable(event.words)}"` : '';

function reasonText(event: TracedEvent): string {
  const iso = reasonInWords(event);
  if (iso === null) return '';
  const text = `${iso.text.slice(0, 1).toLowerCase()}${iso.text.slice(1)}`;
  return `, because ${event.kind === 'unwound' ? 'an agent defaulted and its payments were taken out of the netting' : text} (${iso.code})`;
}
