/**
 * In which syntax a message is written, by its header content-type. Over HTTP the gateway takes no other
 * than these two; in a topic whatever is not XML is read as JSON, as a message without the header is.
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
