/**
 * The part of ClickHouse's HTTP interface that `@clickhouse/client` uses, over an engine in this
 * process: `/ping`, and statements in the body or in `query`, with settings and `param_` values in
 * the URL, answers in the format asked for, and errors as a server words them.
 * https://clickhouse.com/docs/interfaces/http
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  type Engine,
  EngineError,
  type Statement,
  type StatementAnswer,
  UNKNOWN_EXCEPTION,
} from './statement.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A block of rows has some megabytes; this keeps a mistake from filling the memory. */
const BODY_BYTES_MAX = 256 * 1024 * 1024;
/**
 * It is the client who lets go of an idle connection, however long it computed since the answer: one
 * that sees the answer late takes the connection for fresh and writes into what is closed here.
 */
const KEEP_ALIVE_MS = 3_600_000;

/** URL parameters of the HTTP interface itself: all others are settings. */
export const NOT_SETTINGS: ReadonlySet<string> = new Set(
  (
    'query database query_id default_format user password role quota_key session_id ' +
    'session_timeout session_check close_session wait_end_of_query buffer_size compress ' +
    'decompress enable_http_compression stacktrace'
  ).split(' '),
);

/** HTTP status by ClickHouse's error code, as HTTPHandler.cpp has it; 500 for all others. */
const STATUS: Readonly<Record<number, number>> = {
  36: 400, // BAD_ARGUMENTS
  27: 400, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  47: 404, // UNKNOWN_IDENTIFIER
  60: 404, // UNKNOWN_TABLE
  62: 400, // SYNTAX_ERROR
  81: 404, // UNKNOWN_DATABASE
  115: 404, // UNKNOWN_SETTING
  516: 403, // AUTHENTICATION_FAILED
};

const digest = (text: string) => createHash('sha256').update(text).digest();

function isAuthentic(request: IncomingMessage, { username, password }: Credentials): boolean {
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const given =
    basic !== undefined
      ? Buffer.from(basic, 'base64').toString('utf8')
      : `${request.headers['x-clickhouse-user']}:${request.headers['x-clickhouse-key']}`;
  return timingSafeEqual(digest(given), digest(`${username}:${password}`));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX)
      throw new EngineError(
        `Code: 307. DB::Exception: More than ${BODY_BYTES_MAX} bytes in one request. (TOO_MANY_BYTES)`,
        307,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toStatement(url: URL, body: Buffer, database: string): Statement {
  const settings: Record<string, string> = {};
  const parameters: Record<string, string> = {};
  for (const [name, value] of url.searchParams) {
    if (name.startsWith('param_')) parameters[name.slice('param_'.length)] = value;
    else if (!NOT_SETTINGS.has(name)) settings[name] = value;
  }
  const query = url.searchParams.get('query');
  return {
    sql: query ?? body.toString('utf8'),
    data: query === null ? Buffer.alloc(0) : body,
    database: url.searchParams.get('database') ?? database,
    defaultFormat: url.searchParams.get('default_format') ?? 'TabSeparated',
    settings,
    parameters,
  };
}

function summary(answer: StatementAnswer): string {
  return JSON.stringify({
    read_rows: String(answer.rowsRead),
    read_bytes: String(answer.bytesRead),
    written_rows: String(answer.rowsWritten),
    written_bytes: String(answer.bytesWritten),
    elapsed_ns: String(Math.round(answer.elapsedSeconds * 1e9)),
  });
}

function fail(response: ServerResponse, error: unknown): void {
  const known = error instanceof EngineError;
  const code = known ? error.code : UNKNOWN_EXCEPTION;
  const message = known
    ? error.message
    : `Code: ${UNKNOWN_EXCEPTION}. DB::Exception: ${(error as Error).message}. (UNKNOWN_EXCEPTION)`;
  response.writeHead(STATUS[code] ?? 500, {
    'Content-Type': 'text/plain; charset=UTF-8',
    'X-ClickHouse-Exception-Code': String(code),
  });
  response.end(`${message}\n`);
}

/** @param database where statements run that name none */
export function createFace(engine: Engine, credentials: Credentials, database: string): Server {
  async function answer(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === '/ping') {
      response.writeHead(200, { 'Content-Type': 'text/plain; charset=UTF-8' }).end('Ok.\n');
      return;
    }
    if (!isAuthentic(request, credentials))
      throw new EngineError(
        'Code: 516. DB::Exception: Authentication failed: password is incorrect, or there is no ' +
          'such user. (AUTHENTICATION_FAILED)',
        516,
      );
    const result = await engine.run(toStatement(url, await readBody(request), database));
    response.writeHead(200, {
      'Content-Type': 'text/plain; charset=UTF-8',
      'Content-Length': result.body.length,
      'X-ClickHouse-Query-Id': url.searchParams.get('query_id') ?? '',
      'X-ClickHouse-Timezone': 'UTC',
      'X-ClickHouse-Summary': summary(result),
    });
    response.end(result.body);
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      request.resume();
      fail(response, error);
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}
