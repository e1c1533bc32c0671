// Only what the network tells is written as XML (notifier/told-as-xml.ts); what it sends itself is JSON (protocol/messages).

import { isAmount, WRAPPERS } from './xml-text.ts';

/** The namespaces of what is written. */
export interface Namespaces {
  readonly message: string;
  readonly header: string;
}

/**
 * Writes a document as XML in UTF-8: the inverse of `readXml`. Elements stand in the order of the
 * object's members, which must be the standard's; "AppHdr" beside the document puts both into a wrapper.
 * A character that no XML may have stands as U+FFFD.
 */
export function writeXml(document: object, namespaces: Namespaces): Uint8Array {
  const { AppHdr, ...parts } = document as { readonly AppHdr?: object };
  const [[root, body] = []] = Object.entries(parts);
  if (root === undefined) throw new TypeError('a document without an outermost element');
  const message = element(root, body, namespaces.message);
  if (AppHdr === undefined) return Buffer.from(DECLARATION + message);
  const [{ name, namespace }] = WRAPPERS;
  const header = element('AppHdr', AppHdr, namespaces.header);
  return Buffer.from(`${DECLARATION}<${name} xmlns="${namespace}">${header}${message}</${name}>`);
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

function element(name: string, value: unknown, namespace?: string): string {
  const opening = namespace === undefined ? name : `${name} xmlns="${attribute(namespace)}"`;
  if (typeof value === 'string') return `<${opening}>${escaped(value)}</${name}>`;
  if (typeof value === 'number' || typeof value === 'boolean')
    return `<${opening}>${value}</${name}>`;
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`${name} is ${String(value)}, which no element says`);
  if (isAmount(value))
    return `<${opening} Ccy="${attribute(value.Ccy)}">${escaped(value.Amt)}</${name}>`;
  let inside = '';
  for (const [child, one] of Object.entries(value))
    if (Array.isArray(one)) for (const item of one) inside += element(child, item);
    else if (one !== undefined) inside += element(child, one);
  return `<${opening}>${inside}</${name}>`;
}

/** What must be written as a reference: '>' could end a CDATA section, and a reader makes CR to LF. */
const SPECIAL = /[&<>\r]/g;
const SPECIAL_IN_ATTRIBUTE = /[&<>"\t\n\r]/g;
/** Char of XML 1.0, section 2.2; a lone surrogate is none. */
const NO_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

const reference = (character: string): string =>
  ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] ??
  `&#${character.charCodeAt(0)};`;

const escaped = (text: string): string =>
  text.replace(NO_CHARACTER, '\uFFFD').replace(SPECIAL, reference);

const attribute = (text: string): string =>
  text.replace(NO_CHARACTER, '\uFFFD').replace(SPECIAL_IN_ATTRIBUTE, reference);
