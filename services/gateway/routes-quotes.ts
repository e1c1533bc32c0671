import { Type } from '@sinclair/typebox';
import { OPERATOR } from '../protocol/messages/operator-command.ts';
import { BIC_PATTERN } from '../protocol/names/bic-and-uetr.ts';
import { CURRENCY_PATTERN } from '../protocol/names/currency-and-isin.ts';
import { QUERY } from '../protocol/names/signed-query.ts';
import { QuoteRecordSchema } from '../protocol/records/quote-record.ts';
import type { GatewayApp } from './http-server.ts';
import { logged } from './log-port-and-try-later.ts';
import type { QuoteBoard } from './quote-board.ts';
import { json, problems, signedHeadersSchema } from './request-schemas.ts';

const Headers = signedHeadersSchema(
  Type.Literal(QUERY, { title: QUERY }),
  Type.String({
    pattern: `${BIC_PATTERN}|^${OPERATOR}$`,
    title: `the BIC of a participant, or ${OPERATOR}`,
  }),
);

const code = (title: string) => Type.Optional(Type.String({ pattern: CURRENCY_PATTERN, title }));
const QuotesQuery = Type.Object({
  base: code('a currency, of what the dealer receives'),
  quote: code('a currency, of what the dealer pays'),
});

const Quotes = Type.Object({
  quotes: Type.Array(
    Type.Object({
      ...QuoteRecordSchema.properties,
      pool: Type.String({ description: 'In which it holds' }),
      eventNumber: Type.Integer({ description: 'Of the event after which this is left' }),
    }),
  ),
});

/** Rates for whoever pays in another currency. */
export function addQuotesRoute(app: GatewayApp, board: QuoteBoard, now: () => number): void {
  app.get(
    '/quotes',
    {
      config: { access: 'member' },
      schema: {
        summary: 'Rates at which payments can be made, and up to how much',
        description:
          'What the topic `quotes` has, without what has expired. Signed by any participant, or by the operator.',
        tags: ['quotes'],
        querystring: QuotesQuery,
        headers: Headers,
        response: {
          200: {
            description: 'Quotes with cover left, of all pairs or of one',
            content: json(Quotes),
          },
          ...problems(401),
        },
      },
    },
    async (request) => {
      const { base, quote } = request.query;
      const quotes = await logged(board.list(now()));
      return {
        quotes: quotes.filter(
          ({ baseCurrency, quoteCurrency }) =>
            (base ?? baseCurrency) === baseCurrency && (quote ?? quoteCurrency) === quoteCurrency,
        ),
      };
    },
  );
}
