import { compile } from '@fastify/proxy-addr';
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type HTTPMethods,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import { CONTRACT_VERSION } from '../contracts/contract-version.ts';
import { type JsonObject, normalised } from '../contracts/json-schema.ts';
import { requireDeclaredAccess } from '../live/declared-access.ts';
import { boundConnections, HTTP_SERVER_BOUNDS } from '../live/http-server-bounds.ts';
import type { Logger } from '../live/service-context.ts';
import { CONTENT_TYPES } from '../protocol/names/content-type.ts';
import {
  fieldProblem,
  PROBLEMS,
  ProblemError,
  type ProblemName,
  passingProblem,
  problemDocument,
  problemHeaders,
} from '../protocol/names/http-problems.ts';
import { PAYLOAD_BYTES_MAX, REQUEST_HEADERS_BYTES_MAX } from '../protocol/names/size-limits.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { namedOpenApi } from './openapi.ts';
import { messageForms, namedSchemas } from './openapi-schemas.ts';
import { problems } from './request-schemas.ts';
import type { Access } from './route-access.ts';

export type GatewayApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

const ACCESS: readonly Access[] = [
  'everyone',
  'sender',
  'participant',
  'member',
  'bank',
  'keyOwner',
  'operator',
  'operatorReads',
];
/** A parameter of a media type: RFC 9110, section 5.6.6. */
const CHARSET = /;\s*charset\s*=\s*("[^"]*"|[^;\s]*)/gi;
const METHODS: readonly HTTPMethods[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'QUERY',
];

/**
 * The app without its routes: bodies as bytes, problems for everything that goes wrong, and the
 * OpenAPI document from the schemas that check. Apart from listening, so that tests need no port.
 * `complete` is to be called when the routes are there.
 */
export async function createApp(
  network: string,
  version: string,
  logger: Logger,
  metrics: GatewayMetrics,
  trustedProxies: readonly string[] = [],
): Promise<{ app: GatewayApp; complete: () => void }> {
  const isProxy = trustedProxies.length > 0 ? compile([...trustedProxies]) : null;
  const app = Fastify({
    ...HTTP_SERVER_BOUNDS,
    bodyLimit: PAYLOAD_BYTES_MAX,
    // Who is not named has written the header itself.
    trustProxy: isProxy ?? false,
    // What Node and Fastify would refuse by themselves is refused as a problem, below.
    http: {
      ...HTTP_SERVER_BOUNDS.http,
      ...{ maxHeaderSize: REQUEST_HEADERS_BYTES_MAX, requireHostHeader: false },
    },
    return503OnClosing: false,
    exposeHeadRoutes: false,
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, request, reply) =>
      void answer(asProblem(error, request, logger), reply as never, metrics),
  }).withTypeProvider<TypeBoxTypeProvider>();
  requireDeclaredAccess(app, ACCESS);
  boundConnections(
    app.server,
    (address) => isProxy?.(address, 0) ?? false,
    (bound) => metrics.refusedConnections.inc({ bound }),
  );
  // An expectation that is not known may be ignored (RFC 9110, section 10.1.1).
  app.server.on('checkExpectation', (request, reply) => app.server.emit('request', request, reply));
  app.server.on('connect', (_request, socket) => endWith('requestMalformed', socket));
  refuseUnfit(app);
  refuseOtherEncodings(app);
  refuseOtherParameters(app);
  useSchemas(app);
  app.setErrorHandler((error: FastifyError, request, reply) =>
    answer(asProblem(error, request, logger), reply, metrics),
  );
  app.addHook('onResponse', async (request, reply) => {
    metrics.requests.inc({
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: String(reply.statusCode),
    });
  });
  const complete = refuseOtherMethods(app, metrics);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Corridor gateway',
        version: CONTRACT_VERSION,
        description: `Signed messages, statuses and operator commands of the network ${network} over HTTP, by Corridor ${version}. docs/http.md explains the signatures.`,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
    },
  });
  addDocument(app);
  return { app, complete };
}

/** Refuses what names no host, which HTTP/1.1 asks for, and what comes while the gateway closes. */
function refuseUnfit(app: GatewayApp): void {
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onRequest', async ({ raw }) => {
    if (isClosing) throw passingProblem('closing', PROBLEMS.closing.title);
    const hosts = valuesOf(raw, 'host').length;
    if (hosts > 1 || (hosts === 0 && raw.httpVersion === '1.1'))
      throw fieldProblem('headerInvalid', 'host', null, 'the host that is asked, once');
  });
}

/**
 * A body is the bytes that were signed: what would have to be unfolded or turned into other characters
 * first is refused (RFC 9110, section 15.5.16; JSON is UTF-8 by RFC 8259, section 8.1).
 */
