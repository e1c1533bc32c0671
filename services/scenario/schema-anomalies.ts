/** The part of a scenario's schema that says what a watch over the flow should find, and whose accounts payments name. */
import { type Static, Type } from '@sinclair/typebox';
import * as field from './schema-field-types.ts';
import { AmountsSchema } from './schema-traffic.ts';

const { defaulted, list, record } = field;

/** Of one bank. */
const customers = (description: string) => field.integer(description, 1, 100_000);

export const CustomersSchema = record(
  "Accounts of banks' customers, which payments of `traffic` name; no result changes.",
  {
    perBank: customers('How many customers each bank has.'),
    banks: Type.Optional(field.byBic(customers('How many this one has.'), 'Banks with others.')),
    activity: defaulted(
      Type.Number({
        description: 'The k-th customer pays and is paid in proportion to 1 / k to this power.',
        minimum: 0,
        maximum: 5,
        title: 'a number from 0 to 5',
      }),
      1,
    ),
    regulars: defaulted(
      field.integer('Regular payees that each customer has at each other bank.', 0, 50),
      5,
    ),
    toRegulars: defaulted(
      field.share('Share of the payments of a customer that go to one of them.'),
      0.8,
    ),
    ownAmounts: defaulted(
      field.share('How far an amount is its payer’s: with 1 each pays amounts of one size.'),
      0.7,
    ),
  },
);

/** Payments that one anomaly may add. */
export const INJECTED_MAX = 100_000;

const ANOMALY_KINDS = [
  ...(['hijackedKey', 'mistypedAmount', 'run', 'ring', 'stuckBatch', 'silentOutage'] as const),
] as const;

export const AnomaliesSchema = list(
  record('What a watch over the flow should find. Labels tell it, and no message.', {
    name: field.label('Its name in the labels.', 40),
    kind: field.choice(ANOMALY_KINDS, 'What happens.'),
    date: Type.Optional(field.date('Business date. Default: the first.')),
    from: field.dayTime("Its begin, in the scenario's zone."),
    until: field.dayTime('First moment after it, on the same business date.'),
    bank: Type.Optional(field.bic('Whose payments they are. Needed but for a ring.')),
    banks: Type.Optional(
      list(field.bic('The bank of one of its customers.'), 'Of a ring: banks in its order.', 2),
    ),
    flow: Type.Optional(
      field.label('The flow of `traffic` whose payments they are or resemble.', 18),
    ),
    payments: Type.Optional(field.integer('How many payments.', 1, INJECTED_MAX)),
    amounts: Type.Optional(AmountsSchema),
    factor: Type.Optional(
      field.integer('Of mistypedAmount: by what an amount is multiplied.', 2, 1_000_000),
    ),
    rounds: Type.Optional(
      field.integer('Of a ring: how often the money comes back.', 1, INJECTED_MAX),
    ),
    times: Type.Optional(
      field.integer('Of stuckBatch: how often its payments come again.', 1, INJECTED_MAX),
    ),
  }),
  'Labelled anomalies of the flow.',
);

export type AnomalyDocument = Static<typeof AnomaliesSchema>[number];
