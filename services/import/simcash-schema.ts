/**
 * SimCash's scenario file, as its Pydantic models have it (api/payment_simulator/config/schemas.py at
 * b97854b). Amounts are whole cents. SimCash ignores keys that its models do not have; they are told.
 */
import { type Static, type TSchema, Type } from '@sinclair/typebox';

const { Optional } = Type;
const whole = (title: string, minimum?: number) =>
  Type.Integer({ title, ...(minimum !== undefined && { minimum }) });
const cents = whole('whole cents, 0 or more', 0);
const paid = whole('whole cents above 0', 1);
const share = Type.Number({ minimum: 0, maximum: 1, title: 'a number from 0 to 1' });
const text = Type.String({ minLength: 1, title: 'a name' });
const above = Type.Number({ exclusiveMinimum: 0, title: 'a number above 0' });
const orMore = Type.Number({ minimum: 0, title: 'a number of 0 or more' });
const ticks = whole('ticks, a whole number of 1 or more', 1);
const tick = whole('a tick, counted from 0', 0);
const priority = Type.Integer({ minimum: 0, maximum: 10, title: 'a priority from 0 to 10' });
const flag = Type.Boolean({ title: 'true or false' });
/** YAML's `null` is Pydantic's None: as if left out. */
const maybe = <T extends TSchema>(schema: T) =>
  Optional(Type.Union([Type.Null(), schema], { title: String(schema.title) }));

const kind = <T extends string>(name: T) => Type.Literal(name, { title: `"${name}"` });

const Amounts = Type.Union(
  [
    Type.Object({ type: kind('Normal'), mean: whole('whole cents'), std_dev: paid }),
    Type.Object({ type: kind('LogNormal'), mean: Type.Number(), std_dev: above }),
    Type.Object({ type: kind('Uniform'), min: cents, max: cents }),
    Type.Object({ type: kind('Exponential'), lambda: above }),
  ],
  { title: 'a distribution: Normal, LogNormal, Uniform or Exponential with its parameters' },
);
export type SimcashAmounts = Static<typeof Amounts>;

const Weights = Type.Record(Type.String(), orMore, { title: 'agents with their weights' });
const Arrival = Type.Object(
  { rate_per_tick: orMore, amount_distribution: Amounts, counterparty_weights: Weights },
  { title: 'arrivals: rate_per_tick, amount_distribution and counterparty_weights' },
);
const Band = Type.Object(
  { rate_per_tick: orMore, amount_distribution: Amounts, counterparty_weights: Optional(Weights) },
  { title: 'arrivals: rate_per_tick and amount_distribution' },
);

const Limits = Type.Object(
  {
    bilateral_limits: maybe(
      Type.Record(Type.String(), cents, { title: 'agents with their limits' }),
    ),
    multilateral_limit: maybe(cents),
  },
  { title: 'limits: bilateral_limits, multilateral_limit' },
);

const Agent = Type.Object(
  {
    id: text,
    opening_balance: whole('whole cents'),
    unsecured_cap: Optional(cents),
    policy: Optional(Type.Object({ type: text }, { title: 'a policy with its type' })),
    arrival_config: maybe(Arrival),
    arrival_bands: maybe(
      Type.Object(
        { urgent: maybe(Band), normal: maybe(Band), low: maybe(Band) },
        { title: 'bands: urgent, normal, low' },
      ),
    ),
    posted_collateral: maybe(cents),
    collateral_haircut: maybe(share),
    max_collateral_capacity: maybe(cents),
    limits: maybe(Limits),
    liquidity_pool: maybe(cents),
    liquidity_allocation_fraction: maybe(share),
  },
  { title: 'an agent with id and opening_balance' },
);
export type SimcashAgent = Static<typeof Agent>;

