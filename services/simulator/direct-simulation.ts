import { createClearing, type RecordIntake } from '../clearing/clearing.ts';
import { eventsOf } from '../core/settlement/event-reader.ts';
import type { Settlement } from '../core/settlement/settlement.ts';
import type { ControlRecord } from '../protocol/records/control-record.ts';
import type { VerifiedRecord } from '../protocol/records/verified-record.ts';
import { genesisTimeMs } from '../scenario/beginning.ts';
import { noTraffic, type PlannedPayment } from '../scenario/planned-payment.ts';
import { planQuotes } from '../scenario/rates.ts';
import { type PlannedAction, planRun } from '../scenario/run-plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type DrawnPayments, drawPayments } from '../scenario/traffic.ts';
import { ProposalDesk } from './ask-own-mechanism.ts';
import { controlRecord } from './control-records.ts';
import { type CycleAsk, withAsks } from './cycle-asks.ts';
import {
  type AttestationAction,
  DirectRecords,
  isAttestation,
  RECORD_OF,
  standInNumber,
  stoodInFor,
} from './direct-records.ts';
import type { Proposer } from './own-mechanism.ts';
import { genesisRecords, poolsOfControl, simulatedPublicKeys } from './setup.ts';
import type { RunSlice, SimulatedRun } from './simulated-run.ts';
import { isMessage, slices } from './time-slices.ts';

const SLICE_MESSAGES = 4096;

export interface DirectOptions {
  readonly scenario: Scenario;
  /** One core for each pool. */
  readonly createSettlement: () => Settlement;
  /** False: what is planned with a corrupted signature passes, as where nothing is verified. */
  readonly signatures: boolean;
  /** A mechanism of one's own, where the scenario's cycles settle what it proposes. */
  readonly proposer?: Proposer;
  /** Of a scenario that differs in its outages alone, where that ran before. */
  readonly day?: SharedDay;
  /** Messages cleared together: events do not depend on it. Default: 4096. */
  readonly sliceMessages?: number;
}

/** What outages leave as it is, for who runs the same day many times: what is drawn, and keys by BIC. */
export interface SharedDay {
  readonly drawn: DrawnPayments;
  readonly publicKeys: ReadonlyMap<string, Uint8Array>;
}

export const sharedDay = (scenario: Scenario): SharedDay => ({
  drawn: drawPayments(scenario),
  publicKeys: simulatedPublicKeys(scenario),
});

/**
 * A run in virtual time by the direct door: what the banks plan reaches clearing as the records that
 * their messages would become, and no message is written, signed, sent or read. The same scenario and
 * seed give the same events as over messages (simulation.ts), to the byte.
 */
