import type { Reason } from '../../core/settlement/reasons.ts';
import { RULES, type RuleId } from './message-rules.ts';

/** Why an authentic document cannot be cleared: the rule, the place in it, and what was expected. */
export interface Refusal {
  readonly rule: RuleId;
  /** What the rule's row says. */
  readonly reason: Reason;
  /** A JSON pointer into the document, whose whole is `/` and not the empty text of RFC 6901; or the name of a header. */
  readonly path: string;
  /** What stands there, as JSON, at most 64 characters. */
  readonly value: string;
  readonly expected: string;
  /** Place, expectation and value in one line. */
  readonly detail: string;
}

const VALUE_CHARACTERS_MAX = 64;

/** Refuses: the one way in which a document is found to break a rule. */
export function refuse(rule: RuleId, path: string, value: unknown, expected: string): Refusal {
  const found = quoted(value);
  return {
    rule,
    reason: RULES[rule].reason,
    path,
    value: found,
    expected,
    detail: `${path}: ${expected}, found ${found}`,
  };
}

/** Nothing else that is read has a reason. To look for a name takes several times as long as to read it. */
export const isRefusal = <T>(value: T | Refusal): value is Refusal =>
  typeof value === 'object' && value !== null && (value as Partial<Refusal>).reason !== undefined;

/** What XML cannot carry, though JSON can: a lone surrogate, a control character, U+FFFE, U+FFFF. */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is sought.
  /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A text in which others may have put anything, for a terminal: what would steer it is escaped. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The beginning of a value as JSON; whatever is in it, the text can be carried by any syntax. */
export function quoted(value: unknown): string {
  if (value === undefined) return 'nothing';
  // JSON has no word for it.
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number beyond 1.8e308';
  // What is cut is not written whole first: a value may be as large as its message.
  const text =
    typeof value === 'string'
      ? JSON.stringify(value.slice(0, 2 * VALUE_CHARACTERS_MAX))
      : JSON.stringify(value);
  const shown = printable(text);
  const characters = [...shown.slice(0, 2 * VALUE_CHARACTERS_MAX)];
  return characters.length <= VALUE_CHARACTERS_MAX
    ? shown
    : characters.slice(0, VALUE_CHARACTERS_MAX).join('');
}

const STEP_CHARACTERS_MAX = 64;

/** A step of a JSON pointer (RFC 6901); a name that no document should have may be as long as one. */
export const pointerStep = (name: string): string =>
  `/${JSON.stringify(name.slice(0, STEP_CHARACTERS_MAX)).slice(1, -1).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** A text of a status is Max105Text; of it there may be any number. */
export const LINE_CHARACTERS_MAX = 105;

/** What is at fault in a message where no rule is: `value` is what stands at the place, undefined: nothing. */
export interface PlacedFault {
  readonly path: string;
  readonly value: unknown;
  readonly expected: string;
}

/** A refusal as the lines that a bank is told: rule, place, value and expectation, none cut. */
export const refusalLines = ({ rule, path, value, expected }: Refusal): readonly string[] => [
  ...lines(`Rule: ${rule}`),
  ...placeLines(path, value, expected),
];

/** The same without a rule. */
export const faultLines = ({ path, value, expected }: PlacedFault): readonly string[] =>
  placeLines(path, quoted(value), expected);

const placeLines = (path: string, value: string, expected: string): readonly string[] =>
  [`Path: ${path}`, `Value: ${value}`, `Expected: ${expected}`].flatMap(lines);

/** A text in pieces of at most so many characters, none torn. */
export function linesUpTo(text: string, max: number): string[] {
  if (text.length <= max) return [text];
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / max) }, (_, line) =>
    characters.slice(line * max, (line + 1) * max).join(''),
  );
}

export const lines = (text: string): string[] => linesUpTo(text, LINE_CHARACTERS_MAX);
