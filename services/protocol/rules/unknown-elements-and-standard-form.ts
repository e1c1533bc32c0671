/**
 * Holds a document against the standard's own table: which elements it may have, how often, and what
 * texts. What Corridor heeds is judged more closely by the document's own schema, before this
 * (`messages/credit-transfer.ts` and its like; `formRefusal` in `messages/document.ts` words the refusal).
 *
 * Of each type of the table a judge is made once, when a document first has the type: a message has
 * hundreds of elements, and of a type all that can be known ahead is.
 */
import { closest, distance } from 'fastest-levenshtein';
import { isIsoDate, isIsoDateTime } from '../names/dates.ts';
import {
  type StandardElement,
  type StandardType,
  standardMessage,
  standardType,
} from '../standard/read-iso20022-types.ts';
import { isIban, isLei } from './check-digits.ts';
import type { RuleId } from './message-rules.ts';
import { judgeAddress } from './postal-address.ts';
import { pointerStep, type Refusal, refuse } from './refusal.ts';

/** Found on the way down; the path is completed on the way up. */
interface Fault {
  readonly rule: RuleId;
  path: string;
  readonly value: unknown;
  readonly expected: string;
}

type Judge = (value: unknown) => Fault | null;
export type TextJudge = (text: string) => Fault | null;
export type ObjectJudge = (object: Readonly<Record<string, unknown>>) => Fault | null;

const fault = (rule: RuleId, value: unknown, expected: string, path = ''): Fault => ({
  rule,
  path,
  value,
  expected,
});

const within = (found: Fault, step: string | number): Fault => {
  found.path = `${typeof step === 'number' ? `/${step}` : pointerStep(step)}${found.path}`;
  return found;
};

/**
 * What settlement depends on, by the type of what it stands in: its digits and its calendar are judged
 * where it is read. Elsewhere elements of these names are like any other.
 */
const HEEDED: Readonly<Record<string, readonly string[]>> = {
  CreditTransferTransaction39: ['IntrBkSttlmAmt', 'InstdAmt', 'XchgRate', 'IntrBkSttlmDt'],
  CreditTransferTransaction36: ['IntrBkSttlmAmt', 'IntrBkSttlmDt'],
};
export const isHeeded = (typeName: string, element: string): boolean =>
  HEEDED[typeName]?.includes(element) ?? false;

/** Beside the document its header may stand (head.001), which is judged by itself. */
const HEADER = 'AppHdr';

/**
 * What of a document the standard has not, or null.
 * @param messageType one whose schema the table has
 * @throws RangeError for another
 */
export function judgeStandardForm(document: object, messageType: string): Refusal | null {
  const message = messages.get(messageType) ?? readMessage(messageType);
  const found = message(document);
  return found && refusalOf(found);
}

/** The same of an element: what stands at a place of a document, which has a type of the standard's. */
export function judgeStandardType(value: unknown, typeName: string, path: string): Refusal | null {
  const found = judgeOf(standardType(typeName))(value);
  if (!found) return null;
  found.path = path + found.path;
  return refusalOf(found);
}

const refusalOf = ({ rule, path, value, expected }: Fault): Refusal =>
  refuse(rule, path || '/', value, expected);

const messages = new Map<string, Judge>();

function readMessage(messageType: string): Judge {
  const message = standardMessage(messageType);
  if (!message) throw new RangeError(`${messageType} is no message of the standard`);
  const { outer, inner, type } = message;
  const body = judgeOf(type);
  const judgeOuter = inner === null ? body : members({ [inner]: body });
  const judge = members(
    outer === HEADER ? { [outer]: judgeOuter } : { [outer]: judgeOuter, [HEADER]: () => null },
  );
  messages.set(messageType, judge);
  return judge;
}

/** A judge of objects that have some of these members and no others. */
function members(judges: Readonly<Record<string, Judge>>): Judge {
  const byName = new Map(Object.entries(judges));
  const names = [...byName.keys()];
  return (object) => {
    for (const name in object as object) {
      const value = (object as Record<string, unknown>)[name];
      const judge = byName.get(name);
      const found = judge ? judge(value) : unknownElement(value, name, names);
      if (found) return within(found, name);
    }
    return null;
  };
}

const unknownElement = (value: unknown, name: string, names: readonly string[]): Fault =>
  fault('element-known', value, mustNotHave(name, names));

/**
 * That an element is none of these, with the one that was probably meant: at most every second letter of both is another.
 */
export function mustNotHave(name: string, names: readonly string[]): string {
  const begun = name.slice(0, 64);
  const nearest = names.length === 0 ? '' : closest(begun, names as string[]);
  const isNear = 2 * distance(begun, nearest) <= Math.max(begun.length, nearest.length);
  const hint = isNear ? `: the nearest name is "${nearest}"` : '';
  return `must not have ${JSON.stringify(name.slice(0, 35))}${hint}`;
}

