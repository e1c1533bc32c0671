/** What the live view's page asks for over HTTP: its state, payments, and to pause and drive a scenario (drive/drive.ts). */
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { requireDeclaredAccess } from '../live/declared-access.ts';
import type { DriveCommand, DrivePort } from '../live/drive-port.ts';
import { HTTP_SERVER_BOUNDS } from '../live/http-server-bounds.ts';
import type { Logger } from '../live/service-context.ts';
import { isUetr, type Uetr } from '../protocol/names/bic-and-uetr.ts';
import {
  fieldProblem,
  PROBLEMS,
  ProblemError,
  passingProblem,
  problemDocument,
  problemHeaders,
} from '../protocol/names/http-problems.ts';
import type { CaseDecisions } from './case-decisions.ts';
import { type Publisher, UNREAD_BYTES_MAX } from './page-updates.ts';
import type { History } from './payment-history.ts';
import type { PaymentHistory } from './told-to-page.ts';
import { createTokenCheck, PAGE_HEADERS, refuseOtherSites } from './view-access.ts';

/** A file of the page, as the build made it. */
export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array;
}

export interface ViewAppPorts {
  readonly token: string;
  /** By path, `/` for the page itself. */
  readonly files: ReadonlyMap<string, PageFile>;
  readonly publisher: Publisher;
  readonly histories: ReadonlyMap<string, History>;
  readonly drive: () => DrivePort | null;
  readonly cases: CaseDecisions;
  readonly logger: Logger;
}

const LISTENERS_MAX = 16;
/** The page and its files are open, its data asks for the token. */
const PAGE = { config: { access: 'page' } } as const;
const TOKEN = { config: { access: 'token' } } as const;
const KEEP_ALIVE_MS = 10_000;
const BODY_BYTES_MAX = 4_096;

/**
 * The live view's own HTTP face, apart from the gateway's: the page and its files, which hold nothing,
 * are open; everything with data asks for the token (view-access.ts). Apart from listening.
 */
export function createViewApp(ports: ViewAppPorts): FastifyInstance {
  const app = Fastify({ ...HTTP_SERVER_BOUNDS, bodyLimit: BODY_BYTES_MAX });
  requireDeclaredAccess(app, ['page', 'token']);
  const mayRead = createTokenCheck(ports.token);
  app.setErrorHandler((error: FastifyError, _request, reply) =>
    answer(asProblem(error, ports.logger), reply),
  );
  app.setNotFoundHandler((_request, reply) =>
    answer(new ProblemError('notFound', { detail: 'no such resource' }), reply),
  );
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(PAGE_HEADERS);
    refuseOtherSites(request.headers);
    if (request.routeOptions.config.access === 'token') mayRead(request.headers);
  });
  for (const [path, { type, body }] of ports.files)
    app.get(path, PAGE, async (_request, reply) => reply.type(type).send(body));
  addStream(app, ports);
  addHistory(app, ports);
  addDrive(app, ports);
  addCases(app, ports);
  return app;
}

function asProblem(error: FastifyError, logger: Logger): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error.name === 'LogError')
    return new ProblemError('logUnavailable', { detail: 'the log cannot be read now' });
  const { statusCode } = error;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ProblemError('requestMalformed', { detail: PROBLEMS.requestMalformed.title });
  logger.error({ reason: `${error.message}\n${error.stack}` }, 'a request of the live view failed');
  return new ProblemError('internal', { detail: 'the live view failed; corridor.log says why' });
}

function answer(error: ProblemError, reply: FastifyReply): FastifyReply {
  const document = problemDocument(error);
  return reply
    .code(document.status as number)
    .headers({
      ...problemHeaders(error),
      ...(error.problem === 'notAuthentic' && { 'www-authenticate': 'Bearer' }),
    })
    .send(JSON.stringify(document));
}

