import { createClearing } from '../clearing/clearing.ts';
import { readEvents } from '../core/settlement/event-reader.ts';
import type { Settlement } from '../core/settlement/settlement.ts';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import { isPaymentType } from '../protocol/messages/message-types.ts';
import { isPaymentEvent } from '../protocol/records/event-payment.ts';
import { isControl, readControl, readVerified } from '../protocol/records/input-record.ts';
import { noTraffic, type TrafficTotals } from '../scenario/planned-payment.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { LoggedSlice, SimulatedRun } from './simulated-run.ts';

/** An input record, and the number of its pool. */
export interface PoolRecord {
  readonly pool: number;
  readonly value: Uint8Array;
}

export interface RecordedOptions {
  readonly scenario: Scenario;
  /** One core for each pool. */
  readonly createSettlement: () => Settlement;
  /** All input records, a slice after the other; those of a pool in order, its founding first. */
  readonly inputs: AsyncIterable<readonly PoolRecord[]>;
  /** What was planned and never sent: no record tells. */
  readonly unsent: Pick<TrafficTotals, 'unsent' | 'unsentMinor'>;
}

/** A run of input records that are there: nothing is planned, sent or verified on the way. */
export function createRecordedSimulation(options: RecordedOptions): SimulatedRun<LoggedSlice> {
  const { scenario, inputs, unsent } = options;
  const totals: TrafficTotals = { ...noTraffic(), ...unsent, planned: unsent.unsent };
  const settlements = scenario.pools.map(() => options.createSettlement());
  const pools = scenario.pools.map(({ name }, pool) => ({
    name,
    clearing: createClearing(settlements[pool] as Settlement),
  }));

  function step(records: readonly PoolRecord[]): LoggedSlice {
    const steps = pools.map(({ clearing }, pool) => {
      const values = records.filter((record) => record.pool === pool).map(({ value }) => value);
      const first = clearing.position();
      const batch = clearing.apply(
        values.map((value, index) => ({ position: first + index, value })),
      );
      return { batch, events: readEvents(batch.events), inputs: values };
    });
    const repeated = steps.flatMap(({ events }) => events.filter(isRepeatedPayment)).length;
    const payments = records.filter(({ value }) => isPayment(value)).length - repeated;
    totals.planned += payments;
    return { atMs: timeOf(records.at(-1)), payments, steps };
  }

  return {
    pools,
    settlements,
    totals,
    bankBook: () => null,
    async *run() {
      for await (const records of inputs) yield step(records);
    },
  };
}

/** Whether it holds the message of a payment or a leg, be it one that failed authentication. */
const isPayment = (value: Uint8Array): boolean =>
  !isControl(value) && isPaymentType(readVerified(value).messageType);

const isRepeatedPayment = (event: SettlementEvent): boolean =>
  event.kind === 'repeated' && isPaymentEvent(event);

function timeOf(record: PoolRecord | undefined): number {
  if (record === undefined) return 0;
  const { value } = record;
  return isControl(value) ? readControl(value).timeMs : readVerified(value).appendedAtMs;
}
