import { SaxesParser, type SaxesTagNS } from '@rubensworks/saxes';
import { firstNotUtf8 } from '../names/as-buffer.ts';
import type { ChildForm, ElementForm, MessageForm } from './xml-form.ts';
import { isAmount, WRAPPERS, XmlFault } from './xml-text.ts';

/**
 * Reads a message in XML into the document that its JSON would be: {"Document": {...}}, and beside it
 * "AppHdr" where the message came in a wrapper with its header.
 *
 * - Text is a string, with white space as it stands; an element with elements in it is an object; one that
 *   repeats is an array, where the schema says so or where it stands more than once.
 * - <IntrBkSttlmAmt Ccy="EUR">12.50</IntrBkSttlmAmt> is {"Ccy": "EUR", "Amt": "12.50"}.
 * - Whatever would be lost that way is refused: text between elements, other attributes, processing
 *   instructions, an element that stands again behind another, elements named Ccy and Amt alone in one.
 *   CDATA sections are refused too: what stands in them can be escaped.
 * - Comments between elements, prefixes and xsi:schemaLocation say nothing, and are passed over.
 *
 * Nothing is looked up outside the message: without a document type there are no entities to unfold.
 * @param header what may stand before the document, in a wrapper
 * @param isTaken it was taken before: older rules let an instruction stand before all else
 * @throws XmlFault
 */
export function readXml(
  bytes: Uint8Array,
  message: MessageForm,
  header: MessageForm,
  isTaken = false,
): Record<string, unknown> {
  const text = textOf(bytes);
  refuseMarkup(text, isTaken);
  const reading = new Reading(message, header);
  const parser = idle ?? createParser();
  idle = null;
  current = reading;
  try {
    parser.write(text);
    refuseDeclaration(parser.xmlDecl);
    parser.close();
  } catch (error) {
    // The parser throws errors that begin with line and column.
    if (error instanceof XmlFault || !/^\d+:\d+: /.test((error as Error).message)) throw error;
    throw new XmlFault(`the payload is not XML: ${(error as Error).message}`);
  }
  // A parser that threw is not used again.
  idle = parser;
  return reading.document;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new XmlFault(`the payload is not UTF-8: byte ${firstNotUtf8(bytes)}`);
  }
}

const DECLARATION = /^<\?xml[ \t\r\n]/;

/**
 * Before anything is parsed. In text these would have to be escaped, so that they can only be what they
 * look like, or stand in a comment.
 */
function refuseMarkup(text: string, isTaken: boolean): void {
  // Looked for by their second character, which is rare: the first begins every tag.
  for (let at = text.indexOf('!'); at >= 0; at = text.indexOf('!', at + 1))
    if (text[at - 1] === '<' && !text.startsWith('--', at + 1))
      throw markupFault(text, at - 1, 10, 'no document type and no CDATA section is taken');
  // The declaration, whose form the parser judges, begins as an instruction does.
  const from = isTaken || DECLARATION.test(text) ? 2 : 0;
  for (let at = text.indexOf('?', from); at >= 0; at = text.indexOf('?', at + 1))
    if (text[at - 1] === '<')
      throw markupFault(text, at - 1, 20, 'no processing instruction is taken');
}

/** With line and column, from 1, as the parser tells its own. */
function markupFault(text: string, at: number, shown: number, expected: string): XmlFault {
  const lines = text.slice(0, at).split('\n');
  const column = (lines.at(-1) as string).length + 1;
  return new XmlFault(`${lines.length}:${column}: ${expected}`, '/', text.slice(at, at + shown));
}

function refuseDeclaration({ version, encoding }: SaxesParser['xmlDecl']): void {
  if (version !== undefined && version !== '1.0')
    throw new XmlFault(`XML ${version}: expected 1.0`);
  if (encoding !== undefined && !/^utf-8$/i.test(encoding))
    throw new XmlFault(`encoding ${encoding}: expected UTF-8`);
}

// To make a parser takes longer than to parse a payment. One message is read at a time, to its end.
let idle: SaxesParser<{ xmlns: true }> | null = null;
let current: Reading;

/** With more handlers than these four its members are looked up five times more slowly. */
function createParser(): SaxesParser<{ xmlns: true }> {
  const parser = new SaxesParser({ xmlns: true, position: true });
  parser.on('opentag', (tag) => current.open(tag));
  parser.on('closetag', () => current.close());
  parser.on('text', (text) => current.addText(text));
  parser.on('comment', () => current.comment());
  return parser;
}

const XMLNS = 'http://www.w3.org/2000/xmlns/';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
/** Where a schema may be found: no part of the message. */
const HINTS: ReadonlySet<string> = new Set(['schemaLocation', 'noNamespaceSchemaLocation']);
const SPACE = 0x20;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const TAB = 0x09;

