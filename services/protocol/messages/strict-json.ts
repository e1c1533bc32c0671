/**
 * Parses JSON that every parser reads alike: a repeated key or a `__proto__` key is an error,
 * because two parsers may keep different values of it and then two parties would read two payments
 * out of one signature. Bytes must be UTF-8. Members that nobody knows: rules/unknown-elements-and-standard-form.ts, document.ts.
 *
 * A repeated key is found by counting. Most payloads are exactly as long as their value written without
 * blanks and escapes: then every character of theirs stands in it, and no member was overwritten. Of the
 * others the colons are counted: in valid JSON each member has one outside strings, and the parsed value
 * has one own key for each member that was not overwritten.
 */
import { isAscii } from 'node:buffer';
import { asBuffer } from '../names/as-buffer.ts';
import type { RuleId } from '../rules/message-rules.ts';
import { pointerStep } from '../rules/refusal.ts';
import { UNCARRIED } from '../rules/xml-characters.ts';

export class JsonFault extends Error {
  readonly rule: RuleId;
  /** A JSON pointer. */
  readonly path: string;
  /** What stands there; undefined where the text has no places. */
  readonly found: unknown;

  constructor(message: string, rule: RuleId = 'json-form', path = '/', found?: unknown) {
    super(message);
    this.rule = rule;
    this.path = path;
    this.found = found;
  }
}

// A byte order mark is no JSON: some parsers skip it, others do not.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
/** Deeper than any document of the standard, and shallow enough to be walked by recursion. */
const DEPTH_MAX = 64;

export function parseStrictJson(bytes: Uint8Array): unknown {
  const isPlain = isAscii(bytes);
  let text: string;
  try {
    // Most payloads are ASCII, which is decoded in a fraction of the time.
    text = isPlain ? asBuffer(bytes).toString('latin1') : decoder.decode(bytes);
  } catch {
    throw faultOf(bytes, 'the payload is not UTF-8');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw faultOf(bytes, `the payload is not JSON: ${(error as Error).message}`);
  }
  if (shortestLength(value) !== text.length) {
    const colons = colonsOutsideStrings(bytes);
    if ((isContainer(value) ? membersIn(value) : 0) !== colons)
      throw new JsonFault('the payload repeats a key inside one object', 'json-keys');
  }
  // In ASCII without escapes no such character can stand, but DEL, which XML carries.
  if (text.includes('\\') || (!isPlain && UNCARRIED.test(text))) judgeCharacters(value);
  return value;
}

/** Nesting too deep is told before all else. */
function faultOf(bytes: Uint8Array, message: string): JsonFault {
  colonsOutsideStrings(bytes);
  return new JsonFault(message);
}

const isContainer = (value: unknown): value is object =>
  typeof value === 'object' && value !== null;

/**
 * How many characters a value has as JSON without blanks and escapes: any other text of it has more. NaN, which
 * is no length, where that says nothing: of a number, whose texts are many, of nesting too deep, of `__proto__`.
 */
function shortestLength(value: unknown, depth = 0): number {
  if (typeof value === 'string') return value.length + 2;
  if (!isContainer(value)) return typeof value === 'number' ? Number.NaN : value === false ? 5 : 4;
  if (depth === DEPTH_MAX) return Number.NaN;
  // The brackets, and a comma behind each member but the last.
  let length = 1;
  if (Array.isArray(value)) for (const one of value) length += 1 + shortestLength(one, depth + 1);
  else
    for (const key in value) {
      if (key === '__proto__') return Number.NaN;
      const one = (value as Record<string, unknown>)[key];
      // Most are texts: without a call the walk takes two thirds of the time.
      length += key.length + 4;
      length += typeof one === 'string' ? one.length + 2 : shortestLength(one, depth + 1);
    }
  return Math.max(2, length);
}

/** Of what JSON.parse made: every key of an object is its own and is listed. */
function membersIn(value: object): number {
  let count = 0;
  if (Array.isArray(value)) {
    for (const one of value) if (isContainer(one)) count += membersIn(one);
    return count;
  }
  for (const key in value) {
    if (key === '__proto__') throw new JsonFault('the payload has the key __proto__', 'json-keys');
    const one = (value as Record<string, unknown>)[key];
    count += isContainer(one) ? 1 + membersIn(one) : 1;
  }
  return count;
}

/** Throws where a text or a name has a character that XML cannot carry. */
function judgeCharacters(value: unknown): void {
  const found = uncarried(value);
  if (found === null) return;
  throw new JsonFault(
    'must have only characters that XML can carry',
    'text-characters',
    found.path || '/',
    found.text,
  );
}

/** The first such text, with its place, which is put together on the way up; of a name the place of its object. */
function uncarried(value: unknown): { readonly text: string; path: string } | null {
  if (typeof value === 'string') return UNCARRIED.test(value) ? { text: value, path: '' } : null;
  if (!isContainer(value)) return null;
  // Of an array the keys are its places.
  for (const key in value) {
    if (UNCARRIED.test(key)) return { text: key, path: '' };
    const found = uncarried((value as Record<string, unknown>)[key]);
    if (found === null) continue;
    found.path = pointerStep(key) + found.path;
    return found;
  }
  return null;
}

/** Throws where brackets are nested too deep, before anything walks the value. */
function colonsOutsideStrings(bytes: Uint8Array): number {
  let count = 0;
  let depth = 0;
  const { length } = bytes;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      i += 1;
      while (i < length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
    } else if (byte === COLON) count += 1;
    else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      depth += 1;
      if (depth > DEPTH_MAX)
        throw new JsonFault(`the payload is nested more than ${DEPTH_MAX} deep`);
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) depth -= 1;
  }
  return count;
}
