import { type TSchema, Type } from '@sinclair/typebox';
import { BIC_PATTERN, UETR_PATTERN } from '../protocol/names/bic-and-uetr.ts';
import {
  PROBLEM_NAMES,
  PROBLEMS,
  type ProblemName,
  problemType,
} from '../protocol/names/http-problems.ts';
import {
  CANONICAL_SIGNATURE_PATTERN,
  MILLISECONDS_PATTERN,
} from '../protocol/names/message-headers.ts';
import { SIGNED_FIELD_PATTERN } from '../protocol/names/signing-text.ts';
import { POOL_PATTERN } from '../protocol/names/topic-plan.ts';

/** The schemas that check requests; the OpenAPI document is made from them. */
const field = (description: string, pattern = SIGNED_FIELD_PATTERN) =>
  Type.String({ description, pattern, title: '1 to 64 characters of A-Z a-z 0-9 . _ : -' });

/** The signed headers, of a message as of a request to read. */
export function signedHeadersSchema(type: TSchema, source: TSchema) {
  return Type.Object({
    'ce-specversion': Type.Literal('1.0', { title: '1.0' }),
    'ce-id': field('The UETR, or an id of the request'),
    'ce-source': source as ReturnType<typeof Type.String>,
    'ce-type': type as ReturnType<typeof Type.String>,
    'ce-time': Type.Optional(
      Type.String({
        description: 'For people; ce-issuedatms is what counts',
        pattern: '^[0-9TZ:.+-]{1,40}$',
        title: 'an instant as RFC 3339 writes it',
      }),
    ),
    'ce-keyid': field('The id of the key that signs'),
    'ce-issuedatms': Type.String({
      description: 'When it was signed, ms since 1970',
      pattern: MILLISECONDS_PATTERN,
      title: 'milliseconds since 1970 in decimal digits, no leading zero',
    }),
    'ce-signature': Type.String({
      description: 'Ed25519 over the nine lines of the signed text',
      pattern: CANONICAL_SIGNATURE_PATTERN,
      title:
        '64 bytes of Ed25519 in standard base64 with padding: 88 characters, the last before == one of A, Q, g, w',
    }),
  });
}

export const BicSchema = Type.String({
  pattern: BIC_PATTERN,
  title: 'a BIC of 8 or 11 characters, upper case',
});
const UetrSchema = Type.String({
  pattern: UETR_PATTERN,
  title: 'a lower-case UUID of version 4',
});

export const oneOfTypes = (names: readonly string[]) =>
  Type.String({
    pattern: `^(${names.join('|').replaceAll('.', '\\.')})$`,
    title: `one of ${names.join(', ')}`,
  });

/** The name of a pool, in a query. */
export const PoolParameter = Type.String({ pattern: POOL_PATTERN, title: 'the name of a pool' });

export const BicPath = Type.Object({ bic: BicSchema });
export const UetrPath = Type.Object({ uetr: UetrSchema });

/** What a body or an answer carries. */
export const json = (schema: TSchema) => ({ 'application/json': { schema } });

const problemSchema = (names: readonly ProblemName[]) =>
  Type.Object(
    {
      type: Type.Union(names.map((name) => Type.Literal(problemType(name)))),
      title: Type.String(),
      status: Type.Integer({ minimum: 400, maximum: 599 }),
      detail: Type.String({ description: 'What is wrong and what to do' }),
      field: Type.Optional(Type.String()),
      value: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      expected: Type.Optional(Type.String()),
      retryAfterSeconds: Type.Optional(Type.Integer()),
    },
    { description: 'RFC 9457' },
  );

const HEADERS: Readonly<Record<number, Record<string, TSchema>>> = {
  401: { 'www-authenticate': Type.Literal('CORRIDOR-SIG-V1') },
  405: { allow: Type.String({ description: 'The methods of this path' }) },
  429: { 'retry-after': Type.String({ description: 'Seconds' }) },
  503: { 'retry-after': Type.String({ description: 'Seconds' }) },
};

/** What every path may answer, whatever it is for. */
const EVERYWHERE = [400, 405, 408, 431, 500, 503];

const namesOf = (status: number): ProblemName[] =>
  PROBLEM_NAMES.filter((name) => PROBLEMS[name].status === status);

/** By status, the form of a problem. */
export const problemSchemas = (): Map<number, TSchema> =>
  new Map(
    PROBLEM_NAMES.map((name) => PROBLEMS[name].status).map((status) => [
      status,
      problemSchema(namesOf(status)),
    ]),
  );

/** The problems that a route can answer beside those of every route, for the OpenAPI document. */
export const problems = (...statuses: number[]) =>
  Object.fromEntries(
    [...EVERYWHERE, ...statuses].map((status) => {
      const names = namesOf(status);
      const response = {
        description: names.map((name) => PROBLEMS[name].title).join('; or: '),
        content: { 'application/problem+json': { schema: problemSchema(names) } },
        ...(HEADERS[status] && { headers: HEADERS[status] }),
      };
      return [status, response];
    }),
  );
