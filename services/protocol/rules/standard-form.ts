/**
 * Holds a document against the standard's own table: which elements it may have, how often, and what
 * texts. What Corridor heeds is judged more closely by the document's own schema, before this.
 */
import { closest } from 'fastest-levenshtein';
import { isIsoDate, isIsoDateTime } from '../names/dates.ts';
import { type StandardElement, type StandardType, standardMessage } from '../standard/standard.ts';
import { isIban, isLei } from './check-digits.ts';
import { judgeAddress } from './postal-address.ts';
import { pointerStep, type Refusal, refuse } from './refusal.ts';
import type { RuleId } from './rules.ts';

/** Found on the way down; the path is completed on the way up. */
interface Fault {
  readonly rule: RuleId;
  path: string;
  readonly value: unknown;
  readonly expected: string;
}

const fault = (rule: RuleId, value: unknown, expected: string): Fault => ({
  rule,
  path: '',
  value,
  expected,
});

const within = (found: Fault, step: string | number): Fault => {
  found.path = `${typeof step === 'number' ? `/${step}` : pointerStep(step)}${found.path}`;
  return found;
};

/** What settlement depends on: digits and calendar are judged where it is read. */
const HEEDED: ReadonlySet<string> = new Set([
  'IntrBkSttlmAmt',
  'InstdAmt',
  'XchgRate',
  'IntrBkSttlmDt',
]);

/** Beside the document its header may stand (head.001). */
const HEADER = 'AppHdr';

/**
 * What of a document the standard has not, or null.
 * @param messageType one whose schema the table has
 * @throws RangeError for another
 */
export function judgeStandardForm(document: object, messageType: string): Refusal | null {
  const message = standardMessage(messageType);
  if (!message?.inner) throw new RangeError(`${messageType} is no document of the standard`);
  const { outer, inner, type } = message;
  const found = inObject(document, [outer, HEADER], (name, value) => {
    if (name === HEADER) return null;
    return inObject(value as object, [inner], (_, transfer) => judgeValue(transfer, type, false));
  });
  return found && refuse(found.rule, found.path || '/', found.value, found.expected);
}

function inObject(
  object: object,
  names: readonly string[],
  judge: (name: string, value: unknown) => Fault | null,
): Fault | null {
  for (const name in object) {
    const value = (object as Record<string, unknown>)[name];
    const found = names.includes(name) ? judge(name, value) : unknownElement(value, name, names);
    if (found) return within(found, name);
  }
  return null;
}

function unknownElement(value: unknown, name: string, names: readonly string[]): Fault {
  const nearest = closest(name.slice(0, 64), names as string[]);
  return fault(
    'element-known',
    value,
    `must not have ${JSON.stringify(name.slice(0, 35))}: the nearest name is "${nearest}"`,
  );
}

function judgeValue(value: unknown, type: StandardType, isHeeded: boolean): Fault | null {
  switch (type.form) {
    case 'all':
    case 'one':
      return judgeObject(value, type);
    case 'amount':
      return judgeAmount(value, type, isHeeded);
    case 'any':
      return null;
    case 'boolean':
      // In XML it is a text.
      return typeof value === 'boolean' || BOOLEANS.has(value)
        ? null
        : fault('element-form', value, 'must be true or false');
    default:
      if (typeof value !== 'string') return fault('element-form', value, 'must be string');
      return judgeText(value, type, isHeeded);
  }
}

function judgeObject(
  value: unknown,
  type: Extract<StandardType, { form: 'all' | 'one' }>,
): Fault | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fault('element-form', value, 'must be object');
  const { elements, required } = type;
  let count = 0;
  for (const name in value) {
    count += 1;
    const one = (value as Record<string, unknown>)[name];
    const element = elements.get(name);
    const found = element
      ? judgeElement(one, element)
      : unknownElement(one, name, [...elements.keys()]);
    if (found) return within(found, name);
  }
  for (const name of required)
    if (!(name in value))
      return fault('element-required', value, `must have required property '${name}'`);
  if (type.form === 'one' && count !== 1)
    return fault('element-choice', value, `must have one of ${[...elements.keys()].join(', ')}`);
  const rule = TYPE_RULES[type.name];
  return rule ? rule(value as Readonly<Record<string, unknown>>) : null;
}

function judgeElement(
  value: unknown,
  { name, repeats, most, type }: StandardElement,
): Fault | null {
  const isHeeded = HEEDED.has(name);
  if (!repeats) return judgeValue(value, type, isHeeded);
  if (!Array.isArray(value)) return fault('element-form', value, 'must be array');
  if (value.length === 0) return fault('element-required', value, 'must have at least 1 item');
  if (value.length > most)
    return fault('element-count', value, `must NOT have more than ${most} items`);
  for (let index = 0; index < value.length; index++) {
    const found = judgeValue(value[index], type, isHeeded);
    if (found) return within(found, index);
  }
  return null;
}

