/**
 * What a scenario file may say: the schema is the type. `scenarios/scenario.schema.json` is written
 * from it (`node scripts/scenario-schema.mjs`), so that an editor completes and checks the YAML;
 * `load.ts` adds what a schema cannot say and resolves the rest. Amounts are decimals in major
 * units as text; times of day are local times in the zone named beside them.
 */
import { type Static, Type } from '@sinclair/typebox';
import * as field from './fields.ts';
import { Events, NO_EVENTS } from './schema-events.ts';

const { defaulted, list, record } = field;

const Currency = record('Minor units and opening hours of one currency.', {
  minorUnits: Type.Optional(
    field.integer('Decimals of the currency. Default: as ISO 4217 says (XTS: 0).', 0, 4),
  ),
  opens: field.timeOfDay('Local time at which settlement opens, every business date.'),
  closes: field.endOfPeriod('Local time of the cut-off, after which nothing settles.'),
  zone: field.zone('Time zone of the opening hours.'),
  holidays: defaulted(
    list(field.date('A date'), 'Business dates on which this currency does not open.'),
    [],
  ),
});

const Account = record("A participant's settlement account in one currency.", {
  balance: field.amount('Opening balance (issued as the first thing).'),
  creditLine: defaulted(
    field.amount('Intraday credit: how far the balance may go below zero.'),
    '0',
  ),
});

const Participant = record('A bank or a dealer.', {
  bic: field.bic('Its BIC. Only test codes, whose eighth character is 0, are taken.'),
  name: field.text('Its name in reports. Invent one.', 140),
  role: defaulted(
    field.oneOf(
      ['bank', 'dealer'] as const,
      'A bank sends and receives payments; a dealer stands between two currencies.',
    ),
    'bank',
  ),
  size: defaulted(
    field.weight("The bank's share of the traffic as debtor's and as creditor's agent."),
    1,
  ),
  accounts: field.byCurrency(Account, 'Its accounts, by currency.'),
});

const Rates = record('Reference rates, from which the dealers make their quotes.', {
  source: field.text('Who published the rates.', 200),
  date: field.date('The date of the rates.'),
  base: field.currencyCode('The currency of which one unit is priced in `perBase`.'),
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
  validMinutes: Type.Optional(
    field.integer('A quote is renewed after so many minutes. Default: one for the day.', 1, 1440),
  ),
  covers: field.byCurrency(
    field.amount('Amount of this currency that one quote takes.'),
    'How much of the currency sold to the dealer one quote covers.',
  ),
});

const Profile = record('How arrivals spread over the day.', {
  zone: field.zone('Time zone of the times below.'),
  parts: list(
    record('A part of the day; arrivals are uniform inside it.', {
      from: field.timeOfDay('Its begin.'),
      to: field.endOfPeriod('Its end.'),
      weight: field.weight('Its share of the arrivals (relative to the other parts).'),
    }),
    'Parts of the day, in order, without overlap. Gaps have no arrivals.',
    1,
  ),
});

const Amounts = record('Log-normal amounts in the currency debited.', {
  median: field.amount('Median of the distribution.'),
  sigma: Type.Number({
    description: 'Standard deviation of the logarithm; 0 makes every amount the median.',
    minimum: 0,
    maximum: 10,
    title: 'a number from 0 to 10',
  }),
  min: field.amount('What is drawn below is set to this.'),
  max: field.amount('What is drawn above is set to this.'),
});

const Priorities = record('Shares of the priorities (relative weights).', {
  urgent: defaulted(field.weight('Weight of urgent payments.'), 0),
  high: defaulted(field.weight('Weight of high payments.'), 0),
  normal: defaulted(field.weight('Weight of normal payments.'), 0),
});