function addStream(app: FastifyInstance, { publisher }: ViewAppPorts): void {
  app.get('/stream', TOKEN, async (request, reply) => {
    if (publisher.listeners >= LISTENERS_MAX)
      throw new ProblemError('overloaded', {
        detail: `${LISTENERS_MAX} pages are open already`,
        retryAfterSeconds: 5,
      });
    const { 'last-event-id': last } = request.headers;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { ...PAGE_HEADERS, 'content-type': 'text/event-stream; charset=utf-8' });
    const listener = {
      send(text: string): boolean {
        raw.write(text);
        if (raw.writableLength < UNREAD_BYTES_MAX) return true;
        // An end would wait for the page to read what it has not read.
        raw.destroy();
        return false;
      },
      end: () => void raw.end(),
    };
    const leave = publisher.join(listener, typeof last === 'string' ? last : undefined);
    const alive = setInterval(() => raw.write(': \n\n'), KEEP_ALIVE_MS).unref();
    raw.once('close', () => {
      clearInterval(alive);
      leave();
    });
    return reply;
  });
}

function addHistory(app: FastifyInstance, { histories }: ViewAppPorts): void {
  app.get<{ Params: { uetr: string }; Querystring: { whole?: string } }>(
    '/payments/:uetr',
    TOKEN,
    async ({ params: { uetr }, query: { whole = 'false' } }) => {
      if (!isUetr(uetr))
        throw fieldProblem('parameterInvalid', 'uetr', uetr, 'a lower-case UUID of version 4');
      if (whole !== 'true' && whole !== 'false')
        throw fieldProblem('parameterInvalid', 'whole', whole, 'true or false');
      return paymentIn([...histories.values()], uetr, whole === 'true');
    },
  );
  app.get<{ Params: { pool: string; number: string; offset: string } }>(
    '/pools/:pool/messages/:offset/events/:number/proof',
    TOKEN,
    async ({ params: { pool, number, offset } }) => {
      const history = histories.get(pool);
      if (!history)
        throw new ProblemError('notFound', { detail: 'no such pool', field: 'pool', value: pool });
      return history.proof(wholeNumber('number', number, 1), wholeNumber('offset', offset, 0));
    },
  );
}

/** A refused message under the UETR in one pool does not hide the payment in another. */
async function paymentIn(histories: readonly History[], uetr: Uetr, whole: boolean) {
  let refused: PaymentHistory | null = null;
  for (const history of histories) {
    const found = await history.of(uetr, whole);
    if (found?.isTaken) return found;
    refused ??= found;
  }
  for (const history of histories)
    if (await history.isBehind())
      throw passingProblem('logUnavailable', 'the log has not been read to its end: ask again');
  if (refused) return refused;
  throw new ProblemError('notFound', {
    detail: 'no pool has a payment under this UETR',
    field: 'uetr',
    value: uetr,
  });
}

function wholeNumber(field: string, text: string, least: number): number {
  const number = Number(text);
  if (/^[0-9]{1,15}$/.test(text) && number >= least) return number;
  throw fieldProblem('parameterInvalid', field, text, `a whole number from ${least}`);
}

function addDrive(app: FastifyInstance, { drive }: ViewAppPorts): void {
  const driven = () => {
    const port = drive();
    if (port) return port;
    throw new ProblemError('notFound', { detail: 'no scenario is driven in this network' });
  };
  app.get('/drive', TOKEN, async () => driven().status());
  app.post('/drive', TOKEN, async ({ body }) => driven().control(readCommand(body)));
}

function addCases(app: FastifyInstance, { cases }: ViewAppPorts): void {
  app.post<{ Params: { case: string } }>('/cases/:case', TOKEN, async ({ params, body }) => {
    const { action, why } = membersOf(body);
    if (action !== 'acknowledge' && action !== 'close')
      throw fieldProblem('bodyInvalid', 'action', action, 'acknowledge or close');
    return cases.decide({ kind: `${action}Case`, case: params.case, why });
  });
}

const membersOf = (body: unknown): { readonly [name: string]: unknown } =>
  typeof body === 'object' && body !== null ? (body as { [name: string]: unknown }) : {};

function readCommand(body: unknown): DriveCommand {
  const { action, speed } = membersOf(body);
  if (action === 'pause' || action === 'resume') return { action };
  if (action !== 'speed')
    throw fieldProblem('bodyInvalid', 'action', action, 'pause, resume or speed');
  if (typeof speed !== 'number' || !Number.isFinite(speed) || speed <= 0)
    throw fieldProblem('bodyInvalid', 'speed', speed, 'a number above 0');
  return { action, speed };
}
