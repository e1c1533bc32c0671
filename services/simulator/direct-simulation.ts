import { createClearing, type GivenBatch } from '../clearing/clearing.ts';
import { eventsOf, readEvents } from '../core/settlement/event-reader.ts';
import type { Settlement } from '../core/settlement/settlement.ts';
import type { ControlRecord } from '../protocol/records/control-record.ts';
import { genesisTimeMs } from '../scenario/genesis-time.ts';
import {
  type DrawnPayments,
  drawPayments,
  outOfRow,
} from '../scenario/payments-in-sending-order.ts';
import { noTraffic, type PlannedPayment } from '../scenario/planned-payment.ts';
import type { PlannedRequest } from '../scenario/planned-requests.ts';
import { planQuotes } from '../scenario/rates-and-rounding.ts';
import { type PlannedAction, runInRows } from '../scenario/run-plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { isOverTwoPools } from '../scenario/schema-chains.ts';
import { ProposalDesk } from './ask-own-mechanism.ts';
import { controlRecord } from './control-records.ts';
import { type CycleAsk, type OperatorTurn, withAsks } from './cycle-and-operator-turns.ts';
import {
  type AttestationAction,
  DirectRecords,
  isAttestation,
  RECORD_OF,
  standInNumber,
  stoodInFor,
} from './direct-records.ts';
import { genesisRecords, poolsOfControl, simulatedPublicKeys } from './keys-and-genesis.ts';
import { OperatorsBetweenPools, withTurns } from './operators-between-pools.ts';
import type { Proposer } from './own-mechanism.ts';
import type { RunSlice, SimulatedRun } from './simulated-run.ts';
import { isMessage, PlanSlice, slices } from './time-slices.ts';

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
  const operators = isOverTwoPools(scenario.document)
    ? new OperatorsBetweenPools(scenario, signatures)
    : null;
  const settlements = scenario.pools.map(() => options.createSettlement());
  let slice: PlanSlice | null = null;

  /** Events hold digests of documents: those of the few that they name are taken now. */
  function tellDigests(events: Uint8Array): Uint8Array {
    let planned: ReturnType<typeof byNumber> | null = null;
    for (const { digest } of eventsOf(events, 'rejected')) {
      const number = stoodInFor(digest);
      if (number === null) continue;
      planned ??= byNumber(slice ?? []);
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

  /** @param give gives each pool what it takes, in the order of the plan, and says how many payments were sent */
  function cleared(atMs: number, give: (batches: readonly GivenBatch[]) => number): RunSlice {
    const batches = pools.map(({ clearing }) => clearing.begin());
    const payments = give(batches);
    const steps = batches.map((one) => ({ batch: one.end() }));
    if (operators)
      for (const [pool, { batch }] of steps.entries())
        operators.takeEvents(pools[pool]?.name as string, readEvents(batch.events));
    return { atMs, payments, steps };
  }

  let row = 0;
  const writeRow = (record: DataView, at: number) => {
    const { rows, numbers } = slice as PlanSlice;
    records.writeRow(record, at, rows, row, numbers[row] as number);
  };

  /** Of a payment that stands in a row: false where its object has to be made. */
  function giveRow(of: PlanSlice, batches: readonly GivenBatch[]): boolean {
    const pool = records.poolOfRow(of.rows, row);
    if (pool === null) return false;
    batches[pool]?.encoded('payment', of.rows.atMs(row), writeRow);
    return true;
  }

  let written: PlannedPayment;
  const writePayment = (record: DataView, at: number) => records.write(record, at, written);

  /** False: its document has to be read. */
  function givePayment(payment: PlannedPayment, batches: readonly GivenBatch[]): boolean {
    const pool = records.poolOf(payment);
    if (pool === null) return false;
    const batch = batches[pool] as GivenBatch;
    const { ofChain } = payment;
    if (ofChain && records.hasFurtherTerms(ofChain))
      batch.encodedBefore('chainTerms', payment.atMs, (record, at) =>
        records.writeFurtherTerms(record, at, ofChain, payment.atMs),
      );
    if (ofChain && operators) {
      const { name, clearing } = pools[pool] as (typeof pools)[number];
      operators.takeLeg(name, clearing.position(), ofChain, records.termsDigestOf(ofChain.chain));
    }
    written = payment;
    batch.encoded(RECORD_OF[payment.kind], payment.atMs, writePayment);
    return true;
  }

  /** The same. */
  function giveAttestation(request: PlannedRequest, batches: readonly GivenBatch[]): boolean {
    const pool = records.poolOfAttestation(request);
    if (pool === null) return false;
    batches[pool]?.encoded('attestation', request.atMs, (record, at) =>
      records.writeAttestation(record, at, request as AttestationAction),
    );
    return true;
  }

  /** Whether it is a payment that was not sent before. */
  function giveAction(action: PlannedAction, batches: readonly GivenBatch[]): boolean {
    const isNew = action.kind === 'payment' && !action.payment.isRepeat;
    if (action.kind === 'payment' && givePayment(action.payment, batches)) return isNew;
    if (action.kind === 'request' && giveAttestation(action.request, batches)) return isNew;
    if (isMessage(action)) {
      const { pool, record } = records.read(action);
      batches[pool]?.verified(record);
    } else {
      const record = controlRecord(scenario, action);
      for (const pool of poolsOfControl(scenario, action)) batches[pool]?.control(record);
    }
    return isNew;
  }

  function step(taken: PlanSlice): RunSlice {
    slice = taken;
    return cleared(taken.atMs, (batches) => {
      let payments = 0;
      row = 0;
      for (const action of taken.actions)
        if (action !== null) payments += giveAction(action, batches) ? 1 : 0;
        else {
          if (!giveRow(taken, batches)) giveAction(outOfRow(taken.inRow(row)), batches);
          payments += 1;
          row += 1;
        }
      return payments;
    });
  }

  /** Lets all happen that comes before a cycle, asks what is to settle in it, and puts that into the log. */
  function* ask(one: CycleAsk, by: Proposer): Generator<RunSlice, void> {
    const desk = new ProposalDesk(scenario, by, settlements);
    if (desk.isIdle(one)) return;
    for (const next of ['first', 'proposal'] as const) {
      const record = desk[next](one);
      if (record !== null)
        yield cleared(one.atMs, (batches) => {
          batches[one.pool]?.control(record);
          return 0;
        });
    }
  }

  /** What operators between pools have to say by what the pools have done. */
  function* turn({ atMs }: OperatorTurn): Generator<RunSlice, void> {
    const messages = operators?.due(atMs) ?? [];
    totals.requests += messages.length;
    if (messages.length === 0) return;
    yield cleared(atMs, (batches) => {
      for (const message of messages) {
        const { pool, record } = records.readSent(message, atMs);
        batches[pool]?.verified(record);
      }
      return 0;
    });
  }

  return {
    pools,
    settlements,
    totals,
    bankBook: () => null,
    leavesEvents: true,
    async *run() {
      const quotes = planQuotes(scenario).length;
      const genesis = scenario.pools.map((pool) =>
        genesisRecords(scenario, pool, quotes, publicKeyOf),
      );
      yield cleared(genesisTimeMs(scenario), (batches) => {
        for (const [pool, batch] of batches.entries())
          for (const record of genesis[pool] as readonly ControlRecord[]) batch.control(record);
        return 0;
      });
      const plan = runInRows(scenario, totals, options.day?.drawn);
      const paused = withTurns(proposer ? withAsks(plan, scenario) : plan, scenario);
      for (const next of slices(scenario, paused, sliceMessages))
        if (next instanceof PlanSlice) yield step(next);
        else if (next.kind === 'turn') yield* turn(next);
        else yield* ask(next, proposer as Proposer);
    },
  };
}

/** Payments by their numbers, attestations by those that stand in for their documents. */
function byNumber(
  actions: Iterable<PlannedAction>,
): Map<number, PlannedPayment | AttestationAction> {
  const planned = new Map<number, PlannedPayment | AttestationAction>();
  for (const action of actions)
    if (action.kind === 'payment') planned.set(action.payment.number, action.payment);
    else if (action.kind === 'request' && isAttestation(action.request))
      planned.set(standInNumber(action.request), action.request);
  return planned;
}
