/** Which bank reads, by its signature. How old a signed request may be: protocol/names/time-windows-and-clocks.ts. */

import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { headersFromHttp, httpName } from '../protocol/names/http-headers.ts';
import { beginningOf, fieldProblem, ProblemError } from '../protocol/names/http-problems.ts';
import { type Envelope, envelopeFaults, readEnvelope } from '../protocol/names/message-headers.ts';
import {
  HTTP_TOPIC,
  isWithinQueryWindow,
  QUERY,
  queryDigestHex,
  querySigningText,
} from '../protocol/names/signed-query.ts';
import type { SignedFields } from '../protocol/names/signing-text.ts';
import { ISSUE_WINDOW_MS } from '../protocol/names/time-windows-and-clocks.ts';
import type { KeyBook, KnownKey } from './key-book.ts';

/** Who reads, and the key by which it was proven: a stream ends when it is revoked. */
export interface Reader {
  readonly bic: Bic;
  readonly key: KnownKey;
  /** What is answered where the key was revoked meanwhile. */
  refusal(): ProblemError;
}

export interface SignedRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The signed fields of a request's headers; throws a ProblemError that names the header at fault. */
export function readSignedHeaders(headers: SignedRequest['headers']): Envelope {
  const named = headersFromHttp(headers);
  const [fault] = envelopeFaults(named);
  if (!fault) return readEnvelope(named) as Envelope;
  throw fieldProblem('headerInvalid', httpName(fault.header), fault.value, fault.expected);
}

/** Throws where the issue time lies too far from the gateway's clock. */
export function refuseOutsideWindow(envelope: Envelope, nowMs: number): void {
  if (isWithinQueryWindow(envelope.issuedAtMs, nowMs)) return;
  throw new ProblemError('notAuthentic', {
    detail: `issued too long before or after it arrived: the gateway's clock shows ${nowMs}`,
    field: 'ce-issuedatms',
    value: String(envelope.issuedAtMs),
    expected: `within ${ISSUE_WINDOW_MS} ms of the gateway's clock`,
  });
}

/**
 * Establishes which bank reads. An unknown key, a wrong signature and a revoked key get the same
 * answer after the same work: who does not hold a key learns nothing about it.
 */
export function authenticate(
  request: SignedRequest,
  network: string,
  keys: KeyBook,
  nowMs: number,
): Reader {
  const envelope = readSignedHeaders(request.headers);
  if (envelope.messageType !== QUERY)
    throw fieldProblem('headerInvalid', 'ce-type', envelope.messageType, QUERY);
  refuseOutsideWindow(envelope, nowMs);
  const text = querySigningText(network, envelope, request.method, request.target);
  const key = keys.verifies(envelope.sender, envelope.keyId, text, envelope.signature);
  const refusal = () => queryProblem(envelope, network, request, READERS);
  if (!key) throw refusal();
  return { bic: envelope.sender as Bic, key, refusal };
}

/** After a read that may have waited: throws where the reader's key was revoked meanwhile. */
export function refuseRevoked(reader: Reader): void {
  if (reader.key.revoked) throw reader.refusal();
}

const READERS = 'an active key of this participant';

/** The signature of a request to read that does not verify. @param under whose key it should be */
export const queryProblem = (
  envelope: Envelope,
  network: string,
  { method, target }: Pick<SignedRequest, 'method' | 'target'>,
  under: string,
): ProblemError =>
  signatureProblem(
    envelope,
    `the signature does not verify under ${under}: check network, topic "${HTTP_TOPIC}", key id and the request target in the signed text`,
    { network, topic: HTTP_TOPIC, payloadDigest: queryDigestHex(method, target) },
  );

/** A signature that does not verify, and what it should be: whether the key or the text is another one is not told. */
export const signatureProblem = (
  { sender, keyId, signature }: Envelope,
  detail: string,
  { network, topic, payloadDigest }: Pick<SignedFields, 'network' | 'topic' | 'payloadDigest'>,
): ProblemError =>
  new ProblemError('notAuthentic', {
    ...{ detail, field: 'ce-signature' },
    value: beginningOf(Buffer.from(signature).toString('base64')),
    expected: `Ed25519 by a key of ${sender} that is registered and not revoked, with its id in ce-keyid (${keyId} here), over nine lines: network ${network}, topic ${topic}, payload digest ${payloadDigest}`,
  });
