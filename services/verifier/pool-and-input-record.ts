import { reasonNumber } from '../core/settlement/reasons.ts';
import { partOf } from '../protocol/messages/chain.ts';
import type {
  AttestationInstruction,
  CancellationRequest,
  ChainLegInstruction,
  Currencies,
  LegInstruction,
  PaymentInstruction,
  QueryRequest,
  ReturnInstruction,
  StatusRequest,
} from '../protocol/messages/instruction.ts';
import { MESSAGE_TYPES } from '../protocol/messages/message-types.ts';
import {
  type Instruction,
  isRefusal,
  kindOfType,
  type Payload,
} from '../protocol/messages/payload.ts';
import { matchKey } from '../protocol/messages/pvp-leg.ts';
import type { Quote } from '../protocol/messages/quote.ts';
import { isUetr, uetrBytes } from '../protocol/names/bic-and-uetr.ts';
import { dayNumber } from '../protocol/names/dates.ts';
import type { ReceivedMessage } from '../protocol/names/message.ts';
import { type Envelope, type Headers, signedHeaders } from '../protocol/names/message-headers.ts';
import { idDigest } from '../protocol/names/text-digest.ts';
import { layOutVerified } from '../protocol/records/input-record.ts';
import {
  type AttestationContent,
  type CancellationContent,
  type ChainLegContent,
  type LegContent,
  type PaymentContent,
  type QueryContent,
  type QuoteContent,
  type ReturnContent,
  type Said,
  TERMS_DIGEST_BYTES,
} from '../protocol/records/verified-content.ts';
import { type VerifiedHead, writeVerifiedRecord } from '../protocol/records/verified-record.ts';

type Outcome =
  | { readonly authentic: true; readonly publicKey: Uint8Array }
  | { readonly authentic: false; readonly reason: number };

export interface Case {
  readonly message: ReceivedMessage;
  readonly envelope: Envelope;
  readonly digest: Uint8Array;
  /** Null: it is not there, but for its digest. */
  readonly payload: Payload | null;
  /** Of a message that is not authentic too: as older logs have it. */
  readonly keepsPayload: boolean;
  /** What is kept of the headers of a message that is not authentic; absent: those that are signed. */
  readonly kept?: Headers | undefined;
  readonly outcome: Outcome;
  readonly currencies: Currencies;
  readonly defaultPool: string;
}

export interface Judged {
  readonly pool: string;
  readonly value: Uint8Array;
}

const NO_KEY: Uint8Array = new Uint8Array(32);

/** Writes the input record of one message for the pool that its payload names. */
export function judge(judged: Case): Judged {
  const { message, envelope, outcome, payload } = judged;
  const isWhole = outcome.authentic || judged.keepsPayload;
  const value = layOutVerified(
    isWhole
      ? { headers: message.headers, payload: message.value }
      : { headers: judged.kept ?? signedHeaders(message.headers), payload: NO_BYTES },
  );
  const placed = placeOf(judged);
  const head: VerifiedHead = {
    messageType: Math.max(0, MESSAGE_TYPES.indexOf(envelope.messageType as never)),
    reason: outcome.authentic ? placed.reason : outcome.reason,
    appendedAtMs: message.timestampMs,
    issuedAtMs: envelope.issuedAtMs,
    id: isUetr(envelope.id) ? uetrBytes(envelope.id) : idDigest(envelope.id),
    payloadDigest: judged.digest,
    publicKey: outcome.authentic ? outcome.publicKey : NO_KEY,
    sender: envelope.sender,
    partition: message.partition,
    logOffset: message.logOffset,
    payloadOmitted: !isWhole,
  };
  const said = isWhole && payload && !isRefusal(payload) ? saidIn(payload) : null;
  // Nobody signed what the payload of a notice says.
  if (!outcome.authentic) writeVerifiedRecord(head, { kind: 'notice', content: said }, value);
  else writeVerifiedRecord(head, said ?? unread(envelope), value);
  return { pool: placed.pool, value };
}

