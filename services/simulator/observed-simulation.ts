import { createClearing } from '../clearing/clearing.ts';
import { readEvents } from '../core/settlement/event-reader.ts';
import type { Settlement } from '../core/settlement/settlement.ts';
import type { ControlRecord } from '../protocol/records/control-record.ts';
import { genesisTimeMs } from '../scenario/genesis-time.ts';
import { listedByTime } from '../scenario/payment-list.ts';
import { planPayments } from '../scenario/payments-in-sending-order.ts';
import { noTraffic, type PlannedPayment, type TrafficTotals } from '../scenario/planned-payment.ts';
import type { PlannedAction } from '../scenario/run-plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type ControlInstant, timelineWith } from '../scenario/timeline-and-same-instant-order.ts';
import { controlRecord } from './control-records.ts';
import { DirectRecords, RECORD_OF } from './direct-records.ts';
import { genesisRecords, poolsOfControl, simulatedPublicKeys } from './keys-and-genesis.ts';
import { createObservedCore } from './observed-core.ts';
import type { LoggedSlice, SimulatedRun } from './simulated-run.ts';
import { type PlanSlice, slices } from './time-slices.ts';

const SLICE_MESSAGES = 4096;

export interface ObservedOptions {
  /** With observed times (scenario/observed-times.ts). */
  readonly scenario: Scenario;
  /** One core for each pool: it takes all but payments. */
  readonly createSettlement: () => Settlement;
}

/**
 * A run whose payments settle when they were observed to settle: the same records and events as any
 * run's, in order of time, with nothing decided. A clock record stands at each instant of settlement.
 */
export function createObservedSimulation(options: ObservedOptions): SimulatedRun<LoggedSlice> {
  const { scenario } = options;
  const totals = noTraffic();
  const publicKeys = simulatedPublicKeys(scenario);
  const publicKeyOf = (bic: string) => publicKeys.get(bic) as Uint8Array;
  const records = new DirectRecords(scenario, false, publicKeyOf);
  const times = settledByNumber(scenario);
  const settlements = scenario.pools.map(() =>
    createObservedCore(options.createSettlement(), (number) => times[number] ?? null),
  );
  const pools = scenario.pools.map(({ name }, pool) => ({
    name,
    clearing: createClearing(settlements[pool] as Settlement),
  }));

  function cleared(atMs: number, payments: number, inputs: readonly PoolInput[][]): LoggedSlice {
    let payment: PlannedPayment;
    const write = (record: DataView, at: number) => records.write(record, at, payment);
    const steps = pools.map(({ clearing }, pool) => {
      const given = clearing.begin();
      for (const input of inputs[pool] as PoolInput[])
        if ('record' in input) given.control(input.record);
        else {
          payment = input.payment;
          given.encoded(RECORD_OF[payment.kind], payment.atMs, write);
        }
      const batch = given.end();
      return { batch, events: readEvents(batch.events), inputs: [] };
    });
    return { atMs, payments, steps };
  }

  function step(actions: PlanSlice): LoggedSlice {
    const inputs = pools.map((): PoolInput[] => []);
    let payments = 0;
    for (const action of actions)
      if (action.kind === 'payment') {
        payments += 1;
        // Neither rates nor times of the message decide anything.
        const payment = { ...action.payment, rate: null, times: null };
        inputs[scenario.currencies[payment.currency]?.pool as number]?.push({ payment });
      } else
        for (const pool of poolsOfControl(scenario, action))
          inputs[pool]?.push({ record: controlRecord(scenario, action) });
    return cleared(actions.atMs, payments, inputs);
  }

  return {
    pools,
    settlements,
    totals,
    bankBook: () => null,
    async *run() {
      const genesis = scenario.pools.map((pool) =>
        genesisRecords(scenario, pool, 0, publicKeyOf).map((record) => ({ record })),
      );
      yield cleared(genesisTimeMs(scenario), 0, genesis);
      for (const actions of slices(scenario, planObserved(scenario, totals), SLICE_MESSAGES))
        yield step(actions as PlanSlice);
    },
  };
}

/** What a pool takes, in the order of the plan. */
type PoolInput = { readonly payment: PlannedPayment } | { readonly record: ControlRecord };

/** When payments settled, in planning order: by submission, those of one instant by row. */
function settledByNumber({ listedPayments, observedMs = [] }: Scenario): (number | null)[] {
  return Array.from(listedByTime(listedPayments), (row) => observedMs[row] ?? null);
}

/**
 * The scenario's operator, the submissions and a tick at each instant of settlement, in order of time. At
 * one instant what opens or changes liquidity comes first, then what is submitted, then what settles, and
 * the cut-off last: nobody knows more.
 */
function* planObserved(scenario: Scenario, totals: TrafficTotals): Generator<PlannedAction, void> {
  const payments = planPayments(scenario, totals);
  const instants = settlementInstants(scenario);
  let payment = payments.next();
  let next = 0;
  function* before(endMs: number): Generator<PlannedAction, void> {
    for (;;) {
      const submittedMs = payment.done === true ? Number.POSITIVE_INFINITY : payment.value.atMs;
      const settledMs = instants[next] ?? Number.POSITIVE_INFINITY;
      if (Math.min(submittedMs, settledMs) >= endMs) return;
      if (submittedMs <= settledMs) {
        yield { kind: 'payment', atMs: submittedMs, payment: payment.value as PlannedPayment };
        payment = payments.next();
      } else {
        yield { kind: 'tick', atMs: settledMs };
        next += 1;
      }
    }
  }
  for (const control of timelineWith(scenario, [])) {
    if (control.kind === 'tick') continue;
    yield* before(isCutOff(scenario, control) ? control.atMs + 1 : control.atMs);
    yield control;
  }
  yield* before(Number.POSITIVE_INFINITY);
}

function settlementInstants({ observedMs = [] }: Scenario): Float64Array {
  const instants = new Set(observedMs.filter((ms) => ms !== null));
  return Float64Array.from(instants).sort();
}

/** A close, but for one at which the currency's next date opens: that one comes first of all. */
const isCutOff = ({ currencies }: Scenario, control: ControlInstant): boolean =>
  control.kind === 'close' &&
  (currencies[control.currency]?.hours ?? []).every((open) => open?.opensMs !== control.atMs);
