/**
 * The value of a record in `pool.<pool>.input`; its position is its offset, from 0. Two forms, told
 * apart by the first byte:
 *
 *   control    '{' ...: a ControlRecord as JSON
 *   verified   208 bytes (verified-record), u32 length of the headers, the original's headers as a
 *              JSON object, the original payload's bytes to the end
 *
 * The original travels along, so the log alone replays, re-verifies and delivers. Of a message that
 * failed authentication there are the headers that are signed and the payload's digest in the verified
 * record, by which its signature can be checked again: what anybody may send must not fill the log.
 * Fields of a message's record: verified-record.ts, verified-content.ts; of an operator's or the gateway's:
 * control-record.ts.
 */

import { asBuffer } from '../names/as-buffer.ts';
import type { Headers } from '../names/message-headers.ts';
import { plainForm } from '../names/plain-json.ts';
import type { ControlRecord } from './control-record.ts';
import { readContent, type Said } from './verified-content.ts';
import {
  readVerifiedRecord,
  VERIFIED_RECORD_BYTES,
  type VerifiedRecord,
} from './verified-record.ts';

/** A message as it was sent. */
export interface Original {
  readonly headers: Headers;
  readonly payload: Uint8Array;
}

const OPENING_BRACE = 0x7b;

export function writeControl(control: ControlRecord): Uint8Array {
  return Buffer.from(JSON.stringify(control));
}

/** Lays out a verified input record; the caller fills the first VERIFIED_RECORD_BYTES. */
export function layOutVerified(original: Original): Buffer {
  const { payload } = original;
  const headers = JSON.stringify(original.headers);
  const length = Buffer.byteLength(headers);
  const value = Buffer.allocUnsafe(VERIFIED_RECORD_BYTES + 4 + length + payload.length);
  value.writeUInt32LE(length, VERIFIED_RECORD_BYTES);
  // Most are ASCII: that is written faster.
  value.write(headers, VERIFIED_RECORD_BYTES + 4, length === headers.length ? 'latin1' : 'utf8');
  value.set(payload, VERIFIED_RECORD_BYTES + 4 + length);
  return value;
}

export const isControl = (value: Uint8Array): boolean => value[0] === OPENING_BRACE;

export function readControl(value: Uint8Array): ControlRecord {
  return JSON.parse(asBuffer(value).toString('utf8'));
}

export const readVerified = (value: Uint8Array): VerifiedRecord =>
  readVerifiedRecord(asBuffer(value));

/** The same of what anybody may have written; undefined: it is a control record, or one that cannot be read. */
export function verifiedIn(value: Uint8Array): VerifiedRecord | undefined {
  try {
    return isControl(value) ? undefined : readVerified(value);
  } catch {
    return undefined;
  }
}

/** What the record says if its message is of this kind, as that of a notice may be. */
export const readContentAs = (kind: Said['kind'], value: Uint8Array): Said['content'] =>
  readContent(kind, asBuffer(value));

const headersEndOf = (bytes: Buffer): number =>
  VERIFIED_RECORD_BYTES + 4 + bytes.readUInt32LE(VERIFIED_RECORD_BYTES);

/** The original message inside a verified input record. */
export function readOriginal(value: Uint8Array): Original {
  const bytes = asBuffer(value);
  const headersEnd = headersEndOf(bytes);
  return {
    headers: readHeaders(bytes.subarray(VERIFIED_RECORD_BYTES + 4, headersEnd)),
    payload: bytes.subarray(headersEnd),
  };
}

/** The headers of names/message-headers.ts, in the order in which most senders have them. */
const USUAL = plainForm(
  JSON.stringify({
    ...{ ce_specversion: '?', ce_id: '?', ce_source: '?', ce_type: '?', ce_time: '?' },
    ...{ ce_keyid: '?', ce_issuedatms: '?', ce_signature: '?', 'content-type': '?' },
  }),
);

function readHeaders(written: Buffer): Headers {
  const read = USUAL.exec(written.toString('latin1')) as string[] | null;
  if (!read) return JSON.parse(written.toString('utf8'));
  const [, version, id, source, type, time, keyId, issuedAtMs, signature, content] = read;
  return {
    ce_specversion: version,
    ce_id: id,
    ce_source: source,
    ce_type: type,
    ce_time: time,
    ce_keyid: keyId,
    ce_issuedatms: issuedAtMs,
    ce_signature: signature,
    'content-type': content,
  } as Headers;
}

/** Its payload alone: headers take longer than all else. */
export function originalPayload(value: Uint8Array): Buffer {
  const bytes = asBuffer(value);
  return bytes.subarray(headersEndOf(bytes));
}