export function createDirectSimulation(options: DirectOptions): SimulatedRun {
  const { scenario, signatures, proposer, sliceMessages = SLICE_MESSAGES } = options;
  const totals = noTraffic();
  const publicKeys = options.day?.publicKeys ?? simulatedPublicKeys(scenario);
  const publicKeyOf = (bic: string) => publicKeys.get(bic) as Uint8Array;
  const records = new DirectRecords(scenario, signatures, publicKeyOf);
  const settlements = scenario.pools.map(() => options.createSettlement());
  let slice: readonly PlannedAction[] = [];

  /** Events hold digests of documents: those of the few that they name are taken now. */
  function tellDigests(events: Uint8Array): Uint8Array {
    let planned: ReturnType<typeof byNumber> | null = null;
    for (const { digest } of eventsOf(events, 'rejected')) {
      const number = stoodInFor(digest);
      if (number === null) continue;
      planned ??= byNumber(slice);
      digest.set(records.digest(planned.get(number) as PlannedPayment | AttestationAction));
    }
    return events;
  }

  const pools = scenario.pools.map(({ name }, pool) => ({
    name,
    clearing: createClearing({
      apply: (bytes, count) => tellDigests((settlements[pool] as Settlement).apply(bytes, count)),
      hasAccount: (...of) => (settlements[pool] as Settlement).hasAccount(...of),
    }),
  }));

  function cleared(
    atMs: number,
    payments: number,
    give: (intake: RecordIntake, pool: number) => void,
  ): RunSlice {
    const steps = pools.map(({ clearing }, pool) => ({
      batch: clearing.applyGiven((intake) => give(intake, pool)),
    }));
    return { atMs, payments, steps };
  }

  function step(actions: readonly PlannedAction[]): RunSlice {
    slice = actions;
    const inputs = pools.map((): PoolInput[] => []);
    let payments = 0;
    for (const action of actions) {
      if (action.kind === 'payment' && !action.payment.isRepeat) payments += 1;
      if (isMessage(action)) {
        const planned =
          action.kind === 'payment'
            ? records.poolOf(action.payment)
            : action.kind === 'request'
              ? records.poolOfAttestation(action.request)
              : null;
        if (planned !== null) inputs[planned]?.push(action as PlannedInput);
        else {
          const { pool, record } = records.read(action);
          inputs[pool]?.push({ kind: 'read', record });
        }
      } else {
        const record = controlRecord(scenario, action);
        for (const pool of poolsOfControl(scenario, action))
          inputs[pool]?.push({ kind: 'control', record });
      }
    }
    let payment: PlannedPayment;
    const write = (record: DataView, at: number) => records.write(record, at, payment);
    return cleared(actions.at(-1)?.atMs ?? 0, payments, (intake, pool) => {
      for (const input of inputs[pool] as readonly PoolInput[]) {
        if (input.kind === 'read') intake.verified(input.record);
        else if (input.kind === 'control') intake.control(input.record);
        else if (input.kind === 'request') {
          const request = input.request as AttestationAction;
          intake.encoded('attestation', request.atMs, (record, at) =>
            records.writeAttestation(record, at, request),
          );
        } else {
          payment = input.payment;
          const chain = payment.ofChain?.chain;
          if (chain && (chain.condition || chain.earmark))
            intake.encodedBefore('chainTerms', payment.atMs, (record, at) =>
              records.writeFurtherTerms(record, at, chain),
            );
          intake.encoded(RECORD_OF[payment.kind], payment.atMs, write);
        }
      }
    });
  }

  /** Lets all happen that comes before a cycle, asks what is to settle in it, and puts that into the log. */
  function* ask(one: CycleAsk, by: Proposer): Generator<RunSlice, void> {
    const desk = new ProposalDesk(scenario, by, settlements);
    if (desk.isIdle(one)) return;
    for (const next of ['first', 'proposal'] as const) {
      const record = desk[next](one);
      if (record !== null)
        yield cleared(one.atMs, 0, (intake, pool) => {
          if (pool === one.pool) intake.control(record);
        });
    }
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
      yield cleared(genesisTimeMs(scenario), 0, (intake, pool) => {
        for (const record of genesis[pool] as readonly ControlRecord[]) intake.control(record);
      });
      const plan = planRun(scenario, totals, options.day?.drawn);
      for (const actions of slices(proposer ? withAsks(plan, scenario) : plan, sliceMessages))
        if (Array.isArray(actions)) yield step(actions);
        else yield* ask(actions, proposer as Proposer);
    },
  };
}

type PlannedInput = Extract<PlannedAction, { kind: 'payment' | 'request' }>;
/** What a pool takes, in the order of the plan. */
type PoolInput =
  | PlannedInput
  | { readonly kind: 'read'; readonly record: VerifiedRecord }
  | { readonly kind: 'control'; readonly record: ControlRecord };

/** Payments by their numbers, attestations by those that stand in for their documents. */
function byNumber(
  actions: readonly PlannedAction[],
): Map<number, PlannedPayment | AttestationAction> {
  const planned = new Map<number, PlannedPayment | AttestationAction>();
  for (const action of actions)
    if (action.kind === 'payment') planned.set(action.payment.number, action.payment);
    else if (action.kind === 'request' && isAttestation(action.request))
      planned.set(standInNumber(action.request), action.request);
  return planned;
}
