import {
  canonical,
  isObject,
  type JsonObject,
  type JsonValue,
  SharedSchemas,
} from '../contracts/json-schema.ts';
import { described } from '../contracts/shared-schema-names.ts';
import { standardSchema } from '../contracts/standard-schema.ts';
import type { Access } from './route-access.ts';

type Operation = JsonObject & { readonly responses: Readonly<Record<string, JsonObject>> };

/**
 * The document as banks build against it: what @fastify/swagger made of the routes, with a name for
 * each operation and each schema, who may use which route, and once what several operations share.
 * @param access of each route, by method and path as in `GET /banks/{bic}/statuses`
 * @param schemas what has a name of its own wherever it stands
 * @param forms of those that a route has in another form: what it has
 */
export function namedOpenApi(
  inline: JsonObject,
  access: ReadonlyMap<string, Access>,
  schemas: Readonly<Record<string, JsonObject>>,
  forms: Readonly<Record<string, JsonObject>>,
): JsonObject {
  const bodies: Record<string, JsonObject> = { ...schemas };
  const known = new Set([schemas, forms].flatMap(Object.values).map(canonical));
  const paths = inline.paths as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  const all = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
  );
  // What a route takes or answers goes by the route, where it has no other name.
  for (const { path, method, operation } of all)
    for (const [place, schema] of bodiesOf(operation)) {
      if (known.has(canonical(schema))) continue;
      known.add(canonical(schema));
      bodies[`${capital(operationId(method, path))}${place}`] = schema;
    }
  const shared = new SharedSchemas('#/components/schemas/', bodies, standardSchema, forms);
  const parameters = new Repeated('#/components/parameters/');
  const responses = new Repeated('#/components/responses/');
  const named = all.map(({ path, method, operation }) => {
    const id = operationId(method, path);
    const taken = (operation.parameters ?? []) as readonly JsonObject[];
    const { parameters: _, ...rest } = operation;
    return {
      ...{ path, method, id },
      rest: shared.refer(rest) as JsonObject,
      taken: taken.map((one) => parameters.take(shared.refer(one)) as JsonObject),
      answers: Object.entries(operation.responses).map(
        ([status, one]) => [status, responses.take(shared.refer(one))] as const,
      ),
    };
  });
  const written: Record<string, Record<string, JsonObject>> = {};
  for (const { path, method, id, rest, taken, answers } of named) {
    const declared = access.get(`${method.toUpperCase()} ${path}`);
    if (!declared) throw new Error(`${method} ${path} is documented and is no route`);
    const schemes = SECURITY_OF[declared];
    written[path] ??= {};
    written[path][method] = {
      operationId: id,
      ...rest,
      security: schemes.map((scheme) => ({ [scheme]: [] })),
      ...(taken.length > 0 && {
        parameters: taken.map((one) => parameters.refer(`${one.name}`, one)),
      }),
      responses: Object.fromEntries(
        answers.map(([status, one]) => [
          status,
          responses.refer(`${Number(status) < 400 ? id : 'Problem'}${status}`, one),
        ]),
      ),
    };
  }
  return {
    ...inline,
    paths: written,
    components: {
      securitySchemes: SECURITY,
      schemas: described(shared.used()),
      parameters: parameters.used(),
      responses: responses.used(),
    },
  };
}

/** The bodies of an operation, by what of it they are. */
function bodiesOf({ requestBody, responses }: Operation): [string, JsonObject][] {
  const of = (place: string, holder: JsonValue | undefined): [string, JsonObject][] => {
    const content = isObject(holder) && isObject(holder.content) ? holder.content : {};
    return Object.entries(content).flatMap(([type, media]) =>
      isObject(media) && isObject(media.schema) && /json$/.test(type)
        ? [[place, media.schema] as [string, JsonObject]]
        : [],
    );
  };
  return [
    ...of('Request', requestBody),
    ...Object.entries(responses).flatMap(([status, one]) =>
      of(Number(status) < 400 ? 'Answer' : `Problem${status}`, one),
    ),
  ];
}

/** `getBanksBicStatuses`: by method and path, so that a new route has one too. */
const operationId = (method: string, path: string): string =>
  method +
  path
    .split(/[^A-Za-z0-9]+/)
    .map(capital)
    .join('');

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** What stands at several operations, once under a name. */
class Repeated {
  readonly #place: string;
  readonly #counts = new Map<string, number>();
  readonly #names = new Map<string, string>();
  readonly #written: Record<string, JsonValue> = {};

  constructor(place: string) {
    this.#place = place;
  }

  /** Counts it, and gives it back. */
  take(value: JsonValue): JsonValue {
    const text = canonical(value);
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
    return value;
  }

  /** A reference to what was taken more than once; the others stay. */
  refer(name: string, value: JsonValue): JsonValue {
    const text = canonical(value);
    if ((this.#counts.get(text) ?? 0) < 2) return value;
    return { $ref: `${this.#place}${this.#names.get(text) ?? this.#name(name, text, value)}` };
  }

  used(): JsonObject {
    return Object.fromEntries(Object.entries(this.#written).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #name(name: string, text: string, value: JsonValue): string {
    let free = name;
    for (let number = 2; free in this.#written; number++) free = `${name}-${number}`;
    this.#names.set(text, free);
    this.#written[free] = value;
    return free;
  }
}

const signature = (text: string): JsonObject => ({
  type: 'apiKey',
  in: 'header',
  name: 'ce-signature',
  description: `${text}. Ed25519 over nine lines of text, of which the other ce- headers are seven: docs/http.md. It can be used for five minutes from ce-issuedatms on.`,
});

const SECURITY = {
  message: signature('Of a message, by the bank or dealer that sends it: topic `payments`'),
  reading: signature('Of a request to read, by the bank that reads: topic `http`'),
  operator: signature('Of a command, by the operator: topic `pool.<pool>.input`'),
  keyOwner: signature(
    'Of a command about its own keys, by the bank with a key that it has: topic `pool.<pool>.input`',
  ),
  operatorReading: signature('Of a request to read, by the operator: topic `http`'),
};

/** By the access that a route declares (route-access.ts), the signature that it asks for. */
const SECURITY_OF: Readonly<Record<Access, readonly (keyof typeof SECURITY)[]>> = {
  everyone: [],
  sender: ['message'],
  participant: ['reading'],
  bank: ['reading'],
  operator: ['operator'],
  operatorReads: ['operatorReading'],
  member: ['reading', 'operatorReading'],
  keyOwner: ['keyOwner'],
};
