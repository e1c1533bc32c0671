import { canonical, isObject, type JsonObject, type JsonValue } from './json-schema.ts';

/**
 * Whether all that one schema allows another allows as well. It knows the keywords of KEYWORDS and no
 * others, and errs on one side: what it cannot tell (two patterns that are written differently) is told
 * as a narrowing. A test holds it against documents that a validator judges.
 */
export interface Narrowing {
  /** As `/Document/FICdtTrf/GrpHdr`, with `*` for an element of an array or a member of any name. */
  readonly place: string;
  readonly kind: NarrowingKind;
  /** The value, name or bound that it is about. */
  readonly what: string;
}
export type NarrowingKind =
  | 'type'
  | 'value'
  | 'anyValue'
  | 'form'
  | 'bound'
  | 'element'
  | 'required'
  | 'open'
  | 'alternative';

/** A schema, and the document that its references lead into. */
export interface Placed {
  readonly schema: JsonValue;
  readonly document: JsonObject;
}

const ANY: JsonObject = {};
const NOTHING: JsonObject = { not: {} };

/** What `from` allows and `to` does not; empty where there is nothing. */
export function narrowings(from: Placed, to: Placed): Narrowing[] {
  return new Comparison(from.document, to.document).schemas(from.schema, to.schema, '');
}

class Comparison {
  readonly #from: JsonObject;
  readonly #to: JsonObject;
  /** Pairs of references that are being compared: types that hold themselves end there. */
  readonly #open = new Set<string>();
  /** Pairs that have been compared, and have nothing to tell. */
  readonly #within = new Set<string>();

  constructor(from: JsonObject, to: JsonObject) {
    this.#from = from;
    this.#to = to;
  }

  schemas(from: JsonValue, to: JsonValue, place: string): Narrowing[] {
    const isNamed = referenceOf(from) !== '' || referenceOf(to) !== '';
    // One side may be written where it stands: then it is known by all that it says.
    const pair = isNamed ? `${canonical(from)} ${canonical(to)}` : '';
    if (isNamed && (this.#open.has(pair) || this.#within.has(pair))) return [];
    if (isNamed) this.#open.add(pair);
    const found = this.#resolved(schemaAt(from, this.#from), schemaAt(to, this.#to), place);
    if (isNamed) this.#open.delete(pair);
    if (isNamed && found.length === 0) this.#within.add(pair);
    return found;
  }

  #resolved(from: JsonObject, to: JsonObject, place: string): Narrowing[] {
    if (isNothing(from) || isAnything(to)) return [];
    if (isNothing(to)) return [{ place, kind: 'element', what: '' }];
    if (Array.isArray(from.anyOf))
      return from.anyOf.flatMap((one) => this.schemas(one as JsonValue, to, place));
    if (Array.isArray(from.enum) && from.enum.length > 1)
      return from.enum.flatMap((one) =>
        this.schemas({ ...from, enum: [one as JsonValue] }, to, place),
      );
    if (Array.isArray(to.anyOf)) return this.#oneOf(from, to.anyOf as readonly JsonValue[], place);
    if (Array.isArray(from.enum)) {
      const refused = from.enum.filter((value) => !allowsValue(to, value as JsonValue));
      return refused.map((value) => ({ place, kind: 'value', what: JSON.stringify(value) }));
    }
    const others = typeNarrowing(from, to, place);
    if (others.length > 0) return others;
    return [
      ...boundNarrowings(from, to, place),
      ...this.#arrays(from, to, place),
      ...this.#objects(from, to, place),
    ];
  }

  /** Of several alternatives one must do: told is what the nearest lacks. */
  #oneOf(from: JsonObject, alternatives: readonly JsonValue[], place: string): Narrowing[] {
    const all = alternatives.map((one) => this.schemas(from, one, place));
    const nearest = all.reduce((least, one) => (one.length < least.length ? one : least));
    return nearest.length === 0 || alternatives.length === 1
      ? nearest
      : [{ place, kind: 'alternative', what: shortly(from) }];
  }

  #arrays(from: JsonObject, to: JsonObject, place: string): Narrowing[] {
    return this.schemas(from.items ?? ANY, to.items ?? ANY, `${place}/*`);
  }

  #objects(from: JsonObject, to: JsonObject, place: string): Narrowing[] {
    const required = namesIn(to.required)
      .filter((name) => !namesIn(from.required).includes(name))
      .map((name) => ({ place: `${place}/${name}`, kind: 'required' as const, what: name }));
    const names = new Set([...membersOf(from), ...membersOf(to)]);
    const members = [...names].flatMap((name) =>
      this.schemas(memberOf(from, name), memberOf(to, name), `${place}/${name}`),
    );
    const others = this.schemas(othersOf(from), othersOf(to), `${place}/*`);
    const isClosedNow = others.some((one) => one.kind === 'element' && one.place === `${place}/*`);
    return [
      ...required,
      ...members,
      ...(isClosedNow ? [{ place, kind: 'open' as const, what: '' }] : others),
    ];
  }
}

