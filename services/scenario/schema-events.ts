/** The part of a scenario's schema that says what happens during the run. */
import { type TSchema, Type } from '@sinclair/typebox';
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import * as field from './schema-field-types.ts';
import { PAYMENTS_MAX } from './schema-traffic.ts';

const { defaulted, list, record } = field;

const participantMoment = {
  participant: field.bic('The participant concerned.'),
  date: Type.Optional(field.date('Business date. Default: the first.')),
};
const accountMoment = {
  ...participantMoment,
  currency: field.code('The currency, or security, of its account.'),
  at: field.clockTime("When, in the scenario's zone."),
};
const everyNth = {
  participant: field.bic('The participant whose messages are meant.'),
  every: field.integer('One of every so many of its payments, in planning order.', 1, PAYMENTS_MAX),
};

/** Events of one kind, each with these fields; none by default. */
const events = <Fields extends Record<string, TSchema>>(
  what: string,
  fields: Fields,
  description: string,
) => defaulted(list(record(what, fields), description), []);
const amountEvents = (what: string, amount: string, description: string) =>
  events(what, { ...accountMoment, amount: field.decimalAmount(amount) }, description);
const optionalCurrency = Type.Optional(
  field.code('One currency only. Default: all of the scenario.'),
);
const ofPayments = {
  ...everyNth,
  afterSeconds: defaulted(field.integer('How long after the payment.', 0, 86_400), 60),
};

export const EventsSchema = record('What happens during the run.', {
  outages: events(
    'A participant stops sending; it still receives. Its backlog leaves at the end.',
    {
      ...participantMoment,
      sends: Type.Optional(
        Type.Literal(true, {
          description:
            'It goes on sending, and the others alone react: they defer what they would pay it.',
          title: 'true, or nothing',
        }),
      ),
      from: field.dayTime("First moment of the outage, in the scenario's zone."),
      until: Type.Optional(
        field.dayTime(
          'First moment after it, on the same business date. Default: it never sends again.',
        ),
      ),
      othersStopPayingAfterSeconds: Type.Optional(
        field.integer(
          'How long after its begin the others stop paying it, until it ends. Default: they go on.',
          0,
          86_400,
        ),
      ),
      queuedToIt: Type.Optional(
        field.choice(
          ['left', 'cancelled'] as const,
          'What becomes of payments to it that they sent before they stop. Default: left.',
        ),
      ),
    },
    'Outages.',
  ),
  corruptSignatures: events(
    'Every Nth payment of a participant carries a corrupted signature.',
    everyNth,
    'Corrupted signatures.',
  ),
  repeatMessages: events(
    'Every Nth payment of a participant is sent a second time, unchanged.',
    {
      ...everyNth,
      afterSeconds: defaulted(field.integer('Delay of the second one.', 1, 86_400), 30),
    },
    'Repeated messages. Payments with a corrupted signature are not repeated.',
  ),
  cancellations: events(
    'Every Nth payment of a participant is cancelled by it (camt.056).',
    ofPayments,
    'Cancellations. Payments with a corrupted signature are left alone.',
  ),
  returns: events(
    'Every Nth payment of a participant is returned by its receiver (pacs.004).',
    {
      ...everyNth,
      afterSeconds: defaulted(
        field.integer('How long after the payment was sent.', 0, 14 * 86_400),
        3_600,
      ),
      percent: defaulted(field.integer('How much of it, rounded up to a minor unit.', 1, 100), 100),
    },
    'Returns. Legs and payments with a corrupted signature are left alone.',
  ),
  reorderings: events(
    'Every Nth payment of a participant is moved in its queue (camt.007).',
    {
      ...ofPayments,
      priority: field.choice(PRIORITIES, 'The class to which it moves.'),
      first: defaulted(
        Type.Boolean({ description: 'To its front, not its end.', title: 'true or false' }),
        false,
      ),
    },
    'Re-orderings. Payments with a corrupted signature are left alone.',
  ),
  creditLines: amountEvents('A credit line changes.', 'The new line.', 'Changes of credit lines.'),
  collaterals: events(
    'The collateral of an account changes.',
    {
      ...accountMoment,
      amount: field.decimalAmount('Its value from then on.'),
      haircutBasisPoints: defaulted(
        field.integer('What of it gives no credit, in 1/10,000.', 0, 10_000),
        0,
      ),
    },
    'Changes of collateral.',
  ),
  issues: amountEvents(
    'Central-bank money is added to an account.',
    'The amount added.',
    'Issuances.',
  ),
  redemptions: amountEvents(
    'Central-bank money is taken from an account, if it is there.',
    'The amount taken away.',
    'Redemptions.',
  ),
  limits: events(
    'A participant sets a limit of its own (camt.011), or removes it (camt.012).',
    {
      ...accountMoment,
      counterparty: Type.Optional(
        field.bic('The bank that it limits. Default: the multilateral limit.'),
      ),
      amount: Type.Optional(field.decimalAmount('The limit. Default: none any more.')),
    },
    'Changes of limits.',
  ),
  reservations: events(
    'A participant reserves liquidity for a class of payments (camt.048).',
    {
      ...accountMoment,
      priority: field.choice(['urgent', 'high'] as const, 'The class.'),
      amount: field.decimalAmount('The amount from then on.'),
    },
    'Changes of reservations.',
  ),
  defaults: events(
    'A participant defaults: it pays nothing any more.',
    {
      ...participantMoment,
      at: field.clockTime("When, in the scenario's zone."),
      currency: optionalCurrency,
    },
    'Defaults.',
  ),
  revocations: Type.Optional(
    list(
      record('The operator revokes the key of a participant.', {
        ...participantMoment,
        at: field.clockTime("When, in the scenario's zone."),
      }),
      'Revocations of keys: what is sent from then on is refused. Default: none.',
    ),
  ),
  cycles: events(
    'A cycle runs.',
    {
      date: participantMoment.date,
      at: field.clockTime("When, in the scenario's zone."),
      currency: optionalCurrency,
    },
    'Cycles beside those of `settlement`.',
  ),
});

/** The value of `events` where a file has none. */
export const NO_EVENTS = {
  outages: [],
  corruptSignatures: [],
  repeatMessages: [],
  cancellations: [],
  returns: [],
  reorderings: [],
  creditLines: [],
  collaterals: [],
  issues: [],
  redemptions: [],
  limits: [],
  reservations: [],
  defaults: [],
  cycles: [],
};
