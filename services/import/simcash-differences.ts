/** What of an import from SimCash means something else here, in sentences about the scenario given. */
import { counted, listed } from '../explain/amount-words.ts';
import { arrivalsOf, logScale } from './simcash-draws.ts';
import type { SimcashPayment, SimcashStream } from './simcash-payments.ts';
import type { SimcashAgent, SimcashDocument } from './simcash-schema.ts';
import type { TickClock } from './simcash-ticks.ts';

export interface SimcashFacts {
  readonly document: SimcashDocument;
  readonly payments: readonly SimcashPayment[];
  /** null: no events were given. */
  readonly stream: SimcashStream | null;
  readonly choices: {
    readonly currency: string;
    readonly firstDate: string;
    readonly opens: string;
    readonly draw: boolean;
  };
  readonly clock: TickClock;
  readonly lsm: {
    readonly enable_bilateral: boolean;
    readonly enable_cycles: boolean;
    readonly max_cycle_length?: number;
  };
  readonly stray: readonly string[];
  /** Places of scenario_events whose ticks are all beyond the end. */
  readonly late: readonly string[];
  readonly text: (cents: number) => string;
}

export const simcashDifferences = (facts: SimcashFacts): string[] =>
  [
    ...[
      ticks,
      sources,
      late,
      logNormals,
      priorities,
      deadlines,
      policies,
      queue,
      offsetting,
      deferred,
    ],
    ...[collateral, limits, pools, transfers, credit, shocks, costs, ignored],
  ].flatMap((part) => part(facts) ?? []);

type Part = (facts: SimcashFacts) => string | string[] | null;

/** Places that a sentence names. */
const PLACES_MAX = 3;
const placesOf = (places: readonly string[]) =>
  `${places.slice(0, PLACES_MAX).join(', ')}${places.length > PLACES_MAX ? ', ...' : ''}`;
const namesOf = (agents: readonly SimcashAgent[]) => listed(agents.map(({ id }) => id));

const ticks: Part = ({ document: { simulation }, choices, clock }) =>
  `A tick is ${clock.tickSeconds} s: tick 0 of a day is ${choices.opens} UTC, and day 0 is ${choices.firstDate}${simulation.num_days > 1 ? ', each day the next date, weekends included' : ''}. What happens in one tick happens at its begin here; SimCash gives no order of time within it. Cents are minor units of ${choices.currency}.`;

const sources: Part = ({ stream, choices, document, payments }) => {
  const drawing = document.agents.filter((agent) => arrivalsOf(agent).length > 0);
  if (stream)
    return [
      `The ${counted(payments.length, 'payment')} ${payments.length === 1 ? 'is that' : 'are those'} of SimCash’s own run, each sent at the tick of its arrival.`,
      ...(stream.held === 0
        ? []
        : [
            `Of them its policies held back ${stream.held} for some ticks before sending; here they are sent at arrival.`,
          ]),
      ...(stream.split === 0
        ? []
        : [`Of them its policies split ${stream.split}; here they settle whole.`]),
      ...(stream.unknown.length === 0
        ? []
        : [
            `${counted(stream.unknown.length, 'settlement')} of payments that the events have no arrival of (${placesOf(stream.unknown)}): left out.`,
          ]),
    ];
  if (drawing.length === 0 || !choices.draw) return null;
  const bands = drawing.filter(({ arrival_bands: given }) => given);
  return [
    `The arrivals of ${namesOf(drawing)} are drawn by a generator of ours: of SimCash’s distributions (Poisson a tick, amounts, counterparties), other payments than SimCash’s own.`,
    ...(bands.length === 0
      ? []
      : [`The bands of ${namesOf(bands)} differ here in their rates and amounts alone.`]),
  ];
};

const late: Part = ({ late: places, document: { simulation } }) =>
  places.length === 0
    ? null
    : `${counted(places.length, 'event')} after the last tick, ${simulation.ticks_per_day * simulation.num_days - 1} (${placesOf(places)}): SimCash never comes to ${places.length === 1 ? 'it' : 'them'} and does not say so; left out.`;

const logNormals: Part = ({ document, choices, stream, text }) => {
  if (stream || !choices.draw) return null;
  return document.agents.flatMap((agent) =>
    arrivalsOf(agent).flatMap(({ amounts }) => {
      if (amounts.type !== 'LogNormal') return [];
      const { mean, std_dev: deviation } = amounts;
      const { mu, sigma } = logScale(amounts);
      const asLog = Math.exp(mean);
      const meant =
        asLog < 1e15
          ? `, whose median would be ${text(Math.round(asLog))} ${choices.currency}`
          : '';
      return `LogNormal of ${agent.id}: SimCash takes mean ${mean} and std_dev ${deviation} for those of the amounts in cents, and so do we (median ${text(Math.round(Math.exp(mu)))} ${choices.currency}, sigma ${sigma.toFixed(3)}); its manual says that they are of the logarithm${meant}.`;
    }),
  );
};

const priorities: Part = ({ payments }) =>
  payments.some(({ priority }) => priority !== payments[0]!.priority)
    ? 'SimCash’s queue of the system does not look at priorities, only its costs and policies do: all payments are normal.'
    : null;

const deadlines: Part = ({ payments }) =>
  payments.some(({ hasDeadline }) => hasDeadline)
    ? 'Deadlines are left out: in SimCash a payment past its deadline costs more and still settles, as here any does.'
    : null;

