/** The part of a scenario's schema that says how payments settle. */
import { type Static, Type } from '@sinclair/typebox';
import { RECALL_DAYS_MAX } from '../protocol/records/control-record.ts';
import * as field from './schema-field-types.ts';

const { defaulted, flag, list, record } = field;

const mechanism = field.choice(
  ['rtgs', 'dns', 'hybrid'] as const,
  'rtgs: each payment by itself, in real time; dns: payments are accepted against net debit caps and their nets settle in a cycle; hybrid: urgent and high payments as in rtgs, normal ones as in dns.',
);
const queue = field.choice(
  ['fifo', 'bypass-fifo'] as const,
  'Strict FIFO, or FIFO that passes over a normal payment which does not fit.',
);
const cycle = field.choice(
  ['off', 'gridlockResolution', 'allOrNothing', 'partial', 'multiple', 'bankClearing'] as const,
  'What a cycle does with the queued payments of rtgs. In dns and hybrid a cycle settles the nets.',
);
const cyclesAt = (zone: string) =>
  list(field.clockTime('A time of day.'), `Times at which a cycle runs on each date, in ${zone}.`);
const offsetting = record('Offsetting between two banks.', {
  entry: defaulted(
    flag('An arriving payment may settle together with one queued the other way.'),
    false,
  ),
  bilateral: defaulted(flag('Queued payments of two banks are offset against each other.'), false),
  afterSeconds: defaulted(
    field.integer('Shortest time in the queue before bilateral offsetting.', 0, 86_400),
    0,
  ),
});
const atClose = field.choice(
  ['cancel', 'carry-over'] as const,
  'What is still queued at its close is cancelled, or waits for the next opening.',
);
const onDefault = field.choice(
  ['unwind', 'share-loss'] as const,
  "On a participant's default in dns: its payments are taken out of the netting, or the others share the loss.",
);
const netsChains = Type.Optional(
  flag(
    'In dns and hybrid chains of one leg are netted too, once their condition is met. Default: false, they settle gross.',
  ),
);

/** What one currency does otherwise than the rest. */
const CurrencySettlement = record('Where this currency differs.', {
  mechanism: Type.Optional(mechanism),
  queue: Type.Optional(queue),
  cycle: Type.Optional(cycle),
  cyclesAt: Type.Optional(cyclesAt("the currency's own zone")),
  offsetting: Type.Optional(offsetting),
  atClose: Type.Optional(atClose),
  onDefault: Type.Optional(onDefault),
  netsChains,
});

const OFFSETTING = { entry: false, bilateral: false, afterSeconds: 0 };

export const SettlementSchema = record('How payments settle.', {
  mechanism: defaulted(mechanism, 'rtgs'),
  queue: defaulted(queue, 'bypass-fifo'),
  cycle: defaulted(cycle, 'gridlockResolution'),
  cycleEverySeconds: Type.Optional(
    field.integer(
      'Seconds between two cycles of all currencies of a pool; 0: none. One always runs before a close. Default: 60, or 0 where a currency settles by dns or hybrid.',
      0,
      86_400,
    ),
  ),
  cyclesAt: defaulted(cyclesAt("the scenario's zone, for all currencies"), []),
  offsetting: defaulted(offsetting, OFFSETTING),
  atClose: defaulted(atClose, 'cancel'),
  onDefault: defaulted(onDefault, 'unwind'),
  netsChains,
  currencies: defaulted(field.byCode(CurrencySettlement, 'Currencies that settle otherwise.'), {}),
  pvpTimeoutMinutes: defaulted(
    field.integer('An unmatched leg of a PvP or DvP ends after so many minutes.', 1, 10_080),
    60,
  ),
  certificates: defaulted(
    flag('After each cycle, say what holds the first payment left in each queue.'),
    false,
  ),
  identityDays: defaulted(
    field.integer('Days for which identities of messages are kept.', 1, 30),
    5,
  ),
  recallDays: Type.Optional(
    field.integer(
      'In a live network: the close of so many business dates behind its own ends a request to return a payment that nobody answered. Default: it waits for as long as the payment is known.',
      1,
      RECALL_DAYS_MAX,
    ),
  ),
  corridorLimits: Type.Optional(
    list(
      record('What may go from banks of one country to those of another on a date.', {
        from: field.country('Of the bank that is debited.'),
        to: field.country('Of the bank that is credited.'),
        currency: field.code('That is moved.'),
        amount: field.decimalAmount('At most, in all payments together.'),
      }),
      'Corridors in which what goes beyond an amount on a date is refused.',
    ),
  ),
  preValidation: Type.Optional(
    list(
      record(
        'A corridor, by countries of the banks debited and credited, by a currency, or both.',
        {
          from: Type.Optional(field.country('Of a bank that is debited. Default: any.')),
          to: Type.Optional(field.country('Of a bank that is credited. Default: any.')),
          currency: Type.Optional(field.code('That is moved. Default: any.')),
          desk: field.bic('Who has to accept each chain of the corridor.'),
          creditorsBank: defaulted(flag('The banks credited in `to` have to accept too.'), false),
          withinMinutes: field.integer('A chain that is not accepted in time ends.', 1, 1440),
        },
      ),
      'Corridors that take chains alone, which a compliance desk accepts before they settle.',
    ),
  ),
});

/** Between two cycles where queues have them and nothing else is said; nets have none. */
export const DEFAULT_CYCLE_SECONDS = 60;

/** The value of `settlement` where a file has none. */
export const DEFAULT_SETTLEMENT: Static<typeof SettlementSchema> = {
  mechanism: 'rtgs',
  queue: 'bypass-fifo',
  cycle: 'gridlockResolution',
  cyclesAt: [],
  offsetting: OFFSETTING,
  atClose: 'cancel',
  onDefault: 'unwind',
  currencies: {},
  pvpTimeoutMinutes: 60,
  certificates: false,
  identityDays: 5,
};
