import type { ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Registry } from 'prom-client';
import { buildGateway, type Gateway, type GatewayPorts } from '../../services/gateway/gateway.ts';
import { type FastifyRequest, openApiOf } from '../../services/gateway/http-server.ts';
import { serverSentEvents } from './server-sent-events.ts';

/**
 * A gateway whose every answer is held against the OpenAPI document that it serves: an answer that
 * the document does not describe (its status, type, headers or body), or a request that was granted
 * and that the document would not allow, makes the test's process fail.
 */
export async function buildTestGateway(
  ports: Pick<GatewayPorts, 'network' | 'log' | 'name'> & Partial<GatewayPorts>,
): Promise<Gateway> {
  const gateway = await buildGateway({
    version: 'test',
    pools: ['main'],
    now: Date.now,
    elapsedMs: () => performance.now(),
    pause: setTimeout,
    registry: new Registry(),
    logger: { info() {}, warn() {}, error() {} },
    ...ports,
  });
  const { app } = gateway;
  const sent = new WeakMap<object, Sent>();
  let contract: Contract | undefined;
  const check = (request: FastifyRequest, reply: ServerResponse): void => {
    const recorded = sent.get(request.raw);
    if (!recorded) return;
    sent.delete(request.raw);
    const answer: HttpAnswer = {
      method: request.method,
      target: request.raw.url ?? '',
      status: reply.statusCode,
      headers: { ...reply.getHeaders(), ...recorded.headers },
      body: Buffer.concat(recorded.pieces).toString('utf8'),
    };
    try {
      contract ??= contractOf(app);
      report(contract.faults(answer, request));
    } catch (error) {
      report([`${answer.method} ${answer.target} ${answer.status}: ${error}`]);
    }
  };
  app.addHook('onRequest', async (request, { raw }) => {
    sent.set(request.raw, recordSent(raw));
    // A stream that its reader leaves has no end of its own.
    raw.once('close', () => raw.headersSent && check(request, raw));
  });
  app.addHook('onResponse', async (request, { raw }) => check(request, raw));
  return gateway;
}

const contracts = new Map<string, Contract>();

/** The contract of what a gateway serves: read once in a process for all that declare the same routes. */
function contractOf(app: Gateway['app']): Contract {
  const declared = JSON.stringify([app.swagger(), app.declaredRoutes]);
  const known = contracts.get(declared);
  if (known) return known;
  const contract = readContract(JSON.parse(JSON.stringify(openApiOf(app))));
  contracts.set(declared, contract);
  return contract;
}

function report(faults: readonly string[]): void {
  if (faults.length === 0) return;
  process.exitCode = 1;
  for (const fault of faults)
    process.stderr.write(`the OpenAPI document does not describe this: ${fault}\n`);
}

/** What goes out of a reply, however it is written. */
interface Sent {
  readonly headers: Record<string, unknown>;
  readonly pieces: Buffer[];
}

function recordSent(reply: ServerResponse): Sent {
  const sent: Sent = { headers: {}, pieces: [] };
  let isEnding = false;
  const spy = (name: 'writeHead' | 'write' | 'end', see: (args: unknown[]) => void) => {
    const call = reply[name].bind(reply) as (...args: unknown[]) => never;
    reply[name] = (...args: unknown[]) => {
      see(args);
      return call(...args);
    };
  };
  const piece = ([one]: unknown[]) => {
    if (typeof one === 'string' || one instanceof Uint8Array)
      sent.pieces.push(Buffer.from(one as string));
  };
  spy('writeHead', (args) => Object.assign(sent.headers, args[args.length - 1]));
  // What is given to `end` may come by `write` once more.
  spy('write', (args) => !isEnding && piece(args));
  spy('end', (args) => {
    piece(args);
    isEnding = true;
  });
  return sent;
}

