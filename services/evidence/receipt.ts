import { createSignatureCheck } from '../core/verification/signing.ts';
import type { Headers } from '../protocol/names/envelope.ts';
import { payloadDigestHex, signingText } from '../protocol/names/signing-text.ts';
import { PAYMENTS } from '../protocol/names/topic-plan.ts';
import {
  OPENING_BYTES,
  type Opening,
  openedEntry,
  openingFrom,
  packedOpening,
} from './event-commitment.ts';
import { EvidenceFault } from './signed-note.ts';

/** A payment as its bank sent it, and what its signature is checked with. */
export interface ReceiptMessage {
  readonly network: string;
  /** Of the bank, 32 bytes in lower-case hex; the log says whose it is, not the receipt. Absent: the run is unsigned. */
  readonly publicKey?: string;
  readonly headers: Headers;
}

/**
 * What stands in the extra line of a receipt: the opening of its event, and behind it, where there is a message, one
 * line of JSON (ReceiptMessage) and the payload's bytes.
 */
export interface Receipt {
  readonly opening: Opening;
  readonly message: (ReceiptMessage & { readonly payload: Uint8Array }) | null;
}

export function packedReceipt({ opening, message }: Receipt): Uint8Array {
  if (!message) return packedOpening(opening);
  const { payload, ...head } = message;
  return Buffer.concat([packedOpening(opening), Buffer.from(`${JSON.stringify(head)}\n`), payload]);
}

/** Null: it is no receipt of an event. @throws EvidenceFault where what is behind the opening is no message */
export function receiptFrom(extra: Uint8Array): Receipt | null {
  const opening = openingFrom(extra);
  if (!opening) return null;
  const rest = Buffer.from(extra.subarray(OPENING_BYTES[opening.form]));
  if (rest.length === 0) return { opening, message: null };
  try {
    const end = rest.indexOf('\n');
    const head = JSON.parse(rest.subarray(0, end).toString()) as ReceiptMessage;
    if (typeof head.network !== 'string' || typeof head.headers?.ce_id !== 'string')
      throw new Error('it names no network or id');
    return { opening, message: { ...head, payload: rest.subarray(end + 1) } };
  } catch (error) {
    throw new EvidenceFault(`the receipt's message cannot be read (${(error as Error).message})`);
  }
}

/** What the log holds of it. */
export const entryOfReceipt = ({ opening }: Receipt): Uint8Array => openedEntry(opening);

/** Whether the message bears the signature of the key that the receipt names for it. */
export function isSigned({
  network,
  publicKey,
  headers,
  payload,
}: NonNullable<Receipt['message']>): boolean {
  if (publicKey === undefined || !/^[0-9a-f]{64}$/.test(publicKey)) return false;
  const text = signingText({
    ...{ network, topic: PAYMENTS, messageType: headers.ce_type ?? '' },
    ...{ sender: headers.ce_source ?? '', keyId: headers.ce_keyid ?? '', id: headers.ce_id ?? '' },
    issuedAtMs: headers.ce_issuedatms ?? '',
    payloadDigest: payloadDigestHex(payload),
  });
  const check = createSignatureCheck(Buffer.from(publicKey, 'hex'));
  return check(text, Buffer.from(headers.ce_signature ?? '', 'base64'));
}
