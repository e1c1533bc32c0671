import { asBuffer } from './as-buffer.ts';
import { isoTime } from './dates.ts';
import { SIGNED_FIELD_PATTERN } from './signing-text.ts';

/**
 * The headers of a signed message: CloudEvents 1.0 in Kafka's binary mode.
 *
 *   ce_specversion   1.0
 *   ce_id            the UETR, or the message's own id where it has none
 *   ce_source        the sender's BIC
 *   ce_type          the message type, for example pacs.008.001.08
 *   ce_time          RFC 3339, for people; ce_issuedatms is what counts
 *   ce_keyid         which of the sender's keys signed
 *   ce_issuedatms    when it was signed, ms since 1970, decimal digits
 *   ce_signature     64 bytes in standard base64 with padding
 *   content-type     application/json or application/xml: names/content-type.ts
 */
export interface Envelope {
  readonly id: string;
  readonly sender: string;
  readonly messageType: string;
  readonly keyId: string;
  readonly issuedAtMs: number;
  readonly signature: Uint8Array;
}

export type Headers = Readonly<Record<string, string>>;

/** Of a record that tells a bank of an event: what opens the entry of the pool's log that is of it, base64. */
export const OPENING_HEADER = 'ce_opening';

/** Of a status that is told ahead of the final one, of the same event: `true`. */
export const INTERIM_HEADER = 'ce_interim';

