/** The part of a scenario's schema that says what happens during the run. */
import { Type } from '@sinclair/typebox';
import * as field from './fields.ts';

const { defaulted, list, record } = field;

const participantMoment = {
  participant: field.bic('The participant concerned.'),
  date: Type.Optional(field.date('Business date. Default: the first.')),
};
const accountMoment = {
  ...participantMoment,
  currency: field.currencyCode('The currency of its account.'),
  at: field.timeOfDay("When, in the scenario's zone."),
};
const everyNth = {
  participant: field.bic('The participant whose messages are meant.'),
  every: field.integer(
    'One of every so many of its payments, in planning order.',
    1,
    field.PAYMENTS_MAX,
  ),
};

export const Events = record('What happens during the run.', {
  outages: defaulted(
    list(
      record('A participant stops sending; it still receives. Its backlog leaves at the end.', {
        ...participantMoment,
        from: field.timeOfDay("First moment of the outage, in the scenario's zone."),
        until: Type.Optional(
          field.timeOfDay('First moment after it, same date. Default: it never sends again.'),
        ),
      }),
      'Outages.',
    ),
    [],
  ),
  corruptSignatures: defaulted(
    list(
      record('Every Nth payment of a participant carries a corrupted signature.', everyNth),
      'Corrupted signatures.',
    ),
    [],
  ),
  repeatMessages: defaulted(
    list(
      record('Every Nth payment of a participant is sent a second time, unchanged.', {
        ...everyNth,
        afterSeconds: defaulted(field.integer('Delay of the second one.', 1, 86_400), 30),
      }),
      'Repeated messages. Payments with a corrupted signature are not repeated.',
    ),
    [],
  ),
  creditLines: defaulted(
    list(
      record('A credit line changes.', { ...accountMoment, amount: field.amount('The new line.') }),
      'Changes of credit lines.',
    ),
    [],
  ),
  issues: defaulted(
    list(
      record('Central-bank money is added to an account.', {
        ...accountMoment,
        amount: field.amount('The amount added.'),
      }),
      'Issuances.',
    ),
    [],
  ),
  redemptions: defaulted(
    list(
      record('Central-bank money is taken from an account, if it is there.', {
        ...accountMoment,
        amount: field.amount('The amount taken away.'),
      }),
      'Redemptions.',
    ),
    [],
  ),
});

/** The value of `events` where a file has none. */
export const NO_EVENTS = {
  outages: [],
  corruptSignatures: [],
  repeatMessages: [],
  creditLines: [],
  issues: [],
  redemptions: [],
};
