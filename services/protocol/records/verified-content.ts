import { REPLIES, type Reply, VERDICTS, type Verdict } from '../../core/settlement/records.ts';
import { MOVES, type Move } from '../messages/instruction.ts';
import { PRIORITIES, type Priority } from '../messages/priorities.ts';

// The part of a verified record that differs by kind; verified-record says what lies where.

const NAME_BYTES = 12;
const CODE_BYTES = 4;
/** Stands for a security, whose ISIN does not fit where a currency's code does. */
const SECURITY = 'ISIN';
/** Stands for a limit that is none. */
const NO_LIMIT = -1n;

/** What a payment and a leg of a PvP or DvP have in common. */
interface Terms {
  readonly debtorAgent: string;
  readonly creditorAgent: string;
  readonly currency1: string;
  readonly amount1: bigint;
  readonly amount2: bigint;
  readonly priority: Priority;
  /** Days since 1970. */
  readonly settlementDate: number;
  /** As records carry them (core/records); 0: none. */
  readonly earliest: number;
  readonly latest: number;
}

export interface PaymentContent extends Terms {
  /** Null where it changes no currency; then `amount2` and the rate are 0. */
  readonly dealer: string | null;
  readonly currency2: string | null;
  readonly rateMantissa: bigint;
  readonly rateScale: number;
}

/** The debtor's agent delivers 1 and receives 2: currencies, or one of them a security's ISIN. */
export interface LegContent extends Terms {
  readonly currency2: string;
  /** The 64 bits of the match key (messages/leg), signed. */
  readonly matchKey: bigint;
}

/** A leg of a chain, in one currency or security. */
export interface ChainLegContent extends Omit<Terms, 'amount2'> {
  /** From 1, of so many. */
  readonly legNumber: number;
  readonly legCount: number;
  /** The first 20 bytes. */
  readonly termsDigest: Uint8Array;
}
/** What of the digest of a chain's terms records have. */
export const TERMS_DIGEST_BYTES = 20;

/** Of a chain, or where it is `recorded` of a document: then without a date, legs and validity. */
export interface AttestationContent {
  readonly verdict: Verdict;
  readonly legCount: number;
  /** Of the chain's terms, or of the document: the first 20 bytes. */
  readonly digest: Uint8Array;
  /** Of the chain, days since 1970. */
  readonly date: number;
  /** 0: as long as the chain lives. */
  readonly validUntilMs: bigint;
  /** Of a document how far its attestor has counted; 0: it counts nothing. */
  readonly counter: bigint;
  /** Position of the record of the leg 1 that is meant; 0: of whichever chain has these terms. */
  readonly leg1Position: bigint;
}

export interface QuoteContent {
  readonly dealer: string;
  readonly baseCurrency: string;
  readonly quoteCurrency: string;
  /** All 64 bits: clearing hands on what the log has, be it no time that a number can tell. */
  readonly validUntilMs: bigint;
  /** Minor units of the base currency. */
  readonly covers: bigint;
  readonly rateMantissa: bigint;
  readonly rateScale: number;
}

export interface CancellationContent {
  /** UETR of the payment that it is about, 16 bytes, and the number of its message type. */
  readonly target: Uint8Array;
  readonly targetType: number;
}

interface ReorderingContent extends CancellationContent {
  readonly priority: Priority;
  readonly move: Move;
}

export interface LimitContent {
  /** Null: the multilateral limit. */
  readonly counterparty: string | null;
  readonly currency: string;
  /** Null: none. */
  readonly limit: bigint | null;
}

interface ReservationContent {
  readonly currency: string;
  readonly priority: Priority;
  readonly amount: bigint;
}

export interface QueryContent {
  /** Null: about all accounts of the sender. */
  readonly currency: string | null;
  /** About a payment, and no account. */
  readonly about?: CancellationContent & { readonly sender: string };
}

/** A payment's terms, in one currency; the debtor's agent is who returns. */
export interface ReturnContent extends Omit<Terms, 'amount2'> {
  /** UETR of the payment that it returns, 16 bytes, and the number of its message type. */
  readonly original: Uint8Array;
  readonly originalType: number;
}

interface ReplyContent extends CancellationContent {
  /** Who sent the payment. */
  readonly receiver: string;
  readonly reply: Reply;
}

