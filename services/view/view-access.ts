import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemError } from '../protocol/names/http-problems.ts';

/**
 * Who may see the live view: whoever has the token that `corridor up` printed (made by sandbox/view-token.ts), from a page that this
 * server served. The token travels in a header that pages of other origins cannot set, never in a
 * cookie, so a request that a browser makes by itself opens nothing; a name other than the loopback
 * address is refused, so no name that is later pointed here (DNS rebinding) reads anything.
 */
export interface AccessHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly authorization?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
}

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?$/i;

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Throws a ProblemError unless the request is for the loopback address and of this origin. */
export function refuseOtherSites(headers: AccessHeaders): void {
  const { host = '', origin } = headers;
  if (!LOOPBACK.test(host))
    throw new ProblemError('requestMalformed', {
      detail: 'the live view answers on the loopback address alone',
      field: 'host',
      value: host.slice(0, 80),
      expected: '127.0.0.1 or localhost, with the port',
    });
  const site = headers['sec-fetch-site'];
  const isForeign =
    (origin !== undefined && origin !== `http://${host}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none');
  if (isForeign)
    throw new ProblemError('notAuthentic', {
      detail: 'a page of another origin may not use the live view',
      field: 'origin',
    });
}

/** Throws a ProblemError unless `authorization` is `Bearer` and the token. */
export function createTokenCheck(token: string): (headers: AccessHeaders) => void {
  const expected = digest(`Bearer ${token}`);
  return ({ authorization = '' }) => {
    if (timingSafeEqual(digest(authorization), expected)) return;
    throw new ProblemError('notAuthentic', {
      detail: 'open the address that `corridor up` printed: the access token is missing or another',
      field: 'authorization',
    });
  };
}

/** Nothing but this server's own files runs, and nobody may frame the page. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cache-control': 'no-store',
};
