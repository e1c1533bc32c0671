import { isObject, type JsonObject, type JsonValue } from './json-schema.ts';
import { type Narrowing, type NarrowingKind, narrowings, schemaAt } from './schema-narrowing.ts';

/** What banks build against, as it is published. */
export interface BankContract {
  readonly asyncApi: JsonObject;
  readonly openApi: JsonObject;
}

/**
 * What in a newer contract breaks a bank that does all right by the older one: a sentence each, with its
 * place. What a bank may send may not become less, what it is told not more.
 *
 * Not a break: a new topic, type, route, parameter that may be left out, or problem. Readers pass over
 * a `ce_type` and a problem's `type` that they do not know, and go by the problem's status.
 */
export function breaks(before: BankContract, after: BankContract): string[] {
  return [
    ...topicBreaks(before.asyncApi, after.asyncApi),
    ...routeBreaks(before.openApi, after.openApi),
  ];
}

/** How a narrowing reads: of what a bank may send, and of what it is told. */
const WORDS: Readonly<
  Record<NarrowingKind, readonly [(what: string) => string, (what: string) => string]>
> = {
  type: [
    (what) => `must be ${what.split(' ')[1]} now, was ${what.split(' ')[0]}`,
    (what) => `is ${what.split(' ')[0]} now, was ${what.split(' ')[1]}`,
  ],
  value: [(what) => `${what} is refused now`, (what) => `${what} may stand there now`],
  anyValue: [
    (what) => `must be one of ${what} now`,
    (what) => `may be another text than ${what} now`,
  ],
  form: [(what) => `must have the form ${what} now`, (what) => `has not the form ${what} any more`],
  bound: [(what) => `is bounded by ${what} now`, (what) => `is not bounded by ${what} any more`],
  element: [() => 'is refused now', () => 'may stand there now, and did not'],
  required: [() => 'must be there now', () => 'may be left out now'],
  open: [() => 'takes no other elements now', () => 'may have other elements now'],
  alternative: [(what) => `refuses now what was allowed: ${what}`, (what) => `may be ${what} now`],
};

type Side = 'send' | 'receive';

/** What changes in a schema to a bank's loss. */
function losses(
  side: Side,
  before: Placing,
  after: Placing,
  where: string,
  passesOver: (narrowing: Narrowing) => boolean = () => false,
): string[] {
  const all = side === 'send' ? narrowings(before, after) : narrowings(after, before);
  const found = all.filter((one) => !passesOver(one));
  const words = side === 'send' ? 0 : 1;
  return [
    ...new Set(
      found.map(({ place, kind, what }) => `${where}${place}: ${WORDS[kind][words](what)}`),
    ),
  ];
}

interface Placing {
  readonly schema: JsonValue;
  readonly document: JsonObject;
}

function topicBreaks(before: JsonObject, after: JsonObject): string[] {
  const channels = (document: JsonObject) => (document.channels ?? {}) as Members;
  return Object.entries(channels(before)).flatMap(([name, channel]) => {
    const other = channels(after)[name];
    if (!other) return [`topic ${name}: is gone`];
    const moved =
      channel.address === other.address ? [] : [`topic ${name}: is ${other.address} now`];
    const side = sideOf(before, name);
    const turned = sideOf(after, name) === side ? [] : [`topic ${name}: ${side} no more`];
    const messages = Object.entries((channel.messages ?? {}) as Members).flatMap(
      ([type, message]) => {
        const where = `topic ${name}, ${type}`;
        const now = ((other.messages ?? {}) as Members)[type];
        if (!now) return [`${where}: is gone`];
        const [old, young] = [schemaAt(message, before), schemaAt(now, after)];
        return ['payload', 'headers', 'key'].flatMap((part) =>
          losses(
            side,
            { schema: partOf(old, part), document: before },
            { schema: partOf(young, part), document: after },
            `${where}, ${part} `,
          ),
        );
      },
    );
    return [...moved, ...turned, ...messages];
  });
}
type Members = Readonly<Record<string, JsonObject>>;

const partOf = (message: JsonObject, part: string): JsonValue =>
  part === 'key'
    ? ((message.bindings as { kafka?: { key?: JsonValue } } | undefined)?.kafka?.key ?? {})
    : (message[part] as JsonValue);

function sideOf({ operations }: JsonObject, channel: string): Side {
  const operation = Object.values(operations as Members).find(
    (one) => (one.channel as { $ref?: string }).$ref === `#/channels/${channel}`,
  );
  return operation?.action as Side;
}

