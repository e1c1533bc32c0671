/** The part of a scenario's schema that says which legs settle together. */
import { Type } from '@sinclair/typebox';
import { CHAIN_LEGS_MAX } from '../protocol/messages/chain.ts';
import { PRIORITIES } from '../protocol/messages/instruction.ts';
import * as field from './fields.ts';

const { defaulted, record } = field;

const ChainLegSchema = record('What one bank pays another in the chain.', {
  from: field.bic('The bank that it debits, which sends it.'),
  to: field.bic('The bank that it credits.'),
  currency: field.code('A currency or security.'),
  amount: field.decimalAmount('How much, above 0.'),
  sendsAfterSeconds: defaulted(
    field.integer('How long after `at` its bank sends it.', 0, 86_400),
    0,
  ),
  sends: defaulted(
    field.choice(['once', 'never'] as const, 'Whether its bank sends it at all.'),
    'once',
  ),
});

export const ScenarioChainSchema = record('Legs that settle together or not at all.', {
  id: Type.String({
    description: 'What its banks call it.',
    pattern: '^[A-Za-z0-9._:-]{1,35}$',
    title: 'an id of at most 35 letters, digits and . _ : -',
  }),
  date: Type.Optional(field.date('Business date on which it is to settle. Default: the first.')),
  at: field.clockTime("When the first of its legs are sent, in the scenario's zone."),
  earliest: Type.Optional(field.clockTime('It does not settle before this time.')),
  latest: Type.Optional(field.clockTime('It ends at this time.')),
  priority: defaulted(field.choice(PRIORITIES, 'Its class.'), 'normal'),
  legs: Type.Array(ChainLegSchema, {
    description: 'In their order, from leg 1 on.',
    minItems: 2,
    maxItems: CHAIN_LEGS_MAX,
    title: `a list of 2 to ${CHAIN_LEGS_MAX} legs`,
  }),
});
