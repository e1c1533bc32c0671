/**
 * Which reason a message gets that is not authentic: first what is decided before its signature is looked at, then which
 * key it names, whether that verifies it, and when it was issued. The rules by which an authentic message is refused:
 * protocol/rules/message-rules.ts; whether its key was its sender’s, and not revoked, where clearing
 * takes it: clearing/key-rotation-and-revocation.ts; what the bank is told then: protocol/names/iso-reasons.ts.
 */
import type { Reason } from '../core/settlement/reasons.ts';
import {
  claimedEnvelope,
  type Envelope,
  type Headers,
  isFault,
  NOTED_HEADERS,
  readEnvelope,
} from '../protocol/names/message-headers.ts';
import { payloadDigestHex } from '../protocol/names/signing-text.ts';
import { HEADER_CHARACTERS_MAX, PAYLOAD_BYTES_MAX } from '../protocol/names/size-limits.ts';
import { ISSUE_WINDOW_MS } from '../protocol/names/time-windows-and-clocks.ts';
import type { KeyLookup, VerifierKey } from './key-directory.ts';
import { keyNamed, namedBy, type VerifiableMessage } from './verifiable-message.ts';

/** A message of which a known participant claims to be the sender. */
export interface Candidate {
  readonly message: VerifiableMessage;
  readonly envelope: Envelope;
  /** Of the payload, hex. */
  readonly digest: string;
  readonly key: VerifierKey | undefined;
  /** What is wrong with its headers or its size; null: nothing. */
  readonly fault: Reason | null;
  /** Beside the signed headers, what its notice says of it. */
  readonly noted: Headers;
}

/** By how much a message is too large; null: it is not. */
function excessOf({ value, headers, recorded }: VerifiableMessage): {
  readonly detail: string;
  readonly noted: Headers;
} | null {
  const { payloadBytes, headerCharacters } = NOTED_HEADERS;
  // The log has of such a message how large it was, and nothing else.
  if (recorded && (payloadBytes in headers || headerCharacters in headers))
    return {
      detail: 'the message was too large',
      noted: picked(headers, [payloadBytes, headerCharacters]),
    };
  if (value.length > PAYLOAD_BYTES_MAX)
    return {
      detail: `the payload has ${value.length} bytes, expected at most ${PAYLOAD_BYTES_MAX}`,
      noted: { [payloadBytes]: String(value.length) },
    };
  let characters = 0;
  for (const name in headers) characters += name.length + (headers[name] as string).length;
  if (characters <= HEADER_CHARACTERS_MAX) return null;
  return {
    detail: `the headers have ${characters} characters, expected at most ${HEADER_CHARACTERS_MAX}`,
    noted: { [headerCharacters]: String(characters) },
  };
}

const NOTHING_NOTED: Headers = {};

/** Why the batch is not read that a message stands for; null: it is a message. */
function batchOf({ batch, headers, recorded }: VerifiableMessage): Headers | null {
  const why = recorded ? headers[NOTED_HEADERS.batch] : batch;
  return why === undefined ? null : { [NOTED_HEADERS.batch]: why };
}

/**
 * Everything that is decided before the signature: who claims to have sent this?
 * @param keys of participants, as far as the verifier knows them
 */
export function admit(
  message: VerifiableMessage,
  keys: Pick<KeyLookup, 'knows' | 'key'>,
): Candidate | { reason: Reason; detail: string } {
  if (message.unreadable !== undefined)
    return { reason: 'formatInvalid', detail: message.unreadable };
  const excess = excessOf(message);
  const batch = batchOf(message);
  const envelope = readEnvelope(message.headers);
  // Whoever it was, the bank that it names is told what is at fault.
  if ((excess || batch || isFault(envelope)) && keys.knows(namedBy(message)))
    return {
      message,
      envelope: { ...claimedEnvelope(message.headers), sender: namedBy(message) },
      digest: message.recorded?.omittedDigest ?? payloadDigestHex(message.value),
      key: undefined,
      fault: excess ? 'messageTooLarge' : 'formatInvalid',
      noted: {
        ...excess?.noted,
        ...(!message.headers.ce_source && { [NOTED_HEADERS.key]: keyNamed(message) }),
        ...batch,
      },
    };
  if (excess) return { reason: 'messageTooLarge', detail: excess.detail };
  if (isFault(envelope))
    return {
      reason: 'formatInvalid',
      detail: `header ${envelope.header}: expected ${envelope.expected}, found ${quoted(envelope.value)}`,
    };
  if (!keys.knows(envelope.sender))
    return { reason: 'senderUnknown', detail: `ce_source ${envelope.sender} is no participant` };
  const key = keys.key(envelope.sender, envelope.keyId);
  const digest = message.recorded?.omittedDigest ?? payloadDigestHex(message.value);
  return { message, envelope, digest, key, fault: null, noted: NOTHING_NOTED };
}

/**
 * @param verified whether its signature verifies under its key
 * @returns null: it is authentic
 */
export function whyNotAuthentic(
  { message, envelope, key, fault }: Candidate,
  verified: boolean,
): Reason | null {
  if (fault !== null) return fault;
  if (key === undefined) return 'keyUnknown';
  if (!verified) return 'signatureInvalid';
  return Math.abs(message.timestampMs - envelope.issuedAtMs) > ISSUE_WINDOW_MS
    ? 'issuedOutsideWindow'
    : null;
}

const picked = (headers: Headers, names: readonly string[]): Headers =>
  Object.fromEntries(
    names.flatMap((name) => (name in headers ? [[name, headers[name] as string]] : [])),
  );

const quoted = (value: string | undefined) =>
  value === undefined ? 'nothing' : JSON.stringify(value.slice(0, 80));
