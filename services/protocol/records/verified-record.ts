import { PRIORITIES } from '../messages/priorities.ts';
import { asBuffer } from '../names/as-buffer.ts';
import { MESSAGE_RULES_VERSION } from '../rules/message-rules.ts';
import {
  readContent,
  readName,
  type Said,
  type VerifiedBody,
  writeContent,
  writeName,
} from './verified-content.ts';

/**
 * What a verifier says of one message: 208 bytes, little-endian, ASCII padded with zeros.
 *
 *   0 u8 version (2)    1 u8 kind (place in KINDS)   2 u16 message type
 *   4 u16 refusal or, in a notice, the reason     6 u8 rate scale    7 u8 priority
 *   8 i64 append time, ms           16 i64 issued at, ms
 *  24 u8[16] id                     40 u8[32] payload digest
 *  72 u8[32] public key that the signature verified under (zeros in a notice)
 * 104 ascii[12] sender             116 ascii[12] debtor's agent     128 ascii[12] creditor's agent
 * 140 ascii[12] dealer             152 ascii[4] currency debited    156 ascii[4] currency credited
 * 160 i64 amount debited           168 i64 amount credited          176 i64 rate mantissa
 * 184 u32 settlement date, days    188 u32 partition of the original in `payments`
 * 192 u64 its offset               200 u24 earliest, 203 u24 latest (as records carry them)
 * 206 u8 1: the payload does not follow, its digest stands for it
 * 207 u8 the version of the rules that judged the message (MESSAGE_RULES_VERSION)
 *
 * In a quote: sender the dealer, 152 base and 156 quote currency, 160 valid until in ms, 168 base
 * amount covered. In a leg: 116 who delivers 152 to 128 and receives 156, 176 match key; where one of
 * the two is a security its place says ISIN and 140 holds the ISIN. In a leg of a chain: 6 its number less 1,
 * and in the upper four bits the number of legs less 1, 116 who pays 160 of 152 (or of the ISIN) to 128, 168
 * u8[16] and 156 u8[4] the first 20 bytes of the terms' digest. In an attestation: 6 place in VERDICTS, and in the
 * upper six bits the number of legs, 160 valid until in ms (of a document its counter, 0: none), 168 and 156 the first
 * 20 bytes of the digest, 184 date.
 * In a cancellation or a
 * re-ordering: 160 u8[16] UETR of the payment, 176 u16 its message type; in the latter 6 u8 place in
 * MOVES. In a limit: 128 counterparty (none: multilateral), 152 currency, 160 limit (-1: none). In a
 * reservation: 7 class, 152 currency, 160 amount. In a return: 116 who returns, 128 to whom, 152 currency,
 * 160 amount, 168 u8[16] UETR of the payment, 6 its message type. In a reply: 128 who sent the payment, 160
 * and 176 as in a cancellation, 6 place in REPLIES. In a query: 152 currency
 * (none: all accounts), and about a payment 128, 160 and 176 as in a reply. Kinds without a priority have 2 (normal) in 7.
 *
 * It proves "signed by this key"; whether the key was the sender's at this position of the log is
 * clearing's to decide.
 */
export const VERIFIED_RECORD_BYTES = 208;
const VERSION = 2;
export const RULES_AT = 207;

const KINDS = [
  'none',
  'payment',
  'quote',
  'notice',
  'pvpLeg',
  'cancellation',
  'reordering',
  'limit',
  'reservation',
  'query',
  'return',
  'reply',
  'chainLeg',
  'attestation',
] as const;

/** What a record says of every message. */
export interface VerifiedHead {
  readonly messageType: number;
  /** A reason number (services/core/settlement/reasons.ts). */
  readonly reason: number;
  readonly appendedAtMs: number;
  readonly issuedAtMs: number;
  /** 16 bytes; the digest and the key have 32. */
  readonly id: Uint8Array;
  readonly payloadDigest: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly sender: string;
  readonly partition: number;
  readonly logOffset: number;
  /** A notice has no payload behind it; those of older logs do. */
  readonly payloadOmitted: boolean;
}

