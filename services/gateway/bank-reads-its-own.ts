// How a reader's signature is checked: reader-signature.ts. Which route asks for which reader: route-access.ts.

import { Type } from '@sinclair/typebox';
import { ProblemError } from '../protocol/names/http-problems.ts';
import { QUERY } from '../protocol/names/signed-query.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { FastifyRequest } from './http-server.ts';
import type { KeyBook } from './key-book.ts';
import type { MailRoom } from './mail-subscription.ts';
import { authenticate, type Reader } from './reader-signature.ts';
import { BicSchema, signedHeadersSchema } from './request-schemas.ts';

/**
 * What the routes need by which a bank reads what is its own: who reads, and 403 where the path names another bank. Of a payment
 * in which it has no part a bank finds nothing, 404: routes-payments.ts.
 */
export interface ReadingPorts {
  readonly network: string;
  readonly keys: KeyBook;
  readonly room: MailRoom;
  readonly metrics: GatewayMetrics;
  readonly now: () => number;
  /** How long a stream may be left unread. */
  readonly unreadMs: number;
  /** Aborted when the gateway closes. */
  readonly closing: AbortSignal;
}

/** The headers of a request to read. */
export const QueryHeaders = signedHeadersSchema(Type.Literal(QUERY, { title: QUERY }), BicSchema);

/** Access `participant`: which bank reads; throws a ProblemError where the signature does not tell. */
export function establishReader(
  request: FastifyRequest,
  { network, keys, now }: ReadingPorts,
): void {
  const { method, url } = request.raw;
  request.reader = authenticate(
    { method: method ?? '', target: url ?? '', headers: request.headers },
    network,
    keys,
    now(),
  );
}

/** Access `bank`: the same, and the path names the bank that signed. */
export function establishOwnReader(request: FastifyRequest, ports: ReadingPorts): void {
  establishReader(request, ports);
  const reader = readerOf(request);
  const { bic } = request.params as { bic: string };
  if (reader.bic === bic) return;
  throw new ProblemError('notYours', {
    detail: `${reader.bic} may not read what is addressed to ${bic}`,
    field: 'bic',
    value: bic,
    expected: reader.bic,
  });
}

/** Whose the request is: what a handler reads is this bank's, whatever the path says. */
export function readerOf(request: FastifyRequest): Reader {
  if (request.reader === null) throw new Error('a route reads without knowing for whom');
  return request.reader;
}
