/**
 * Reads a JSON document of the standard's and judges it on the way, in one pass over its bytes: parsed first
 * and then walked, a document takes twice as long. What is read is what JSON.parse would make of it.
 *
 * It vouches for the usual document and for no other: ASCII, without escapes, without a business header, of the
 * standard's form by the judges of unknown-elements-and-standard-form.ts, and with what the message's own schema asks for beyond that.
 * Of any other it says nothing: that is parsed and judged by itself, which tells where and why it is refused.
 *
 * Documents of one sender differ in their texts alone. What one that was read has between its texts is a shape: of a
 * document that has the same bytes there its texts are judged, and what the rules of objects say of them.
 */
import { isAscii } from 'node:buffer';
import { asBuffer } from '../names/as-buffer.ts';
import { PAYLOAD_BYTES_MAX } from '../names/size-limits.ts';
import {
  type StandardElement,
  type StandardType,
  standardMessage,
} from '../standard/read-iso20022-types.ts';
import {
  isHeeded,
  lengthsOf,
  type ObjectJudge,
  objectRuleOf,
  type TextForm,
  textJudgeOf,
} from './unknown-elements-and-standard-form.ts';

/** What stands at the place reached, which is then behind it; undefined: nothing that is vouched for. */
type Reader = () => unknown;

/** What is read of the text between two places; undefined: it is not of the form. */
type TextReader = (from: number, end: number) => string | undefined;

/** Bytes that are looked for, four at a time. */
interface Written {
  readonly words: readonly number[];
  /** Where the last four begin, which may be of those before too. */
  readonly last: number;
  /** What counts of the last four, of which there may be fewer. */
  readonly mask: number;
  /** How many bytes they are. */
  readonly size: number;
}

