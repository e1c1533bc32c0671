import type { TSchema } from '@sinclair/typebox';

/**
 * JSON Schemas as documents: what TypeBox made, without what is TypeBox's own, and with the pieces that
 * several schemas share under names. JSON Schema 2020-12, OpenAPI 3.1 and AsyncAPI 3 mean the same by all
 * keywords that are used (KEYWORDS).
 */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** A schema as it is published: its own keywords, in one way of writing, and nothing by reference. */
export const published = (schema: TSchema): JsonObject =>
  normalised(JSON.parse(JSON.stringify(schema))) as JsonObject;

/**
 * What can be written in several ways is written in one, which all generators of clients read: one value
 * and a choice of values are an `enum`, and an object with members of any name has `additionalProperties`.
 */
export function normalised(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(normalised);
  if (!isObject(value)) return value;
  const all = sizedInteger(
    Object.fromEntries(Object.entries(value).map(([name, member]) => [name, normalised(member)])),
  );
  if ('const' in all && typeof all.const !== 'object') {
    const { const: only, ...rest } = all;
    return { ...rest, enum: [only as JsonValue] };
  }
  const { anyOf, patternProperties, ...rest } = all;
  if (isObject(patternProperties) && '^(.*)$' in patternProperties)
    return { ...rest, additionalProperties: patternProperties['^(.*)$'] as JsonValue };
  // Beside what may be anything a choice says nothing, and generators look for a class of it.
  if (Array.isArray(anyOf) && anyOf.some((one) => canonical(one) === '{}')) return rest;
  const values = Array.isArray(anyOf) ? anyOf.map(valuesOf) : [null];
  if (values.every((one) => one !== null)) return { ...rest, type: 'string', enum: values.flat() };
  return all;
}

const INT32_MAX = 2 ** 31 - 1;

/** Generators take an integer for one of 32 bits, in which no time in ms fits, unless its format says more. */
function sizedInteger(schema: JsonObject): JsonObject {
  const { type, maximum = Number.MAX_SAFE_INTEGER } = schema;
  return type === 'integer' && (maximum as number) > INT32_MAX
    ? { ...schema, maximum, format: 'int64' }
    : schema;
}

/** The texts of which a schema allows one, and which it says no more of; null: it is another. */
function valuesOf(schema: JsonValue): readonly string[] | null {
  if (!isObject(schema) || !Array.isArray(schema.enum)) return null;
  const others = Object.keys(schema).some((name) => name !== 'enum' && name !== 'type');
  return others || !schema.enum.every((one) => typeof one === 'string')
    ? null
    : (schema.enum as readonly string[]);
}

/** What a schema may be made of. A keyword that is not here is looked at before it is published. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  ...['type', 'enum', 'anyOf', 'not', 'title', 'description'],
  ...['properties', 'required', 'additionalProperties'],
  ...['items', 'minItems', 'maxItems', 'minLength', 'maxLength', 'pattern'],
  ...['minimum', 'maximum', 'format', 'minProperties', 'maxProperties'],
]);

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text is asked again of whatever a schema stands in. */
const canonicalTexts = new WeakMap<object, string>();

/** Equal for equal schemas, whatever the order of their members. */
export function canonical(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const known = canonicalTexts.get(value);
  if (known !== undefined) return known;
  const text = canonicalOf(value);
  canonicalTexts.set(value, text);
  return text;
}

function canonicalOf(value: readonly JsonValue[] | JsonObject): string {
  if (!isObject(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}

/** Replaces what stands at several places by a reference to where it stands once. */
export class SharedSchemas {
  readonly #place: string;
  readonly #names = new Map<string, string>();
  readonly #schemas: Readonly<Record<string, JsonObject>>;
  readonly #standard: (name: string) => JsonObject;
  readonly #used = new Map<string, JsonValue>();

  /**
   * @param place of the named schemas, such as `#/components/schemas/`
   * @param named by name; each stands for itself wherever it is met
   * @param standard the schema of a type of the standard, which is referred to by `standard:<name>`
   * @param forms of those that are met in another form than they are written in: what they are met as
   */
  constructor(
    place: string,
    named: Readonly<Record<string, JsonObject>>,
    standard: (name: string) => JsonObject = (name) => {
      throw new Error(`no schema has the name ${name}`);
    },
    forms: Readonly<Record<string, JsonObject>> = {},
  ) {
    this.#place = place;
    this.#schemas = named;
    this.#standard = standard;
    for (const [name, schema] of Object.entries({ ...named, ...forms })) {
      const text = canonical(schema);
      if (!this.#names.has(text)) this.#names.set(text, name);
    }
  }

  /** The value with references in place of all named schemas that stand in it. */
  refer(value: JsonValue): JsonValue {
    if (Array.isArray(value)) return value.map((one) => this.refer(one));
    if (!isObject(value)) return value;
    if (typeof value.$ref === 'string' && value.$ref.startsWith('standard:'))
      return this.reference(value.$ref.slice('standard:'.length));
    const name = this.#names.get(canonical(value));
    return name === undefined ? this.#members(value) : this.reference(name);
  }

  reference(name: string): JsonObject {
    const schema = this.#schemas[name] ?? this.#standard(name);
    if (!this.#used.has(name)) {
      this.#used.set(name, null);
      this.#used.set(name, this.#members(schema));
    }
    return { $ref: `${this.#place}${name}` };
  }

  /** Those that were referred to, by name. */
  used(): JsonObject {
    return Object.fromEntries([...this.#used].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #members(value: JsonObject): JsonObject {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        // What an example or a constant says is no schema.
        name === 'const' || name === 'enum' || name === 'examples' ? member : this.refer(member),
      ]),
    );
  }
}
