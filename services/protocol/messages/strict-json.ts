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
import { asBuffer, firstNotUtf8 } from '../names/as-buffer.ts';
import type { RuleId } from '../rules/message-rules.ts';
import { pointerStep } from '../rules/refusal.ts';
import { UNCARRIED } from '../rules/xml-characters.ts';

export class JsonFault extends Error {
  readonly rule: RuleId;
  /** As of a Refusal. */
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
const BYTE_ORDER_MARK = '\ufeff';
const UNMARKED = 'must be JSON without a byte order mark before it';
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
/** Which name some parsers take for what an object inherits from. */
const PROTO = '__proto__';

export function parseStrictJson(bytes: Uint8Array): unknown {
  const isPlain = isAscii(bytes);
  let text: string;
  try {
    // Most payloads are ASCII, which is decoded in a fraction of the time.
    text = isPlain ? asBuffer(bytes).toString('latin1') : decoder.decode(bytes);
  } catch {
    throw faultOf(bytes, `must be UTF-8: byte ${firstNotUtf8(bytes)} is not`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    throw faultOf(bytes, text.startsWith(BYTE_ORDER_MARK) ? UNMARKED : `must be JSON: ${message}`);
  }
  if (shortestLength(value) !== text.length) {
    const colons = colonsOutsideStrings(bytes);
    if ((isContainer(value) ? membersIn(value) : 0) !== colons) throw memberFault(value, text);
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
      if (key === PROTO) return Number.NaN;
      const one = (value as Record<string, unknown>)[key];
      // Most are texts: without a call the walk takes two thirds of the time.
      length += key.length + 4;
      length += typeof one === 'string' ? one.length + 2 : shortestLength(one, depth + 1);
    }
  return Math.max(2, length);
}

/** Of what JSON.parse made: every key of an object is its own and is listed. NaN where one is `__proto__`. */
function membersIn(value: object): number {
  let count = 0;
  if (Array.isArray(value)) {
    for (const one of value) if (isContainer(one)) count += membersIn(one);
    return count;
  }
  for (const key in value) {
    if (key === PROTO) return Number.NaN;
    const one = (value as Record<string, unknown>)[key];
    count += isContainer(one) ? 1 + membersIn(one) : 1;
  }
  return count;
}

/** Texts and what is around them. Numbers, literals, colons and blanks say nothing of where a member stands. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;

interface Container {
  /** Of the members so far; null: it is an array. */
  readonly names: Set<string> | null;
  /** The member or the place that is being read. */
  step: string | number;
  /** The next text is a member's name. */
  awaitsName: boolean;
}

/** The first member, in a text that is JSON, that stands a second time or has a name that it must not have. */
function memberFault(value: unknown, text: string): JsonFault {
  const open: Container[] = [];
  for (const [token] of text.matchAll(TOKENS)) {
    const inside = open[open.length - 1];
    if (token === '{') open.push({ names: new Set(), step: '', awaitsName: true });
    else if (token === '[') open.push({ names: null, step: 0, awaitsName: false });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',') {
      if (typeof inside?.step === 'number') inside.step += 1;
      else if (inside) inside.awaitsName = true;
    } else if (inside?.awaitsName) {
      const name: string = JSON.parse(token);
      inside.step = name;
      inside.awaitsName = false;
      const isTwice = inside.names?.has(name);
      if (isTwice || name === PROTO)
        return placedFault(
          value,
          open.map(({ step }) => step),
          isTwice ? 'must stand once in its object' : `must not have the name ${PROTO}`,
        );
      inside.names?.add(name);
    }
  }
  return new JsonFault('must have no name twice in an object', 'json-keys');
}

/** Where a name stands twice, what stands there is what came last. */
function placedFault(
  value: unknown,
  steps: readonly (string | number)[],
  expected: string,
): JsonFault {
  const path = steps.map((step) => pointerStep(String(step))).join('');
  const found = steps.reduce<unknown>(
    // It may not be there any more: what is around it may stand twice too.
    (at, step) => (isContainer(at) ? Object.getOwnPropertyDescriptor(at, step)?.value : undefined),
    value,
  );
  return new JsonFault(expected, 'json-keys', path, found);
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
      if (depth > DEPTH_MAX) throw new JsonFault(`must be nested at most ${DEPTH_MAX} deep`);
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) depth -= 1;
  }
  return count;
}
