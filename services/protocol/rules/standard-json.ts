/**
 * Reads a JSON document of the standard's and judges it on the way, in one pass over its bytes: parsed first
 * and then walked, a document takes twice as long. What is read is what JSON.parse would make of it.
 *
 * It vouches for the usual document and for no other: ASCII, without escapes, without a business header, of the
 * standard's form by the judges of standard-form.ts. Of any other it says nothing: that is parsed and judged
 * by itself, which tells where and why it is refused.
 */
import { isAscii } from 'node:buffer';
import { type StandardElement, type StandardType, standardMessage } from '../standard/standard.ts';
import { isHeeded, objectRuleOf, type TextForm, textJudgeOf } from './standard-form.ts';

/** What stands at the place reached, which is then behind it; undefined: nothing that is vouched for. */
type Reader = () => unknown;

interface Member {
  readonly name: string;
  /** The name's characters. */
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
/** Types may hold themselves. */
const DEPTH_MAX = 64;

// The document that is read, and the place reached: as arguments of every reader they take a fifth more.
let bytes: Uint8Array = new Uint8Array(0);
let text = '';
let at = 0;
let depth = 0;

/** What the document says; undefined: parse it and judge it. */
export function readStandardJson(payload: Uint8Array, messageType: string): object | undefined {
  if (!isAscii(payload)) return undefined;
  const reader = messages.get(messageType) ?? readMessage(messageType);
  bytes = payload;
  text = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('latin1');
  at = 0;
  depth = 0;
  skipSpace();
  const document = reader();
  skipSpace();
  return at === bytes.length ? (document as object | undefined) : undefined;
}

const messages = new Map<string, Reader>();

/** @throws RangeError for a message that the table has not */
function readMessage(messageType: string): Reader {
  const message = standardMessage(messageType);
  if (!message) throw new RangeError(`${messageType} is no message of the standard`);
  const { outer, inner, type } = message;
  const body = readerOf(type, true);
  const reader = only(outer, inner === null ? body : only(inner, body));
  messages.set(messageType, reader);
  return reader;
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

function readText(): string | undefined {
  if (!takes(QUOTE)) return undefined;
  const from = at;
  const source = bytes;
  let end = from;
  let byte = source[end];
  while (byte !== QUOTE) {
    // Behind the last byte there is none.
    if (byte === undefined || byte === BACKSLASH || byte < SPACE) return undefined;
    end += 1;
    byte = source[end];
  }
  at = end + 1;
  return text.slice(from, end);
}

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
  'RegulatoryReporting3',
  'RemittanceInformation16',
  'RemittanceInformation2',
  'RemittanceLocation7',
  'TaxInformation8',
]);

/** What is read of what is not kept. */
const NOT_KEPT: Record<string, unknown> = Object.freeze({});

const kept = new Map<StandardType, Reader>();
const unkept = new Map<StandardType, Reader>();

function readerOf(type: StandardType, keeps: boolean): Reader {
  const readers = keeps ? kept : unkept;
  const known = readers.get(type);
  if (known) return known;
  const reader = makeReader(type, false, keeps);
  readers.set(type, reader);
  return reader;
}

function makeReader(type: StandardType, heeded: boolean, keeps: boolean): Reader {
  switch (type.form) {
    case 'all':
    case 'one':
      return typeReader(type, keeps);
    case 'amount':
      return objectReader(
        [
          {
            ...{ name: 'Ccy', isRequired: true, keeps },
            make: () => makeReader(type.currency, false, keeps),
          },
          {
            ...{ name: 'Amt', isRequired: true, keeps },
            make: () => makeReader(type.amount, heeded, keeps),
          },
        ],
        keeps,
      );
    case 'any':
      return () => undefined;
    case 'boolean':
      return readBoolean;
    default:
      return textReader(type, heeded);
  }
}

function textReader(type: TextForm, heeded: boolean): Reader {
  const judge = textJudgeOf(type, heeded);
  if (judge === null) return readText;
  return () => {
    const read = readText();
    return read !== undefined && judge(read) === null ? read : undefined;
  };
}

function typeReader(
  type: Extract<StandardType, { form: 'all' | 'one' }>,
  keepsType: boolean,
): Reader {
  const isChoice = type.form === 'one';
  const rule = objectRuleOf(type.name);
  // What is judged as a whole is put together.
  const keeps = keepsType || rule !== undefined;
  const read = objectReader(
    [...type.elements.values()].map((element) => {
      const { name } = element;
      const isKept = keeps && !UNREAD.has(element.type.name);
      return {
        name,
        isRequired: !isChoice && element.isRequired,
        keeps: isKept,
        make: () => elementReader(element, isHeeded(type.name, name), isKept),
      };
    }),
    keeps,
    isChoice,
  );
  if (rule === undefined) return read;
  return () => {
    const object = read();
    return object !== undefined && rule(object as Readonly<Record<string, unknown>>) === null
      ? object
      : undefined;
  };
}

function elementReader(element: StandardElement, heeded: boolean, keeps: boolean): Reader {
  const reader = heeded ? makeReader(element.type, true, keeps) : readerOf(element.type, keeps);
  return element.repeats ? listReader(element.most, reader, keeps) : reader;
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

/**
 * @param keeps false: of an object of the form there is nothing but that
 * @param isChoice exactly one of the members is there
 */
function objectReader(named: readonly Named[], keeps: boolean, isChoice = false): Reader {
  if (named.length > MEMBERS_MAX) return () => undefined;
  const members: readonly Member[] = named.map(({ name, keeps, make }, place) => ({
    name: asKey(name),
    codes: [...name].map((sign) => sign.charCodeAt(0)),
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
    const source = bytes;
    const from = at;
    const likely = before === null ? leader : before.follower;
    if (likely !== undefined && isNamed(likely, source, from)) {
      at = from + likely.codes.length + 1;
      return takes(COLON) ? likely : undefined;
    }
    let end = from;
    let hash = 0;
    let byte = source[end];
    while (byte !== QUOTE) {
      if (byte === undefined) return undefined;
      hash = hashed(hash, byte);
      end += 1;
      byte = source[end];
    }
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const member = table[slot];
      if (member === undefined) return undefined;
      if (!isNamed(member, source, from)) continue;
      if (before === null) leader = member;
      else before.follower = member;
      at = end + 1;
      return takes(COLON) ? member : undefined;
    }
  };
}

const hashed = (hash: number, code: number): number => (Math.imul(hash, 31) + code) | 0;

/** Whether a name and its quote stand at a place. */
function isNamed({ codes }: Member, source: Uint8Array, from: number): boolean {
  const { length } = codes;
  for (let place = 0; place < length; place++)
    if (codes[place] !== source[from + place]) return false;
  return source[from + length] === QUOTE;
}