/** By kind, what a message says. One that was refused unread has empty names and zeros. */
export type Said =
  | { readonly kind: 'payment'; readonly content: PaymentContent }
  | { readonly kind: 'pvpLeg'; readonly content: LegContent }
  | { readonly kind: 'chainLeg'; readonly content: ChainLegContent }
  | { readonly kind: 'attestation'; readonly content: AttestationContent }
  | { readonly kind: 'quote'; readonly content: QuoteContent }
  | { readonly kind: 'cancellation'; readonly content: CancellationContent }
  | { readonly kind: 'reordering'; readonly content: ReorderingContent }
  | { readonly kind: 'limit'; readonly content: LimitContent }
  | { readonly kind: 'reservation'; readonly content: ReservationContent }
  | { readonly kind: 'query'; readonly content: QueryContent }
  | { readonly kind: 'return'; readonly content: ReturnContent }
  | { readonly kind: 'reply'; readonly content: ReplyContent };

/**
 * Nobody signed what a notice's payload says: it is written where the payload follows, as in older
 * logs, and never read.
 */
export type VerifiedBody = Said | { readonly kind: 'notice'; readonly content: Said | null };

/** Writes over zeros. */
export function writeContent(body: VerifiedBody, into: Buffer, view: DataView): void {
  switch (body.kind) {
    case 'payment':
      if (body.content.dealer !== null) writeName(body.content.dealer, 140, into);
      writeTerms(body.content, body.content.currency2, into, view);
      writeRate(body.content, into, view);
      return;
    case 'pvpLeg':
      writeTerms(body.content, body.content.currency2, into, view);
      view.setBigInt64(176, body.content.matchKey, true);
      return;
    case 'chainLeg':
      writeChainLeg(body.content, into, view);
      return;
    case 'attestation':
      writeAttested(body.content, into, view);
      return;
    case 'quote':
      writeName(body.content.dealer, 140, into);
      writeCode(body.content.baseCurrency, 152, into);
      writeCode(body.content.quoteCurrency, 156, into);
      view.setBigInt64(160, body.content.validUntilMs, true);
      view.setBigInt64(168, body.content.covers, true);
      writeRate(body.content, into, view);
      return;
    case 'cancellation':
      writeTarget(body.content, into, view);
      return;
    case 'reordering':
      into[6] = MOVES.indexOf(body.content.move);
      into[7] = PRIORITIES.indexOf(body.content.priority);
      writeTarget(body.content, into, view);
      return;
    case 'limit':
      if (body.content.counterparty !== null) writeName(body.content.counterparty, 128, into);
      writeCode(body.content.currency, 152, into);
      view.setBigInt64(160, body.content.limit ?? NO_LIMIT, true);
      return;
    case 'reservation':
      into[7] = PRIORITIES.indexOf(body.content.priority);
      writeCode(body.content.currency, 152, into);
      view.setBigInt64(160, body.content.amount, true);
      return;
    case 'query':
      if (body.content.currency !== null) writeCode(body.content.currency, 152, into);
      if (body.content.about) {
        writeName(body.content.about.sender, 128, into);
        writeTarget(body.content.about, into, view);
      }
      return;
    case 'return':
      into[6] = body.content.originalType;
      writeTerms({ ...body.content, amount2: 0n }, null, into, view);
      into.set(body.content.original, 168);
      return;
    case 'reply':
      into[6] = REPLIES.indexOf(body.content.reply);
      writeName(body.content.receiver, 128, into);
      writeTarget(body.content, into, view);
      return;
    case 'notice':
      if (body.content === null) return;
      writeContent(body.content, into, view);
      // Older logs have no move in a notice.
      if (body.content.kind === 'reordering') into[6] = 0;
  }
}

function writeTerms(terms: Terms, currency2: string | null, into: Buffer, view: DataView): void {
  into[7] = PRIORITIES.indexOf(terms.priority);
  writeName(terms.debtorAgent, 116, into);
  writeName(terms.creditorAgent, 128, into);
  writeCode(terms.currency1, 152, into);
  if (currency2 !== null) writeCode(currency2, 156, into);
  view.setBigInt64(160, terms.amount1, true);
  view.setBigInt64(168, terms.amount2, true);
  view.setUint32(184, terms.settlementDate, true);
  if (terms.earliest !== 0) into.writeUIntLE(terms.earliest, 200, 3);
  if (terms.latest !== 0) into.writeUIntLE(terms.latest, 203, 3);
}

