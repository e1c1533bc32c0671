import { createHash } from 'node:crypto';
import { reasonNumber } from '../core/reasons.ts';
import { dayNumber } from '../protocol/dates.ts';
import type { Envelope } from '../protocol/envelope.ts';
import { isUetr, uetrBytes } from '../protocol/identifiers.ts';
import { layOutVerified } from '../protocol/input-record.ts';
import {
  type CancellationRequest,
  type Currencies,
  MESSAGE_TYPES,
  type ReorderingRequest,
} from '../protocol/instruction.ts';
import { matchKey } from '../protocol/leg.ts';
import type { ReceivedMessage } from '../protocol/message.ts';
import { type Instruction, isRefusal, kindOfType, type Payload } from '../protocol/payload.ts';
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
  const { message, envelope, outcome, payload } = judged;
  const value = layOutVerified({ headers: message.headers, payload: message.value });
  const placed = isRefusal(payload)
    ? { pool: judged.defaultPool, reason: reasonNumber(payload.reason) }
    : placeIn(payload, judged);
  const record: VerifiedRecord = {
    ...common(judged),
    ...EMPTY,
    ...(isRefusal(payload) ? {} : fields(payload)),
    kind: outcome.authentic ? kindOfType(envelope.messageType) : 'notice',
    reason: outcome.authentic ? placed.reason : outcome.reason,
    publicKey: outcome.authentic ? outcome.publicKey : NO_KEY,
  };
  writeVerifiedRecord(record, value);
  return { pool: placed.pool, value };
}

/** The pool of the payload's currencies; a payment between pools cannot settle both legs or none. */
function placeIn(payload: Instruction, { currencies, defaultPool }: Case) {
  const [first, second] = currenciesOf(payload);
  if (first === null) return { pool: defaultPool, reason: 0 };
  const pool = currencies.get(first)?.pool as string;
  const apart = currencies.get(second ?? first)?.pool !== pool;
  return { pool, reason: apart ? reasonNumber('currenciesInTwoPools') : 0 };
}

function currenciesOf(payload: Instruction): [string | null, string?] {
  switch (payload.kind) {
    case 'payment':
      return [payload.currency, payload.conversion?.currency ?? payload.currency];
    case 'quote':
      return [payload.baseCurrency, payload.quoteCurrency];
    case 'pvpLeg':
      return [payload.delivers, payload.receives];
    default:
      return [payload.currency];
  }
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
  earliest: 0,
  latest: 0,
  target: null,
  targetType: 0,
  move: 'end' as const,
};

/** The fields of the record that are not empty, by kind. */
function fields(payload: Instruction): Partial<VerifiedRecord> {
  switch (payload.kind) {
    case 'payment': {
      const { conversion, times } = payload;
      return {
        debtorAgent: payload.debtorAgent,
        creditorAgent: payload.creditorAgent,
        dealer: conversion?.dealer ?? '',
        currency1: payload.currency,
        currency2: conversion?.currency ?? '',
        amount1: payload.amountMinor,
        amount2: conversion?.amountMinor ?? 0n,
        rateMantissa: conversion?.rate.mantissa ?? 0n,
        rateScale: conversion?.rate.scale ?? 0,
        priority: payload.priority,
        settlementDate: dayNumber(payload.settlementDate) ?? 0,
        ...times,
      };
    }
    case 'pvpLeg':
      return {
        debtorAgent: payload.instructingAgent,
        creditorAgent: payload.counterparty,
        currency1: payload.delivers,
        currency2: payload.receives,
        amount1: payload.deliversMinor,
        amount2: payload.receivesMinor,
        rateMantissa: BigInt.asIntN(64, matchKey(payload.endToEndId)),
        priority: payload.priority,
        settlementDate: dayNumber(payload.settlementDate) ?? 0,
        ...payload.times,
      };
    case 'quote':
      return {
        dealer: payload.dealer,
        currency1: payload.baseCurrency,
        currency2: payload.quoteCurrency,
        amount1: BigInt(payload.validUntilMs),
        amount2: payload.coversMinor,
        rateMantissa: payload.rate.mantissa,
        rateScale: payload.rate.scale,
      };
    case 'cancellation':
      return targetOf(payload);
    case 'reordering':
      return { ...targetOf(payload), priority: payload.priority, move: payload.move };
    case 'limit':
      return {
        creditorAgent: payload.counterparty ?? '',
        currency1: payload.currency,
        amount1: payload.limitMinor ?? -1n,
      };
    case 'reservation':
      return {
        currency1: payload.currency,
        priority: payload.priority,
        amount1: payload.amountMinor,
      };
  }
}

const targetOf = ({ uetr, paymentType }: CancellationRequest | ReorderingRequest) => ({
  target: uetrBytes(uetr),
  targetType: MESSAGE_TYPES.indexOf(paymentType),
});
