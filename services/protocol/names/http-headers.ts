import { CONTENT_TYPES, syntaxOf } from './content-type.ts';
import type { Headers } from './message-headers.ts';

/**
 * Over HTTP a message has the headers of its topic in CloudEvents' HTTP binding: `ce-id` for `ce_id`
 * and so on. What a record carries is this list and nothing else, so that a proxy's headers do not
 * enter the log.
 */
const CARRIED = [
  'ce_specversion',
  'ce_id',
  'ce_source',
  'ce_type',
  'ce_time',
  'ce_keyid',
  'ce_issuedatms',
  'ce_signature',
] as const;

export const httpName = (header: string): string => header.replace('_', '-');

type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The headers of a record for a message that came over HTTP; absent ones stay absent. */
export function headersFromHttp(http: HttpHeaders): Headers {
  const headers: Record<string, string> = {};
  for (const header of CARRIED) {
    const value = http[httpName(header)];
    if (typeof value === 'string') headers[header] = value;
  }
  const contentType = http['content-type'];
  const syntax = syntaxOf(typeof contentType === 'string' ? contentType : undefined);
  return { ...headers, 'content-type': CONTENT_TYPES[syntax] };
}

/** The inverse: the headers of an HTTP request for a message. */
export function headersForHttp(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([header, value]) => [httpName(header), value]),
  );
}