interface Member extends Written {
  readonly name: string;
  /** The name's characters; the words are of these, the quote and a colon. */
  readonly codes: readonly number[];
  /** Its bit among the members of its object, in the first mask or in the second. */
  readonly first: number;
  readonly second: number;
  readonly keeps: boolean;
  readonly make: () => Reader;
  /** Made when the member first stands in a document: a type may hold itself. */
  read: Reader | undefined;
  follower: Member | undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
/** Numbers of more bits are slower. */
const MASK_BITS = 30;
const MEMBERS_MAX = 2 * MASK_BITS;
const WORD_BYTES = 4;
/** More than any name, its quote and a colon. */
const NAME_BYTES_MAX = 64;
/** Types may hold themselves. */
const DEPTH_MAX = 64;

/**
 * The document that is read, and behind it END. One array for all of them, and the place reached in a variable of this file:
 * as arguments of every reader they take a fifth more, and where the array is a constant nothing has to be looked up.
 */
const bytes = new Uint8Array(PAYLOAD_BYTES_MAX + NAME_BYTES_MAX);
const view = new DataView(bytes.buffer);
/** Stands in no document that is vouched for. */
const END = 0;
let text = '';
let at = 0;
let depth = 0;

/**
 * What a schema asks of a place beyond what the standard's type of it does. It is written for documents of that type: what the
 * type says of it too, such as that it is an object, is not read again.
 */
export interface AskedForm {
  readonly type?: string;
  readonly standard?: string;
  readonly properties?: Readonly<Record<string, AskedForm>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: AskedForm;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly enum?: readonly string[];
  readonly const?: string;
}

const READ_OF_SCHEMAS: ReadonlySet<string> = new Set([
  ...['type', 'standard', 'properties', 'required', 'additionalProperties', 'items', 'minItems'],
  ...['maxItems', 'pattern', 'minLength', 'maxLength', 'enum', 'const'],
]);

/**
 * @param asked the message's own schema
 * @returns what the document says that a payload is; undefined: parse it and judge it
 * @throws RangeError for a message that the table has not, and for a schema of which not all would be read
 */
export function standardJsonReader(
  messageType: string,
  asked: AskedForm,
): (payload: Uint8Array) => object | undefined {
  const reader = messageReader(messageType, asked);
  const shapes: Shape[] = [];
  /** Documents that were read, and might have given a shape. */
  let unlike = 0;
  return (payload) => {
    const { length } = payload;
    if (length > PAYLOAD_BYTES_MAX || !isAscii(payload)) return undefined;
    bytes.set(payload);
    bytes[length] = END;
    text = asBuffer(payload).toString('latin1');
    for (const shape of shapes) if (isOfShape(shape, length)) return readTexts(shape);
    const document = readWhole(reader, length);
    if (document !== undefined && length <= SHAPE_BYTES_MAX) {
      // Of a sender whose documents are all unlike each would give one.
      const shape = unlike % SHAPE_EVERY === 0 ? shapeOf(reader, length) : null;
      if (shape) shapes[(unlike / SHAPE_EVERY) % SHAPES_MAX] = shape;
      unlike += 1;
    }
    return document;
  };
}

function readWhole(reader: Reader, length: number): object | undefined {
  at = 0;
  depth = 0;
  skipSpace();
  const document = reader();
  skipSpace();
  return at === length ? (document as object | undefined) : undefined;
}

function messageReader(messageType: string, asked: AskedForm): Reader {
  const message = standardMessage(messageType);
  if (!message) throw new RangeError(`${messageType} is no message of the standard`);
  const { outer, inner, type } = message;
  const askedOuter = asked.properties?.[outer];
  const askedOfIt = inner === null ? askedOuter : askedOuter?.properties?.[inner];
  refuseUnread(type, askedOfIt, messageType);
  const body = readerOf(type, true, askedOfIt);
  return only(outer, inner === null ? body : only(inner, body));
}

/** At once, and not when such an element first stands in a document. */
function refuseUnread(type: StandardType, asked: AskedForm | undefined, where: string): void {
  for (const keyword in asked)
    if (!READ_OF_SCHEMAS.has(keyword)) throw new RangeError(`${where}: ${keyword} is not read`);
  for (const [name, member] of Object.entries(asked?.properties ?? {})) {
    const element = partOf(type, name);
    if (!element) throw new RangeError(`${where}: the standard has no ${name} there`);
    // A list that stands is not empty.
    if ((member.minItems ?? 0) > 1) throw new RangeError(`${name}: minItems is not read`);
    refuseUnread(element.type, element.repeats ? member.items : member, name);
  }
}

function partOf(
  type: StandardType,
  name: string,
): Pick<StandardElement, 'type' | 'repeats'> | undefined {
  if (type.form === 'all' || type.form === 'one') return type.elements.get(name);
  if (type.form !== 'amount') return undefined;
  return { type: name === 'Ccy' ? type.currency : type.amount, repeats: false };
}

const only = (name: string, read: Reader): Reader =>
  objectReader([{ name, isRequired: true, keeps: true, make: () => read }], true);

function skipSpace(): void {
  let byte = bytes[at];
  while (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB) {
    at += 1;
    byte = bytes[at];
  }
}

/** Whether the next character that is no blank is this one, which is then behind. */
function takes(byte: number): boolean {
  if (bytes[at] !== byte) {
    skipSpace();
    if (bytes[at] !== byte) return false;
  }
  at += 1;
  return true;
}

/** 1 for what a text may hold as it stands: neither its end, nor what is escaped, nor what would have to be. */
const STANDS = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** Where the text ends that begins at the place reached, which is then behind its first quote; -1: there is none. */
function textEnd(): number {
  if (!takes(QUOTE)) return -1;
  let end = at;
  while (STANDS[bytes[end] as number] === 1) end += 1;
  return bytes[end] === QUOTE ? end : -1;
}

const atText =
  (read: TextReader): Reader =>
  () => {
    const end = textEnd();
    if (end < 0) return undefined;
    const from = at;
    at = end + 1;
    return sketch === null ? read(from, end) : sketched(read, from, end, sketch);
  };

function readBoolean(): boolean | undefined {
  skipSpace();
  for (const [word, value] of BOOLEANS)
    if (text.startsWith(word, at)) {
      at += word.length;
      return value;
    }
  return undefined;
}

const BOOLEANS = [
  ['true', true],
  ['false', false],
] as const;

/**
 * Types of the standard that nothing reads of once they have the form: they are judged and not kept. Most of
 * the time is taken by putting members into objects.
 */
const UNREAD: ReadonlySet<string> = new Set([
  'CashAccount38',
  'CreditTransferTransaction37',
  'PartyIdentification135',
  'RegulatoryReporting3',
  'RemittanceInformation16',
  'RemittanceInformation2',
  'RemittanceLocation7',
  'SettlementInstruction7',
  'TaxInformation8',
]);

/** What is read of what is not kept. */
const NOT_KEPT: Record<string, unknown> = Object.freeze({});

const kept = new Map<StandardType, Reader>();
const unkept = new Map<StandardType, Reader>();

function readerOf(type: StandardType, keeps: boolean, asked?: AskedForm): Reader {
  if (asked) return makeReader(type, false, keeps, asked);
  const readers = keeps ? kept : unkept;
  const known = readers.get(type);
  if (known) return known;
  const reader = makeReader(type, false, keeps);
  readers.set(type, reader);
  return reader;
}

function makeReader(
  type: StandardType,
  heeded: boolean,
  keeps: boolean,
  asked?: AskedForm,
): Reader {
  switch (type.form) {
    case 'all':
    case 'one':
      return typeReader(type, keeps, asked);
    case 'amount':
      return objectReader(
        [
          {
            ...{ name: 'Ccy', isRequired: true, keeps },
            make: () => makeReader(type.currency, false, keeps, asked?.properties?.Ccy),
          },
          {
            ...{ name: 'Amt', isRequired: true, keeps },
            make: () => makeReader(type.amount, heeded, keeps, asked?.properties?.Amt),
          },
        ],
        keeps,
      );
    case 'any':
      return () => undefined;
    case 'boolean':
      return readBoolean;
    default:
      return readerOfText(type, heeded, keeps, asked);
  }
}

function readerOfText(type: TextForm, heeded: boolean, keeps: boolean, asked?: AskedForm): Reader {
  const judge = textJudgeOf(type, heeded);
  const isAsked = asked && askedOf(asked);
  if (!isAsked && judge === null) return atText(lengthReader(ANY_LENGTH, keeps));
  const lengths = lengthsOf(type);
  if (!isAsked && lengths) return atText(lengthReader(lengths, keeps));
  const holds = (read: string): boolean =>
    (judge === null || judge(read) === null) && (isAsked === undefined || isAsked(read));
  return atText(comesAgain(type) ? repeatReader(holds) : judgedReader(holds));
}

/** Whether a text of ASCII is as a schema asks. */
function askedOf(asked: AskedForm): (text: string) => boolean {
  const { pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = asked;
  const form = pattern === undefined ? null : new RegExp(pattern, 'u');
  const texts = asked.const === undefined ? asked.enum : [asked.const];
  return (text) =>
    text.length >= minLength &&
    text.length <= maxLength &&
    (form === null || form.test(text)) &&
    (texts === undefined || texts.includes(text));
}

const ANY_LENGTH = { least: 0, most: Number.POSITIVE_INFINITY };

/** Of texts that are judged by nothing but their length: of ASCII a byte is a character. */
const lengthReader =
  ({ least, most }: typeof ANY_LENGTH, keeps: boolean): TextReader =>
  (from, end) => {
    const length = end - from;
    if (length < least || length > most) return undefined;
    return keeps ? text.slice(from, end) : '';
  };

const judgedReader =
  (holds: (text: string) => boolean): TextReader =>
  (from, end) => {
    const read = text.slice(from, end);
    return holds(read) ? read : undefined;
  };

/** Of whose texts few are written, time and again: codes, currencies, countries, agents, the day's date. */
const comesAgain = (type: TextForm): boolean =>
  type.form === 'code' || type.form === 'date' || (type.form === 'text' && type.pattern !== null);
/** A BIC has 11, a date 10. */
const AGAIN_CHARACTERS_MAX = 12;
/** A power of two. */
const AGAIN_PLACES = 32;

/** What has had the form is told by what it had been read to: to compare it takes a third of judging it anew. */
function repeatReader(holds: (text: string) => boolean): TextReader {
  const known: string[] = new Array(AGAIN_PLACES).fill('');
  return (from, end) => {
    const length = end - from;
    if (length === 0 || length > AGAIN_CHARACTERS_MAX) {
      const read = text.slice(from, end);
      return holds(read) ? read : undefined;
    }
    // Of agents the first letters differ, of dates the last two.
    const mixed =
      5 * (bytes[from] as number) +
      3 * (bytes[from + 1] as number) +
      11 * (bytes[end - 2] as number) +
      (bytes[end - 1] as number);
    const place = mixed & (AGAIN_PLACES - 1);
    const likely = known[place] as string;
    if (likely.length === length && text.startsWith(likely, from)) return likely;
    const read = text.slice(from, end);
    if (!holds(read)) return undefined;
    known[place] = read;
    return read;
  };
}

function typeReader(
  type: Extract<StandardType, { form: 'all' | 'one' }>,
  keepsType: boolean,
  asked?: AskedForm,
): Reader {
  const isChoice = type.form === 'one';
  const rule = objectRuleOf(type.name);
  // What is judged as a whole is put together.
  const keeps = keepsType || rule !== undefined;
  const isClosed = asked?.additionalProperties === false;
  const elements = [...type.elements.values()].filter(
    ({ name }) => !isClosed || asked?.properties?.[name],
  );
  const read = objectReader(
    elements.map((element) => {
      const { name } = element;
      const isKept = keeps && !UNREAD.has(element.type.name);
      const askedOfIt = asked?.properties?.[name];
      return {
        name,
        isRequired: (!isChoice && element.isRequired) || asked?.required?.includes(name) === true,
        keeps: isKept,
        make: () => elementReader(element, isHeeded(type.name, name), isKept, askedOfIt),
      };
    }),
    keeps,
    isChoice,
  );
  if (rule === undefined) return read;
  return () => {
    const object = read() as Readonly<Record<string, unknown>> | undefined;
    if (object === undefined) return undefined;
    if (sketch !== null) {
      sketch.ruled.push({ object, rule });
      return object;
    }
    return rule(object) === null ? object : undefined;
  };
}

function elementReader(
  element: StandardElement,
  heeded: boolean,
  keeps: boolean,
  asked?: AskedForm,
): Reader {
  const { type, repeats, most } = element;
  const one = repeats ? asked?.items : asked;
  const reader = heeded ? makeReader(type, true, keeps, one) : readerOf(type, keeps, one);
  if (!repeats) return reader;
  return listReader(Math.min(most, asked?.maxItems ?? most), reader, keeps);
}

function listReader(most: number, reader: Reader, keeps: boolean): Reader {
  return () => {
    if (!takes(OPENING_BRACKET)) return undefined;
    const list: unknown[] = [];
    let count = 0;
    do {
      const one = reader();
      if (one === undefined || count === most) return undefined;
      if (keeps) list.push(one);
      count += 1;
    } while (takes(COMMA));
    return takes(CLOSING_BRACKET) ? list : undefined;
  };
}

interface Named {
  readonly name: string;
  readonly isRequired: boolean;
  readonly keeps: boolean;
  readonly make: () => Reader;
}

/** A name as objects have it: by another string of the same characters a member is put several times as slowly. */
const asKey = (name: string): string => Object.keys({ [name]: null })[0] as string;

/** What a member is found by in the bytes of a document. No name of the standard has less than two characters. */
function lookedFor(name: string): Pick<Member, 'codes' | keyof Written> {
  const written = Buffer.from(`${name}":`, 'latin1');
  return { codes: [...written.subarray(0, name.length)], ...inWords(written) };
}

function inWords(written: Uint8Array): Written {
  const size = written.length;
  const last = Math.max(0, size - WORD_BYTES);
  const mask = size < WORD_BYTES ? (1 << (8 * size)) - 1 : -1;
  const padded = Buffer.concat([written, new Uint8Array(WORD_BYTES)]);
  const words: number[] = [];
  for (let place = 0; place < last; place += WORD_BYTES) words.push(padded.readInt32LE(place));
  return { words: [...words, padded.readInt32LE(last) & mask], last, mask, size };
}

/**
 * @param keeps false: of an object of the form there is nothing but that
 * @param isChoice exactly one of the members is there
 */
function objectReader(named: readonly Named[], keeps: boolean, isChoice = false): Reader {
  if (named.length > MEMBERS_MAX) return () => undefined;
  const members: readonly Member[] = named.map(({ name, keeps, make }, place) => ({
    name: asKey(name),
    ...lookedFor(name),
    first: place < MASK_BITS ? 1 << place : 0,
    second: place < MASK_BITS ? 0 : 1 << (place - MASK_BITS),
    keeps,
    make,
    read: undefined,
    follower: undefined,
  }));
  const find = finder(members);
  let first = 0;
  let second = 0;
  named.forEach(({ isRequired }, place) => {
    if (!isRequired) return;
    first |= members[place]?.first ?? 0;
    second |= members[place]?.second ?? 0;
  });
  const requiredFirst = first;
  const requiredSecond = second;
  return () => {
    if (!takes(OPENING_BRACE) || depth === DEPTH_MAX) return undefined;
    depth += 1;
    const object = keeps ? {} : NOT_KEPT;
    let thereFirst = 0;
    let thereSecond = 0;
    let count = 0;
    let member: Member | null | undefined = null;
    do {
      member = find(member);
      if (member === undefined) return undefined;
      if ((thereFirst & member.first) !== 0 || (thereSecond & member.second) !== 0)
        return undefined;
      member.read ??= member.make();
      const value = member.read();
      if (value === undefined) return undefined;
      if (member.keeps) object[member.name] = value;
      thereFirst |= member.first;
      thereSecond |= member.second;
      count += 1;
    } while (takes(COMMA));
    depth -= 1;
    const isWhole =
      (thereFirst & requiredFirst) === requiredFirst &&
      (thereSecond & requiredSecond) === requiredSecond &&
      (!isChoice || count === 1);
    return isWhole && takes(CLOSING_BRACE) ? object : undefined;
  };
}

/**
 * The member whose name and colon stand at the place reached. Documents of one sender have their elements in one
 * order: what followed a member the last time is looked for first, then a table of hashes is asked.
 */
function finder(members: readonly Member[]): (before: Member | null) => Member | undefined {
  let size = 8;
  while (size < 4 * members.length) size *= 2;
  const mask = size - 1;
  const table: (Member | undefined)[] = new Array(size).fill(undefined);
  for (const member of members) {
    let slot = member.codes.reduce(hashed, 0) & mask;
    while (table[slot] !== undefined) slot = (slot + 1) & mask;
    table[slot] = member;
  }
  let leader: Member | undefined;
  return (before) => {
    if (!takes(QUOTE)) return undefined;
    const from = at;
    const likely = before === null ? leader : before.follower;
    if (likely !== undefined && standsAt(likely, from)) {
      at = from + likely.size;
      return likely;
    }
    let end = from;
    let hash = 0;
    while (bytes[end] !== QUOTE) {
      const byte = bytes[end] as number;
      if (byte === END) return undefined;
      hash = hashed(hash, byte);
      end += 1;
    }
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const member = table[slot];
      if (member === undefined) return undefined;
      if (!isNamed(member, from)) continue;
      if (before === null) leader = member;
      else before.follower = member;
      at = end + 1;
      return takes(COLON) ? member : undefined;
    }
  };
}

const hashed = (hash: number, code: number): number => (Math.imul(hash, 31) + code) | 0;

function standsAt({ words, last, mask }: Written, from: number): boolean {
  let place = from;
  for (let word = 0; word < words.length - 1; word++) {
    if (view.getInt32(place, true) !== words[word]) return false;
    place += WORD_BYTES;
  }
  return (view.getInt32(from + last, true) & mask) === words[words.length - 1];
}

/** Whether a name and its quote stand at a place. */
function isNamed({ codes }: Member, from: number): boolean {
  const { length } = codes;
  for (let place = 0; place < length; place++)
    if (codes[place] !== bytes[from + place]) return false;
  return bytes[from + length] === QUOTE;
}

/** What is as it was in a document that was read, and how another one is put together of its own texts. */
interface Shape {
  /** Before each text, with its quote. */
  readonly fixed: readonly Written[];
  /** Behind the last text. */
  readonly rest: Written;
  readonly readers: readonly TextReader[];
  /** The document of its texts; undefined: an object's rule does not hold. */
  readonly make: (texts: readonly string[]) => object | undefined;
}

/** A document that is read once more, of which each text is read as its number. */
interface Sketch {
  readonly fixed: Written[];
  readonly readers: TextReader[];
  /** Each inner object before what holds it. */
  readonly ruled: { readonly object: object; readonly rule: ObjectJudge }[];
  /** Behind the last text. */
  end: number;
}

const SHAPES_MAX = 4;
/** Of how many documents that have none of the shapes one gives its own. */
const SHAPE_EVERY = 256;
/** A larger document is as soon read as compared with four shapes. */
const SHAPE_BYTES_MAX = 8 * 1024;
const SHAPE_TEXTS_MAX = 128;
let sketch: Sketch | null = null;
/** Where the texts of the document begin and end that is read. */
const textPlaces = new Int32Array(2 * SHAPE_TEXTS_MAX);

function sketched(read: TextReader, from: number, end: number, of: Sketch): number {
  of.fixed.push(inWords(bytes.subarray(of.end, from)));
  of.end = end;
  return of.readers.push(read) - 1;
}

/**
 * @param reader of the document that was read last, whole
 * @returns null: it has too many texts
 */
function shapeOf(reader: Reader, length: number): Shape | null {
  const of: Sketch = { fixed: [], readers: [], ruled: [], end: 0 };
  sketch = of;
  let document: object;
  try {
    document = readWhole(reader, length) as object;
  } finally {
    // Left as it is, all that follows would be read as numbers, and judged by nobody.
    sketch = null;
  }
  if (of.readers.length > SHAPE_TEXTS_MAX) return null;
  return {
    fixed: of.fixed,
    rest: inWords(bytes.subarray(of.end, length)),
    readers: of.readers,
    make: makerOf(document, of.ruled),
  };
}

/** Compiled: members that are put into an object one by one take most of the time. Of names of the standard alone. */
function makerOf(document: object, ruled: Sketch['ruled']): Shape['make'] {
  const names = new Map<unknown, string>();
  const written = (value: unknown): string => {
    if (typeof value === 'number') return `texts[${value}]`;
    if (typeof value !== 'object') return String(value);
    const name = names.get(value);
    if (name !== undefined) return name;
    if (Array.isArray(value)) return `[${value.map(written)}]`;
    return `{${Object.entries(value as object).map(([key, one]) => `${key}:${written(one)}`)}}`;
  };
  const judged = ruled.map(({ object }, place) => {
    const statement = `const object${place}=${written(object)};if(rules[${place}](object${place})!==null)return;`;
    names.set(object, `object${place}`);
    return statement;
  });
  const rules = ruled.map(({ rule }) => rule);
  return new Function('rules', 'texts', `${judged.join('')}return ${written(document)}`).bind(
    null,
    rules,
  );
}

/** Whether a document has the bytes of a shape around its texts, whose places are then known. */
function isOfShape({ fixed, rest }: Shape, length: number): boolean {
  if (length < rest.size || !standsAt(rest, length - rest.size)) return false;
  let place = 0;
  let number = 0;
  for (const piece of fixed) {
    if (place + piece.size > length || !standsAt(piece, place)) return false;
    place += piece.size;
    textPlaces[number] = place;
    while (STANDS[bytes[place] as number] === 1) place += 1;
    textPlaces[number + 1] = place;
    number += 2;
  }
  return place + rest.size === length;
}

function readTexts({ readers, make }: Shape): object | undefined {
  const texts: string[] = [];
  let number = 0;
  for (const reader of readers) {
    const read = reader(textPlaces[number] as number, textPlaces[number + 1] as number);
    if (read === undefined) return undefined;
    texts.push(read);
    number += 2;
  }
  return make(texts);
}
