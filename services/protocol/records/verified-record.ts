import { MOVES, type Move, PRIORITIES, type Priority } from '../messages/instruction.ts';

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
 * 206 u8 1: the payload does not follow, its digest stands for it   207 a zero byte
 *
 * In a quote: sender the dealer, 152 base and 156 quote currency, 160 valid until in ms, 168 base
 * amount covered. In a leg: 116 who delivers 152 to 128 and receives 156, 176 match key; where one of
 * the two is a security its place says ISIN and 140 holds the ISIN. In a cancellation or a
 * re-ordering: 160 u8[16] UETR of the payment, 176 u16 its message type; in the latter 6 u8 place in
 * MOVES. In a limit: 128
 * counterparty (none: multilateral), 152 currency, 160 limit (-1: none). In a reservation: 7 class,
 * 152 currency, 160 amount.
 *
 * It proves "signed by this key"; whether the key was the sender's at this position of the log is
 * clearing's to decide.
 */
export const VERIFIED_RECORD_BYTES = 208;
const VERSION = 2;

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
] as const;
export type VerifiedKind = Exclude<(typeof KINDS)[number], 'none'>;
/** Stands for a security, whose ISIN does not fit where a currency's code does. */
const SECURITY = 'ISIN';

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
  /** Currencies, or in a leg the ISIN of a security. */
  readonly currency1: string;
  readonly currency2: string;
  readonly amount1: bigint;
  readonly amount2: bigint;
  readonly rateMantissa: bigint;
  readonly rateScale: number;
  readonly priority: Priority;
  readonly settlementDate: number;
  /** As records carry them (core/records); 0: none. */
  readonly earliest: number;
  readonly latest: number;
  /** 16 bytes: the payment that a cancellation or a re-ordering is about; null in other kinds. */
  readonly target: Uint8Array | null;
  /** Its message type's number; 0 in other kinds. */
  readonly targetType: number;
  readonly move: Move;
  readonly partition: number;
  readonly logOffset: number;
  /** A notice has no payload behind it; those of older logs do. */
  readonly payloadOmitted: boolean;
}

export function writeVerifiedRecord(record: VerifiedRecord, into: Buffer): void {
  // Buffer's methods for 64 bits take a microsecond a record more than a view's.
  const view = new DataView(into.buffer, into.byteOffset, VERIFIED_RECORD_BYTES);
  into.fill(0, 0, VERIFIED_RECORD_BYTES);
  into[0] = VERSION;
  into[1] = KINDS.indexOf(record.kind);
  view.setUint16(2, record.messageType, true);
  view.setUint16(4, record.reason, true);
  into[6] = record.rateScale;
  into[7] = PRIORITIES.indexOf(record.priority);
  view.setBigInt64(8, BigInt(record.appendedAtMs), true);
  view.setBigInt64(16, BigInt(record.issuedAtMs), true);
  into.set(record.id, 24);
  into.set(record.payloadDigest, 40);
  into.set(record.publicKey, 72);
  into.write(record.sender, 104, 12, 'latin1');
  into.write(record.debtorAgent, 116, 12, 'latin1');
  into.write(record.creditorAgent, 128, 12, 'latin1');
  into.write(record.dealer, 140, 12, 'latin1');
  writeCode(record.currency1, 152, into);
  writeCode(record.currency2, 156, into);
  view.setBigInt64(160, record.amount1, true);
  view.setBigInt64(168, record.amount2, true);
  view.setBigInt64(176, record.rateMantissa, true);
  view.setUint32(184, record.settlementDate, true);
  view.setUint32(188, record.partition, true);
  view.setBigUint64(192, BigInt(record.logOffset), true);
  into.writeUIntLE(record.earliest, 200, 3);
  into.writeUIntLE(record.latest, 203, 3);
  into[206] = record.payloadOmitted ? 1 : 0;
  if (record.target) {
    into.set(record.target, 160);
    into.writeUInt16LE(record.targetType, 176);
  }
  if (record.kind === 'reordering') into[6] = MOVES.indexOf(record.move);
}

function writeCode(code: string, at: number, into: Buffer): void {
  const isSecurity = code.length > 4;
  into.write(isSecurity ? SECURITY : code, at, 4, 'latin1');
  if (isSecurity) into.write(code, 140, 12, 'latin1');
}

/** Throws on another version or kind: only a newer program can have written it. */
export function readVerifiedRecord(bytes: Buffer): VerifiedRecord {
  const kind = KINDS[bytes[1] ?? 0];
  if (bytes.length < VERIFIED_RECORD_BYTES || bytes[0] !== VERSION || !kind || kind === 'none')
    throw new Error(`a verified record of version ${bytes[0]}, kind ${bytes[1]} cannot be read`);
  const code = (at: number) => {
    const read = padded(bytes, at, 4);
    return read === SECURITY ? padded(bytes, 140, 12) : read;
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, VERIFIED_RECORD_BYTES);
  const isAboutPayment = kind === 'cancellation' || kind === 'reordering';
  return {
    kind,
    messageType: view.getUint16(2, true),
    reason: view.getUint16(4, true),
    rateScale: kind === 'reordering' ? 0 : (bytes[6] as number),
    priority: PRIORITIES[bytes[7] as number] ?? 'normal',
    appendedAtMs: Number(view.getBigInt64(8, true)),
    issuedAtMs: Number(view.getBigInt64(16, true)),
    id: bytes.subarray(24, 40),
    payloadDigest: bytes.subarray(40, 72),
    publicKey: bytes.subarray(72, 104),
    sender: padded(bytes, 104, 12),
    debtorAgent: padded(bytes, 116, 12),
    creditorAgent: padded(bytes, 128, 12),
    dealer: kind === 'pvpLeg' ? '' : padded(bytes, 140, 12),
    currency1: code(152),
    currency2: code(156),
    amount1: isAboutPayment ? 0n : view.getBigInt64(160, true),
    amount2: isAboutPayment ? 0n : view.getBigInt64(168, true),
    target: isAboutPayment ? bytes.subarray(160, 176) : null,
    targetType: isAboutPayment ? view.getUint16(176, true) : 0,
    move: (kind === 'reordering' && MOVES[bytes[6] as number]) || 'end',
    earliest: bytes.readUIntLE(200, 3),
    latest: bytes.readUIntLE(203, 3),
    rateMantissa: isAboutPayment ? 0n : view.getBigInt64(176, true),
    settlementDate: view.getUint32(184, true),
    partition: view.getUint32(188, true),
    logOffset: Number(view.getBigUint64(192, true)),
    payloadOmitted: bytes[206] === 1,
  };
}

function padded(bytes: Buffer, start: number, length: number): string {
  let end = start;
  while (end < start + length && bytes[end] !== 0) end += 1;
  return bytes.toString('latin1', start, end);
}