const Flow = record('Payments of one kind: in one currency, or along one corridor.', {
  name: field.label('Its name; the first part of its payments’ EndToEndId.', 18),
  from: field.currencyCode('Currency debited.'),
  to: Type.Optional(field.currencyCode('Currency credited. Default: the one debited.')),
  paymentsPerDate: field.integer('Payments on each business date.', 0, 5_000_000),
  profile: field.text('Name of the arrival profile (see `profiles`).', 40),
  amounts: Amounts,
  dealers: Type.Optional(
    field.byBic(field.weight('Its share.'), 'Shares of the dealers. Needed if `to` differs.'),
  ),
  debtors: Type.Optional(
    field.byBic(
      field.weight('Its weight.'),
      "Debtors' agents. Default: every bank with an account in `from`, by size.",
    ),
  ),
  creditors: Type.Optional(
    field.byBic(
      field.weight('Its weight.'),
      "Creditors' agents. Default: every bank with an account in `to`, by size.",
    ),
  ),
  matrix: Type.Optional(
    field.byBic(
      field.byBic(field.weight('Weight of this pair.'), "Creditors' agents."),
      "Weights by debtor's and creditor's agent, instead of `debtors` and `creditors`.",
    ),
  ),
  priorities: defaulted(Priorities, { urgent: 0, high: 0, normal: 1 }),
});

const GridlockResolution = Type.Unsafe<'off' | { everySeconds: number }>({
  title: 'off, or a mapping with everySeconds',
  description:
    'Periodic settlement of queued payments together, over all currencies of a pool, and once more before each close; `off`: neither.',
  anyOf: [
    { type: 'string', enum: ['off'] },
    record('A cycle every so many seconds.', {
      everySeconds: field.integer('Seconds between two cycles.', 1, 86_400),
    }),
  ],
});

const Settlement = record('How payments settle.', {
  mechanism: defaulted(
    field.oneOf(['rtgs'] as const, 'Real-time gross settlement with queues.'),
    'rtgs',
  ),
  queue: defaulted(
    field.oneOf(
      ['fifo', 'bypass-fifo'] as const,
      'Strict FIFO, or FIFO that passes over a normal payment which does not fit.',
    ),
    'bypass-fifo',
  ),
  gridlockResolution: defaulted(GridlockResolution, { everySeconds: 60 }),
  atClose: defaulted(
    field.oneOf(
      ['cancel', 'carry-over'] as const,
      'What is still queued at its close is cancelled, or waits for the next opening.',
    ),
    'cancel',
  ),
  identityDays: defaulted(
    field.integer('Days for which identities of messages are kept.', 1, 30),
    5,
  ),
});

export const ScenarioSchema = Type.Object(
  {
    name: field.label('Short name; part of the name of the folder of a run.', 40),
    description: defaulted(field.text('What the scenario shows, in a sentence or two.'), '—'),
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
        '^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$',
        'names of lower-case letters, digits and hyphens',
        list(field.currencyCode('A currency.'), 'Currencies of the pool.', 1),
        'Settlement pools. A payment over two currencies needs both in one pool. Default: one pool, `main`, with all currencies.',
      ),
    ),
    currencies: field.byCurrency(Currency, 'The currencies, by code.'),
    participants: list(Participant, 'Banks and dealers.', 2),
    rates: Type.Optional(Rates),
    quotes: defaulted(list(DealerQuotes, 'What the dealers quote.'), []),
    profiles: defaulted(
      field.mapping(
        '^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$',
        'names of letters, digits, _ and -',
        Profile,
        'Arrival profiles, by name.',
      ),
      {},
    ),
    traffic: defaulted(list(Flow, 'Generated payments.'), []),
    payments: Type.Optional(
      record('Payments from a table, instead of `traffic` or beside it.', {
        csv: field.text(
          'A CSV file (path from the scenario’s folder) with the columns date, time, debtor, creditor, currency, amount, priority and, for payments over two currencies, toCurrency, dealer.',
          400,
        ),
      }),
    ),
    settlement: defaulted(Settlement, {
      mechanism: 'rtgs',
      queue: 'bypass-fifo',
      gridlockResolution: { everySeconds: 60 },
      atClose: 'cancel',
      identityDays: 5,
    }),
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
    events: defaulted(Events, NO_EVENTS),
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
