/** Which bank reads, by its signature. How old a signed request may be: protocol/names/time-windows-and-clocks.ts. */

import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { headersFromHttp, httpName } from '../protocol/names/http-headers.ts';
import { fieldProblem, ProblemError } from '../protocol/names/http-problems.ts';
import { type Envelope, envelopeFaults, readEnvelope } from '../protocol/names/message-headers.ts';
import { isWithinQueryWindow, QUERY, querySigningText } from '../protocol/names/signed-query.ts';
import { ISSUE_WINDOW_MS } from '../protocol/names/time-windows-and-clocks.ts';
import type { KeyBook, KnownKey } from './key-book.ts';

/** Who reads, and the key by which it was proven: a stream ends when it is revoked. */
export interface Reader {
  readonly bic: Bic;
  readonly key: KnownKey;
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
  if (!key) throw notVerified();
  return { bic: envelope.sender as Bic, key };
}

/** After a read that may have waited: throws where the reader's key was revoked meanwhile. */
export function refuseRevoked({ key }: Reader): void {
  if (key.revoked) throw notVerified();
}

const notVerified = () =>
  new ProblemError('notAuthentic', {
    detail:
      'the signature does not verify under an active key of this participant: check network, topic "http", key id and the request target in the signed text',
    field: 'ce-signature',
  });