function writeChainLeg(content: ChainLegContent, into: Buffer, view: DataView): void {
  const { legNumber, legCount, termsDigest } = content;
  writeTerms({ ...content, amount2: 0n }, null, into, view);
  // Both less 1, and 0 of what could not be read.
  if (legCount > 0) into[6] = (legNumber - 1) | ((legCount - 1) << 4);
  into.set(termsDigest.subarray(0, 16), 168);
  into.set(termsDigest.subarray(16, TERMS_DIGEST_BYTES), 156);
}

function writeAttested(content: AttestationContent, into: Buffer, view: DataView): void {
  into[6] = VERDICTS.indexOf(content.verdict) | (content.legCount << 2);
  into.set(content.digest.subarray(0, 16), 168);
  into.set(content.digest.subarray(16, TERMS_DIGEST_BYTES), 156);
  view.setBigInt64(
    160,
    content.verdict === 'recorded' ? content.counter : content.validUntilMs,
    true,
  );
  view.setBigInt64(128, content.leg1Position, true);
  view.setUint32(184, content.date, true);
}

function writeRate(
  { rateMantissa, rateScale }: PaymentContent | QuoteContent,
  into: Buffer,
  view: DataView,
): void {
  into[6] = rateScale;
  view.setBigInt64(176, rateMantissa, true);
}

function writeTarget(content: CancellationContent, into: Buffer, view: DataView): void {
  into.set(content.target, 160);
  view.setUint16(176, content.targetType, true);
}

/** Character by character: so few are written in a fraction of the time that a call of Buffer takes. */
export function writeName(name: string, at: number, into: Buffer): void {
  writeText(name, at, NAME_BYTES, into);
}

function writeText(text: string, at: number, most: number, into: Buffer): void {
  const length = Math.min(text.length, most);
  for (let place = 0; place < length; place++) into[at + place] = text.charCodeAt(place);
}

function writeCode(code: string, at: number, into: Buffer): void {
  const isSecurity = code.length > CODE_BYTES;
  writeText(isSecurity ? SECURITY : code, at, CODE_BYTES, into);
  if (isSecurity) writeName(code, 140, into);
}

/** What the record says if its message is of this kind, as that of a notice may be. */
export function readContent(
  kind: Said['kind'],
  bytes: Buffer,
  view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
): Said['content'] {
  switch (kind) {
    case 'payment':
      return readPayment(bytes, view);
    case 'pvpLeg':
      return readLeg(bytes, view);
    case 'chainLeg':
      return readChainLeg(bytes, view);
    case 'attestation':
      return readAttested(bytes, view);
    case 'quote':
      return readQuote(bytes, view);
    case 'cancellation':
      return { target: bytes.subarray(160, 176), targetType: view.getUint16(176, true) };
    case 'reordering':
      return {
        target: bytes.subarray(160, 176),
        targetType: view.getUint16(176, true),
        priority: readPriority(bytes),
        move: MOVES[bytes[6] as number] ?? 'end',
      };
    case 'limit': {
      const limit = view.getBigInt64(160, true);
      return {
        counterparty: readName(bytes, 128, 12) || null,
        currency: readCode(bytes, 152),
        limit: limit === NO_LIMIT ? null : limit,
      };
    }
    case 'reservation':
      return {
        currency: readCode(bytes, 152),
        priority: readPriority(bytes),
        amount: view.getBigInt64(160, true),
      };
    case 'query':
      return readQuery(bytes, view);
    case 'return':
      return readReturn(bytes, view);
    case 'reply':
      return {
        receiver: readName(bytes, 128, 12),
        target: bytes.subarray(160, 176),
        targetType: view.getUint16(176, true),
        reply: REPLIES[bytes[6] as number] ?? 'pending',
      };
  }
}

