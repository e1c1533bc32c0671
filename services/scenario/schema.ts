/**
 * What a scenario file may say: the schema is the type. `scenarios/scenario.schema.json` is written
 * from it (`node scripts/scenario-schema.mjs`), so that an editor completes and checks the YAML;
 * `load-scenario.ts` adds what a schema cannot say and resolves the rest. Amounts are decimals in major
 * units as text; times of day are local times in the zone named beside them.
 */

import { type Static, Type } from '@sinclair/typebox';
import { POOL_PATTERN } from '../protocol/names/topic-plan.ts';
import { ROUNDINGS } from './decimal-amounts.ts';
import { AnomaliesSchema, CustomersSchema } from './schema-anomalies.ts';
import {
  AttestationsSchema,
  AttestorsSchema,
  ChainFlowSchema,
  RecordFlowsSchema,
  RecordsSchema,
  ScenarioChainSchema,
  SynchronisationSchema,
} from './schema-chains.ts';
import { CustomerPaymentsSchema, DepositsSchema } from './schema-deposits.ts';
import { EventsSchema, NO_EVENTS } from './schema-events.ts';
import * as field from './schema-field-types.ts';
import { CurrencySchema, ParticipantSchema, SecuritySchema } from './schema-participants.ts';
import { DEFAULT_SETTLEMENT, SettlementSchema } from './schema-settlement-defaults.ts';
import { StatementsSchema } from './schema-statements.ts';
import { FlowSchema, ProfileSchema, TradesSchema } from './schema-traffic.ts';

const { defaulted, list, record } = field;

const Rates = record('Reference rates, from which the dealers make their quotes.', {
  source: field.plainText('Who published the rates.', 200),
  date: field.date('The date of the rates.'),
  base: field.isoCurrency('The currency of which one unit is priced in `perBase`.'),
  perBase: field.byCurrency(
    field.rate('Units of this currency for one unit of the base currency.'),
    'Reference rates against the base. Other pairs are crossed through it.',
  ),
  pairs: defaulted(
    field.mapping(
      field.PAIR_PATTERN,
      'pairs such as EUR/CNY',
      field.rate('Units of the second currency for one of the first.'),
      'Rates of single pairs that take the place of the crossed ones.',
    ),
    {},
  ),
});

const DealerQuotes = record('What one dealer quotes, all day long.', {
  dealer: field.bic('A participant whose role is dealer.'),
  pairs: list(field.pair('A pair, quoted in both directions.'), 'The pairs that it quotes.', 1),
  spreadBasisPoints: Type.Number({
    description: 'What the dealer takes off the reference rate, in 1/10,000, in each direction.',
    minimum: 0,
    maximum: 5000,
    title: 'basis points from 0 to 5000',
  }),
  significantDigits: defaulted(
    field.integer('Digits of a quoted rate (and at most 10 decimals); rounded half-even.', 3, 10),
    8,
  ),
  rounding: defaulted(
    field.choice(ROUNDINGS, 'To which side half a minor unit of an amount credited is rounded.'),
    'half-even',
  ),
  validMinutes: Type.Optional(
    field.integer('A quote is renewed after so many minutes. Default: one for the day.', 1, 1440),
  ),
  covers: field.byCurrency(
    field.decimalAmount('Amount of this currency that one quote takes.'),
    'How much of the currency sold to the dealer one quote covers.',
  ),
});