const referenceOf = (schema: JsonValue): string =>
  isObject(schema) && typeof schema.$ref === 'string' ? schema.$ref : '';

/** What a reference leads to; `true` is a schema that allows anything. */
export function schemaAt(schema: JsonValue, document: JsonObject): JsonObject {
  if (schema === true) return ANY;
  if (schema === false) return NOTHING;
  if (!isObject(schema)) throw new TypeError(`${JSON.stringify(schema)} is no schema`);
  if (typeof schema.$ref !== 'string') return schema;
  let found: JsonValue | undefined = document;
  for (const name of schema.$ref.slice(2).split('/'))
    found = isObject(found) ? found[name.replaceAll('~1', '/')] : undefined;
  if (found === undefined) throw new RangeError(`${schema.$ref} leads nowhere`);
  return schemaAt(found, document);
}

const isNothing = ({ not }: JsonObject): boolean => isObject(not) && Object.keys(not).length === 0;

const ANNOTATIONS = ['title', 'description'];
const isAnything = (schema: JsonObject): boolean =>
  Object.keys(schema).every((name) => ANNOTATIONS.includes(name));

function typeNarrowing(from: JsonObject, to: JsonObject, place: string): Narrowing[] {
  if (Array.isArray(to.enum)) return [{ place, kind: 'anyValue', what: JSON.stringify(to.enum) }];
  if (to.type === undefined || to.type === from.type) return [];
  if (to.type === 'number' && from.type === 'integer') return [];
  return [{ place, kind: 'type', what: `${from.type ?? 'anything'} ${to.type}` }];
}

/** By keyword, what it bounds: 1 from above, -1 from below. */
const BOUNDS: Readonly<Record<string, 1 | -1>> = {
  minLength: -1,
  maxLength: 1,
  minItems: -1,
  maxItems: 1,
  minProperties: -1,
  maxProperties: 1,
  minimum: -1,
  maximum: 1,
};

function boundNarrowings(from: JsonObject, to: JsonObject, place: string): Narrowing[] {
  const found: Narrowing[] = [];
  for (const [keyword, side] of Object.entries(BOUNDS)) {
    const bound = to[keyword];
    if (typeof bound !== 'number') continue;
    const before = typeof from[keyword] === 'number' ? (from[keyword] as number) : side * Infinity;
    // Every length is at least 0.
    const least = side < 0 && keyword !== 'minimum' ? Math.max(before, 0) : before;
    if (side * (least - bound) > 0)
      found.push({ place, kind: 'bound', what: `${keyword} ${bound}` });
  }
  if (to.pattern !== undefined && to.pattern !== from.pattern)
    found.push({ place, kind: 'form', what: String(to.pattern) });
  return found;
}

/** Whether a schema without references or alternatives allows a text, number, truth value or null. */
function allowsValue(schema: JsonObject, value: JsonValue): boolean {
  if (Array.isArray(schema.enum)) return schema.enum.some((one) => one === value);
  const type = value === null ? 'null' : Number.isInteger(value) ? 'integer' : typeof value;
  const isType =
    schema.type === undefined ||
    schema.type === type ||
    (schema.type === 'number' && type === 'integer');
  if (!isType) return false;
  if (typeof value === 'string') {
    const { minLength = 0, maxLength = Infinity, pattern } = schema;
    return (
      value.length >= (minLength as number) &&
      value.length <= (maxLength as number) &&
      (pattern === undefined || new RegExp(pattern as string, 'u').test(value))
    );
  }
  if (typeof value !== 'number') return true;
  const { minimum = -Infinity, maximum = Infinity } = schema;
  return value >= (minimum as number) && value <= (maximum as number);
}

const namesIn = (list: JsonValue | undefined): readonly string[] =>
  Array.isArray(list) ? (list as readonly string[]) : [];
const membersOf = ({ properties }: JsonObject): readonly string[] =>
  isObject(properties) ? Object.keys(properties) : [];

function memberOf(schema: JsonObject, name: string): JsonValue {
  const { properties } = schema;
  const own = isObject(properties) ? properties[name] : undefined;
  return own ?? othersOf(schema);
}

const othersOf = ({ additionalProperties = true }: JsonObject): JsonValue => additionalProperties;

const shortly = (schema: JsonObject): string => canonical(schema).slice(0, 80);
