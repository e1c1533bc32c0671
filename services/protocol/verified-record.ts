import { PRIORITIES, type Priority } from './instruction.ts';

/**
 * What a verifier says of one message: 208 bytes, little-endian, ASCII padded with zeros.
 *
 *   0 u8 version (1)    1 u8 kind (1 payment, 2 quote, 3 notice)   2 u16 message type
 *   4 u16 refusal or, in a notice, the reason     6 u8 rate scale    7 u8 priority
 *   8 i64 append time, ms           16 i64 issued at, ms
 *  24 u8[16] id                     40 u8[32] payload digest
 *  72 u8[32] public key that the signature verified under (zeros in a notice)
 * 104 ascii[12] sender             116 ascii[12] debtor's agent     128 ascii[12] creditor's agent
 * 140 ascii[12] dealer             152 ascii[4] currency debited    156 ascii[4] currency credited
 * 160 i64 amount debited           168 i64 amount credited          176 i64 rate mantissa
 * 184 u32 settlement date, days    188 u32 partition of the original in `payments`
 * 192 u64 its offset               200 8 zero bytes
 *
 * In a quote: sender the dealer, 152 base and 156 quote currency, 160 valid until in ms, 168 base
 * amount covered. It proves "signed by this key"; whether the key was the sender's at this position
 * of the log is clearing's to decide.
 */
export const VERIFIED_RECORD_BYTES = 208;
const VERSION = 1;

const KINDS = ['none', 'payment', 'quote', 'notice'] as const;
export type VerifiedKind = 'payment' | 'quote' | 'notice';

export interface VerifiedRecord {
  readonly kind: VerifiedKind;
  readonly messageType: number;
  /** A reason number (services/core/reasons). */
  readonly reason: number;
  readonly appendedAtMs: number;
  readonly issuedAtMs: number;
  readonly id: Uint8Array;
  readonly payloadDigest: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly sender: string;
  readonly debtorAgent: string;
  readonly creditorAgent: string;
  readonly dealer: string;
  readonly currency1: string;
  readonly currency2: string;
  readonly amount1: bigint;
  readonly amount2: bigint;
  readonly rateMantissa: bigint;
  readonly rateScale: number;
  readonly priority: Priority;
  readonly settlementDate: number;
  readonly partition: number;
  readonly logOffset: number;
}

export function writeVerifiedRecord(record: VerifiedRecord, into: Buffer): void {
  into.fill(0, 0, VERIFIED_RECORD_BYTES);
  into[0] = VERSION;
  into[1] = KINDS.indexOf(record.kind);
  into.writeUInt16LE(record.messageType, 2);
  into.writeUInt16LE(record.reason, 4);
  into[6] = record.rateScale;
  into[7] = PRIORITIES.indexOf(record.priority);
  into.writeBigInt64LE(BigInt(record.appendedAtMs), 8);
  into.writeBigInt64LE(BigInt(record.issuedAtMs), 16);
  into.set(record.id, 24);
  into.set(record.payloadDigest, 40);
  into.set(record.publicKey, 72);
  into.write(record.sender, 104, 12, 'latin1');
  into.write(record.debtorAgent, 116, 12, 'latin1');
  into.write(record.creditorAgent, 128, 12, 'latin1');
  into.write(record.dealer, 140, 12, 'latin1');
  into.write(record.currency1, 152, 4, 'latin1');
  into.write(record.currency2, 156, 4, 'latin1');
  into.writeBigInt64LE(record.amount1, 160);
  into.writeBigInt64LE(record.amount2, 168);
  into.writeBigInt64LE(record.rateMantissa, 176);
  into.writeUInt32LE(record.settlementDate, 184);
  into.writeUInt32LE(record.partition, 188);
  into.writeBigUInt64LE(BigInt(record.logOffset), 192);
}

/** Throws on another version or kind: only a newer program can have written it. */
export function readVerifiedRecord(bytes: Buffer): VerifiedRecord {
  const kind = KINDS[bytes[1] ?? 0];
  if (bytes.length < VERIFIED_RECORD_BYTES || bytes[0] !== VERSION || !kind || kind === 'none')
    throw new Error(`a verified record of version ${bytes[0]}, kind ${bytes[1]} cannot be read`);
  return {
    kind,
    messageType: bytes.readUInt16LE(2),
    reason: bytes.readUInt16LE(4),
    rateScale: bytes[6] as number,
    priority: PRIORITIES[bytes[7] as number] ?? 'normal',
    appendedAtMs: Number(bytes.readBigInt64LE(8)),
    issuedAtMs: Number(bytes.readBigInt64LE(16)),
    id: bytes.subarray(24, 40),
    payloadDigest: bytes.subarray(40, 72),
    publicKey: bytes.subarray(72, 104),
    sender: padded(bytes, 104, 12),
    debtorAgent: padded(bytes, 116, 12),
    creditorAgent: padded(bytes, 128, 12),
    dealer: padded(bytes, 140, 12),
    currency1: padded(bytes, 152, 4),
    currency2: padded(bytes, 156, 4),
    amount1: bytes.readBigInt64LE(160),
    amount2: bytes.readBigInt64LE(168),
    rateMantissa: bytes.readBigInt64LE(176),
    settlementDate: bytes.readUInt32LE(184),
    partition: bytes.readUInt32LE(188),
    logOffset: Number(bytes.readBigUInt64LE(192)),
  };
}

function padded(bytes: Buffer, start: number, length: number): string {
  let end = start;
  while (end < start + length && bytes[end] !== 0) end += 1;
  return bytes.toString('latin1', start, end);
}
