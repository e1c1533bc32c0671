/**
 * In which syntax a message is written. Of a bank's message the payload says so: its bytes are signed, and
 * the header content-type is not, so whoever sends it again cannot change what is read. What Corridor writes
 * itself says it by the header.
 */
export type Syntax = 'json' | 'xml';

export const CONTENT_TYPES: Readonly<Record<Syntax, string>> = {
  json: 'application/json',
  xml: 'application/xml',
};

/** Parameters may follow the type (RFC 9110, section 8.3.1). */
const XML = /^application\/xml[ \t]*(;|$)/i;

export const syntaxOf = (contentType: string | undefined): Syntax =>
  // Most are written like this, and what is compared is not searched.
  contentType !== undefined && contentType !== CONTENT_TYPES.json && XML.test(contentType)
    ? 'xml'
    : 'json';

const LESS_THAN = 0x3c;
const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;

/** By the first character that is no white space, behind a byte order mark or none: of XML it is `<`, which no JSON begins with. */
export function syntaxOfPayload(payload: Uint8Array): Syntax {
  const hasMark = payload[0] === 0xef && payload[1] === 0xbb && payload[2] === 0xbf;
  let at = hasMark ? 3 : 0;
  while (isSpace(payload[at])) at += 1;
  return payload[at] === LESS_THAN ? 'xml' : 'json';
}