export type VerifiedRecord = VerifiedHead & VerifiedBody;
/** Of a message that is a payment, with a UETR and a status. */
export type VerifiedPayment = VerifiedHead &
  Extract<Said, { readonly kind: 'payment' | 'pvpLeg' | 'chainLeg' | 'return' }>;

const NORMAL = PRIORITIES.indexOf('normal');

export function writeVerifiedRecord(head: VerifiedHead, body: VerifiedBody, into: Buffer): void {
  // Buffer's methods for 64 bits take a microsecond a record more than a view's.
  const view = new DataView(into.buffer, into.byteOffset, VERIFIED_RECORD_BYTES);
  into.fill(0, 0, VERIFIED_RECORD_BYTES);
  into[0] = VERSION;
  into[1] = KINDS.indexOf(body.kind);
  view.setUint16(2, head.messageType, true);
  view.setUint16(4, head.reason, true);
  into[7] = NORMAL;
  view.setBigInt64(8, BigInt(head.appendedAtMs), true);
  view.setBigInt64(16, BigInt(head.issuedAtMs), true);
  into.set(head.id, 24);
  into.set(head.payloadDigest, 40);
  into.set(head.publicKey, 72);
  writeName(head.sender, 104, into);
  view.setUint32(188, head.partition, true);
  view.setBigUint64(192, BigInt(head.logOffset), true);
  into[206] = head.payloadOmitted ? 1 : 0;
  into[RULES_AT] = MESSAGE_RULES_VERSION;
  writeContent(body, into, view);
}

const kindIn = (bytes: Uint8Array) => {
  const kind = KINDS[bytes[1] ?? 0];
  const isKnown = bytes.length >= VERIFIED_RECORD_BYTES && bytes[0] === VERSION;
  return isKnown && kind && kind !== 'none' ? kind : null;
};

/** When the message of a record was appended, read alone; 0 where it is no record that can be read. */
export function appendedAtMsOf(value: Uint8Array): number {
  if (kindIn(value) === null) return 0;
  const bytes = asBuffer(value);
  return bytes.readInt32LE(12) * 2 ** 32 + bytes.readUInt32LE(8);
}

/** The version of the rules that judged the message of a record. */
export const rulesVersionOf = (record: Uint8Array): number => record[RULES_AT] as number;

/** Where a record has what its message says, and whether it can be cleared: all else is the sender's and the log's. */
const JUDGED: readonly (readonly [from: number, to: number])[] = [
  [4, 8],
  [116, 188],
  [200, 206],
  [RULES_AT, RULES_AT + 1],
];

/** The record but for what rules say of its message. */
export function beyondRules(record: Uint8Array): Uint8Array {
  const rest = Uint8Array.from(record);
  for (const [from, to] of JUDGED) rest.fill(0, from, to);
  return rest;
}

/** Throws on another version or kind: only a newer program can have written it. */
export function readVerifiedRecord(bytes: Buffer): VerifiedRecord {
  const kind = kindIn(bytes);
  if (kind === null)
    throw new Error(`a verified record of version ${bytes[0]}, kind ${bytes[1]} cannot be read`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, VERIFIED_RECORD_BYTES);
  const head: VerifiedHead & { kind: VerifiedBody['kind']; content: VerifiedBody['content'] } = {
    kind,
    messageType: view.getUint16(2, true),
    reason: view.getUint16(4, true),
    appendedAtMs: Number(view.getBigInt64(8, true)),
    issuedAtMs: Number(view.getBigInt64(16, true)),
    id: bytes.subarray(24, 40),
    payloadDigest: bytes.subarray(40, 72),
    publicKey: bytes.subarray(72, 104),
    sender: readName(bytes, 104, 12),
    partition: view.getUint32(188, true),
    logOffset: Number(view.getBigUint64(192, true)),
    payloadOmitted: bytes[206] === 1,
    content: kind === 'notice' ? null : readContent(kind, bytes, view),
  };
  // One literal for all kinds: a spread would take longer than all else here.
  return head as VerifiedRecord;
}