/** Indents are a third of a message's characters. */
function isBlank(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== SPACE && code !== LINE_FEED && code !== TAB && code !== CARRIAGE_RETURN)
      return false;
  }
  return true;
}

const NAME_CHARACTERS_MAX = 64;
/** Deeper than any document of the standard in its wrapper. */
export const XML_DEPTH_MAX = 32;

/** An element that is open. */
interface Frame {
  readonly name: string;
  readonly form: ElementForm | null;
  /** Its place in its parent. */
  readonly child: ChildForm | null;
  readonly currency: string | undefined;
  /** Whether one of this name stands before it. */
  readonly isAgain: boolean;
  /** Null until an element comes in it; behind that there is no text. */
  object: Record<string, unknown> | null;
  text: string;
  /** The child before, and the last place of the schema's order. */
  last: string;
  lastPlace: number;
  lastListed: string;
}

class Reading {
  readonly document: Record<string, unknown> = {};
  readonly #message: MessageForm;
  readonly #header: MessageForm;
  readonly #frames: Frame[] = [];
  #isWrapped = false;
  /** An element that may not stand where it does, whose text is read before it is told. */
  #refused: { readonly fault: XmlFault; text: string } | null = null;
  /** Of the part that is open: header or document. */
  #namespace = '';

  constructor(message: MessageForm, header: MessageForm) {
    this.#message = message;
    this.#header = header;
  }

  open(tag: SaxesTagNS): void {
    if (this.#refused) throw this.#refused.fault;
    try {
      this.#open(tag);
    } catch (error) {
      if (!(error instanceof XmlFault)) throw error;
      this.#refused = { fault: error, text: '' };
    }
  }

  #open(tag: SaxesTagNS): void {
    const { local, uri } = tag;
    const frames = this.#frames;
    const parent = frames[frames.length - 1];
    if (frames.length >= XML_DEPTH_MAX)
      throw new XmlFault(`the payload is nested more than ${XML_DEPTH_MAX} deep`);
    const currency = this.#currencyOf(tag);
    if (!parent || (this.#isWrapped && frames.length === 1)) {
      frames.push(this.#outer(local, uri, currency));
      return;
    }
    if (uri !== this.#namespace)
      throw this.#fault(local, `namespace ${quoted(uri)}, expected ${quoted(this.#namespace)}`);
    if (local === '__proto__') throw this.#fault(local, 'no element has this name');
    frames.push(this.#inner(parent, local, currency));
  }

  #outer(name: string, uri: string, currency: string | undefined): Frame {
    if (currency !== undefined) throw this.#fault(name, 'expected no attribute Ccy');
    if (!this.#isWrapped && this.#frames.length === 0 && isWrapper(name, uri)) {
      this.#isWrapped = true;
      return frameOf(name, null, null, undefined, false);
    }
    const { document } = this;
    const { root } = this.#message;
    const isHeader = this.#isWrapped && name === this.#header.root;
    const { namespace, form } = isHeader ? this.#header : this.#message;
    if (!isHeader && name !== root)
      throw this.#fault(
        name,
        `expected ${this.#isWrapped ? this.#header.root : wrapperNames()} or ${root}`,
      );
    if (uri !== namespace)
      throw this.#fault(name, `namespace ${quoted(uri)}, expected ${quoted(namespace)}`);
    if (Object.hasOwn(document, name)) throw this.#fault(name, 'stands twice');
    if (isHeader && Object.hasOwn(document, root))
      throw this.#fault(name, `expected before ${root}`);
    this.#namespace = uri;
    // Its place is kept at once.
    document[name] = undefined;
    return frameOf(name, form, null, undefined, false);
  }

  #inner(parent: Frame, name: string, currency: string | undefined): Frame {
    const child = parent.form?.children?.get(name) ?? null;
    if (parent.object === null) {
      if (!isBlank(parent.text)) throw this.#fault('', MIXED, parent.text);
      parent.object = {};
    }
    const isAgain = Object.hasOwn(parent.object, name);
    if (isAgain && parent.last !== name)
      throw this.#fault(name, `stands again behind ${parent.last}`);
    if (child) {
      if (isAgain && !child.isRepeated) throw this.#fault(name, 'stands twice');
      if (child.place < parent.lastPlace)
        throw this.#fault(name, `expected before ${parent.lastListed}`);
      parent.lastPlace = child.place;
      parent.lastListed = name;
    }
    parent.last = name;
    return frameOf(name, child, child, currency, isAgain);
  }

  addText(text: string): void {
    if (this.#refused) {
      this.#refused.text += text;
      return;
    }
    const frame = this.#frames[this.#frames.length - 1];
    // White space around the outermost element; other text there the parser refuses.
    if (!frame) return;
    if (frame.object === null) frame.text += text;
    else if (!isBlank(text)) throw this.#fault('', MIXED, text);
  }

  /** Inside of text some parsers would read two texts. */
  comment(): void {
    const frame = this.#frames[this.#frames.length - 1];
    if (this.#refused === null && frame?.object === null && !isBlank(frame.text))
      throw this.#fault('', 'a comment inside of text, expected none', frame.text);
  }

  close(): void {
    if (this.#refused) {
      const { fault, text } = this.#refused;
      throw new XmlFault(
        fault.expected,
        fault.path,
        fault.found ?? (isBlank(text) ? undefined : text),
      );
    }
    const frame = this.#frames.pop() as Frame;
    const parent = this.#frames[this.#frames.length - 1];
    if (this.#isWrapped && !parent) {
      if (!isBlank(frame.text)) throw this.#fault(frame.name, MIXED, frame.text);
      if (!Object.hasOwn(this.document, this.#message.root))
        throw this.#fault(frame.name, `expected ${this.#message.root} in it`);
      return;
    }
    const value = this.#valueOf(frame);
    if (!parent?.object) this.document[frame.name] = value;
    else put(parent.object, frame, value);
  }

  #valueOf({ name, form, object, text, currency }: Frame): unknown {
    if (object === null) {
      if (currency !== undefined) return { Ccy: currency, Amt: text };
      if (form === null) return text;
      if (form.children && isBlank(text)) return {};
      if (form.isIndicator) return INDICATORS.get(text) ?? text;
      return form.isAmount ? { Amt: text } : text;
    }
    if (currency !== undefined)
      throw this.#fault(name, 'has Ccy and elements, expected an amount', object);
    if (isAmount(object))
      throw this.#fault(
        name,
        'has elements Ccy and Amt, expected an amount with the attribute Ccy',
        object,
      );
    return object;
  }

  #currencyOf({ attributes, local }: SaxesTagNS): string | undefined {
    let currency: string | undefined;
    for (const key in attributes) {
      const { uri, local: name, value } = attributes[key] as SaxesTagNS['attributes'][string];
      if (uri === XMLNS || (uri === XSI && HINTS.has(name))) continue;
      if (uri !== '' || name !== 'Ccy')
        throw this.#fault(
          local,
          `attribute ${key.slice(0, NAME_CHARACTERS_MAX)}, expected none but Ccy`,
        );
      currency = value;
    }
    return currency;
  }

