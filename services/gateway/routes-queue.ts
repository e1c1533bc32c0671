import { Type } from '@sinclair/typebox';
import { QueryHeaders, readerOf } from './bank-reads-its-own.ts';
import type { GatewayApp } from './http-server.ts';
import { logged } from './log-port-and-try-later.ts';
import type { PoolQueues } from './pool-queues.ts';
import { BicPath, json, problems } from './request-schemas.ts';

const LIMIT_MAX = 1000;

const Item = Type.Object({
  id: Type.String({ description: 'The UETR; of a return its MsgId' }),
  type: Type.String({ description: 'Type of the message' }),
  account: Type.String({ description: 'What it debits: a currency’s code, or a security’s ISIN' }),
  amount: Type.String({ description: 'In major units', pattern: '^[0-9]+(\\.[0-9]+)?$' }),
  counterparty: Type.String({ description: 'BIC of the other bank that it names' }),
  priority: Type.String({ description: 'urgent, high or normal' }),
  settlementDate: Type.String({ description: 'YYYY-MM-DD' }),
  since: Type.String({ description: 'Since when it waits, RFC 3339' }),
  sinceEvent: Type.Integer({ description: 'Number of the event since which it waits' }),
  position: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], {
    description:
      'Place among all that would debit the account, from 1; null where it stands in no queue: for an opening, its earliest time, the other bank’s leg or a cycle',
  }),
  reason: Type.Union(
    [Type.Object({ code: Type.String(), text: Type.String(), remedy: Type.String() }), Type.Null()],
    {
      description:
        'Why it waits, as in its status; null where it is accepted for net settlement at the end of the cycle',
    },
  ),
  information: Type.Array(Type.String(), {
    description: 'The figure: how much is short, behind which payment, until when',
  }),
});
const Queue = Type.Object({
  bic: Type.String(),
  pools: Type.Array(
    Type.Object({
      pool: Type.String(),
      eventNumber: Type.Integer({ description: 'Of the last event that the answer has' }),
      count: Type.Integer({ description: 'How many wait; `waiting` has the first of them' }),
      waiting: Type.Array(Item),
    }),
  ),
});

const LimitQuery = Type.Object({
  limit: Type.Optional(
    Type.Integer({
      description: `How many of each pool at most; ${LIMIT_MAX} without it`,
      ...{ minimum: 1, maximum: LIMIT_MAX, title: `a number from 1 to ${LIMIT_MAX}` },
    }),
  ),
});

/** What of a bank waits in every pool, now, and why. */
export function addQueueRoute(app: GatewayApp, pools: readonly PoolQueues[]): void {
  app.get(
    '/banks/:bic/queue',
    {
      config: { access: 'bank' },
      schema: {
        summary: 'What waits of the bank that signs, and why',
        description:
          'Its own messages that have no final status, in the order of its queues, by account; behind them what stands in no queue. Each has its reason to wait as of the last event of its pool.',
        tags: ['accounts'],
        params: BicPath,
        querystring: LimitQuery,
        headers: QueryHeaders,
        response: {
          200: { description: 'What waits, pool by pool', content: json(Queue) },
          ...problems(401, 403),
        },
      },
    },
    async (request) => {
      const { bic } = readerOf(request);
      const { limit = LIMIT_MAX } = request.query;
      const answers = pools.map((pool) => pool.of(bic, limit));
      return { bic, pools: await logged(Promise.all(answers)) };
    },
  );
}
