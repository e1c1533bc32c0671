/** The part of a scenario's schema that puts deposits at commercial banks over reserves at central banks. */
import { type Static, Type } from '@sinclair/typebox';
import * as field from './schema-field-types.ts';
import { AmountsSchema, drawnFields } from './schema-traffic.ts';

const { defaulted, list, record } = field;

const byBank = (description: string) =>
  Type.Optional(field.byBic(field.weight('Its weight.'), description));

export const DepositsSchema = list(
  record('What the customers of one bank hold with it in one currency.', {
    bank: field.bic('A participant with an account in the currency: its reserves.'),
    currency: field.isoCurrency('The currency of the deposits.'),
    customers: field.integer('How many customers hold such deposits.', 1, 10_000),
    balance: field.decimalAmount('What each of them has at the beginning.'),
    quota: Type.Optional(
      field.decimalAmount(
        'How far its deposits may grow beyond those of the beginning. Default: by all that customers of other banks have in the currency then.',
      ),
    ),
  }),
  'Deposits at commercial banks.',
);

export const CustomerPaymentsSchema = list(
  record('Generated payments between customers, each a chain of legs over both layers.', {
    ...drawnFields,
    currency: field.isoCurrency('What the payer has deposits in.'),
    to: Type.Optional(field.isoCurrency('What the payee has deposits in. Default: the same.')),
    dealers: byBank(
      'Participants with reserves in both currencies, who change one into the other.',
    ),
    price: Type.Optional(
      field.rate('Units of `to` for one of `currency`. Default: the reference rate of the pair.'),
    ),
    paymentsPerDate: field.integer('Payments on each business date, exactly.', 0, 1_000_000),
    amounts: AmountsSchema,
    payers: byBank(
      "Banks whose customers pay. Default: all with deposits, by their customers' number.",
    ),
    payees: byBank('Banks whose customers are paid. Default: the same.'),
    onUs: Type.Optional(
      field.share(
        'Share of the payments whose payer and payee have one bank. Default: as the weights have it.',
      ),
    ),
    sendsWithinSeconds: defaulted(
      field.integer("The payee's bank sends its leg up to so much later (uniform).", 0, 86_400),
      0,
    ),
  }),
  'Generated payments of customers.',
);

export type CustomerPaymentsDocument = Static<typeof CustomerPaymentsSchema>[number];
