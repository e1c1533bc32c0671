import { createHash } from 'node:crypto';
import type { Bic } from '../services/protocol/names/bic-and-uetr.ts';
import { layOutVerified } from '../services/protocol/records/input-record.ts';
import { writeVerifiedRecord } from '../services/protocol/records/verified-record.ts';

const DAY_MS = 86_400_000;

export interface SmallPayment {
  /** 16 bytes, of this payment alone. */
  readonly id: Uint8Array;
  readonly from: Bic;
  readonly to: Bic;
  readonly currency: string;
  /** Of `from`. */
  readonly publicKey: Uint8Array;
  /** When it came; its settlement date is that day. */
  readonly timeMs: number;
  readonly index: number;
}

/** A payment of one minor unit as clearing's input has it, with as many bytes as a usual message has. */
export function verifiedPayment(payment: SmallPayment): Uint8Array {
  const { id, from, to, currency, publicKey, timeMs, index } = payment;
  const value = layOutVerified({
    headers: { ce_id: Buffer.from(id).toString('hex'), ce_source: from, filler: 'x'.repeat(250) },
    payload: Buffer.alloc(600, 0x20),
  });
  writeVerifiedRecord(
    {
      messageType: 1,
      reason: 0,
      appendedAtMs: timeMs,
      issuedAtMs: timeMs,
      id,
      payloadDigest: createHash('sha256').update(id).digest(),
      publicKey,
      sender: from,
      partition: 0,
      logOffset: index,
      payloadOmitted: false,
    },
    {
      kind: 'payment',
      content: {
        debtorAgent: from,
        creditorAgent: to,
        dealer: null,
        currency1: currency,
        currency2: null,
        amount1: 1n,
        amount2: 0n,
        rateMantissa: 0n,
        rateScale: 0,
        priority: 'normal',
        settlementDate: Math.floor(timeMs / DAY_MS),
        earliest: 0,
        latest: 0,
      },
    },
    value,
  );
  return value;
}
