/** The part of a scenario's schema that says who takes part, and with what. */
import { Type } from '@sinclair/typebox';
import { ROLES } from '../protocol/names/participant-roles.ts';
import * as field from './schema-field-types.ts';

const { defaulted, list, record } = field;

/** Before the branch XXX, which names the head office. */
const BRANCHES_MAX = 40_000;

const hours = {
  opens: field.clockTime('Local time at which settlement opens, every business date.'),
  closes: field.endOfPeriod('Local time of the cut-off, after which nothing settles.'),
  zone: field.zone('Time zone of the opening hours.'),
  holidays: defaulted(
    list(field.date('A date'), 'Business dates on which this currency does not open.'),
    [],
  ),
};

export const CurrencySchema = record('Minor units and opening hours of one currency.', {
  minorUnits: Type.Optional(
    field.integer('Decimals of the currency. Default: as ISO 4217 says (XTS: 0).', 0, 4),
  ),
  maximumPayment: Type.Optional(
    field.decimalAmount(
      'The most that one payment or leg may have: more is refused. Default: of EUR what T2 takes, of others no maximum.',
    ),
  ),
  earmarkCap: Type.Optional(
    field.decimalAmount(
      'Amount x hours that a bank may have set aside of another for legs of chains on one business date. Default: no cap.',
    ),
  ),
  ...hours,
  haircutBasisPoints: defaulted(
    field.integer(
      'Where participants have limits across currencies: what a balance above zero counts less, and one below zero more, in 1/10,000.',
      0,
      10_000,
    ),
    0,
  ),
  throughputGuidelines: defaulted(
    list(
      record('A share of the value that is meant to be settled by a time.', {
        by: field.clockTime('Local time, while the currency is open.'),
        share: Type.Number({
          description: 'Share of the value settled on the date, above 0 and up to 1.',
          exclusiveMinimum: 0,
          maximum: 1,
          title: 'a share above 0 and up to 1, such as 0.5',
        }),
      }),
      'Guideline points that the report holds the throughput against; they change no result.',
    ),
    [],
  ),
  remittancesUpTo: Type.Optional(
    field.decimalAmount(
      'Customers’ payments of at most this amount count as remittances, where the report holds them against the G20’s targets; it changes no result. Default: none do.',
    ),
  ),
  issuer: Type.Optional(
    field.bic('Its central bank: no other issues or redeems it. Default: the operator does.'),
  ),
});

export const SecuritySchema = record('A security that banks deliver against payment.', {
  name: defaulted(field.plainText('Its name in reports.', 140), '—'),
  decimals: defaulted(field.integer('Decimals of a quantity of it.', 0, 4), 0),
  ...hours,
});

const Account = record("A participant's settlement account in one currency or security.", {
  balance: field.decimalAmount('Opening balance (issued as the first thing).'),
  creditLine: defaulted(
    field.decimalAmount('Intraday credit: how far the balance may go below zero.'),
    '0',
  ),
  collateral: Type.Optional(
    record('Collateral, which gives credit beside the credit line.', {
      amount: field.decimalAmount('Its value.'),
      haircutBasisPoints: defaulted(
        field.integer('What of it gives no credit, in 1/10,000.', 0, 10_000),
        0,
      ),
    }),
  ),
  netDebitCap: Type.Optional(
    field.decimalAmount('In dns and hybrid: how far its net position may go below zero.'),
  ),
  bilateralCaps: defaulted(
    field.byBic(
      field.decimalAmount('The cap.'),
      'In dns and hybrid: how far the net position of each of these banks against it may go below zero.',
    ),
    {},
  ),
  limit: Type.Optional(
    field.decimalAmount(
      'Its multilateral limit: the most that it pays, net, to all without a limit of their own.',
    ),
  ),
  bilateralLimits: defaulted(
    field.byBic(
      field.decimalAmount('The limit.'),
      'The most that it pays, net, to each of these banks.',
    ),
    {},
  ),
  reservations: Type.Optional(
    record('Liquidity that it keeps back for a class of payments.', {
      urgent: Type.Optional(field.decimalAmount('For urgent payments.')),
      high: Type.Optional(field.decimalAmount('For urgent and high payments.')),
    }),
  ),
});

export const ParticipantSchema = record('A bank, a dealer, a central bank or an attestor.', {
  bic: field.bic('Its BIC: a test code, whose eighth character is 0, unless `realBics` is true.'),
  name: field.plainText('Its name in reports. Invent one.', 140),
  role: defaulted(
    field.choice(
      ROLES,
      'A bank sends and receives payments; a dealer stands between two currencies; a central bank issues; a customer has deposits at a bank; the others attest what conditions of chains ask for, and have no accounts.',
    ),
    'bank',
  ),
  syntax: Type.Optional(
    field.choice(
      ['json', 'xml'],
      'The syntax in which it is told of what it did not send itself. Default: JSON.',
    ),
  ),
  branches: Type.Optional(
    field.integer(
      'So many attestors in its place: their BICs have three digits or letters behind its 8 characters, from 000 on, and their names a number.',
      1,
      BRANCHES_MAX,
    ),
  ),
  size: defaulted(
    field.weight("The bank's share of the traffic as debtor's and as creditor's agent."),
    1,
  ),
  accounts: defaulted(
    field.byCode(Account, 'Its accounts, by currency or security; an attestor has none.'),
    {},
  ),
  acrossCurrencies: Type.Optional(
    record('Limits over all of its currencies together, valued at the reference rates.', {
      currency: field.isoCurrency('The currency in which they are given; it has an account in it.'),
      aggregateShortLimit: Type.Optional(
        field.decimalAmount('The most that its balances below zero may come to.'),
      ),
      pooledCollateral: Type.Optional(
        field.decimalAmount(
          'Its balances, less haircuts, may be worth so much less than nothing. "0": never below.',
        ),
      ),
    }),
  ),
});
