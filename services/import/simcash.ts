/**
 * SimCash's scenario to one of ours. What SimCash does was read in its program (github.com/aerugo/SimCash
 * at b97854b, MIT): api/payment_simulator/config/schemas.py, simulator/src/settlement/, simulator/src/models/agent.rs.
 */
import { counted } from '../explain/amount-words.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import { MINOR_UNITS } from '../scenario/currency-decimals.ts';
import { didYouMean } from '../scenario/did-you-mean.ts';
import { type Fail, type Path, ScenarioError } from '../scenario/scenario-error.ts';
import { type CheckedDocument, checkYaml, compileSchema } from '../scenario/yaml-against-schema.ts';
import type { RivalImport, RivalPayment } from './rival-folder.ts';
import { simcashDifferences } from './simcash-differences.ts';
import { arrivalsOf, drawArrivals } from './simcash-draws.ts';
import { readSimcashPayments, type SimcashPayment } from './simcash-payments.ts';
import {
  type SimcashAgent,
  type SimcashDocument,
  SimcashSchema,
  strayKeys,
} from './simcash-schema.ts';
import { scheduledTicks, type TickClock, tickClock } from './simcash-ticks.ts';
import { testBicsOf } from './test-bics.ts';

export interface SimcashChoices {
  readonly currency: string;
  readonly firstDate: string;
  readonly opens: string;
  readonly closes: string;
  /** Whether arrivals are drawn here. */
  readonly draw: boolean;
  /** Takes the place of rng_seed. */
  readonly seed?: number;
}

interface NamedText {
  readonly file: string;
  readonly text: string;
}

const WHOLE = `a whole number of at most ${Number.MAX_SAFE_INTEGER}`;
const validate = compileSchema<SimcashDocument>(SimcashSchema);
/** Of an agent whose collateral has none (`Agent::new`). */
const DEFAULT_HAIRCUT = 0.02;

/**
 * @param events its events or its table of transactions; null: the payments are those of scenario_events
 * @throws ScenarioError naming file, line, path, value and expectation
 */
export function importSimcash(
  scenario: NamedText,
  events: NamedText | null,
  choices: SimcashChoices,
): RivalImport {
  const { document, fail, checkExact } = checkYaml(
    ...([scenario.file, scenario.text, validate] as const),
    (parsed) => ({ document: parsed, applied: [] }),
  );
  const { simulation, agents, scenario_events: given } = document;
  checkWholes({ simulation, agents, scenario_events: given }, [], { fail, checkExact });
  checkNames(document, fail);
  const decimals = MINOR_UNITS.get(choices.currency);
  if (decimals === undefined)
    throw new ScenarioError(
      `--currency ${choices.currency}: expected a currency of ISO 4217, or XTS`,
    );
  const clock = tickClock(simulation, choices);
  const late = (given ?? []).flatMap(({ schedule }, index) =>
    scheduledTicks(schedule, simulation).length === 0 ? [`scenario_events[${index}]`] : [],
  );
  const drawing = document.agents.findIndex((agent) => arrivalsOf(agent).length > 0);
  if (drawing >= 0 && events === null && !choices.draw) refuseDraws(document, drawing, fail);
  const stream = events && readSimcashPayments(events.file, events.text);
  const seed = choices.seed ?? document.simulation.rng_seed;
  const payments = stream
    ? stream.payments
    : [...explicitPayments(document), ...(choices.draw ? drawArrivals(document, seed) : [])].sort(
        (one, two) => one.tick - two.tick,
      );
  checkPayments(payments, document);
  const bics = testBicsOf(document.agents.map(({ id }) => id));
  const text = (cents: bigint | number) => amountText(BigInt(cents), decimals);
  const lsm = { enable_bilateral: true, enable_cycles: true, ...document.lsm_config };
  const accounts = document.agents.map((agent, index) => ({
    [choices.currency]: accountOf(agent, index, { bics, text, fail }),
  }));
  return {
    scenario: {
      name: 'simcash',
      description: `Imported from SimCash: ${counted(payments.length, 'payment')} of ${counted(bics.size, 'agent')}.`,
      seed: Math.abs(seed),
      businessDates: clock.dates,
      currencies: {
        [choices.currency]: { opens: choices.opens, closes: choices.closes, zone: 'UTC' },
      },
      participants: document.agents.map(({ id }, index) => ({
        bic: bics.get(id),
        name: id,
        accounts: accounts[index],
      })),
      settlement: {
        queue: 'bypass-fifo',
        ...(lsm.enable_cycles
          ? { cycle: 'gridlockResolution', cycleEverySeconds: clock.tickSeconds }
          : { cycle: 'off' }),
        // Without cycles there is no moment for the offsetting of queues, but that of each payment's entry.
        ...(lsm.enable_bilateral && {
          offsetting: lsm.enable_cycles ? { bilateral: true } : { entry: true },
        }),
        atClose: 'carry-over',
      },
      ...eventsOf(document, { clock, bics, text, fail, currency: choices.currency }),
    },
    payments: payments.map((one): RivalPayment => {
      const { date, time } = clock.at(one.tick);
      return {
        ...{ date, time, currency: choices.currency, amount: text(one.amountMinor) },
        debtor: bics.get(one.debtor)!,
        creditor: bics.get(one.creditor)!,
        priority: 'normal',
      };
    }),
    bics,
    differences: simcashDifferences({
      ...{ document, payments, stream, choices, clock, lsm, stray: strayKeys(document), text },
      late,
    }),
    ...(stream && {
      observed: payments.map(({ tick, settled }) => ({
        submittedMs: clock.at(tick).atMs,
        settledMs: settled && clock.at(settled.tick).atMs,
      })),
    }),
    counts: { agents: document.agents.length, leftOut: late.length },
    mapping: {
      ...{ currency: choices.currency, firstDate: choices.firstDate },
      ...{ opens: choices.opens, closes: choices.closes, tickSeconds: clock.tickSeconds },
      payments: stream ? 'events' : choices.draw ? `drawn, seed ${seed}` : 'scenario_events',
    },
  };
}