function refuseOtherEncodings(app: GatewayApp): void {
  app.addHook('preParsing', async (request) => {
    const { headers } = request;
    const types = contentTypesOf(request);
    if (types.length === 0) return;
    // Of this header Node keeps the first alone.
    const sent = valuesOf(request.raw, 'content-type');
    if (sent.length > 1)
      throw fieldProblem('headerInvalid', 'content-type', sent.join(', '), 'one type, once');
    const [type = ''] = (headers['content-type'] ?? '').split(';');
    if (!types.includes(type.trim().toLowerCase()))
      throw fieldProblem(
        'mediaTypeUnsupported',
        'content-type',
        headers['content-type'],
        types.join(' or '),
      );
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && !/^identity$/i.test(encoding))
      throw fieldProblem(
        'mediaTypeUnsupported',
        'content-encoding',
        encoding,
        'none, or identity: the body as it was signed',
      );
    const charsets = [...(headers['content-type'] ?? '').matchAll(CHARSET)];
    const other = charsets.find(([, charset = '']) => !/^"?utf-8"?$/i.test(charset));
    if (other)
      throw fieldProblem(
        'mediaTypeUnsupported',
        'content-type',
        other[1],
        'charset utf-8, or none',
      );
  });
}

/** What a request has of a header, each time that it stands there. */
const valuesOf = ({ rawHeaders }: { readonly rawHeaders: readonly string[] }, header: string) =>
  rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === header);

/** A parameter that nobody heeds may be one that is misspelt. */
function refuseOtherParameters(app: GatewayApp): void {
  app.addHook('preValidation', async ({ query, routeOptions, is404 }) => {
    if (is404) return;
    const { properties = {} } = (routeOptions.schema?.querystring ?? {}) as { properties?: object };
    const known = Object.keys(properties);
    for (const [name, value] of Object.entries(query as object))
      if (!known.includes(name))
        throw fieldProblem(
          'parameterInvalid',
          name,
          value,
          known.length > 0 ? `none but ${known.join(', ')}` : 'no parameter here',
        );
  });
}

/** The types of body that a route takes; none where it takes no body. */
const contentTypesOf = ({ routeOptions }: AskedRoute): string[] =>
  Object.keys((routeOptions?.schema?.body as { content?: object } | undefined)?.content ?? {});

interface AskedRoute {
  readonly url: string;
  readonly headers: FastifyRequest['headers'];
  readonly routeOptions?: { readonly schema?: { readonly body?: unknown } | undefined };
}

/** The document that is served. */
export function openApiOf(app: GatewayApp): JsonObject {
  const access = new Map(
    app.declaredRoutes.map(({ method, url, access }) => [
      `${method} ${url.replace(/:(\w+)/g, '{$1}')}`,
      access as Access,
    ]),
  );
  const inline = normalised(JSON.parse(JSON.stringify(app.swagger()))) as JsonObject;
  return namedOpenApi(inline, access, namedSchemas(), messageForms());
}

function addDocument(app: GatewayApp): void {
  let text: string | undefined;
  app.get(
    '/openapi.json',
    {
      config: { access: 'everyone' },
      schema: {
        summary: 'This document',
        tags: ['about'],
        response: {
          200: {
            description: 'OpenAPI 3.1',
            content: {
              'application/json': { schema: Type.Object({}, { additionalProperties: true }) },
            },
          },
          ...problems(),
        },
      },
    },
    async (_request, reply) => {
      text ??= JSON.stringify(openApiOf(app));
      return reply
        .type('application/json')
        .serializer((one: unknown) => one as string)
        .send(text);
    },
  );
}

function useSchemas(app: GatewayApp): void {
  const ajv = new Ajv({
    ...{ strict: false, verbose: true, coerceTypes: true },
    validateSchema: false,
  });
  app.setValidatorCompiler(({ schema, httpPart }) => {
    // A body is checked as bytes: by the route where it decides, else by the verifier.
    if (httpPart === 'body') return () => true;
    // Compiled by the first request that it judges: all together they take half a second.
    return (value: unknown) => {
      const check = ajv.compile(schema);
      return check(value) ? true : { error: check.errors ?? [] };
    };
  });
  // What is answered has no member that its schema lacks: tests hold every answer against the document.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setSchemaErrorFormatter((errors, part) => {
    const [error] = errors as ((typeof errors)[number] & {
      data?: unknown;
      parentSchema?: object;
    })[];
    const missing = error?.params.missingProperty;
    const name =
      typeof missing === 'string' ? missing : (error?.instancePath ?? '').replace(/^\//, '');
    const shape = error?.parentSchema as
      | { title?: string; properties?: Record<string, { title?: string }> }
      | undefined;
    const expected =
      typeof missing === 'string' ? shape?.properties?.[missing]?.title : shape?.title;
    return fieldProblem(
      part === 'headers' ? 'headerInvalid' : 'parameterInvalid',
      name,
      typeof missing === 'string' ? undefined : error?.data,
      expected ?? error?.message ?? 'another form',
    );
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    Object.values(CONTENT_TYPES),
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  );
}

/**
 * Every path answers the methods that it lacks with 405 and says which it has; no other path is
 * known. The function returned is called when all routes are there.
 */