function placeOf(judged: Case): { pool: string; reason: number } {
  const { payload, defaultPool } = judged;
  if (payload && !isRefusal(payload)) return placeIn(payload, judged);
  return { pool: defaultPool, reason: payload ? reasonNumber(payload.reason) : 0 };
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
    case 'chainLeg':
      // Of the pool that settles the leg: of a chain over two pools each has its part.
      return [payload.legs[payload.legNumber - 1]?.code as string];
    default:
      return [payload.currency];
  }
}

const NO_BYTES = new Uint8Array(0);

/** What the payload says. Spreads of literals would cost more than all else here. */
function saidIn(payload: Instruction): Said {
  switch (payload.kind) {
    case 'payment':
      return { kind: 'payment', content: paymentIn(payload) };
    case 'pvpLeg':
      return { kind: 'pvpLeg', content: legIn(payload) };
    case 'chainLeg':
      return { kind: 'chainLeg', content: chainLegIn(payload) };
    case 'attestation':
      return { kind: 'attestation', content: attestationIn(payload) };
    case 'quote':
      return { kind: 'quote', content: quoteIn(payload) };
    case 'cancellation':
      return {
        kind: 'cancellation',
        content: targetIn(payload),
      };
    case 'reordering': {
      const { priority, move } = payload;
      const { target, targetType } = targetIn(payload);
      return { kind: 'reordering', content: { target, targetType, priority, move } };
    }
    case 'return':
      return { kind: 'return', content: returnIn(payload) };
    case 'reply': {
      const { uetr, receiver, reply } = payload;
      const target = uetrBytes(uetr);
      return {
        kind: 'reply',
        content: { target, targetType: typeNumber(payload), receiver, reply },
      };
    }
    case 'limit': {
      const { counterparty, currency, limitMinor } = payload;
      return { kind: 'limit', content: { counterparty, currency, limit: limitMinor } };
    }
    case 'reservation': {
      const { currency, priority, amountMinor } = payload;
      return { kind: 'reservation', content: { currency, priority, amount: amountMinor } };
    }
    case 'query':
      return { kind: 'query', content: queryIn(payload) };
  }
}

/** Of a question about a payment its currency tells the pool alone. */
function queryIn(payload: QueryRequest | StatusRequest): QueryContent {
  if (!('uetr' in payload)) return { currency: payload.currency };
  return { currency: null, about: { sender: payload.paymentSender, ...targetIn(payload) } };
}

/** A return is known by its own id. */
const targetIn = (
  about: Pick<CancellationRequest, 'uetr' | 'paymentType' | 'returnId'>,
): CancellationContent => ({
  target: about.returnId === undefined ? uetrBytes(about.uetr) : idDigest(about.returnId),
  targetType: typeNumber(about),
});

const typeNumber = ({ paymentType }: Pick<CancellationRequest, 'paymentType'>): number =>
  MESSAGE_TYPES.indexOf(paymentType);

function paymentIn(payload: PaymentInstruction): PaymentContent {
  const { conversion, times } = payload;
  return {
    debtorAgent: payload.debtorAgent,
    creditorAgent: payload.creditorAgent,
    dealer: conversion ? conversion.dealer : null,
    currency1: payload.currency,
    currency2: conversion ? conversion.currency : null,
    amount1: payload.amountMinor,
    amount2: conversion ? conversion.amountMinor : 0n,
    rateMantissa: conversion ? conversion.rate.mantissa : 0n,
    rateScale: conversion ? conversion.rate.scale : 0,
    priority: payload.priority,
    settlementDate: dayNumber(payload.settlementDate) ?? 0,
    earliest: times ? times.earliest : 0,
    latest: times ? times.latest : 0,
  };
}

function legIn(payload: LegInstruction): LegContent {
  const { times } = payload;
  return {
    debtorAgent: payload.instructingAgent,
    creditorAgent: payload.counterparty,
    currency1: payload.delivers,
    currency2: payload.receives,
    amount1: payload.deliversMinor,
    amount2: payload.receivesMinor,
    matchKey: BigInt.asIntN(64, matchKey(payload.endToEndId)),
    priority: payload.priority,
    settlementDate: dayNumber(payload.settlementDate) ?? 0,
    earliest: times ? times.earliest : 0,
    latest: times ? times.latest : 0,
  };
}

