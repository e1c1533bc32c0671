import { createHash } from 'node:crypto';
import { reasonNumber } from '../core/reasons.ts';
import { dayNumber } from '../protocol/dates.ts';
import type { Envelope } from '../protocol/envelope.ts';
import { isUetr, uetrBytes } from '../protocol/identifiers.ts';
import { layOutVerified } from '../protocol/input-record.ts';
import {
  type Currencies,
  MESSAGE_TYPES,
  type PaymentInstruction,
  QUOTE,
} from '../protocol/instruction.ts';
import type { ReceivedMessage } from '../protocol/message.ts';
import { isQuote, isRefusal, type Payload } from '../protocol/payload.ts';
import type { Quote } from '../protocol/quote.ts';
import { type VerifiedRecord, writeVerifiedRecord } from '../protocol/verified-record.ts';

export type Outcome =
  | { readonly authentic: true; readonly publicKey: Uint8Array }
  | { readonly authentic: false; readonly reason: number };

export interface Case {
  readonly message: ReceivedMessage;
  readonly envelope: Envelope;
  readonly digest: Uint8Array;
  readonly payload: Payload;
  readonly outcome: Outcome;
  readonly currencies: Currencies;
  readonly defaultPool: string;
}

export interface Judged {
  readonly pool: string;
  readonly value: Uint8Array;
}

const NO_KEY = new Uint8Array(32);

/** Writes the input record of one message for the pool that its payload names. */
export function judge(judged: Case): Judged {
  const { message, outcome, payload } = judged;
  const value = layOutVerified({ headers: message.headers, payload: message.value });
  const placed = isRefusal(payload)
    ? { pool: judged.defaultPool, reason: reasonNumber(payload.reason) }
    : placeIn(payload, judged.currencies);
  const record: VerifiedRecord = {
    ...common(judged),
    ...(isRefusal(payload) ? EMPTY : isQuote(payload) ? quoteFields(payload) : fields(payload)),
    kind: outcome.authentic ? kindOf(judged) : 'notice',
    reason: outcome.authentic ? placed.reason : outcome.reason,
    publicKey: outcome.authentic ? outcome.publicKey : NO_KEY,
  };
  writeVerifiedRecord(record, value);
  return { pool: placed.pool, value };
}

const kindOf = ({ envelope }: Case) =>
  envelope.messageType === QUOTE ? ('quote' as const) : ('payment' as const);

/** The pool of the payload's currencies; a payment between pools cannot settle both legs or none. */
function placeIn(payload: PaymentInstruction | Quote, currencies: Currencies) {
  const [first, second] = isQuote(payload)
    ? [payload.baseCurrency, payload.quoteCurrency]
    : [payload.currency, payload.conversion?.currency ?? payload.currency];
  const pool = currencies.get(first)?.pool as string;
  const apart = currencies.get(second)?.pool !== pool;
  return { pool, reason: apart ? reasonNumber('currenciesInTwoPools') : 0 };
}

function common({ message, envelope, digest }: Case) {
  return {
    messageType: Math.max(0, MESSAGE_TYPES.indexOf(envelope.messageType as never)),
    appendedAtMs: message.timestampMs,
    issuedAtMs: envelope.issuedAtMs,
    id: isUetr(envelope.id) ? uetrBytes(envelope.id) : idDigest(envelope.id),
    payloadDigest: digest,
    sender: envelope.sender,
    partition: message.partition,
    logOffset: message.logOffset,
  };
}

/** An id that is no UUID stands in records as the first 16 bytes of its SHA-256. */
const idDigest = (id: string): Uint8Array =>
  createHash('sha256').update(id).digest().subarray(0, 16);

const EMPTY = {
  debtorAgent: '',
  creditorAgent: '',
  dealer: '',
  currency1: '',
  currency2: '',
  amount1: 0n,
  amount2: 0n,
  rateMantissa: 0n,
  rateScale: 0,
  priority: 'normal' as const,
  settlementDate: 0,
};

function fields(payment: PaymentInstruction) {
  const { conversion } = payment;
  return {
    debtorAgent: payment.debtorAgent,
    creditorAgent: payment.creditorAgent,
    dealer: conversion?.dealer ?? '',
    currency1: payment.currency,
    currency2: conversion?.currency ?? '',
    amount1: payment.amountMinor,
    amount2: conversion?.amountMinor ?? 0n,
    rateMantissa: conversion?.rate.mantissa ?? 0n,
    rateScale: conversion?.rate.scale ?? 0,
    priority: payment.priority,
    settlementDate: dayNumber(payment.settlementDate) ?? 0,
  };
}

function quoteFields(quote: Quote) {
  return {
    ...EMPTY,
    dealer: quote.dealer,
    currency1: quote.baseCurrency,
    currency2: quote.quoteCurrency,
    amount1: BigInt(quote.validUntilMs),
    amount2: quote.coversMinor,
    rateMantissa: quote.rate.mantissa,
    rateScale: quote.rate.scale,
  };
}
