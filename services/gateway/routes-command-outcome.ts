import { Type } from '@sinclair/typebox';
import { COMMAND_OUTCOMES } from '../core/settlement/events.ts';
import { fieldProblem, ProblemError } from '../protocol/names/http-problems.ts';
import { SIGNED_FIELD_PATTERN } from '../protocol/names/signing-text.ts';
import { POOL_PATTERN } from '../protocol/names/topic-plan.ts';
import type { CommandReport } from '../protocol/records/command-report.ts';
import { commandId } from '../protocol/records/commands-taken-once-and-by-two-operators.ts';
import { QueryHeaders, readerOf } from './bank-reads-its-own.ts';
import type { CaseDesk } from './case-desk.ts';
import type { CommandBook } from './command-outcomes.ts';
import type { GatewayApp } from './http-server.ts';
import { logged } from './log-port-and-try-later.ts';
import type { PoolInput } from './pool-input-and-clock.ts';
import { BicPath, json, problems } from './request-schemas.ts';
import { PageQuery } from './routes-mail.ts';
import { OperatorQueryHeaders } from './routes-operator.ts';

export interface OutcomePorts {
  readonly book: CommandBook;
  readonly cases: CaseDesk;
  readonly pools: readonly PoolInput[];
  /** Aborted when the gateway closes. */
  readonly closing: AbortSignal;
}

const CommandPath = Type.Object({
  id: Type.String({
    pattern: SIGNED_FIELD_PATTERN,
    title: '1 to 64 characters of A-Z a-z 0-9 . _ : -',
  }),
});
const OutcomeQuery = Type.Object({
  pool: Type.Optional(Type.String({ pattern: POOL_PATTERN, title: 'the name of a pool' })),
  wait: PageQuery.properties.wait,
});

const nullable = (description: string) => Type.Union([Type.String(), Type.Null()], { description });
const place = {
  outcome: Type.String({ description: `One of ${COMMAND_OUTCOMES.join(', ')}` }),
  position: Type.Integer({
    description: 'Of the command’s record in the pool’s input; about a case: in the topic `cases`',
  }),
  eventNumber: Type.Integer({
    description: 'Of the event that tells this; 0 about a case, which no event is about',
  }),
  timeMs: Type.Integer({ description: 'When it was decided, ms since 1970' }),
  payloadDigest: Type.String({ description: 'SHA-256 of the bytes that were signed, hex' }),
};
const placeOf = ({ outcome, position, eventNumber, timeMs, payloadDigest }: CommandReport) => {
  return { outcome, position, eventNumber, timeMs, payloadDigest };
};
const Outcome = Type.Object({
  ...{ id: Type.String(), pool: Type.String(), kind: Type.String(), ...place },
  reason: nullable('Why it is not done; null: it is'),
  detail: nullable('What that means for this kind of command'),
  waiting: Type.Union([Type.Unknown(), Type.Null()], {
    description: 'The command, where it waits for another operator; else null',
  }),
  untilMs: Type.Union([Type.Integer(), Type.Null()], {
    description: 'Until when it waits, ms since 1970: a later approval is none; null: it does not',
  }),
  key: Type.Optional(
    Type.Unknown({
      description: 'Of a command about a key of an operator or of the node that is done: that key',
    }),
  ),
  again: Type.Union([Type.Object(place), Type.Null()], {
    description: 'What came last under the same id, without effect; null: nothing',
  }),
});

/** What became of a command, by its id. */
export function addOutcomeRoute(
  app: GatewayApp,
  { book, cases, closing, pools }: OutcomePorts,
): void {
  app.get(
    '/operator/commands/:id',
    {
      config: { access: 'operatorReads' },
      schema: {
        summary: 'What became of a command of the operator',
        description:
          'Signed like a bank’s request to read, as `operator` under the key id `genesis` or that of another operator. `pool` chooses where one id was used in several pools; `wait` holds the request open until there is an outcome.',
        tags: ['operator'],
        params: CommandPath,
        querystring: OutcomeQuery,
        headers: OperatorQueryHeaders,
        response: {
          200: { description: 'The pool has taken the command', content: json(Outcome) },
          ...problems(401, 404),
        },
      },
    },
    async ({ params: { id }, query, operatedPools }) => answer(operatedPools, { id }, query),
  );
  app.get(
    '/banks/:bic/keys/:id',
    {
      config: { access: 'bank' },
      schema: {
        summary: 'What became of a bank’s command about its own keys',
        tags: ['participants'],
        params: Type.Composite([BicPath, CommandPath]),
        querystring: OutcomeQuery,
        headers: QueryHeaders,
        response: {
          200: { description: 'The pool has taken the command', content: json(Outcome) },
          ...problems(401, 403, 404),
        },
      },
    },
    async (request) => {
      const { bic: sender } = readerOf(request);
      return answer(names, { id: request.params.id, sender }, request.query);
    },
  );

  const names = pools.map(({ pool }) => pool);

  /** Until when a command waits for another operator, by the log's time; null where it does not. */
  async function untilOf({
    pool,
    outcome,
    timeMs,
  }: Pick<CommandReport, 'pool' | 'outcome' | 'timeMs'>): Promise<number | null> {
    if (outcome !== 'awaitsApproval') return null;
    const input = pools.find((one) => one.pool === pool);
    const genesis = input && (await logged(input.genesis()));
    return timeMs + (genesis?.operators?.approvalValidMs ?? 0);
  }

  async function answer(
    among: readonly string[],
    named: { readonly id: string; readonly sender?: string },
    { pool, wait = 0 }: { readonly pool?: string; readonly wait?: number },
  ) {
    const asked = among.filter((one) => (pool ?? one) === one);
    const own = commandId(named);
    const ofCases = named.sender === undefined ? await logged(cases.reports(asked, named.id)) : [];
    const found = [
      ...ofCases.map((report) => ({ ...report, eventNumber: 0, waiting: null })),
      ...(await logged(
        book.findAmong(asked, own, { waitMs: ofCases.length > 0 ? 0 : wait, closing }),
      )),
    ];
    const [report, other] = found;
    if (other)
      throw fieldProblem(
        'parameterInvalid',
        'pool',
        null,
        `one of ${found.map((one) => one.pool).join(', ')}: each took a command of this id`,
      );
    if (!report)
      throw new ProblemError('notFound', {
        detail:
          'no pool of this reader has taken such a command: not sent, not decided yet, or taken by a version that told no outcomes',
        field: 'id',
        value: named.id,
      });
    const untilMs = await untilOf(report);
    const last = book.again(report.pool, own);
    return { ...report, id: named.id, untilMs, again: last ? placeOf(last) : null };
  }
}