const policies: Part = ({ document: { agents } }) => {
  const byType = new Map<string, SimcashAgent[]>();
  for (const agent of agents)
    if (agent.policy && agent.policy.type !== 'Fifo')
      byType.set(agent.policy.type, [...(byType.get(agent.policy.type) ?? []), agent]);
  return [...byType].map(
    ([type, those]) =>
      `The policy ${type} of ${namesOf(those)} is not imported: its payments are sent when they arrive, as by Fifo.`,
  );
};

const queue: Part = ({ document: { simulation } }) =>
  simulation.num_days > 1
    ? 'What is queued at the end of a day is carried over to the next, as in SimCash, which charges for it.'
    : 'What is queued at the end stays queued, as in SimCash, which charges for it.';

const offsetting: Part = ({ lsm }) => {
  const length = lsm.max_cycle_length ?? 4;
  if (lsm.enable_cycles)
    return `SimCash settles cycles of at most ${length} banks, ${lsm.enable_bilateral ? 'and offsets the queues of two banks, ' : ''}each tick; here a cycle each tick settles the largest set of queued payments that the balances allow, of any length (gridlockResolution).`;
  if (lsm.enable_bilateral)
    return 'SimCash offsets all that two banks have queued against each other, each tick; here an arriving payment is offset with one queued the other way.';
  return null;
};

const deferred: Part = ({ document }) =>
  document.deferred_crediting
    ? 'deferred_crediting lets a receipt count from the next tick on; here it counts at once.'
    : null;

/** The models have these keys, and `to_ffi_dict` leaves them out of what the engine is given. */
const NOT_HANDED_ON =
  'SimCash’s program reads this key and does not hand it to its engine (at b97854b), so its own run goes without';

const collateral: Part = ({ document: { agents }, text, choices }) => {
  const posting = agents.filter(({ posted_collateral: posted }) => posted);
  if (posting.length === 0) return null;
  const standard = posting.filter(({ collateral_haircut: haircut }) => typeof haircut !== 'number');
  return [
    `posted_collateral of ${namesOf(posting)} gives credit here (${posting.map(({ posted_collateral: posted }) => `${text(posted!)} ${choices.currency}`).join(', ')}, less the haircut). ${NOT_HANDED_ON}.`,
    ...(standard.length === 0
      ? []
      : [
          `${namesOf(standard)} ${standard.length === 1 ? 'has' : 'have'} no collateral_haircut: here 2 %, as SimCash’s engine has; its manual says none.`,
        ]),
  ];
};

const limits: Part = ({ document: { agents } }) => {
  const limiting = agents.filter(
    ({ limits: given }) =>
      typeof given?.multilateral_limit === 'number' ||
      Object.keys(given?.bilateral_limits ?? {}).length > 0,
  );
  if (limiting.length === 0) return null;
  const both = limiting.filter(
    ({ limits: given }) =>
      typeof given?.multilateral_limit === 'number' &&
      Object.keys(given?.bilateral_limits ?? {}).length > 0,
  );
  return [
    `limits of ${namesOf(limiting)}: SimCash counts what was paid out on a day; here a limit counts it net of what came in, so it binds later. ${NOT_HANDED_ON}.`,
    ...(both.length === 0
      ? []
      : [
          `multilateral_limit of ${namesOf(both)}: SimCash counts all that is paid; here payments to banks with a limit of their own do not count on it.`,
        ]),
  ];
};

const pools: Part = ({ document: { agents, simulation } }) => {
  const allocating = agents.filter(({ liquidity_pool: pool }) => pool);
  if (allocating.length === 0) return null;
  const daily =
    simulation.num_days > 1
      ? ' once; SimCash takes it back at the end of a day and allocates it anew'
      : '';
  return `liquidity_pool of ${namesOf(allocating)}: what is allocated stands in the opening balance${daily}.`;
};

const ofType = (
  { scenario_events: events }: SimcashDocument,
  ...types: readonly string[]
): number => (events ?? []).filter(({ type }) => types.includes(type)).length;

const transfers: Part = ({ document }) => {
  const count = ofType(document, 'DirectTransfer');
  const immediate = ofType(document, 'ScheduledSettlement');
  return [
    ...(count === 0
      ? []
      : [
          `${counted(count, 'DirectTransfer')}: money is redeemed from one account and issued to the other; where the balance is lower than the amount, credit does not help, and only the issue is left.`,
        ]),
    ...(immediate === 0
      ? []
      : [
          `${counted(immediate, 'ScheduledSettlement')}: in SimCash it settles at its tick or never; here it waits in the queue like any payment.`,
        ]),
  ];
};

const credit: Part = ({ document }) =>
  ofType(document, 'CollateralAdjustment') === 0
    ? null
    : 'CollateralAdjustment changes the credit line: in SimCash, too, it changes unsecured_cap, not the collateral.';

const shocks: Part = ({ document, choices, stream }) => {
  if (stream || !choices.draw) return null;
  const count = ofType(document, 'CounterpartyWeightChange', 'DeadlineWindowChange');
  return count === 0
    ? null
    : `${counted(count, 'event')} of CounterpartyWeightChange and DeadlineWindowChange ${count === 1 ? 'is' : 'are'} left out of what is drawn.`;
};

const costs: Part = ({ document: { cost_rates: rates } }) => {
  const given = Object.keys(rates ?? {});
  return given.length === 0
    ? null
    : `cost_rates (${given.join(', ')}) are left out: a run here charges nothing, and with policies left out they decide nothing.`;
};

const ignored: Part = ({ stray }) =>
  stray.length === 0
    ? null
    : `Left out, as SimCash’s own models have no such key and ignore it: ${stray.join('; ')}.`;
