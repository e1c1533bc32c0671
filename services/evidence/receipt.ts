/** What a receipt of a payment or record holds. That its event is in the log: entry-is-in-log.ts. */
import { eventKind } from '../core/settlement/event-reader.ts';
import { EVENT_OFFSETS } from '../core/settlement/events.ts';
import { reasonNumber } from '../core/settlement/reasons.ts';
import { isPaymentType, isReturnType } from '../protocol/messages/message-types.ts';
import { asBuffer } from '../protocol/names/as-buffer.ts';
import {
  MILLISECONDS_PATTERN,
  SIGNATURE_PATTERN,
  signedHeaders,
} from '../protocol/names/message-headers.ts';
import type { SignedHead, SignedOriginal } from '../protocol/names/signed-message.ts';
import { SIGNED_FIELD_PATTERN } from '../protocol/names/signing-text.ts';
import { quoted } from '../protocol/rules/refusal.ts';
import {
  OPENING_BYTES,
  type Opening,
  openedEntry,
  openingFrom,
  packedOpening,
} from './event-commitment.ts';
import { EvidenceFault } from './signed-note.ts';

const SIGNED = [SIGNED_FIELD_PATTERN, '1 to 64 characters of A-Z a-z 0-9 . _ : -'] as const;
/** All that the line of a message's SignedHead has: what a signature does not cover has one value, or no place in it. */
const FIELDS: readonly (readonly [field: string, pattern: string, expected: string])[] = [
  ['network', ...SIGNED],
  ['publicKey', '^[0-9a-f]{64}$', '32 bytes in lower-case hex'],
  ['headers.ce_specversion', '^1\\.0$', '1.0'],
  ['headers.ce_id', ...SIGNED],
  ['headers.ce_source', ...SIGNED],
  ['headers.ce_type', ...SIGNED],
  ['headers.ce_keyid', ...SIGNED],
  ['headers.ce_issuedatms', MILLISECONDS_PATTERN, 'milliseconds since 1970 in decimal digits'],
  ['headers.ce_signature', SIGNATURE_PATTERN, '64 bytes in standard base64'],
];

/**
 * What stands in the extra line of a receipt: the opening of its event, and behind it, where there is a message, one
 * line of JSON (SignedHead) and the payload's bytes. A message that nobody signed is in none: the log does not
 * have it, so nothing would prove it.
 */
export interface Receipt {
  readonly opening: Opening;
  readonly message: SignedOriginal | null;
}

/** What a payment ends with. */
const ENDS: ReadonlySet<string> = new Set(['settled', 'rejected', 'cancelled', 'unwound']);

const numberAt = (event: Uint8Array, at: number): number => asBuffer(event).readUInt16LE(at);

/** Whether an event is of a payment: those of a return bear the UETR of the payment that it returns. */
export function isOfPayment(event: Uint8Array): boolean {
  const messageType = numberAt(event, EVENT_OFFSETS.messageType);
  return isPaymentType(messageType) && !isReturnType(messageType);
}

/**
 * Whether an event is the end of a payment, of which there is a receipt. The refusal of another payload under the
 * payment's UETR is none: the payment that came first stands.
 * @param event its first 96 bytes at least
 */
export const endsPayment = (event: Uint8Array): boolean =>
  isOfPayment(event) &&
  ENDS.has(eventKind(numberAt(event, EVENT_OFFSETS.kind))) &&
  numberAt(event, EVENT_OFFSETS.reason) !== reasonNumber('duplicateIdentity');

/** Whether an event tells that a document was recorded. @param event its first 96 bytes at least */
export const isRecord = (event: Uint8Array): boolean =>
  eventKind(numberAt(event, EVENT_OFFSETS.kind)) === 'recorded';

/** So many bytes of the SHA-256 of a document stand in the event that it was recorded, at the place of `balance2`. */
const DIGEST_BYTES = 20;
export const digestInEvent = (digest: Uint8Array): Uint8Array => digest.subarray(0, DIGEST_BYTES);

/**
 * The same of the receipt of a record, of its event and nothing that is signed beside it.
 * @throws EvidenceFault where its opening hides them
 */
export function recordedDigest({ opening }: Receipt): Uint8Array {
  if (opening.form !== 'open') throw new EvidenceFault('it shows no digest of a document');
  return digestInEvent(opening.event.subarray(EVENT_OFFSETS.balance2));
}

export function packedReceipt({ opening, message }: Receipt): Uint8Array {
  if (!message) return packedOpening(opening);
  return Buffer.concat([packedOpening(opening), Buffer.from(headLine(message)), message.payload]);
}

/** In its one form. */
function headLine({ network, publicKey, headers }: SignedHead): string {
  const signed = signedHeaders(headers);
  const signature = Buffer.from(signed.ce_signature ?? '', 'base64').toString('base64');
  const own = { network, publicKey, headers: { ...signed, ce_signature: signature } };
  return `${JSON.stringify(own)}\n`;
}

/** Null: it is no receipt of an event. @throws EvidenceFault where what is behind the opening is no message */
export function receiptFrom(extra: Uint8Array): Receipt | null {
  const opening = openingFrom(extra);
  if (!opening) return null;
  const rest = Buffer.from(extra.subarray(OPENING_BYTES[opening.form]));
  if (rest.length === 0) return { opening, message: null };
  const end = rest.indexOf('\n') + 1;
  return {
    opening,
    message: { ...headFrom(rest.toString('utf8', 0, end)), payload: rest.subarray(end) },
  };
}

function headFrom(line: string): SignedHead {
  const fail = (message: string): never => {
    throw new EvidenceFault(`the receipt's message: ${message}`);
  };
  const found = fieldsIn(line);
  for (const [field, pattern, expected] of FIELDS) {
    const value = found.get(field);
    if (typeof value !== 'string' || !new RegExp(pattern).test(value))
      fail(`${field}: ${quoted(value)}, expected ${expected}`);
  }
  const text = (field: string) => found.get(field) as string;
  const headers = FIELDS.map(([field]) => field.split('.')[1])
    .filter((name) => name !== undefined)
    .map((name) => [name, text(`headers.${name}`)]);
  const head = {
    ...{ network: text('network'), publicKey: text('publicKey') },
    headers: Object.fromEntries(headers),
  };
  for (const [field, value] of found)
    if (!FIELDS.some(([known]) => known === field))
      fail(`${quoted(field)}: ${quoted(value)}, expected no such field`);
  const expected = headLine(head);
  if (line !== expected)
    fail(`it is ${quoted(line)}, expected it in its one form, ${expected.trim()}`);
  return head;
}

/** Of a line of JSON by name, those of its headers behind `headers.`; none of what is no such line. */
function fieldsIn(line: string): Map<string, unknown> {
  const object = (value: unknown): [string, unknown][] =>
    typeof value === 'object' && value !== null ? Object.entries(value) : [];
  try {
    return new Map(
      object(JSON.parse(line)).flatMap(([name, value]) =>
        name === 'headers'
          ? object(value).map(([own, one]) => [`${name}.${own}`, one])
          : [[name, value]],
      ) as [string, unknown][],
    );
  } catch {
    return new Map();
  }
}

/** What the log holds of it. */
export const entryOfReceipt = ({ opening }: Receipt): Uint8Array => openedEntry(opening);