export const ScenarioSchema = Type.Object(
  {
    name: field.label('Short name; part of the name of the folder of a run.', 40),
    description: defaulted(field.plainText('What the scenario shows, in a sentence or two.'), '—'),
    seed: defaulted(
      field.integer('Seed of everything that is drawn.', 0, Number.MAX_SAFE_INTEGER),
      1,
    ),
    network: defaulted(
      Type.String({
        description: "The network's name; it is part of every signature.",
        pattern: '^[A-Za-z0-9._:-]{1,64}$',
        title: 'a name of at most 64 letters, digits and . _ : -',
      }),
      'sandbox-1',
    ),
    businessDates: list(field.date('A business date.'), 'Business dates, ascending.', 1),
    zone: defaulted(field.zone('Time zone of `events` and of `payments`.'), 'UTC'),
    pools: Type.Optional(
      field.mapping(
        POOL_PATTERN,
        'names of lower-case letters, digits and hyphens',
        list(field.code('A currency or security.'), 'Currencies and securities of the pool.', 1),
        'Settlement pools. A payment over two currencies needs both in one pool. Default: one pool, `main`, with all.',
      ),
    ),
    currencies: field.byCurrency(CurrencySchema, 'The currencies, by code.'),
    securities: defaulted(field.byIsin(SecuritySchema, 'Securities for DvP, by ISIN.'), {}),
    realBics: Type.Optional(
      Type.Boolean({
        description: 'Participants may have BICs of real institutions. Default: test codes alone.',
        title: 'true or false',
      }),
    ),
    participants: list(ParticipantSchema, 'Banks, dealers and central banks.', 2),
    rates: Type.Optional(Rates),
    quotes: defaulted(list(DealerQuotes, 'What the dealers quote.'), []),
    profiles: defaulted(
      field.mapping(
        '^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$',
        'names of letters, digits, _ and -',
        ProfileSchema,
        'Arrival profiles, by name.',
      ),
      {},
    ),
    traffic: defaulted(list(FlowSchema, 'Generated payments.'), []),
    trades: defaulted(list(TradesSchema, 'Generated PvP and DvP trades between banks.'), []),
    chains: Type.Optional(list(ScenarioChainSchema, 'Chains of legs that settle together.')),
    chainFlows: Type.Optional(list(ChainFlowSchema, 'Generated chains.')),
    synchronisation: Type.Optional(SynchronisationSchema),
    deposits: Type.Optional(DepositsSchema),
    customerPayments: Type.Optional(CustomerPaymentsSchema),
    attestations: Type.Optional(AttestationsSchema),
    attestors: Type.Optional(AttestorsSchema),
    records: Type.Optional(RecordsSchema),
    recordFlows: Type.Optional(RecordFlowsSchema),
    customers: Type.Optional(CustomersSchema),
    anomalies: Type.Optional(AnomaliesSchema),
    payments: Type.Optional(
      record('Payments from a table, instead of `traffic` or beside it.', {
        csv: field.plainText(
          'A CSV file (path from the scenario’s folder) with the columns date, time, debtor, creditor, currency, amount, priority and, where they are wanted, toCurrency, dealer, kind, earliest, latest, cancelAfterSeconds, reference, receives, receivesAmount.',
          400,
        ),
        otherDates: defaulted(
          field.choice(
            ['refuse', 'skip'],
            'What becomes of rows whose date is none of the business dates.',
          ),
          'refuse',
        ),
      }),
    ),
    settlement: defaulted(SettlementSchema, DEFAULT_SETTLEMENT),
    statements: Type.Optional(StatementsSchema),
    batchSize: defaulted(
      field.integer(
        'Messages that are verified and cleared together. Changes no result.',
        1,
        65_536,
      ),
      512,
    ),
    tickMs: defaulted(
      field.integer('Time between two clock records while a currency is open, ms.', 10, 3_600_000),
      1000,
    ),
    events: defaulted(EventsSchema, NO_EVENTS),
  },
  {
    $id: 'https://corridor.invalid/scenario.schema.json',
    title: 'a scenario, as a mapping',
    description: 'A pilot scenario for the Corridor payment and clearing simulator.',
    additionalProperties: false,
  },
);

/** A scenario file as checked by the schema: defaults filled in, nothing resolved yet. */
export type ScenarioDocument = Static<typeof ScenarioSchema>;

/** The text of scenarios/scenario.schema.json. */
export function publishedSchema(): string {
  const schema = { $schema: 'http://json-schema.org/draft-07/schema#', ...ScenarioSchema };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
