import { PAYLOAD_BYTES_MAX } from './size-limits.ts';

/**
 * Every answer that is no success is a problem (RFC 9457, application/problem+json) of this closed
 * list. It says what to do; nothing of the inside (stack, host, topic of another) stands in it.
 */
export const PROBLEMS = {
  headerInvalid: { status: 400, title: 'A header is missing or malformed' },
  parameterInvalid: { status: 400, title: 'A part of the URL is malformed' },
  bodyInvalid: { status: 400, title: 'The body cannot be read' },
  requestMalformed: { status: 400, title: 'The request is not HTTP as it should be' },
  notAuthentic: { status: 401, title: 'The request is not signed as it must be' },
  notYours: { status: 403, title: 'A bank reads only what is its own' },
  notFound: { status: 404, title: 'There is nothing here' },
  methodNotAllowed: { status: 405, title: 'The method is not allowed here' },
  requestTimeout: { status: 408, title: 'The request did not arrive in time' },
  commandConflict: { status: 409, title: 'The id was used for another command' },
  positionGone: { status: 410, title: 'The log does not continue at this position' },
  bodyTooLarge: { status: 413, title: `The body is larger than ${PAYLOAD_BYTES_MAX / 1024} KiB` },
  mediaTypeUnsupported: {
    status: 415,
    title: 'The body must be application/json or application/xml, in UTF-8 and not encoded',
  },
  unverifiedLimited: { status: 429, title: 'Too much that does not verify' },
  shareExceeded: { status: 429, title: 'More than this bank’s share while others send' },
  refusedOften: { status: 429, title: 'Too many from this address are being refused' },
  headersTooLarge: { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'An error of the gateway' },
  logUnavailable: { status: 503, title: 'The log does not take messages now; try later' },
  overloaded: { status: 503, title: 'Too much at once; try later' },
  notSealed: { status: 503, title: 'No checkpoint covers the event yet; try later' },
  closing: { status: 503, title: 'The gateway is closing; try later' },
} as const;

export type ProblemName = keyof typeof PROBLEMS;
export const PROBLEM_NAMES = Object.keys(PROBLEMS) as ProblemName[];

export interface ProblemDetails {
  readonly detail: string;
  /** Which header, parameter or place in the body. */
  readonly field?: string;
  /** What was found there, of more than 80 characters 79 and an ellipsis; null: nothing. */
  readonly value?: string | null;
  readonly expected?: string;
  /** When it makes sense to try again. */
  readonly retryAfterSeconds?: number;
  /** For 405: what is allowed. */
  readonly allow?: string;
}

/** Thrown by handlers; the app's error handler writes it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: ProblemName;
  readonly details: ProblemDetails;
  constructor(problem: ProblemName, details: ProblemDetails) {
    super(details.detail);
    this.problem = problem;
    this.details = details;
  }
}

/** What may have passed a second later. */
export const passingProblem = (problem: ProblemName, detail: string): ProblemError =>
  new ProblemError(problem, { detail, retryAfterSeconds: 1 });

const VALUE_CHARACTERS_MAX = 80;

/** Of a value at fault, as a problem shows it: what is cut ends in an ellipsis. */
export const beginningOf = (text: string): string =>
  text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX - 1)}…` : text;

/** One fault of one field, in the house's form: field, value, expectation. */
export function fieldProblem(
  problem: ProblemName,
  field: string,
  value: unknown,
  expected: string,
): ProblemError {
  const isText = typeof value === 'string';
  const found =
    value === undefined || value === null
      ? null
      : beginningOf(isText ? value : JSON.stringify(value));
  const asked = expected.startsWith('must ') ? expected : `expected ${expected}`;
  const detail = `${field}: ${asked}, found ${found === null ? 'nothing' : isText ? JSON.stringify(found) : found}`;
  return new ProblemError(problem, { detail, field, value: found, expected });
}

/** A name to compare, not an address to open. */
export const problemType = (name: ProblemName): string =>
  `urn:corridor:problem:${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The document that is sent. */
export function problemDocument({ problem, details }: ProblemError): Record<string, unknown> {
  const { allow: _, ...members } = details;
  const { status, title } = PROBLEMS[problem];
  return { type: problemType(problem), title, status, ...members };
}

export function problemHeaders({ problem, details }: ProblemError): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    ...(details.retryAfterSeconds !== undefined && {
      'retry-after': String(details.retryAfterSeconds),
    }),
    ...(details.allow !== undefined && { allow: details.allow }),
    // Its bodies are not read.
    ...(problem === 'refusedOften' && { connection: 'close' }),
    ...(problem === 'mediaTypeUnsupported' && { 'accept-encoding': 'identity' }),
    ...(problem === 'notAuthentic' && { 'www-authenticate': 'CORRIDOR-SIG-V1' }),
  };
}