function routeBreaks(before: JsonObject, after: JsonObject): string[] {
  const paths = (document: JsonObject) =>
    (document.paths ?? {}) as Readonly<Record<string, Members>>;
  return Object.entries(paths(before)).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) => {
      const where = `${method.toUpperCase()} ${path}`;
      const now = paths(after)[path]?.[method];
      if (!now) return [`${where}: is gone`];
      return operationBreaks(
        where,
        { operation, document: before },
        { operation: now, document: after },
      );
    }),
  );
}

interface Operated {
  readonly operation: JsonObject;
  readonly document: JsonObject;
}

function operationBreaks(where: string, before: Operated, after: Operated): string[] {
  return [
    ...(JSON.stringify(before.operation.security) === JSON.stringify(after.operation.security)
      ? []
      : [`${where}: is signed in another way now`]),
    ...parameterBreaks(where, before, after),
    ...contentBreaks(
      'send',
      `${where}, body`,
      { holder: before.operation.requestBody, document: before.document },
      { holder: after.operation.requestBody, document: after.document },
    ),
    ...answerBreaks(where, before, after),
  ];
}

function parameterBreaks(where: string, before: Operated, after: Operated): string[] {
  const [old, young] = [parametersOf(before), parametersOf(after)];
  const gone = [...old].flatMap(([name, parameter]) => {
    const now = young.get(name);
    if (!now) return [`${where}, ${name}: is gone`];
    return losses(
      'send',
      { schema: parameter.schema as JsonValue, document: before.document },
      { schema: now.schema as JsonValue, document: after.document },
      `${where}, ${name}`,
    );
  });
  const required = [...young]
    .filter(([name, parameter]) => parameter.required === true && old.get(name)?.required !== true)
    .map(([name]) => `${where}, ${name}: must be there now`);
  return [...gone, ...required];
}

function parametersOf({ operation, document }: Operated): Map<string, JsonObject> {
  const list = Array.isArray(operation.parameters) ? operation.parameters : [];
  return new Map(
    list.map((one) => {
      const parameter = schemaAt(one as JsonValue, document);
      return [`${parameter.in} ${parameter.name}`, parameter];
    }),
  );
}

interface Held {
  readonly holder: JsonValue | undefined;
  readonly document: JsonObject;
}

/** Bodies by their media types. A type that is gone is a break, and a new one is none. */
function contentBreaks(
  side: Side,
  where: string,
  before: Held,
  after: Held,
  passesOver: (narrowing: Narrowing) => boolean = () => false,
): string[] {
  const of = ({ holder }: Held) =>
    (isObject(holder) && isObject(holder.content) ? holder.content : {}) as Members;
  return Object.entries(of(before)).flatMap(([type, media]) => {
    const now = of(after)[type];
    if (!now) return [`${where}: ${type} is gone`];
    return losses(
      side,
      { schema: media.schema as JsonValue, document: before.document },
      { schema: now.schema as JsonValue, document: after.document },
      where,
      passesOver,
    );
  });
}

/**
 * What may grow in answers, as readers pass over what they do not know: the types of problems, and the
 * messages that an item may have as its document, which are compared in their topics.
 */
const mayGrow = ({ place, kind }: Narrowing): boolean =>
  (kind === 'value' && place === '/type') ||
  (kind === 'alternative' && place.endsWith('/document'));

function answerBreaks(where: string, before: Operated, after: Operated): string[] {
  const of = ({ operation }: Operated) => (operation.responses ?? {}) as Members;
  return Object.entries(of(before)).flatMap(([status, response]) => {
    const isProblem = Number(status) >= 400;
    const now = of(after)[status];
    // A problem that is told no more breaks nobody.
    if (!now) return isProblem ? [] : [`${where}: answers ${status} no more`];
    return contentBreaks(
      'receive',
      `${where}, ${status}`,
      { holder: schemaAt(response, before.document), document: before.document },
      { holder: schemaAt(now, after.document), document: after.document },
      mayGrow,
    );
  });
}

/** Why a version may not have these breaks; null where it may. */
export function versionFault(
  before: string,
  after: string,
  found: readonly string[],
): string | null {
  const [old, young] = [before, after].map((version) => version.split('.').map(Number));
  const order =
    [0, 1, 2].map((at) => (young?.[at] ?? 0) - (old?.[at] ?? 0)).find((by) => by !== 0) ?? 0;
  if (order < 0) return `the version is ${after}, and was ${before}`;
  if (found.length === 0 || (young?.[0] ?? 0) > (old?.[0] ?? 0)) return null;
  return `version ${after} breaks banks that hold to ${before}; keep what they have, or move CONTRACT_VERSION to ${(old?.[0] ?? 0) + 1}.0.0`;
}