function refuseOtherMethods(app: GatewayApp, metrics: GatewayMetrics): () => void {
  const offered = new Map<string, Set<string>>();
  const allowed: { readonly path: RegExp; readonly allow: string }[] = [];
  const refusal = (method: string, allow: string) =>
    new ProblemError('methodNotAllowed', { detail: `${method}: use ${allow}`, allow });
  app.addHook('onRoute', ({ url, method }) => {
    const known = offered.get(url) ?? new Set();
    offered.set(url, known);
    for (const one of [method].flat()) known.add(one);
  });
  // A method that Fastify has no routes for is not found by it.
  app.setNotFoundHandler(({ method, url }, reply) => {
    const [path = ''] = url.split('?');
    const known = allowed.find((one) => one.path.test(path));
    const detail = 'no such resource; GET /openapi.json lists them';
    const problem = known ? refusal(method, known.allow) : new ProblemError('notFound', { detail });
    return answer(problem, reply, metrics);
  });
  return () => {
    for (const [url, methods] of [...offered]) {
      const allow = [...methods].join(', ');
      allowed.push({
        path: new RegExp(`^${url.replace(/:\w+/g, '[^/]+').replace('*', '.+')}$`),
        allow,
      });
      app.route({
        url,
        method: METHODS.filter((method) => !methods.has(method)),
        schema: { hide: true },
        config: { isRefusal: true },
        // Before the body is read.
        onRequest: async ({ method }) => {
          throw refusal(method, allow);
        },
        handler: async () => null,
      });
    }
  };
}

const FASTIFY_PROBLEMS: Readonly<Record<string, ProblemName>> = {
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bodyInvalid',
  FST_ERR_MAX_PARAM_LENGTH: 'parameterInvalid',
};

function asProblem(error: Error, request: AskedRoute, logger: Logger): ProblemError {
  if (error instanceof ProblemError) return error;
  const { code, statusCode } = error as FastifyError;
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return fieldProblem(
      'mediaTypeUnsupported',
      'content-type',
      request.headers['content-type'],
      contentTypesOf(request).join(' or '),
    );
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(request.headers['content-length']);
  if (code === 'FST_ERR_BAD_URL')
    return fieldProblem(
      'parameterInvalid',
      'url',
      request.url,
      'UTF-8 behind each %, in two hex digits a byte',
    );
  const known = FASTIFY_PROBLEMS[code ?? ''];
  if (known) return new ProblemError(known, { detail: PROBLEMS[known].title });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ProblemError('requestMalformed', { detail: PROBLEMS.requestMalformed.title });
  // What went wrong inside is for the operator's eyes.
  logger.error({ reason: `${error.message}\n${error.stack}` }, 'a request failed');
  return new ProblemError('internal', { detail: 'the gateway failed; the operator can see why' });
}

/** Of a body in chunks nobody knows how long it would be. */
const tooLarge = (bytes: string | undefined): ProblemError =>
  fieldProblem(
    'bodyTooLarge',
    'body',
    bytes === undefined ? `more than ${PAYLOAD_BYTES_MAX} bytes` : `${bytes} bytes`,
    `at most ${PAYLOAD_BYTES_MAX} bytes`,
  );

async function answer(
  error: ProblemError,
  reply: FastifyReply,
  metrics: GatewayMetrics,
): Promise<FastifyReply> {
  metrics.problems.inc({ problem: error.problem });
  const document = problemDocument(error);
  return reply
    .code(document.status as number)
    .headers(problemHeaders(error))
    .serializer((text: unknown) => text as string)
    .send(JSON.stringify(document));
}

/** By the code of Node's error: what is no HTTP is `requestMalformed`. */
const CONNECTION_PROBLEMS: Readonly<Record<string, ProblemName>> = {
  HPE_HEADER_OVERFLOW: 'headersTooLarge',
  ERR_HTTP_REQUEST_TIMEOUT: 'requestTimeout',
};
const PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** What does not arrive as a request is answered before there is one. */
function refuseConnection(
  error: Error & { code?: string },
  socket: Connection & { writable: boolean },
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else endWith(CONNECTION_PROBLEMS[error.code ?? ''] ?? 'requestMalformed', socket);
}

interface Connection {
  end(text: string): void;
  destroy(): void;
  on(event: 'error' | 'close', listener: () => void): void;
}

/** For the answer to arrive; who has it closes at once. */
const LINGER_MS = 1_000;

function endWith(name: ProblemName, socket: Connection): void {
  const { status, title } = PROBLEMS[name];
  const detail =
    name === 'headersTooLarge'
      ? `${title}: expected at most ${REQUEST_HEADERS_BYTES_MAX} bytes in all`
      : title;
  const body = JSON.stringify(problemDocument(new ProblemError(name, { detail })));
  // Node has let go of it: nobody else hears what fails there, nor closes what its client leaves open.
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.on('error', () => {});
  socket.on('close', () => clearTimeout(timer));
  socket.end(
    `HTTP/1.1 ${status} ${PHRASES[status]}\r\n` +
      `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}

export type { FastifyReply, FastifyRequest };
