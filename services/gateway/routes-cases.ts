import { Type } from '@sinclair/typebox';
import type { CaseState } from '../live/case-book.ts';
import type { CaseDesk } from './case-desk.ts';
import type { GatewayApp } from './http-server.ts';
import { logged } from './log-port-and-try-later.ts';
import { json, problems } from './request-schemas.ts';
import { OperatorQueryHeaders } from './routes-operator.ts';

const time = (description: string) =>
  Type.Integer({ description: `${description}, ms since 1970` });
const orNull = (description: string) =>
  Type.Union([Type.Integer(), Type.Null()], { description: `${description}, ms since 1970` });

const OpenCases = Type.Object({
  cases: Type.Array(
    Type.Object({
      case: Type.String({ description: 'Its id, as commands name it' }),
      rule: Type.String({ description: '`uid` of the rule, as Grafana has it' }),
      title: Type.String(),
      severity: Type.String({ description: 'critical or warning' }),
      summary: Type.String(),
      subject: Type.Record(Type.String(), Type.String(), {
        description: 'Whom the alert is of, by the labels of the rule',
      }),
      openedMs: time('Up to when the rule had looked when it fired first'),
      stoppedMs: orNull('Since when the rule fires no more; null: it does'),
      acknowledged: Type.Union(
        [
          Type.Object({
            atMs: time('When'),
            by: Type.String({ description: 'Id of the key that signed' }),
            why: Type.String(),
          }),
          Type.Null(),
        ],
        { description: 'Null: nobody has acknowledged it' },
      ),
      held: Type.Union(
        [
          Type.Object({
            trapped: Type.Array(
              Type.Object({ currency: Type.String(), amountMinor: Type.String() }),
              { description: 'What came in at the bank since its last message and stays there' },
            ),
            waiting: Type.Array(
              Type.Object({
                currency: Type.String(),
                bic: Type.String(),
                payments: Type.Integer(),
              }),
              {
                description: 'Others whose payments wait in the currencies in which the bank sends',
              },
            ),
          }),
          Type.Null(),
        ],
        { description: 'Of an outage; null: of another alert' },
      ),
    }),
  ),
});

/** Cases that are open, for whoever acknowledges or closes one. */
export function addCasesRoute(app: GatewayApp, desk: CaseDesk): void {
  app.get(
    '/operator/cases',
    {
      config: { access: 'operatorReads' },
      schema: {
        summary: 'Cases of alerts that are not closed, the oldest first',
        description:
          'Of the pools whose operator asks, and those that are of no pool. They are acknowledged and closed by the commands `acknowledgeCase` and `closeCase`.',
        tags: ['operator'],
        headers: OperatorQueryHeaders,
        response: {
          200: { description: 'Open cases', content: json(OpenCases) },
          ...problems(401),
        },
      },
    },
    async ({ operatedPools }) => {
      const own = await logged(desk.open(operatedPools));
      return { cases: own.map(told) };
    },
  );
}

const told = ({ id, closed: _, ...state }: CaseState) => ({ case: id, ...state });