const AMOUNT_NAMES = ['Ccy', 'Amt'];

function judgeAmount(
  value: unknown,
  { currency, amount }: Extract<StandardType, { form: 'amount' }>,
  isHeeded: boolean,
): Fault | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fault('amount-form', value, 'must be object');
  const found = inObject(value, AMOUNT_NAMES, (name, text) =>
    judgeValue(text, name === 'Ccy' ? currency : amount, isHeeded),
  );
  if (found) return found;
  const missing = AMOUNT_NAMES.find((name) => !(name in value));
  return missing === undefined
    ? null
    : fault('element-required', value, `must have required property '${missing}'`);
}

const BOOLEANS: ReadonlySet<unknown> = new Set(['true', 'false', '1', '0']);
const DECIMAL = /^[+-]?(?:[0-9]+(?:\.([0-9]*))?|\.([0-9]+))$/;
const TIME =
  /^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?$/;
const YEAR = /^[0-9]{4}$/;
const YEAR_MONTH = /^[0-9]{4}-(?:0[1-9]|1[0-2])$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Of texts by the name of their type: what they are beyond their form, and which rule says so. */
const TEXT_RULES: Readonly<Record<string, (text: string) => Fault | null>> = {
  IBAN2007Identifier: (text) =>
    isIban(text)
      ? null
      : fault(
          'iban-check-digits',
          text,
          "must have its country's length and check digits that fit",
        ),
  LEIIdentifier: (text) =>
    isLei(text) ? null : fault('lei-check-digits', text, 'must have check digits that fit'),
};

/** What else stands in an object of a type is judged by these. */
const TYPE_RULES: Readonly<
  Record<string, (object: Readonly<Record<string, unknown>>) => Fault | null>
> = {
  PostalAddress24: (address) => {
    const found = judgeAddress(address);
    return found && { ...found };
  },
};

/** Which rule says that a text has not the form of its type. */
const FORM_RULES: Readonly<Record<string, RuleId>> = {
  BICFIDec2014Identifier: 'bic-form',
  AnyBICDec2014Identifier: 'bic-form',
  UUIDv4Identifier: 'uetr-form',
};

function judgeText(
  text: string,
  type: Exclude<StandardType, { form: 'all' | 'one' | 'amount' | 'any' }>,
  isHeeded: boolean,
): Fault | null {
  switch (type.form) {
    case 'text': {
      const { name, least, most, pattern } = type;
      // Of characters above U+FFFF two units are one character.
      if (text.length < least || (text.length > most && [...text].length > most))
        return fault('text-form', text, `must have ${least} to ${most} characters`);
      if (pattern && !pattern.test(text))
        return fault(
          FORM_RULES[name] ?? 'text-form',
          text,
          `must match pattern "${pattern.source}"`,
        );
      return TEXT_RULES[name]?.(text) ?? null;
    }
    case 'code':
      return type.codes.includes(text)
        ? null
        : fault('code-form', text, `must be ${type.codes.map((code) => `"${code}"`).join(' or ')}`);
    case 'decimal':
      return isHeeded ? null : judgeDecimal(text, type);
    case 'date':
      return isHeeded || isIsoDate(text)
        ? null
        : fault('date-form', text, 'must be a date, YYYY-MM-DD');
    case 'dateTime':
      return isIsoDateTime(text)
        ? null
        : fault('date-time-form', text, 'must be a date with a time, YYYY-MM-DDThh:mm:ss');
    case 'time':
      return TIME.test(text) ? null : fault('time-form', text, 'must be a time, hh:mm:ss');
    case 'gYear':
      return YEAR.test(text) ? null : fault('date-form', text, 'must be a year, YYYY');
    case 'base64Binary':
      return BASE64.test(text) && text.length <= Math.ceil(type.most / 3) * 4
        ? null
        : fault('text-form', text, `must be base64 of at most ${type.most} bytes`);
    default:
      return YEAR_MONTH.test(text) ? null : fault('date-form', text, 'must be a month, YYYY-MM');
  }
}

function judgeDecimal(
  text: string,
  { digits, fraction, isSigned }: Extract<StandardType, { form: 'decimal' }>,
): Fault | null {
  const read = DECIMAL.exec(text);
  if (!read) return fault('amount-form', text, 'must be decimal digits');
  const [whole = '', decimals = ''] = text.replace(/^[+-]?0*/, '').split('.') as [string, string?];
  const significant = decimals.replace(/0+$/, '');
  if (whole.length + significant.length > digits || significant.length > fraction)
    return fault(
      'amount-form',
      text,
      `must have at most ${digits} digits, ${fraction} of them decimals`,
    );
  if (!isSigned && text.startsWith('-') && /[1-9]/.test(text))
    return fault('amount-form', text, 'must not be negative');
  return null;
}