function readAttested(bytes: Buffer, view: DataView): AttestationContent {
  const verdict = VERDICTS[(bytes[6] as number) & 3] as Verdict;
  const bound = view.getBigInt64(160, true);
  return {
    verdict,
    legCount: (bytes[6] as number) >>> 2,
    digest: Buffer.concat([bytes.subarray(168, 184), bytes.subarray(156, 160)]),
    date: view.getUint32(184, true),
    validUntilMs: verdict === 'recorded' ? 0n : bound,
    counter: verdict === 'recorded' ? bound : 0n,
    leg1Position: view.getBigInt64(128, true),
  };
}

const readPayment = (bytes: Buffer, view: DataView): PaymentContent => ({
  debtorAgent: readName(bytes, 116, 12),
  creditorAgent: readName(bytes, 128, 12),
  dealer: readName(bytes, 140, 12) || null,
  currency1: readCode(bytes, 152),
  currency2: readCode(bytes, 156) || null,
  amount1: view.getBigInt64(160, true),
  amount2: view.getBigInt64(168, true),
  rateMantissa: view.getBigInt64(176, true),
  rateScale: bytes[6] as number,
  priority: readPriority(bytes),
  settlementDate: view.getUint32(184, true),
  earliest: readUint24(bytes, 200),
  latest: readUint24(bytes, 203),
});

const readLeg = (bytes: Buffer, view: DataView): LegContent => ({
  debtorAgent: readName(bytes, 116, 12),
  creditorAgent: readName(bytes, 128, 12),
  currency1: readCode(bytes, 152),
  currency2: readCode(bytes, 156),
  amount1: view.getBigInt64(160, true),
  amount2: view.getBigInt64(168, true),
  matchKey: view.getBigInt64(176, true),
  priority: readPriority(bytes),
  settlementDate: view.getUint32(184, true),
  earliest: readUint24(bytes, 200),
  latest: readUint24(bytes, 203),
});

const readChainLeg = (bytes: Buffer, view: DataView): ChainLegContent => ({
  debtorAgent: readName(bytes, 116, 12),
  creditorAgent: readName(bytes, 128, 12),
  currency1: readCode(bytes, 152),
  amount1: view.getBigInt64(160, true),
  legNumber: ((bytes[6] as number) & 15) + 1,
  legCount: ((bytes[6] as number) >> 4) + 1,
  termsDigest: Buffer.concat([bytes.subarray(168, 184), bytes.subarray(156, 160)]),
  priority: readPriority(bytes),
  settlementDate: view.getUint32(184, true),
  earliest: readUint24(bytes, 200),
  latest: readUint24(bytes, 203),
});

function readQuery(bytes: Buffer, view: DataView): QueryContent {
  const currency = readCode(bytes, 152) || null;
  const targetType = view.getUint16(176, true);
  if (targetType === 0) return { currency };
  const sender = readName(bytes, 128, 12);
  return { currency, about: { sender, target: bytes.subarray(160, 176), targetType } };
}

const readReturn = (bytes: Buffer, view: DataView): ReturnContent => ({
  debtorAgent: readName(bytes, 116, 12),
  creditorAgent: readName(bytes, 128, 12),
  currency1: readCode(bytes, 152),
  amount1: view.getBigInt64(160, true),
  original: bytes.subarray(168, 184),
  originalType: bytes[6] as number,
  priority: readPriority(bytes),
  settlementDate: view.getUint32(184, true),
  earliest: readUint24(bytes, 200),
  latest: readUint24(bytes, 203),
});

const readQuote = (bytes: Buffer, view: DataView): QuoteContent => ({
  dealer: readName(bytes, 140, 12),
  baseCurrency: readCode(bytes, 152),
  quoteCurrency: readCode(bytes, 156),
  validUntilMs: view.getBigInt64(160, true),
  covers: view.getBigInt64(168, true),
  rateMantissa: view.getBigInt64(176, true),
  rateScale: bytes[6] as number,
});

const readPriority = (bytes: Buffer): Priority => PRIORITIES[bytes[7] as number] ?? 'normal';

function readCode(bytes: Buffer, at: number): string {
  const read = readName(bytes, at, 4);
  return read === SECURITY ? readName(bytes, 140, 12) : read;
}

const readUint24 = (bytes: Buffer, at: number): number => bytes.readUIntLE(at, 3);

export function readName(bytes: Buffer, start: number, length: number): string {
  let end = start;
  while (end < start + length && bytes[end] !== 0) end += 1;
  return end === start ? '' : bytes.toString('latin1', start, end);
}