function chainLegIn(payload: ChainLegInstruction): ChainLegContent {
  const { legs, legNumber, times } = payload;
  const part = partOf(payload);
  const leg = legs[legNumber - 1] as ChainLegInstruction['legs'][number];
  return {
    debtorAgent: leg.debtorAgent,
    creditorAgent: leg.creditorAgent,
    currency1: leg.code,
    amount1: leg.minor,
    legNumber: legNumber - part.from,
    legCount: part.legs.length,
    termsDigest: payload.termsDigest.subarray(0, TERMS_DIGEST_BYTES),
    priority: payload.priority,
    settlementDate: dayNumber(payload.settlementDate) ?? 0,
    earliest: times ? times.earliest : 0,
    latest: times ? times.latest : 0,
  };
}

const attestationIn = ({
  verdict,
  digest,
  chain,
  counter,
}: AttestationInstruction): AttestationContent => ({
  verdict,
  digest: digest.subarray(0, TERMS_DIGEST_BYTES),
  legCount: chain ? chain.legCount : 0,
  date: chain ? (dayNumber(chain.settlementDate) ?? 0) : 0,
  validUntilMs: BigInt(chain?.validUntilMs ?? 0),
  counter: counter ?? 0n,
  leg1Position: chain?.leg1Position ?? 0n,
});

const returnIn = (payload: ReturnInstruction): ReturnContent => ({
  debtorAgent: payload.sender,
  creditorAgent: payload.receiver,
  currency1: payload.currency,
  amount1: payload.amountMinor,
  original: uetrBytes(payload.uetr),
  originalType: typeNumber(payload),
  priority: payload.priority,
  settlementDate: dayNumber(payload.settlementDate) ?? 0,
  earliest: 0,
  latest: 0,
});

const quoteIn = (payload: Quote): QuoteContent => ({
  dealer: payload.dealer,
  baseCurrency: payload.baseCurrency,
  quoteCurrency: payload.quoteCurrency,
  validUntilMs: BigInt(payload.validUntilMs),
  covers: payload.coversMinor,
  rateMantissa: payload.rate.mantissa,
  rateScale: payload.rate.scale,
});

const NO_TERMS = {
  ...{ debtorAgent: '', creditorAgent: '', currency1: '', amount1: 0n, amount2: 0n },
  ...{ priority: 'normal' as const, settlementDate: 0, earliest: 0, latest: 0 },
};
const NO_RATE = { rateMantissa: 0n, rateScale: 0 };
const NO_TARGET = { target: new Uint8Array(16), targetType: 0 };

/** What is written of a message whose payload cannot be read. */
const UNREAD: { readonly [K in Said['kind']]: Extract<Said, { kind: K }>['content'] } = {
  payment: { ...NO_TERMS, ...NO_RATE, dealer: null, currency2: null },
  pvpLeg: { ...NO_TERMS, currency2: '', matchKey: 0n },
  chainLeg: {
    ...NO_TERMS,
    ...{ legNumber: 0, legCount: 0, termsDigest: new Uint8Array(TERMS_DIGEST_BYTES) },
  },
  attestation: {
    ...{ verdict: 'accepted', legCount: 0, digest: new Uint8Array(TERMS_DIGEST_BYTES) },
    ...{ date: 0, validUntilMs: 0n, counter: 0n, leg1Position: 0n },
  },
  quote: {
    ...NO_RATE,
    dealer: '',
    baseCurrency: '',
    quoteCurrency: '',
    validUntilMs: 0n,
    covers: 0n,
  },
  cancellation: NO_TARGET,
  reordering: { ...NO_TARGET, priority: 'normal', move: 'end' },
  limit: { counterparty: null, currency: '', limit: 0n },
  reservation: { currency: '', priority: 'normal', amount: 0n },
  query: { currency: null },
  return: { ...NO_TERMS, original: new Uint8Array(16), originalType: 0 },
  reply: { ...NO_TARGET, receiver: '', reply: 'pending' },
};

function unread({ messageType, sender }: Envelope): Said {
  const kind = kindOfType(messageType);
  // Who sends a quote is its dealer, and must be told also of one that cannot be read.
  if (kind === 'quote') return { kind, content: { ...UNREAD.quote, dealer: sender } };
  return { kind, content: UNREAD[kind] } as Said;
}