const SIGNED_FIELD = new RegExp(SIGNED_FIELD_PATTERN);
/** An instant as signed headers have it. */
export const MILLISECONDS_PATTERN = '^(0|[1-9][0-9]{0,14})$';
/** 64 bytes in base64, with two characters of padding. */
const SIGNATURE_CHARACTERS = 88;
const SIGNATURE_DIGITS = SIGNATURE_CHARACTERS - 2;
/** 64 bytes of Ed25519 in base64 with padding. The last digit may have bits that no byte takes: older logs have such signatures. */
export const SIGNATURE_PATTERN = `^[A-Za-z0-9+/]{${SIGNATURE_DIGITS}}==$`;
/** The same without such bits, which are the sender's choice and signed by nobody: the standard base64 of its bytes. */
export const CANONICAL_SIGNATURE_PATTERN = `^[A-Za-z0-9+/]{${SIGNATURE_DIGITS - 1}}[AQgw]==$`;
const MILLISECONDS = new RegExp(MILLISECONDS_PATTERN);
const SIGNED_HEADERS = [
  'ce_specversion',
  'ce_id',
  'ce_source',
  'ce_type',
  'ce_keyid',
  'ce_issuedatms',
];
/** Those that are one field of the signed text, and what each is. */
const FIELDS = {
  ce_id: 'the UETR, or the message’s own id',
  ce_source: 'the BIC of the sender',
  ce_type: 'the type of the message, such as pacs.008.001.08',
  ce_keyid: 'the id of the key that signs',
} as const;
/** 1 for the code of a digit. */
const BASE64_DIGITS = Uint8Array.from({ length: 256 }, (_, code) =>
  /[A-Za-z0-9+/]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Whether it has SIGNATURE_PATTERN, which as an expression takes five times as long. In a log of others’ it may be no text. */
function isSignature(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  if (text.length !== SIGNATURE_CHARACTERS || !text.endsWith('==')) return false;
  for (let at = 0; at < SIGNATURE_DIGITS; at++)
    if (BASE64_DIGITS[text.charCodeAt(at)] !== 1) return false;
  return true;
}

export function envelopeHeaders(envelope: Envelope): Headers {
  return {
    ce_specversion: '1.0',
    ce_id: envelope.id,
    ce_source: envelope.sender,
    ce_type: envelope.messageType,
    ce_time: isoTime(envelope.issuedAtMs),
    ce_keyid: envelope.keyId,
    ce_issuedatms: String(envelope.issuedAtMs),
    ce_signature: asBuffer(envelope.signature).toString('base64'),
    'content-type': 'application/json',
  };
}

/** Whether a signature of its form is the standard base64 of its bytes: CANONICAL_SIGNATURE_PATTERN. */
export const isCanonicalSignature = ({ ce_signature: signature }: Headers): boolean =>
  'AQgw'.includes(signature?.[SIGNATURE_DIGITS - 1] ?? '?');

/** The headers by which a signature is checked again, and no others. A signature of another form verifies no better: it is left out. */
export function signedHeaders(headers: Headers): Headers {
  const kept: Record<string, string> = {};
  for (const name of SIGNED_HEADERS) if (name in headers) kept[name] = headers[name] as string;
  if (isSignature(headers.ce_signature)) kept.ce_signature = headers.ce_signature as string;
  return kept;
}

/** Beyond the length of a signature, so that what is cut has not its form. */
const FAULTY_SIGNATURE_CHARACTERS = SIGNATURE_CHARACTERS + 1;

/**
 * What is kept of a message that anybody may have sent: the signed headers, and of a signature of another form its
 * beginning, which its bank is told.
 */
export function noticedHeaders(headers: Headers): Headers {
  const kept = signedHeaders(headers);
  const { ce_signature: signature } = headers;
  if ('ce_signature' in kept || typeof signature !== 'string') return kept;
  return { ...kept, ce_signature: signature.slice(0, FAULTY_SIGNATURE_CHARACTERS) };
}

/**
 * What the log has of a message that was not read, in a notice beside the signed headers: how large it was,
 * in decimal digits; of one without `ce_source` whom its key names; of a batch why it is not read. A
 * sender's own headers of these names are not kept.
 */
export const NOTED_HEADERS = {
  payloadBytes: 'corridor_payloadbytes',
  headerCharacters: 'corridor_headercharacters',
  key: 'corridor_key',
  batch: 'corridor_batch',
} as const;

/** Of the signed headers those that are well formed, whose length the form bounds. */
export function wellFormedHeaders(headers: Headers): Headers {
  const faulty = new Set(signedFaults(headers).map(({ header }) => header));
  return Object.fromEntries(
    Object.entries(signedHeaders(headers)).filter(([name]) => !faulty.has(name)),
  );
}

/** Which header is missing or malformed, with what was expected; the sender's own words are quoted. */
export interface EnvelopeFault {
  readonly header: string;
  readonly value: string | undefined;
  readonly expected: string;
}

/** With how long it is, where that is at fault: values are told by their beginning. */
function signatureExpected(value: string | undefined): string {
  const expected = '64 bytes of Ed25519 in standard base64 with padding';
  if (isSignature(value)) return `${expected}: the last before == one of A, Q, g, w`;
  if (value === undefined || value.length === SIGNATURE_CHARACTERS) return expected;
  return `${expected}: ${SIGNATURE_CHARACTERS} characters, not ${value.length > SIGNATURE_CHARACTERS ? 'more' : value.length}`;
}

/** Every header that is missing or malformed, in order; ce_time and unknown headers are not looked at. */
export function envelopeFaults(headers: Headers): EnvelopeFault[] {
  const { ce_signature: value } = headers;
  const faults = signedFaults(headers);
  if (!isSignature(value) || !isCanonicalSignature(headers))
    faults.push({ header: 'ce_signature', value, expected: signatureExpected(value) });
  return faults;
}

/** Of the headers that are signed. */
function signedFaults(headers: Headers): EnvelopeFault[] {
  const faults: EnvelopeFault[] = [];
  const fault = (header: string, expected: string) =>
    faults.push({ header, value: headers[header], expected });
  if (headers.ce_specversion !== '1.0') fault('ce_specversion', '1.0');
  for (const [header, what] of Object.entries(FIELDS))
    if (!SIGNED_FIELD.test(headers[header] ?? ''))
      fault(header, `${what}: 1 to 64 characters of A-Z a-z 0-9 . _ : -`);
  if (!MILLISECONDS.test(headers.ce_issuedatms ?? ''))
    fault('ce_issuedatms', 'milliseconds since 1970 in decimal digits, no leading zero');
  return faults;
}

/** Reads the headers, or says which of those that are signed is the first that is wrong. */
export function readEnvelope(headers: Headers): Envelope | EnvelopeFault {
  const [fault] = signedFaults(headers);
  if (fault) return fault;
  return {
    id: headers.ce_id as string,
    sender: headers.ce_source as string,
    messageType: headers.ce_type as string,
    keyId: headers.ce_keyid as string,
    issuedAtMs: Number(headers.ce_issuedatms),
    // A signature of the wrong form is a signature that does not verify: empty, so that it cannot.
    signature: isSignature(headers.ce_signature)
      ? Buffer.from(headers.ce_signature as string, 'base64')
      : new Uint8Array(0),
  };
}

/** Of headers that are not all well formed those that are; nothing verifies under it. */
export function claimedEnvelope(headers: Headers): Envelope {
  const field = (header: string): string => {
    const value = headers[header] ?? '';
    return SIGNED_FIELD.test(value) ? value : '';
  };
  const issued = headers.ce_issuedatms ?? '';
  return {
    id: field('ce_id'),
    sender: field('ce_source'),
    messageType: field('ce_type'),
    keyId: field('ce_keyid'),
    issuedAtMs: MILLISECONDS.test(issued) ? Number(issued) : 0,
    signature: new Uint8Array(0),
  };
}

export const isFault = (read: Envelope | EnvelopeFault): read is EnvelopeFault => 'header' in read;
