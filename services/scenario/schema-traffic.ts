/** The part of a scenario's schema that says what is paid: flows of payments and of trades. */
import { Type } from '@sinclair/typebox';
import * as field from './schema-field-types.ts';
import { NetworkSchema } from './schema-network.ts';

const { defaulted, list, record } = field;

/** The most payments that one scenario may plan, so that a slip of the keyboard is caught. */
export const PAYMENTS_MAX = 10_000_000;

export const ProfileSchema = record('How arrivals spread over the day.', {
  zone: field.zone('Time zone of the times below.'),
  parts: list(
    record('A part of the day; arrivals are uniform inside it.', {
      from: field.clockTime('Its begin.'),
      to: field.endOfPeriod('Its end.'),
      weight: field.weight('Its share of the arrivals (relative to the other parts).'),
    }),
    'Parts of the day, in order, without overlap. Gaps have no arrivals.',
    1,
  ),
});

export const AmountsSchema = record('Log-normal amounts in the currency debited.', {
  median: field.decimalAmount('Median of the distribution.'),
  sigma: field.sigma('amount'),
  min: field.decimalAmount('What is drawn below is set to this.'),
  max: field.decimalAmount('What is drawn above is set to this.'),
});

const Priorities = record('Shares of the priorities (relative weights).', {
  urgent: defaulted(field.weight('Weight of urgent payments.'), 0),
  high: defaulted(field.weight('Weight of high payments.'), 0),
  normal: defaulted(field.weight('Weight of normal payments.'), 0),
});

const banks = (description: string) =>
  Type.Optional(field.byBic(field.weight('Its weight.'), description));

/** What flows of payments, of trades and of chains have in common. */
export const drawnFields = {
  name: field.label('Its name; the first part of its payments’ EndToEndId.', 18),
  profile: field.plainText('Name of the arrival profile (see `profiles`).', 40),
  priorities: defaulted(Priorities, { urgent: 0, high: 0, normal: 1 }),
  earliest: Type.Optional(
    field.clockTime("Its payments are not queued before this time, in the profile's zone."),
  ),
  latest: Type.Optional(
    field.clockTime(
      "Its payments are cancelled at this time, in the profile's zone; those that leave later have none.",
    ),
  ),
};

export const FlowSchema = record('Payments of one kind: in one currency, or along one corridor.', {
  ...drawnFields,
  kind: defaulted(
    field.choice(
      ['customer', 'bank'] as const,
      'Of the banks’ customers (pacs.008), or between the banks themselves (pacs.009, in one currency).',
    ),
    'customer',
  ),
  from: field.isoCurrency('Currency debited.'),
  to: Type.Optional(field.isoCurrency('Currency credited. Default: the one debited.')),
  paymentsPerDate: field.integer('Payments on each business date.', 0, 5_000_000),
  amounts: AmountsSchema,
  dealers: Type.Optional(
    field.byBic(field.weight('Its share.'), 'Shares of the dealers. Needed if `to` differs.'),
  ),
  debtors: banks("Debtors' agents. Default: every bank with an account in `from`, by size."),
  creditors: banks("Creditors' agents. Default: every bank with an account in `to`, by size."),
  matrix: Type.Optional(
    field.byBic(
      field.byBic(field.weight('Weight of this pair.'), "Creditors' agents."),
      "Weights by debtor's and creditor's agent, instead of `debtors` and `creditors`.",
    ),
  ),
  network: Type.Optional(NetworkSchema),
});

export const TradesSchema = record(
  'Trades between two banks, each of which instructs its own leg: PvP, or DvP with a security.',
  {
    ...drawnFields,
    delivers: field.code('What the first bank delivers: a currency or a security.'),
    receives: field.code('What it receives for that.'),
    tradesPerDate: field.integer(
      'Trades on each business date; each is two messages.',
      0,
      2_500_000,
    ),
    amounts: AmountsSchema,
    price: Type.Optional(
      field.rate('Units received for one delivered. Default: the reference rate of the pair.'),
    ),
    banks: banks('The banks that trade. Default: every bank with an account in both, by size.'),
    counterpartyAfterSeconds: defaulted(
      field.integer(
        'The second bank instructs up to so many seconds after the first (uniform).',
        0,
        86_400,
      ),
      0,
    ),
    unmatchedEvery: Type.Optional(
      field.integer('In every so many trades the second bank does not instruct.', 1, 2_500_000),
    ),
  },
);