const judges = new Map<StandardType, Judge>();

function judgeOf(type: StandardType): Judge {
  const known = judges.get(type);
  if (known) return known;
  const judge = makeJudge(type);
  judges.set(type, judge);
  return judge;
}

/** What is heeded has the form of its type but for its digits and its calendar. */
const HEEDED_FORMS: ReadonlySet<string> = new Set(['decimal', 'date']);
const isText: Judge = (value) =>
  typeof value === 'string' ? null : fault('element-form', value, 'must be string');

function makeJudge(type: StandardType, heeded = false): Judge {
  switch (type.form) {
    case 'all':
    case 'one':
      return objectJudge(type);
    case 'amount':
      return amountJudge(type, heeded);
    case 'any':
      return () => null;
    case 'boolean':
      return (value) =>
        typeof value === 'boolean' ? null : fault('element-form', value, 'must be true or false');
    default: {
      const judge = textJudgeOf(type, heeded);
      if (judge === null) return isText;
      return (value) =>
        typeof value === 'string' ? judge(value) : fault('element-form', value, 'must be string');
    }
  }
}

/** What judges a text of a type; null: any text has the form. */
export const textJudgeOf = (type: TextForm, heeded: boolean): TextJudge | null =>
  heeded && HEEDED_FORMS.has(type.form) ? null : textJudge(type);

/** Between which lengths texts of a type are, where nothing else is judged of them; null: more is. */
export const lengthsOf = (
  type: TextForm,
): { readonly least: number; readonly most: number } | null =>
  type.form === 'text' && type.pattern === null && TEXT_RULES[type.name] === undefined
    ? type
    : null;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectJudge(type: Extract<StandardType, { form: 'all' | 'one' }>): Judge {
  const { name: typeName, form, required } = type;
  const names = [...type.elements.keys()];
  const elements = new Map(
    [...type.elements].map(([name, element]) => [
      name,
      judgedElement(element, isHeeded(typeName, name)),
    ]),
  );
  const rule = objectRuleOf(typeName);
  return (value) => {
    if (!isObject(value)) return fault('element-form', value, 'must be object');
    let count = 0;
    let requiredCount = 0;
    for (const name in value) {
      const element = elements.get(name);
      const one = value[name];
      if (element === undefined) return within(unknownElement(one, name, names), name);
      const found = element.judge(one);
      if (found) return within(found, name);
      count += 1;
      if (element.isRequired) requiredCount += 1;
    }
    if (form === 'one')
      return count === 1
        ? null
        : fault('element-choice', value, `must have one of ${names.join(', ')}`);
    if (requiredCount < required.length)
      return fault(
        'element-required',
        value,
        `must have required property '${required.find((name) => !(name in value))}'`,
      );
    return rule === undefined ? null : rule(value);
  };
}

interface JudgedElement {
  readonly isRequired: boolean;
  judge: Judge;
}

/** Its judge is made when the element first stands in a document: a type may hold itself. */
function judgedElement(element: StandardElement, heeded: boolean): JudgedElement {
  const judged: JudgedElement = {
    isRequired: element.isRequired,
    judge(value) {
      const judge = heeded ? makeJudge(element.type, true) : judgeOf(element.type);
      judged.judge = element.repeats ? listJudge(element, judge) : judge;
      return judged.judge(value);
    },
  };
  return judged;
}

const listJudge =
  ({ most }: StandardElement, judge: Judge): Judge =>
  (value) => {
    if (!Array.isArray(value)) return fault('element-form', value, 'must be array');
    if (value.length === 0) return fault('element-required', value, 'must have at least 1 item');
    if (value.length > most)
      return fault('element-count', value, `must NOT have more than ${most} items`);
    for (let index = 0; index < value.length; index++) {
      const found = judge(value[index]);
      if (found) return within(found, index);
    }
    return null;
  };

function amountJudge(
  { currency, amount }: Extract<StandardType, { form: 'amount' }>,
  heeded: boolean,
): Judge {
  const judge = members({ Ccy: makeJudge(currency), Amt: makeJudge(amount, heeded) });
  return (value) => {
    if (!isObject(value)) return fault('amount-form', value, 'must be object');
    const found = judge(value);
    if (found) return found;
    if (value.Ccy !== undefined && value.Amt !== undefined) return null;
    const missing = value.Ccy === undefined ? 'Ccy' : 'Amt';
    return fault('element-required', value, `must have required property '${missing}'`);
  };
}

const TIME =
  /^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?$/;
