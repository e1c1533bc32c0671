/**
 * Parses JSON that every parser reads alike: a repeated key or a `__proto__` key is an error,
 * because two parsers may keep different values of it and then two parties would read two payments
 * out of one signature. Bytes must be UTF-8.
 *
 * A repeated key is found by counting: in valid JSON each member has one colon outside strings, and
 * the parsed value has one own key for each member that was not overwritten.
 */
import { isAscii } from 'node:buffer';
import { UNCARRIED } from '../rules/characters.ts';
import { pointerStep } from '../rules/refusal.ts';
import type { RuleId } from '../rules/rules.ts';

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
  const colons = colonsOutsideStrings(bytes);
  const isPlain = isAscii(bytes);
  let text: string;
  try {
    // Most payloads are ASCII, which is decoded in a fraction of the time.
    text = isPlain
      ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
      : decoder.decode(bytes);
  } catch {
    throw new JsonFault('the payload is not UTF-8');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new JsonFault(`the payload is not JSON: ${(error as Error).message}`);
  }
  if ((isContainer(value) ? membersIn(value) : 0) !== colons)
    throw new JsonFault('the payload repeats a key inside one object', 'json-keys');
  // In ASCII without escapes no such character can stand, but DEL, which XML carries.
  if (!isPlain || text.includes('\\')) judgeCharacters(value, '');
  return value;
}

const isContainer = (value: unknown): value is object =>
  typeof value === 'object' && value !== null;

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
function judgeCharacters(value: unknown, path: string): void {
  if (typeof value === 'string') {
    if (UNCARRIED.test(value))
      throw new JsonFault(
        'must have only characters that XML can carry',
        'text-characters',
        path || '/',
        value,
      );
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    judgeCharacters(key, path);
    judgeCharacters(one, path + pointerStep(key));
  }
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