export interface HttpAnswer {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

interface Media {
  readonly schema: object;
}
interface Page {
  readonly properties: { readonly items: { readonly items: object } };
}
interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly headers?: Readonly<Record<string, { readonly schema: object }>>;
        readonly content?: Readonly<Record<string, Media>>;
      }
    >
  >;
}
export interface OpenApi {
  readonly components: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export interface Contract {
  /** What of an answer the document does not say; and of its request, where that was granted. */
  faults(answer: HttpAnswer, request?: Pick<FastifyRequest, 'headers' | 'body'>): string[];
  /** Whether the document allows this as the body of a request. */
  allows(method: string, path: string, body: unknown): boolean;
}

/** Reads an OpenAPI 3.1 document: its schemas are JSON Schema 2020-12. */
export function readContract(document: OpenApi): Contract {
  const { paths, at, fault } = readDocument(document);
  /** What the gateway itself writes has no member that the document does not name. */
  const answers = readDocument(exact(document) as OpenApi);
  /** The schema of what a stream's events carry: an item of the page beside it. */
  const itemOf = (path: string): object => {
    const page = answers.paths[path.replace(/\/stream$/, '')]?.get?.responses['200'];
    const schema = page && answers.at(page).content?.['application/json']?.schema;
    if (!schema) throw new Error(`${path}: no page beside it`);
    return answers.at(schema as Page).properties.items.items;
  };

  function bodyFaults(path: string, type: string, { schema }: Media, body: string): string[] {
    if (type !== 'text/event-stream')
      return answers.fault(schema, /json$/.test(type) ? JSON.parse(body) : body, 'body');
    return serverSentEvents(body).flatMap(({ event, id, data }) =>
      event === undefined || id === undefined
        ? [`an event without its name or id: ${data}`]
        : answers.fault(itemOf(path), JSON.parse(data), 'event'),
    );
  }

  function responseFaults(path: string, method: string, answer: HttpAnswer): string[] {
    const described = answers.paths[path]?.[method]?.responses[answer.status];
    if (!described) return ['no such status'];
    const response = answers.at(described);
    const [type = ''] = String(answer.headers['content-type']).split(';');
    const media = response.content?.[type];
    if (!media) return [`no such type ${type}`];
    const headers = Object.entries(response.headers ?? {}).flatMap(([name, { schema }]) =>
      answer.headers[name] === undefined
        ? [`no header ${name}`]
        : answers.fault(schema, answer.headers[name], name),
    );
    // A HEAD has no body.
    const body = answer.method === 'HEAD' ? [] : bodyFaults(path, type, media, answer.body);
    return [...headers, ...body];
  }

  function requestFaults(
    path: string,
    operation: Operation,
    { target }: HttpAnswer,
    request: Pick<FastifyRequest, 'headers' | 'body'>,
  ): string[] {
    const url = new URL(target, 'http://gateway');
    const values: Record<string, Record<string, unknown>> = {
      header: request.headers,
      query: Object.fromEntries(url.searchParams),
      path: path.includes('{') ? (matched(path, url.pathname) ?? {}) : {},
    };
    const parameters = (operation.parameters ?? []).flatMap((described) => {
      const { name, in: place, ...one } = at(described);
      const value = values[place]?.[name];
      if (value !== undefined) return fault(one.schema, value, name);
      return one.required ? [`${name} is required`] : [];
    });
    const media = operation.requestBody?.content['application/json'];
    // What is sent to `payments` is judged behind the log: anything in form of bytes is granted.
    if (!media || path === '/payments') return parameters;
    return [...parameters, ...fault(media.schema, JSON.parse(String(request.body)), 'request')];
  }

  return {
    faults(answer, request) {
      const { method, target, status } = answer;
      const [pathname = ''] = target.split('?');
      const path = Object.keys(paths).find((one) => matched(one, pathname) !== null);
      const at = (faults: string[]) => faults.map((one) => `${method} ${target} ${status}: ${one}`);
      if (path === undefined)
        return status === 404 && answer.headers['content-type'] === PROBLEM
          ? []
          : at(['no such path']);
      const operations = paths[path] as Readonly<Record<string, Operation>>;
      const own = operations[method.toLowerCase()];
      if (!own && status !== 405) return at(['no such method']);
      // The refusal of a method that a path lacks stands with those that it has.
      const described = own ? method.toLowerCase() : (Object.keys(operations)[0] as string);
      const isGranted = status < 300 && own && request;
      return at([
        ...responseFaults(path, described, answer),
        ...(isGranted ? requestFaults(path, own, answer, request) : []),
      ]);
    },
    allows(method, path, body) {
      const media = paths[path]?.[method]?.requestBody?.content['application/json'] as Media;
      return fault(media.schema, body, 'body').length === 0;
    },
  };
}

const PROBLEM = 'application/problem+json';

/** The parameters of a path by its template; null where it is another path. */
function matched(template: string, path: string): Record<string, string> | null {
  const pattern = template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  const match = new RegExp(`^${pattern}$`).exec(path);
  return match ? { ...match.groups } : null;
}

/** A document's paths, what stands where one of its references leads, and the check of a value. */
function readDocument(document: OpenApi) {
  // What is compiled once serves wherever it is referred to.
  const ajv = new Ajv2020({
    ...{ strict: false, coerceTypes: true, validateSchema: false, inlineRefs: false },
    formats: { int64: true },
    code: { optimize: false },
  });
  const references = JSON.stringify(document).replaceAll('"$ref":"#/', '"$ref":"document#/');
  const { components, paths } = JSON.parse(references) as OpenApi;
  ajv.addSchema({ components }, 'document');
  const checks = new Map<object, ReturnType<typeof ajv.compile>>();
  return {
    paths,
    at<T extends object>(value: T): T {
      if (!('$ref' in value)) return value;
      const names = String(value.$ref).replace('document#/components/', '').split('/');
      let found: unknown = components;
      for (const name of names) found = (found as Record<string, unknown> | undefined)?.[name];
      if (found === undefined) throw new Error(`${value.$ref} leads nowhere`);
      return found as T;
    },
    fault(schema: object, value: unknown, place: string): string[] {
      const check = checks.get(schema) ?? ajv.compile(schema);
      checks.set(schema, check);
      return check(value) ? [] : [`${place} ${ajv.errorsText(check.errors)}`];
    },
  };
}

/** The schema with every object closed that does not say what else it may hold. */
function exact(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(exact);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, exact(value)]),
  );
  if ('properties' in copy && !('additionalProperties' in copy)) copy.additionalProperties = false;
  return copy;
}