const YEAR = /^[0-9]{4}$/;
const YEAR_MONTH = /^[0-9]{4}-(?:0[1-9]|1[0-2])$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Of texts by the name of their type: what they are beyond their form, and which rule says so. */
const TEXT_RULES: Readonly<Record<string, TextJudge>> = {
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

/** Of objects by the name of their type: what their elements say together. */
const OBJECT_RULES: Readonly<Record<string, ObjectJudge>> = {
  PostalAddress24: (address) => {
    const found = judgeAddress(address);
    return found && fault(found.rule, found.value, found.expected, found.path);
  },
};

/** Which rule says that a text has not the form of its type. */
const FORM_RULES: Readonly<Record<string, RuleId>> = {
  BICFIDec2014Identifier: 'bic-form',
  AnyBICDec2014Identifier: 'bic-form',
  UUIDv4Identifier: 'uetr-form',
};

export const objectRuleOf = (typeName: string): ObjectJudge | undefined => OBJECT_RULES[typeName];

/** In JSON a text; of a boolean the judge is one of its text in XML. */
export type TextForm = Exclude<
  StandardType,
  { form: 'all' | 'one' | 'amount' | 'any' | 'boolean' }
>;

function textJudge(type: TextForm): TextJudge {
  const when =
    (holds: (text: string) => boolean, rule: RuleId, expected: string): TextJudge =>
    (text) =>
      holds(text) ? null : fault(rule, text, expected);
  switch (type.form) {
    case 'text':
      return plainTextJudge(type);
    case 'code': {
      const codes = new Set(type.codes);
      const expected = `must be ${type.codes.map((code) => `"${code}"`).join(' or ')}`;
      return when((text) => codes.has(text), 'code-form', expected);
    }
    case 'decimal':
      return decimalJudge(type);
    case 'date':
      return when(isIsoDate, 'date-form', 'must be a date that the calendar has, YYYY-MM-DD');
    case 'dateTime':
      return when(
        isIsoDateTime,
        'date-time-form',
        'must be a date that the calendar has, with a time: YYYY-MM-DDThh:mm:ss',
      );
    case 'time':
      return when((text) => TIME.test(text), 'time-form', 'must be a time, hh:mm:ss');
    case 'gYear':
      return when((text) => YEAR.test(text), 'date-form', 'must be a year, YYYY');
    case 'base64Binary': {
      const characters = Math.ceil(type.most / 3) * 4;
      return when(
        (text) => text.length <= characters && BASE64.test(text),
        'text-form',
        `must be base64 of at most ${type.most} bytes`,
      );
    }
    default:
      return when((text) => YEAR_MONTH.test(text), 'date-form', 'must be a month, YYYY-MM');
  }
}

function plainTextJudge(type: Extract<StandardType, { form: 'text' }>): TextJudge {
  const { name, least, most, pattern } = type;
  const formRule = FORM_RULES[name] ?? 'text-form';
  const rule = TEXT_RULES[name];
  return (text) => {
    // Of characters above U+FFFF two units are one character.
    if (text.length < least || (text.length > most && [...text].length > most))
      return fault('text-form', text, `must have ${least} to ${most} characters`);
    if (pattern !== null && !pattern.test(text))
      return fault(formRule, text, `must match pattern "${pattern.source}"`);
    return rule === undefined ? null : rule(text);
  };
}

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const POINT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;

/** Zeros before the whole number and behind the decimals are no digits of it. */
function decimalJudge({
  digits,
  fraction,
  isSigned,
}: Extract<StandardType, { form: 'decimal' }>): TextJudge {
  const tooLong = `must have at most ${digits} digits, ${fraction} of them decimals`;
  return (text) => {
    const first = text.charCodeAt(0);
    let written = 0;
    let whole = 0;
    let decimals = -1;
    let significant = 0;
    let isZero = true;
    for (let at = first === PLUS || first === MINUS ? 1 : 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === POINT && decimals < 0) {
        decimals = 0;
        continue;
      }
      if (code < DIGIT_0 || code > DIGIT_9) return fault('amount-form', text, NO_DECIMAL);
      written += 1;
      if (code !== DIGIT_0) isZero = false;
      if (decimals >= 0) {
        decimals += 1;
        if (code !== DIGIT_0) significant = decimals;
      } else if (whole > 0 || code !== DIGIT_0) whole += 1;
    }
    if (written === 0) return fault('amount-form', text, NO_DECIMAL);
    if (whole + significant > digits || significant > fraction)
      return fault('amount-form', text, tooLong);
    return first === MINUS && !isSigned && !isZero
      ? fault('amount-form', text, 'must not be negative')
      : null;
  };
}

const NO_DECIMAL = 'must be decimal digits';
