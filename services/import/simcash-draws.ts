/**
 * Payments drawn as SimCash's `arrival_config` and `arrival_bands` say, by streams of ours: of the same
 * distributions as its program's (simulator/src/arrivals/mod.rs at b97854b), and other numbers.
 */
import { SeededStream } from '../scenario/random-streams.ts';
import { cumulate, pick } from '../scenario/weighted-picks.ts';
import type { SimcashPayment } from './simcash-payments.ts';
import type { SimcashAgent, SimcashAmounts, SimcashDocument } from './simcash-schema.ts';
import { scheduledTicks } from './simcash-ticks.ts';

/** One source of arrivals of an agent. */
interface Arrivals {
  readonly rate: number;
  readonly amounts: SimcashAmounts;
  readonly weights: Readonly<Record<string, number>>;
  /** Whether rate changes reach it: in SimCash they do not reach bands. */
  readonly changes: boolean;
}

/** The sources of an agent, in a fixed order. */
export const arrivalsOf = ({
  arrival_config: one,
  arrival_bands: bands,
}: SimcashAgent): Arrivals[] =>
  [one, bands?.urgent, bands?.normal, bands?.low].flatMap((given, index) =>
    given
      ? [
          {
            rate: given.rate_per_tick,
            amounts: given.amount_distribution,
            weights: given.counterparty_weights ?? {},
            changes: index === 0,
          },
        ]
      : [],
  );

/** @returns in the order of ticks, then of agents */
export function drawArrivals(document: SimcashDocument, seed: number): SimcashPayment[] {
  const { ticks_per_day: perDay, num_days: days } = document.simulation;
  const changes = rateChanges(document);
  const sources = document.agents.flatMap((agent) =>
    arrivalsOf(agent).map((arrivals, index) => ({
      agent: agent.id,
      arrivals,
      factor: 1,
      stream: new SeededStream(seed, 'simcash', agent.id, String(index)),
      ...counterparties(agent.id, arrivals, document),
    })),
  );
  const payments: SimcashPayment[] = [];
  for (let tick = 0; tick < perDay * days; tick++) {
    for (const { agent, multiplier } of changes.get(tick) ?? [])
      for (const source of sources)
        if (source.arrivals.changes && (agent === null || agent === source.agent))
          // A change for all begins at the rates of the file, one of an agent goes on from its last.
          source.factor = agent === null ? multiplier : source.factor * multiplier;
    for (const { agent, arrivals, factor, stream, names, cumulative } of sources)
      for (let count = poisson(stream, arrivals.rate * factor); count > 0; count--)
        payments.push({
          place: `tick ${tick}`,
          debtor: agent,
          amountMinor: BigInt(amountOf(stream, arrivals.amounts)),
          creditor: names[pick(cumulative, stream.uniform())]!,
          ...{ tick, priority: 5, hasDeadline: true, settled: null },
        });
  }
  return payments;
}

/** Without weights all others are as likely. */
function counterparties(agent: string, { weights }: Arrivals, { agents }: SimcashDocument) {
  const isUniform = Object.keys(weights).length === 0;
  const names = agents
    .map(({ id }) => id)
    .filter((id) => id !== agent && (isUniform || (weights[id] ?? 0) > 0));
  return { names, cumulative: cumulate(names.map((id) => (isUniform ? 1 : weights[id]!))) };
}

/** By tick, in the file's order; agent null: all. */
function rateChanges({ scenario_events: events, simulation }: SimcashDocument) {
  const changes = new Map<number, { agent: string | null; multiplier: number }[]>();
  for (const event of events ?? []) {
    if (event.type !== 'GlobalArrivalRateChange' && event.type !== 'AgentArrivalRateChange')
      continue;
    const agent = event.type === 'AgentArrivalRateChange' ? event.agent : null;
    for (const tick of scheduledTicks(event.schedule, simulation))
      changes.set(tick, [...(changes.get(tick) ?? []), { agent, multiplier: event.multiplier }]);
  }
  return changes;
}

/** Arrivals in one unit of time whose gaps are exponential. */
function poisson(stream: SeededStream, rate: number): number {
  if (rate === 0) return 0;
  let count = -1;
  for (let at = 0; at <= 1; count++) at -= Math.log(1 - stream.uniform()) / rate;
  return count;
}

/** Whole cents, 1 or more. */
function amountOf(stream: SeededStream, amounts: SimcashAmounts): number {
  const drawn = (): number => {
    if (amounts.type === 'Uniform')
      return amounts.min + Math.floor(stream.uniform() * (amounts.max - amounts.min + 1));
    if (amounts.type === 'Normal')
      return Math.round(amounts.mean + amounts.std_dev * stream.normal());
    if (amounts.type === 'Exponential')
      return Math.round(-Math.log(1 - stream.uniform()) / amounts.lambda);
    const { mu, sigma } = logScale(amounts);
    return Math.round(Math.exp(mu + sigma * stream.normal()));
  };
  return Math.max(1, Math.min(Number.MAX_SAFE_INTEGER, drawn()));
}

/**
 * Mean and deviation of the logarithm of amounts of this mean and deviation: sigma² = ln(1 + s²/m²),
 * mu = ln(m) - sigma²/2.
 */
export function logScale({ mean, std_dev: deviation }: { mean: number; std_dev: number }) {
  const variance = Math.log(1 + (deviation * deviation) / (mean * mean));
  return { mu: Math.log(mean) - variance / 2, sigma: Math.sqrt(variance) };
}