  /** @param name of the element in the one that is open; empty: that one itself */
  #fault(name: string, expected: string, found?: unknown): XmlFault {
    const open = this.#isWrapped ? this.#frames.slice(1) : this.#frames;
    const steps = open.map((frame, place) => stepTo(open[place - 1], frame.name));
    if (name !== '') steps.push(stepTo(open[open.length - 1], name));
    // Of a wrapper, which JSON has not, its name.
    const path = steps.join('') || `/${this.#frames[0]?.name ?? ''}`;
    return new XmlFault(expected, path, found);
  }
}

/** The step of a JSON pointer to an element that has come and is not yet kept: into an array where JSON has one. */
function stepTo(parent: Frame | undefined, name: string): string {
  const step = `/${name.slice(0, NAME_CHARACTERS_MAX)}`;
  const child = parent?.form?.children?.get(name);
  const before = parent?.object && Object.hasOwn(parent.object, name) ? parent.object[name] : [];
  if (Array.isArray(before))
    return before.length > 0 || child?.isRepeated ? `${step}/${before.length}` : step;
  // Of what no schema names a second makes an array.
  return child ? step : `${step}/1`;
}

const MIXED = 'has text beside elements, expected one or the other';

const frameOf = (
  name: string,
  form: ElementForm | null,
  child: ChildForm | null,
  currency: string | undefined,
  isAgain: boolean,
): Frame => ({
  name,
  form,
  child,
  currency,
  isAgain,
  object: null,
  text: '',
  last: '',
  lastPlace: -1,
  lastListed: '',
});

/** The values of an indicator: xs:boolean. */
const INDICATORS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

function put(object: Record<string, unknown>, frame: Frame, value: unknown): void {
  const { name, child, isAgain } = frame;
  if (!isAgain) {
    object[name] = child?.isRepeated ? [value] : value;
    return;
  }
  const before = object[name];
  if (Array.isArray(before)) before.push(value);
  else object[name] = [before, value];
}

const isWrapper = (name: string, uri: string): boolean =>
  WRAPPERS.some((wrapper) => wrapper.name === name && wrapper.namespace === uri);

const wrapperNames = (): string => [...new Set(WRAPPERS.map(({ name }) => name))].join(' or ');

const quoted = (text: string): string => JSON.stringify(text.slice(0, 80));
