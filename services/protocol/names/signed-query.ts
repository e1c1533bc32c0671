import type { Envelope } from './message-headers.ts';
import { payloadDigestHex, signingText } from './signing-text.ts';
import { ISSUE_WINDOW_MS } from './time-windows-and-clocks.ts';

/**
 * A bank reads what is its own over HTTP with a signed request. It is signed like a message: type
 * `corridor.query.1`, topic `http`, and as its payload the request line's first two words as they are
 * sent, for example
 *
 *     GET /banks/BANKDEF0/statuses?from=41:main-205
 *
 * so a signature opens this target, on this network, to this bank, within the window of the issue
 * time, and nothing else. The same headers again read the same thing: reading changes nothing.
 */
export const QUERY = 'corridor.query.1';
export const HTTP_TOPIC = 'http';

export const isWithinQueryWindow = (issuedAtMs: number, nowMs: number): boolean =>
  Math.abs(nowMs - issuedAtMs) <= ISSUE_WINDOW_MS;

/** The bytes that stand for a request's payload; `target` is path and query as they are sent. */
const queryPayload = (method: string, target: string): Uint8Array =>
  Buffer.from(`${method} ${target}`, 'latin1');

/** Of them, hex. */
export const queryDigestHex = (method: string, target: string): string =>
  payloadDigestHex(queryPayload(method, target));

export type QueryNames = Pick<Envelope, 'sender' | 'keyId' | 'id' | 'issuedAtMs'>;

/** What the bank signs for a request. */
export function querySigningText(
  network: string,
  { sender, keyId, id, issuedAtMs }: QueryNames,
  method: string,
  target: string,
): Uint8Array {
  return signingText({
    network,
    topic: HTTP_TOPIC,
    messageType: QUERY,
    sender,
    keyId,
    id,
    issuedAtMs: String(issuedAtMs),
    payloadDigest: queryDigestHex(method, target),
  });
}
