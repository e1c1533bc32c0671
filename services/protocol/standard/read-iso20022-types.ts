/**
 * The standard's types as something to walk: what iso20022-types.ts has in a line each, read when first needed.
 *
 *   all A:T B?:T C*:T D+7:T   an object with these elements, in this order in XML; ? at most one, * any
 *                             number, + at least one; a number behind it: at most so many. What may stand
 *                             more than once is an array in JSON
 *   one A:T B:T               an object with exactly one of these
 *   amount C D                a decimal of type D with the currency C: in XML as the attribute Ccy, in
 *                             JSON {"Ccy": ..., "Amt": ...}
 *   any                       anything
 *   text [MIN MAX [PATTERN]]  a text of so many characters; pattern P: a text of this form
 *   code A B C                one of these texts
 *   decimal DIGITS FRACTION [MIN], boolean, date, dateTime, time, gYear, gYearMonth, base64Binary MIN MAX
 *
 * In JSON a boolean is true or false, and everything else a text.
 */
import { ROOTS, TYPES } from './iso20022-types.ts';

export interface StandardElement {
  readonly name: string;
  readonly isRequired: boolean;
  /** Infinity: no bound. */
  readonly most: number;
  /** Whether it may stand more than once, and so is an array in JSON. */
  readonly repeats: boolean;
  readonly type: StandardType;
}

export type StandardType =
  | {
      readonly form: 'all' | 'one';
      readonly name: string;
      readonly elements: ReadonlyMap<string, StandardElement>;
      readonly required: readonly string[];
    }
  | {
      readonly form: 'amount';
      readonly name: string;
      readonly currency: StandardType;
      readonly amount: StandardType;
    }
  | { readonly form: 'any'; readonly name: string }
  | {
      readonly form: 'text';
      readonly name: string;
      readonly least: number;
      readonly most: number;
      readonly pattern: RegExp | null;
    }
  | { readonly form: 'code'; readonly name: string; readonly codes: readonly string[] }
  | {
      readonly form: 'decimal';
      readonly name: string;
      readonly digits: number;
      readonly fraction: number;
      readonly isSigned: boolean;
    }
  | {
      readonly form: 'boolean' | 'date' | 'dateTime' | 'time' | 'gYear' | 'gYearMonth';
      readonly name: string;
    }
  | { readonly form: 'base64Binary'; readonly name: string; readonly most: number };

/** A message of the standard: the element that it begins with, and what is in it. */
export interface StandardMessage {
  readonly outer: string;
  /** Null: the outer element itself has the type. */
  readonly inner: string | null;
  readonly type: StandardType;
}

const types = new Map<string, StandardType>();
const ELEMENT = /^(\w+)([?*+]?)(\d*):(\w+)$/;

/** @throws RangeError for a name that is in no schema */
export function standardType(name: string): StandardType {
  const known = types.get(name);
  if (known) return known;
  const line = TYPES[name];
  if (line === undefined) throw new RangeError(`the standard has no type ${name}`);
  const read = readType(name, line);
  types.set(name, read);
  return read;
}

/** Null for a message whose schema the table has not. */
export function standardMessage(messageType: string): StandardMessage | null {
  const root = Object.hasOwn(ROOTS, messageType) ? ROOTS[messageType] : undefined;
  if (!root) return null;
  const [outer, inner, type] = root;
  return { outer, inner, type: standardType(type) };
}

function readType(name: string, line: string): StandardType {
  const [form, ...words] = line.split(' ') as [string, ...string[]];
  const number = (at: number) => Number(words[at]);
  switch (form) {
    case 'all':
    case 'one': {
      const elements = words.map(readElement);
      return {
        form,
        name,
        elements: new Map(elements.map((element) => [element.name, element])),
        required:
          form === 'one'
            ? []
            : elements.flatMap((element) => (element.isRequired ? [element.name] : [])),
      };
    }
    case 'amount':
      return {
        form,
        name,
        currency: standardType(words[0] as string),
        amount: standardType(words[1] as string),
      };
    case 'text':
    case 'pattern': {
      const isBounded = form === 'text' && words.length > 0;
      const pattern = form === 'pattern' ? words.join(' ') : words.slice(2).join(' ');
      return {
        form: 'text',
        name,
        least: isBounded ? number(0) : 0,
        most: isBounded ? number(1) : Number.POSITIVE_INFINITY,
        pattern: pattern === '' ? null : new RegExp(`^(?:${pattern})$`),
      };
    }
    case 'code':
      return { form, name, codes: words };
    case 'decimal':
      return { form, name, digits: number(0), fraction: number(1), isSigned: words.length < 3 };
    case 'base64Binary':
      return { form, name, most: number(1) };
    case 'any':
    case 'boolean':
    case 'date':
    case 'dateTime':
    case 'time':
    case 'gYear':
    case 'gYearMonth':
      return { form, name };
    default:
      throw new RangeError(`${name}: ${form} is no form`);
  }
}

/** The type of an element is read when it is first met: some types hold themselves. */
function readElement(word: string): StandardElement {
  const [, name = '', count = '', bound = '', typeName = ''] = ELEMENT.exec(word) ?? [];
  const repeats = count === '*' || count === '+';
  let type: StandardType | undefined;
  return {
    name,
    isRequired: count === '' || count === '+',
    most: !repeats ? 1 : bound === '' ? Number.POSITIVE_INFINITY : Number(bound),
    repeats,
    get type() {
      type ??= standardType(typeName);
      return type;
    },
  };
}
