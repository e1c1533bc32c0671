import { createClearing, type ReadRecord } from '../clearing/clearing.ts';
import { eventsOf, readEvents } from '../core/settlement/event-reader.ts';
import type { Settlement } from '../core/settlement/settlement.ts';
import { createSigner } from '../core/verification/signing.ts';
import { genesisTimeMs } from '../scenario/beginning.ts';
import { noTraffic, type PlannedPayment } from '../scenario/planned-payment.ts';
import { planQuotes } from '../scenario/rates.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type PlannedAction, planRun } from '../scenario/timeline.ts';
import { controlRecord } from './control-records.ts';
import { DirectRecords, stoodInFor } from './direct-records.ts';
import { genesisRecords, poolsOf, simulatedSecretKey } from './setup.ts';
import type { RunSlice, SimulatedRun } from './simulated-run.ts';
import { isMessage, slices } from './slices.ts';

/** Messages cleared together: events do not depend on it. */
const SLICE_MESSAGES = 4096;

export interface DirectOptions {
  readonly scenario: Scenario;
  /** One core for each pool. */
  readonly createSettlement: () => Settlement;
  /** False: what is planned with a corrupted signature passes, as where nothing is verified. */
  readonly signatures: boolean;
}

/**
 * A run in virtual time by the direct door: what the banks plan reaches clearing as the records that
 * their messages would become, and no message is written, signed, sent or read. The same scenario and
 * seed give the same events as over messages (simulation.ts), to the byte.
 */
export function createDirectSimulation(options: DirectOptions): SimulatedRun {
  const { scenario, signatures } = options;
  const totals = noTraffic();
  const publicKeys = new Map(
    scenario.participants.map(({ bic }) => [
      bic,
      createSigner(simulatedSecretKey(scenario.seed, bic)).publicKey,
    ]),
  );
  const publicKeyOf = (bic: string) => publicKeys.get(bic) as Uint8Array;
  const records = new DirectRecords(scenario, signatures, publicKeyOf);
  const settlements = scenario.pools.map(() => options.createSettlement());
  let slice: readonly PlannedAction[] = [];

  /** Events hold digests of documents: those of the few that they name are taken now. */
  function tellDigests(events: Uint8Array): Uint8Array {
    let payments: Map<number, PlannedPayment> | null = null;
    for (const { digest } of eventsOf(events, 'rejected')) {
      const number = stoodInFor(digest);
      if (number === null) continue;
      payments ??= byNumber(slice);
      digest.set(records.digest(payments.get(number) as PlannedPayment));
    }
    return events;
  }

  const pools = scenario.pools.map(({ name }, pool) => ({
    name,
    clearing: createClearing({
      apply: (bytes, count) => tellDigests((settlements[pool] as Settlement).apply(bytes, count)),
    }),
  }));

  function cleared(inputs: readonly (readonly ReadRecord[])[], atMs: number, payments: number) {
    const steps = pools.map(({ clearing }, pool) => {
      const batch = clearing.applyRead(inputs[pool] as readonly ReadRecord[]);
      return { batch, events: readEvents(batch.events) };
    });
    return { atMs, payments, steps };
  }

  function step(actions: readonly PlannedAction[]): RunSlice {
    slice = actions;
    const inputs = pools.map((): ReadRecord[] => []);
    let payments = 0;
    for (const action of actions) {
      if (isMessage(action)) {
        const { pool, record } = records.of(action);
        inputs[pool]?.push(record);
        if (action.kind === 'payment' && !action.payment.isRepeat) payments += 1;
        continue;
      }
      const record = controlRecord(scenario, action);
      for (const pool of poolsOf(scenario, action)) inputs[pool]?.push(record);
    }
    return cleared(inputs, actions.at(-1)?.atMs ?? 0, payments);
  }

  return {
    pools,
    settlements,
    totals,
    bankBook: () => null,
    async *run() {
      const quotes = planQuotes(scenario).length;
      const genesis = scenario.pools.map((pool) =>
        genesisRecords(scenario, pool, quotes, publicKeyOf),
      );
      yield cleared(genesis, genesisTimeMs(scenario), 0);
      for (const actions of slices(planRun(scenario, totals), SLICE_MESSAGES)) yield step(actions);
    },
  };
}

const byNumber = (actions: readonly PlannedAction[]): Map<number, PlannedPayment> =>
  new Map(
    actions.flatMap((action) =>
      action.kind === 'payment' ? [[action.payment.number, action.payment] as const] : [],
    ),
  );