const Schedule = Type.Union(
  [
    Type.Object({ type: kind('OneTime'), tick }),
    Type.Object({ type: kind('Repeating'), start_tick: tick, interval: ticks }),
  ],
  { title: 'a schedule: OneTime with tick, or Repeating with start_tick and interval' },
);
export type SimcashSchedule = Static<typeof Schedule>;

const transfer = { from_agent: text, to_agent: text, amount: paid, schedule: Schedule };
const ScenarioEvent = Type.Union(
  [
    Type.Object({ type: kind('DirectTransfer'), ...transfer }),
    Type.Object({
      type: kind('CustomTransactionArrival'),
      ...transfer,
      priority: maybe(priority),
      deadline: maybe(ticks),
      is_divisible: maybe(flag),
    }),
    Type.Object({ type: kind('ScheduledSettlement'), ...transfer }),
    Type.Object({
      type: kind('CollateralAdjustment'),
      agent: text,
      delta: whole('whole cents'),
      schedule: Schedule,
    }),
    Type.Object({ type: kind('GlobalArrivalRateChange'), multiplier: above, schedule: Schedule }),
    Type.Object({
      type: kind('AgentArrivalRateChange'),
      ...{ agent: text, multiplier: above, schedule: Schedule },
    }),
    Type.Object({ type: kind('CounterpartyWeightChange'), agent: text, schedule: Schedule }),
    Type.Object({ type: kind('DeadlineWindowChange'), schedule: Schedule }),
  ],
  {
    title:
      'an event: DirectTransfer, CustomTransactionArrival, ScheduledSettlement, CollateralAdjustment, GlobalArrivalRateChange, AgentArrivalRateChange, CounterpartyWeightChange or DeadlineWindowChange with its fields',
  },
);

const Lsm = Type.Object(
  {
    enable_bilateral: Optional(flag),
    enable_cycles: Optional(flag),
    max_cycle_length: Optional(whole('a whole number')),
  },
  { title: 'enable_bilateral, enable_cycles, max_cycle_length' },
);

export const SimcashSchema = Type.Object(
  {
    simulation: Type.Object(
      {
        ticks_per_day: ticks,
        num_days: whole('days, a whole number from 1 on', 1),
        rng_seed: whole('a whole number'),
      },
      { title: 'ticks_per_day, num_days and rng_seed' },
    ),
    agents: Type.Array(Agent, { minItems: 2, title: 'a list of at least two agents' }),
    cost_rates: maybe(Type.Record(Type.String(), Type.Unknown(), { title: 'rates by name' })),
    lsm_config: maybe(Lsm),
    scenario_events: maybe(Type.Array(ScenarioEvent, { title: 'a list of events' })),
    deferred_crediting: Optional(flag),
    deadline_cap_at_eod: Optional(flag),
  },
  { title: 'a scenario of SimCash' },
);
export type SimcashDocument = Static<typeof SimcashSchema>;

/** Keys of a model beside those that are read: SimCash has them, and they decide nothing that is imported. */
const ALSO = {
  top: ['policy_feature_toggles', 'cost_feature_toggles'],
  agent: [] as string[],
  lsm: ['max_cycles_per_tick'],
} as const;

/** Keys that SimCash's models do not have, and that it so ignores without a word, with where they stand. */
export function strayKeys(document: SimcashDocument): string[] {
  const stray = (value: object, schema: { properties: object }, also: readonly string[]) =>
    Object.keys(value).filter((key) => !(key in schema.properties) && !also.includes(key));
  const ofAgents = new Map<string, string[]>();
  for (const agent of document.agents)
    for (const key of stray(agent, Agent, ALSO.agent))
      ofAgents.set(key, [...(ofAgents.get(key) ?? []), agent.id]);
  return [
    ...stray(document, SimcashSchema, ALSO.top),
    ...stray(document.lsm_config ?? {}, Lsm, ALSO.lsm).map((key) => `lsm_config.${key}`),
    ...[...ofAgents].map(([key, agents]) => `${key} of ${agents.join(', ')}`),
  ];
}