function refuseDraws({ agents }: SimcashDocument, index: number, fail: Fail): never {
  const key = agents[index]!.arrival_config ? 'arrival_config' : 'arrival_bands';
  return fail(
    ['agents', index, key],
    'the payments that SimCash drew from it (--events FILE), which no other program can draw again: in Python, json.dumps of each of orch.get_all_events(), one a line, or of its database the table transactions as CSV; or --draw, which draws others of the same distributions',
    agents[index]![key],
  );
}

/** SimCash's integers have 64 bits, and a double holds those of 53. */
function checkWholes(
  value: unknown,
  path: Path,
  checked: Pick<CheckedDocument<unknown>, 'fail' | 'checkExact'>,
): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value))
      checkWholes(one, [...path, Array.isArray(value) ? Number(key) : key], checked);
  } else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    checked.checkExact(path, WHOLE, value as number);
    checked.fail(path, WHOLE, value);
  }
}

/** What its models check beyond the forms. */
function checkNames({ agents, scenario_events: events }: SimcashDocument, fail: Fail): void {
  const ids = new Set<string>();
  for (const [index, { id }] of agents.entries()) {
    if (ids.has(id)) fail(['agents', index, 'id'], 'an id that no agent before has', id);
    ids.add(id);
  }
  const need = (path: readonly (string | number)[], id: string) => {
    if (!ids.has(id)) fail(path, `an agent of the scenario${didYouMean(id, ids)}`, id);
  };
  for (const [index, agent] of agents.entries()) {
    const at = ['agents', index];
    for (const id of Object.keys(agent.limits?.bilateral_limits ?? {}))
      need([...at, 'limits', 'bilateral_limits', id], id);
    for (const id of Object.keys(agent.arrival_config?.counterparty_weights ?? {}))
      need([...at, 'arrival_config', 'counterparty_weights', id], id);
    if (agent.arrival_config && agent.arrival_bands)
      fail([...at, 'arrival_bands'], 'none beside arrival_config', agent.arrival_bands);
    for (const given of arrivalsOf(agent)) {
      const { amounts, weights } = given;
      if (amounts.type === 'LogNormal' && amounts.mean <= 0)
        fail(at, 'a mean of amounts above 0 in LogNormal', amounts.mean);
      if (amounts.type === 'Uniform' && amounts.max <= amounts.min)
        fail(at, `a max above min, ${amounts.min}, in Uniform`, amounts.max);
      const others = Object.entries(weights).filter(
        ([id, weight]) => id !== agent.id && weight > 0,
      );
      if (Object.keys(weights).length > 0 && others.length === 0)
        fail(at, 'a counterparty with a weight above 0', weights);
    }
  }
  for (const [index, event] of (events ?? []).entries())
    for (const key of ['from_agent', 'to_agent', 'agent'] as const) {
      const id = (event as Partial<Record<typeof key, string>>)[key];
      if (id !== undefined) need(['scenario_events', index, key], id);
    }
}

/** Arrivals and settlements of scenario_events, in the file's order. */
function explicitPayments({
  scenario_events: events,
  simulation,
}: SimcashDocument): SimcashPayment[] {
  return (events ?? []).flatMap((event, index) => {
    if (event.type !== 'CustomTransactionArrival' && event.type !== 'ScheduledSettlement')
      return [];
    const isArrival = event.type === 'CustomTransactionArrival';
    return scheduledTicks(event.schedule, simulation).map((tick) => ({
      place: `scenario_events[${index}]`,
      debtor: event.from_agent,
      creditor: event.to_agent,
      amountMinor: BigInt(event.amount),
      ...{ tick, priority: isArrival ? (event.priority ?? 5) : 5 },
      ...{ hasDeadline: isArrival, settled: null },
    }));
  });
}

