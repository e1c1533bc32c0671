import { Type } from '@sinclair/typebox';
import { QueryHeaders, readerOf } from './bank-reads-its-own.ts';
import type { GatewayApp } from './http-server.ts';
import { logged } from './log-port-and-try-later.ts';
import type { PoolAccounts } from './pool-accounts.ts';
import { BicPath, json, problems } from './request-schemas.ts';

const decimal = (description: string) =>
  Type.String({ description, pattern: '^-?[0-9]+(\\.[0-9]+)?$' });
const waiting = (description: string) =>
  Type.Object({ count: Type.Integer(), amount: decimal('What they come to') }, { description });

const Account = Type.Object({
  currency: Type.String({ description: 'A currency’s code, or a security’s ISIN' }),
  balance: decimal('What is booked'),
  creditLine: decimal('How far the balance may go below zero'),
  collateralCredit: decimal('Credit that collateral gives beside the line, after its haircut'),
  reservedUrgent: decimal('Kept for urgent payments'),
  reservedHigh: decimal('Kept for urgent and high payments'),
  earmarked: decimal('Of the balance, set aside for chains'),
  available: decimal(
    'What a normal payment can be paid with: balance and credit less what is kept',
  ),
  waitingDebits: waiting('Payments that would debit it, and have not ended'),
  waitingCredits: waiting('Payments that would credit it, and have not ended'),
});
const Accounts = Type.Object({
  bic: Type.String(),
  pools: Type.Array(
    Type.Object({
      pool: Type.String(),
      eventNumber: Type.Integer({ description: 'Of the last event that the answer has' }),
      accounts: Type.Array(Account),
    }),
  ),
});

/** A bank's accounts in every pool, now. */
export function addAccountsRoute(app: GatewayApp, pools: readonly PoolAccounts[]): void {
  app.get(
    '/banks/:bic/accounts',
    {
      config: { access: 'bank' },
      schema: {
        summary: 'The accounts of the bank that signs',
        description:
          'Balance, credit, what is kept for urgent payments and what waits, as of the last event of each pool. Amounts are in major units.',
        tags: ['accounts'],
        params: BicPath,
        headers: QueryHeaders,
        response: {
          200: { description: 'Its accounts, pool by pool', content: json(Accounts) },
          ...problems(401, 403),
        },
      },
    },
    async (request) => {
      const { bic } = readerOf(request);
      return { bic, pools: await logged(Promise.all(pools.map((pool) => pool.of(bic)))) };
    },
  );
}
