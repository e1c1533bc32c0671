/**
 * The records of a scenario's flows of records, drawn one after the other in order of time. An attestor has every so
 * many of a flow's arrivals, in an order that is drawn once, so that each has as many and they lie apart. As in flow-draws,
 * every quantity has a stream of its own; what an attestor has counted goes on from date to date.
 */
import { Arrivals, streamsOf } from './flow-draws.ts';
import { logNormal } from './log-normal-amounts.ts';
import { sendingTimeMs } from './outages.ts';
import { SeededStream, shuffle } from './random-streams.ts';
import type { Scenario, ScenarioRecordFlow } from './scenario.ts';

export interface DrawnRecord {
  readonly flow: ScenarioRecordFlow;
  readonly dateIndex: number;
  /** When the flow plans it; it leaves behind the outages of its attestor. */
  readonly atMs: number;
  readonly sentMs: number;
  readonly attestor: number;
  /** Place of the attestor in the flow. */
  readonly member: number;
  /** Place of the record in the flow, from 1 on over all dates. */
  readonly place: number;
  /** Place of the record among those of its attestor on the date, from 1 on. */
  readonly turn: number;
  readonly counter: bigint;
  /** Whether the counter is below that of the record of its attestor that was taken last, and so is refused. */
  readonly isBack: boolean;
  /** Whether the same record comes again. */
  readonly again: boolean;
}

/** Those that are sent, in order of the time planned, date after date; those of one attestor are sent in that order. */
export function* drawRecordFlow(
  scenario: Scenario,
  flow: ScenarioRecordFlow,
): Generator<DrawnRecord, void> {
  const { attestors, recordsPerDate, counts, repeatEvery, rollBackEvery } = flow;
  const order = shuffle(
    Uint32Array.from(attestors.keys()),
    new SeededStream(scenario.seed, 'records', flow.name),
  );
  // As floating-point numbers: a counter that one does not have exactly is refused by the schema.
  const counted = new Float64Array(attestors.length).fill(flow.startsAt);
  /** The counter of each one's record that was taken last; 0: of none. */
  const taken = new Float64Array(attestors.length);
  const isEvery = (every: number | null, place: number) => every !== null && place % every === 0;
  let place = 0;
  for (const [dateIndex, parts] of flow.arrivals.entries()) {
    if (!parts) continue;
    const stream = streamsOf(scenario, 'records', flow.name, dateIndex);
    const arrivals = new Arrivals(parts, attestors.length * recordsPerDate, stream('arrivals'));
    const steps = stream('counts');
    let arrival = 0;
    for (let atMs = arrivals.next(); atMs !== null; atMs = arrivals.next()) {
      const member = order[arrival % order.length]!;
      const turn = 1 + Math.floor(arrival / order.length);
      arrival += 1;
      place += 1;
      // What is not recorded now is recorded with the next.
      counted[member]! += logNormal(steps, counts.median, counts.sigma, counts.min, counts.max);
      const attestor = attestors[member]!;
      const sentMs = sendingTimeMs(scenario, attestor, atMs);
      if (sentMs === null) continue;
      const last = taken[member]!;
      // A counter is at least 1.
      const isBack = isEvery(rollBackEvery, place) && last > 1;
      if (!isBack) taken[member] = counted[member]!;
      const counter = BigInt(isBack ? Math.floor(last / 2) : counted[member]!);
      const again = isEvery(repeatEvery, place);
      yield {
        flow,
        dateIndex,
        atMs,
        sentMs,
        attestor,
        member,
        place,
        turn,
        counter,
        isBack,
        again,
      };
    }
  }
}
