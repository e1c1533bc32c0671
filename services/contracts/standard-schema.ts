import type { TSchema } from '@sinclair/typebox';
import { BusinessHeaderSchema } from '../protocol/messages/business-header.ts';
import { BANK_TRANSFER, CREDIT_TRANSFER } from '../protocol/messages/message-types.ts';
import {
  type StandardElement,
  type StandardType,
  standardMessage,
  standardType,
} from '../protocol/standard/read-iso20022-types.ts';
import { isObject, type JsonObject, type JsonValue, published } from './json-schema.ts';

/**
 * Messages that are judged by the standard's own table beside their schema (rules/unknown-elements-and-standard-form.ts): what
 * their schema leaves open is what the standard has there, and nothing else.
 */
export const JUDGED_BY_STANDARD: ReadonlySet<string> = new Set([CREDIT_TRANSFER, BANK_TRANSFER]);

/** How a schema refers to a type of the standard, until it is published in a document. */
export const STANDARD = 'standard:';

/** All that the code asks of a message: its schema, and what the standard has where that is open. */
export function judgedSchema(type: string, schema: TSchema): JsonObject {
  const own = withHeader(withStandard(published(schema)));
  const message = JUDGED_BY_STANDARD.has(type) ? standardMessage(type) : null;
  if (!message?.inner) return own;
  const { outer, inner, type: body } = message;
  const document = memberOf(own, outer);
  return {
    ...own,
    properties: {
      AppHdr: HEADER(),
      [outer]: {
        ...document,
        properties: { [inner]: completed(memberOf(document, inner), body) },
        additionalProperties: false,
      },
    },
    additionalProperties: false,
  };
}

/** The business header that may stand beside a document. */
export const HEADER = () => memberOf(withStandard(published(BusinessHeaderSchema)), 'AppHdr');

/** A schema says that a header may stand beside the document; what is in it says the header's own. */
function withHeader(message: JsonObject): JsonObject {
  const { AppHdr, ...properties } = (message.properties ?? {}) as JsonObject;
  if (AppHdr === undefined || Object.keys(properties).length === 0) return message;
  return { ...message, properties: { AppHdr: HEADER(), ...properties } };
}

/** With what the standard has in each place where a schema names a type of it (messages/document.ts). */
export function withStandard(schema: JsonObject): JsonObject {
  const { standard, ...others } = schema;
  const own = Object.fromEntries(
    Object.entries(others).map(([name, member]) => [name, inStandard(member)]),
  );
  return typeof standard === 'string' ? completed(own, standardType(standard)) : own;
}

const inStandard = (member: JsonValue): JsonValue =>
  Array.isArray(member) ? member.map(inStandard) : isObject(member) ? withStandard(member) : member;

/** The schema of a type of the standard, by its name; undefined: the standard has none. */
export function standardSchema(name: string): JsonObject {
  return schemaOf(standardType(name));
}

const memberOf = ({ properties }: JsonObject, name: string): JsonObject =>
  (properties as Readonly<Record<string, JsonObject>>)[name] as JsonObject;

function completed(own: JsonObject, type: StandardType): JsonObject {
  if (own.type === 'array') return { ...own, items: completed(own.items as JsonObject, type) };
  if (own.type !== 'object') return own;
  if (type.form === 'amount') return { ...own, additionalProperties: false };
  if (type.form !== 'all' && type.form !== 'one') return own;
  const properties = (own.properties ?? {}) as Readonly<Record<string, JsonObject>>;
  const others = Object.keys(properties).filter((name) => !type.elements.has(name));
  if (others.length > 0) throw new RangeError(`${type.name} of the standard has no ${others}`);
  const required = new Set([...((own.required ?? []) as readonly string[]), ...type.required]);
  return {
    ...own,
    ...objectOf(type, (element) => {
      const known = properties[element.name];
      return known ? completed(known, element.type) : elementSchema(element);
    }),
    ...(required.size > 0 && { required: [...required] }),
  };
}

type ObjectType = Extract<StandardType, { form: 'all' | 'one' }>;

const objectOf = (type: ObjectType, of: (element: StandardElement) => JsonObject): JsonObject => ({
  type: 'object',
  properties: Object.fromEntries([...type.elements.values()].map((one) => [one.name, of(one)])),
  ...(type.required.length > 0 && { required: [...type.required] }),
  ...(type.form === 'one' && { minProperties: 1, maxProperties: 1 }),
  additionalProperties: false,
});

function elementSchema({ repeats, most, type }: StandardElement): JsonObject {
  const $ref = `${STANDARD}${type.name}`;
  if (!repeats) return { $ref };
  return {
    type: 'array',
    items: { $ref },
    minItems: 1,
    ...(Number.isFinite(most) && { maxItems: most }),
  };
}

const text = (pattern: string): JsonObject => ({ type: 'string', pattern });

function schemaOf(type: StandardType): JsonObject {
  switch (type.form) {
    case 'all':
    case 'one':
      return objectOf(type, elementSchema);
    case 'amount':
      return {
        type: 'object',
        properties: { Ccy: schemaOf(type.currency), Amt: schemaOf(type.amount) },
        required: ['Ccy', 'Amt'],
        additionalProperties: false,
      };
    case 'any':
      return {};
    case 'text': {
      const { least, most, pattern } = type;
      return {
        type: 'string',
        ...(least > 0 && { minLength: least }),
        ...(Number.isFinite(most) && { maxLength: most }),
        ...(pattern && { pattern: pattern.source }),
      };
    }
    case 'code':
      return { type: 'string', enum: [...type.codes] as JsonValue };
    case 'boolean':
      return { type: 'boolean' };
    case 'decimal':
      return {
        description: `At most ${type.digits} digits, ${type.fraction} of them decimals`,
        ...text(
          type.isSigned
            ? '^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)$'
            : '^[+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)$',
        ),
      };
    case 'base64Binary':
      return { ...text('^[A-Za-z0-9+/]*={0,2}$'), maxLength: Math.ceil(type.most / 3) * 4 };
    default:
      return text(FORMS[type.form]);
  }
}

const ZONE = '(Z|[+-][0-9]{2}:[0-9]{2})?';
const FORMS = {
  date: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
  dateTime: `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?${ZONE}$`,
  time: `^[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?${ZONE}$`,
  gYear: '^[0-9]{4}$',
  gYearMonth: '^[0-9]{4}-[0-9]{2}$',
} as const;
