import { createHash } from 'node:crypto';
import { reasonNumber } from '../core/settlement/reasons.ts';
import {
  type CancellationRequest,
  type Currencies,
  type LegInstruction,
  MESSAGE_TYPES,
  type PaymentInstruction,
  type ReorderingRequest,
  type SettlementTimes,
} from '../protocol/messages/instruction.ts';
import { matchKey } from '../protocol/messages/leg.ts';
import {
  type Instruction,
  isRefusal,
  kindOfType,
  type Payload,
} from '../protocol/messages/payload.ts';
import { dayNumber } from '../protocol/names/dates.ts';
import { type Envelope, signedHeaders } from '../protocol/names/envelope.ts';
import { isUetr, uetrBytes } from '../protocol/names/identifiers.ts';
import type { ReceivedMessage } from '../protocol/names/message.ts';
import { layOutVerified } from '../protocol/records/input-record.ts';
import { type VerifiedRecord, writeVerifiedRecord } from '../protocol/records/verified-record.ts';

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
      : { headers: signedHeaders(message.headers), payload: NO_BYTES },
  );
  const placed = placeOf(judged);
  const record = new Draft(outcome.authentic ? kindOfType(envelope.messageType) : 'notice');
  record.reason = outcome.authentic ? placed.reason : outcome.reason;
  if (outcome.authentic) record.publicKey = outcome.publicKey;
  record.messageType = Math.max(0, MESSAGE_TYPES.indexOf(envelope.messageType as never));
  record.appendedAtMs = message.timestampMs;
  record.issuedAtMs = envelope.issuedAtMs;
  record.id = isUetr(envelope.id) ? uetrBytes(envelope.id) : idDigest(envelope.id);
  record.payloadDigest = judged.digest;
  record.sender = envelope.sender;
  record.partition = message.partition;
  record.logOffset = message.logOffset;
  record.payloadOmitted = !isWhole;
  // Nobody signed what the payload of a notice says.
  if (isWhole && payload && !isRefusal(payload)) fill(record, payload);
  // Who sends a quote is its dealer, and must be told also of one that cannot be read.
  else if (record.kind === 'quote') record.dealer = envelope.sender;
  writeVerifiedRecord(record, value);
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
    default:
      return [payload.currency];
  }
}

/** An id that is no UUID stands in records as the first 16 bytes of its SHA-256. */
const idDigest = (id: string): Uint8Array =>
  createHash('sha256').update(id).digest().subarray(0, 16);

const NO_BYTES = new Uint8Array(0);

/** A record being written. One shape for all: spreads of literals cost more than all else here. */
class Draft implements VerifiedRecord {
  readonly kind: VerifiedRecord['kind'];
  messageType = 0;
  reason = 0;
  appendedAtMs = 0;
  issuedAtMs = 0;
  id: Uint8Array = NO_BYTES;
  payloadDigest: Uint8Array = NO_BYTES;
  publicKey = NO_KEY;
  sender = '';
  debtorAgent = '';
  creditorAgent = '';
  dealer = '';
  currency1 = '';
  currency2 = '';
  amount1 = 0n;
  amount2 = 0n;
  rateMantissa = 0n;
  rateScale = 0;
  priority: VerifiedRecord['priority'] = 'normal';
  settlementDate = 0;
  earliest = 0;
  latest = 0;
  target: Uint8Array | null = null;
  targetType = 0;
  move: VerifiedRecord['move'] = 'end';
  partition = 0;
  logOffset = 0;
  payloadOmitted = false;

  constructor(kind: VerifiedRecord['kind']) {
    this.kind = kind;
  }
}

/** What the payload says, by kind. */
function fill(record: Draft, payload: Instruction): void {
  switch (payload.kind) {
    case 'payment':
      fillPayment(record, payload);
      return;
    case 'pvpLeg':
      fillLeg(record, payload);
      return;
    case 'quote':
      record.dealer = payload.dealer;
      record.currency1 = payload.baseCurrency;
      record.currency2 = payload.quoteCurrency;
      record.amount1 = BigInt(payload.validUntilMs);
      record.amount2 = payload.coversMinor;
      record.rateMantissa = payload.rate.mantissa;
      record.rateScale = payload.rate.scale;
      return;
    case 'cancellation':
      fillTarget(record, payload);
      return;
    case 'reordering':
      fillTarget(record, payload);
      record.priority = payload.priority;
      record.move = payload.move;
      return;
    case 'limit':
      record.creditorAgent = payload.counterparty ?? '';
      record.currency1 = payload.currency;
      record.amount1 = payload.limitMinor ?? -1n;
      return;
    case 'reservation':
      record.currency1 = payload.currency;
      record.priority = payload.priority;
      record.amount1 = payload.amountMinor;
  }
}

function fillPayment(record: Draft, payload: PaymentInstruction): void {
  const { conversion, times } = payload;
  record.debtorAgent = payload.debtorAgent;
  record.creditorAgent = payload.creditorAgent;
  record.currency1 = payload.currency;
  record.amount1 = payload.amountMinor;
  record.priority = payload.priority;
  record.settlementDate = dayNumber(payload.settlementDate) ?? 0;
  if (conversion) {
    record.dealer = conversion.dealer;
    record.currency2 = conversion.currency;
    record.amount2 = conversion.amountMinor;
    record.rateMantissa = conversion.rate.mantissa;
    record.rateScale = conversion.rate.scale;
  }
  if (times) fillTimes(record, times);
}

function fillLeg(record: Draft, payload: LegInstruction): void {
  record.debtorAgent = payload.instructingAgent;
  record.creditorAgent = payload.counterparty;
  record.currency1 = payload.delivers;
  record.currency2 = payload.receives;
  record.amount1 = payload.deliversMinor;
  record.amount2 = payload.receivesMinor;
  record.rateMantissa = BigInt.asIntN(64, matchKey(payload.endToEndId));
  record.priority = payload.priority;
  record.settlementDate = dayNumber(payload.settlementDate) ?? 0;
  if (payload.times) fillTimes(record, payload.times);
}

function fillTimes(record: Draft, { earliest, latest }: SettlementTimes): void {
  record.earliest = earliest;
  record.latest = latest;
}

function fillTarget(
  record: Draft,
  { uetr, paymentType }: CancellationRequest | ReorderingRequest,
): void {
  record.target = uetrBytes(uetr);
  record.targetType = MESSAGE_TYPES.indexOf(paymentType);
}