function checkPayments(payments: readonly SimcashPayment[], document: SimcashDocument): void {
  const ids = new Set(document.agents.map(({ id }) => id));
  const { ticks_per_day: perDay, num_days: days } = document.simulation;
  const ends = perDay * days;
  for (const { place, debtor, creditor, tick, settled } of payments) {
    const fail = (what: string, value: string | number, expected: string, at = place): never => {
      throw new ScenarioError(`${at}: ${what}: ${JSON.stringify(value)}: expected ${expected}`);
    };
    for (const [what, id] of [
      ['sender', debtor],
      ['receiver', creditor],
    ] as const)
      if (!ids.has(id)) fail(what, id, `an agent of the scenario${didYouMean(id, ids)}`);
    if (debtor === creditor) fail('receiver', creditor, 'another agent than the sender');
    const inTime = `a tick below ${ends} (ticks_per_day times num_days)`;
    if (tick >= ends) fail('tick', tick, inTime);
    if (settled === null) continue;
    if (settled.tick >= ends) fail('settlement tick', settled.tick, inTime, settled.place);
    if (settled.tick < tick)
      fail('settlement tick', settled.tick, `${tick}, when it arrives, or later`, settled.place);
  }
}

interface Reading {
  readonly bics: ReadonlyMap<string, string>;
  readonly text: (cents: bigint | number) => string;
  readonly fail: Fail;
}

function accountOf(agent: SimcashAgent, index: number, { bics, text, fail }: Reading) {
  const { opening_balance: opening, liquidity_pool: pool, limits } = agent;
  const allocated = Math.floor((pool ?? 0) * (agent.liquidity_allocation_fraction ?? 1));
  const balance = BigInt(opening) + BigInt(allocated);
  if (balance < 0n) fail(['agents', index, 'opening_balance'], 'a balance of 0 or more', opening);
  const haircut = (agent.collateral_haircut ?? DEFAULT_HAIRCUT) * 10_000;
  const haircutBasisPoints = Math.round(haircut);
  if (Math.abs(haircut - haircutBasisPoints) > 1e-6)
    fail(
      ['agents', index, 'collateral_haircut'],
      'whole basis points, such as 0.0250',
      agent.collateral_haircut,
    );
  const bilateral = Object.entries(limits?.bilateral_limits ?? {});
  const total = limits?.multilateral_limit;
  return {
    balance: text(balance),
    ...(agent.unsecured_cap && { creditLine: text(agent.unsecured_cap) }),
    ...(agent.posted_collateral && {
      collateral: { amount: text(agent.posted_collateral), haircutBasisPoints },
    }),
    ...(typeof total === 'number' && { limit: text(total) }),
    ...(bilateral.length > 0 && {
      bilateralLimits: Object.fromEntries(
        bilateral.map(([id, cents]) => [bics.get(id), text(cents)]),
      ),
    }),
  };
}

interface EventReading extends Reading {
  readonly clock: TickClock;
  readonly currency: string;
}

/** Transfers without a payment, and changes of credit. */
function eventsOf(
  { scenario_events: given, simulation, agents }: SimcashDocument,
  { clock, bics, text, fail, currency }: EventReading,
) {
  const moment = (tick: number) => {
    const { date, time } = clock.at(tick);
    return { currency, date, at: time };
  };
  const transfers = (given ?? []).flatMap((event) =>
    event.type === 'DirectTransfer'
      ? scheduledTicks(event.schedule, simulation).map((tick) => ({ tick, event }))
      : [],
  );
  const of = (side: 'from_agent' | 'to_agent') =>
    transfers.map(({ tick, event }) => ({
      participant: bics.get(event[side]),
      ...moment(tick),
      amount: text(event.amount),
    }));
  const changes = (given ?? [])
    .flatMap((event, index) =>
      event.type === 'CollateralAdjustment'
        ? scheduledTicks(event.schedule, simulation).map((tick) => ({ tick, event, index }))
        : [],
    )
    .sort((one, two) => one.tick - two.tick);
  const lines = new Map(agents.map(({ id, unsecured_cap: cap = 0 }) => [id, BigInt(cap)]));
  const creditLines = changes.map(({ tick, event: { agent, delta }, index }) => {
    const line = lines.get(agent)! + BigInt(delta);
    if (line < 0n)
      fail(
        ['scenario_events', index, 'delta'],
        `a change that leaves 0 or more of a credit of ${lines.get(agent)}: SimCash stops else`,
        delta,
      );
    lines.set(agent, line);
    return { participant: bics.get(agent), ...moment(tick), amount: text(line) };
  });
  if (transfers.length + creditLines.length === 0) return {};
  return {
    events: {
      ...(transfers.length > 0 && { redemptions: of('from_agent'), issues: of('to_agent') }),
      ...(creditLines.length > 0 && { creditLines }),
    },
  };
}
