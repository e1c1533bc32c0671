/**
 * What anomalies make of the payments that a flow draws on a date. Each draws from streams of its own, by its name, and
 * what it adds stands behind the flow's own at one instant. Scenarios: `anomalies`.
 */
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import {
  anyAccount,
  customersReference,
  shuffledAccounts,
  strangeAccount,
} from './customer-accounts.ts';
import type { DraftPayment } from './draft-rows.ts';
import { earliestFirst, type Next, yielded } from './earliest-first.ts';
import { Arrivals, drawAmounts, drawFlow } from './flow-draws.ts';
import { SeededStream } from './random-streams.ts';
import type { ArrivalPart, Scenario, ScenarioAnomaly, ScenarioFlow } from './scenario.ts';
import { cumulate, pick } from './weighted-picks.ts';

type OfKind<Kind extends ScenarioAnomaly['kind']> = Extract<ScenarioAnomaly, { kind: Kind }>;
type OfFlow = Exclude<ScenarioAnomaly, { kind: 'silentOutage' }>;

/** Payments that an anomaly adds. */
export function addedBy(anomaly: ScenarioAnomaly): number {
  switch (anomaly.kind) {
    case 'hijackedKey':
    case 'run':
      return anomaly.payments;
    case 'ring':
      return anomaly.rounds * anomaly.banks.length;
    case 'stuckBatch':
      return anomaly.payments * anomaly.times;
    case 'mistypedAmount':
    case 'silentOutage':
      return 0;
  }
}

/** Anomalies of a flow's payments on a date. */
const watchedBy = (scenario: Scenario, flow: ScenarioFlow, dateIndex: number): OfFlow[] =>
  scenario.anomalies.filter(
    (one): one is OfFlow =>
      one.kind !== 'silentOutage' &&
      scenario.flows[one.flow] === flow &&
      one.dateIndex === dateIndex,
  );

export const isWatched = (...of: Parameters<typeof watchedBy>): boolean =>
  watchedBy(...of).length > 0;

/** A flow's payments on a date with what anomalies change of them and add to them. */
export function drawWatchedFlow(
  scenario: Scenario,
  flow: ScenarioFlow,
  dateIndex: number,
): Next<DraftPayment> {
  const mine = watchedBy(scenario, flow, dateIndex);
  const drawn = () =>
    mine.reduce(
      (draw, one) => (one.kind === 'mistypedAmount' ? mistyped(scenario, one, draw) : draw),
      drawFlow(scenario, flow, dateIndex),
    );
  const added = mine.flatMap((one) => {
    switch (one.kind) {
      case 'mistypedAmount':
        return [];
      case 'stuckBatch':
        return [yielded(sentAgain(scenario, one, drawn))];
      default:
        return [yielded(new Added(scenario, one).payments())];
    }
  });
  return added.length === 0 ? drawn() : earliestFirst([drawn(), ...added]);
}

const labelOf = (scenario: Scenario, anomaly: ScenarioAnomaly): number =>
  scenario.anomalies.indexOf(anomaly);

const streamOf = ({ seed }: Scenario, { name }: ScenarioAnomaly, purpose: string): SeededStream =>
  new SeededStream(seed, 'anomaly', name, purpose);

/** The first of the bank's payments in the time, with another amount. */
function mistyped(
  scenario: Scenario,
  anomaly: OfKind<'mistypedAmount'>,
  draw: Next<DraftPayment>,
): Next<DraftPayment> {
  const { bank, fromMs, untilMs, factor } = anomaly;
  const label = labelOf(scenario, anomaly);
  let left = anomaly.payments;
  return () => {
    const draft = draw();
    if (draft === null || left === 0 || draft.debtorAgent !== bank) return draft;
    if (draft.atMs < fromMs || draft.atMs >= untilMs || draft.label !== undefined) return draft;
    left -= 1;
    return { ...draft, amountMinor: draft.amountMinor * factor, label };
  };
}

/** The last of the bank's payments before it, as new ones. @param drawn the flow's payments, once more */
function* sentAgain(
  scenario: Scenario,
  anomaly: OfKind<'stuckBatch'>,
  drawn: () => Next<DraftPayment>,
): Generator<DraftPayment, void> {
  const { bank, fromMs, untilMs, payments, times } = anomaly;
  const label = labelOf(scenario, anomaly);
  const ids = streamOf(scenario, anomaly, 'ids');
  const batch: DraftPayment[] = [];
  const draw = drawn();
  for (let draft = draw(); draft !== null && draft.atMs < fromMs; draft = draw()) {
    if (draft.debtorAgent !== bank) continue;
    batch.push(draft);
    if (batch.length > payments) batch.shift();
  }
  const count = batch.length * times;
  for (let place = 0; place < count; place++) {
    const uetr = ids.uuid();
    const atMs = fromMs + Math.floor((place * (untilMs - fromMs)) / count);
    const endToEndId = customersReference(uetr);
    yield { ...batch[place % batch.length]!, ...{ atMs, uetr, endToEndId, label, isAdded: true } };
  }
}

/** Parts into which the time of a run is cut: in each more payments leave than in the one before. */
const RUN_PARTS = 8;

/** Who pays whom of a payment that is added, and how much. */
type Terms = Pick<DraftPayment, 'debtorAgent' | 'creditorAgent' | 'accounts' | 'amountMinor'>;

/** Payments that resemble those of a flow. */
class Added {
  readonly #scenario: Scenario;
  readonly #anomaly: OfKind<'hijackedKey' | 'run' | 'ring'>;
  readonly #flow: ScenarioFlow;

  constructor(scenario: Scenario, anomaly: OfKind<'hijackedKey' | 'run' | 'ring'>) {
    this.#scenario = scenario;
    this.#anomaly = anomaly;
    this.#flow = scenario.flows[anomaly.flow]!;
  }

  *payments(): Generator<DraftPayment, void> {
    const { kind, from: currency, dealers, priorityWeights, earliestMs, latestMs } = this.#flow;
    const { dateIndex } = this.#anomaly;
    const label = labelOf(this.#scenario, this.#anomaly);
    const [ids, priorities] = [this.#stream('ids'), this.#stream('priorities')];
    const quotes = this.#stream('dealers');
    const prioritySums = cumulate(priorityWeights);
    const dealerSums = cumulate(dealers.map(({ weight }) => weight));
    const arrivals = new Arrivals(this.#parts(), addedBy(this.#anomaly), this.#stream('arrivals'));
    const terms = this.#terms();
    for (let atMs = arrivals.next(); atMs !== null; atMs = arrivals.next()) {
      const uetr = ids.uuid();
      const quote =
        dealers.length === 0 ? null : dealers[pick(dealerSums, quotes.uniform())]!.quote;
      yield {
        ...{ atMs, dateIndex, ...terms(), currency, quote, kind, receives: null },
        ...{ earliestMs: earliestMs[dateIndex] ?? null, latestMs: latestMs[dateIndex] ?? null },
        ...{
          cancelAfterMs: null,
          uetr,
          endToEndId: customersReference(uetr),
          label,
          isAdded: true,
        },
        priority: PRIORITIES[pick(prioritySums, priorities.uniform())]!,
      };
    }
  }

  #stream(purpose: string): SeededStream {
    return streamOf(this.#scenario, this.#anomaly, purpose);
  }

  #parts(): ArrivalPart[] {
    const { kind, fromMs, untilMs } = this.#anomaly;
    if (kind !== 'run') return [{ fromMs, toMs: untilMs, weight: 1 }];
    const at = (part: number) => fromMs + Math.floor((part * (untilMs - fromMs)) / RUN_PARTS);
    return Array.from({ length: RUN_PARTS }, (_, part) => ({
      ...{ fromMs: at(part), toMs: at(part + 1), weight: part + 1 },
    }));
  }

  #terms(): () => Terms {
    const anomaly = this.#anomaly;
    switch (anomaly.kind) {
      case 'hijackedKey':
        return this.#drained(anomaly);
      case 'run':
        return this.#withdrawn(anomaly);
      case 'ring':
        return this.#passedOn(anomaly);
    }
  }

  /** Of the banks that the flow has a bank pay, the next. */
  #payeeBanks(bank: number): () => number {
    const row = this.#flow.counterparties.find(({ debtorAgent }) => debtorAgent === bank)!;
    const stream = this.#stream('counterparties');
    return () => row.creditorAgents[pick(row.cumulative, stream.uniform())]!;
  }

  #drained({ bank, amounts }: OfKind<'hijackedKey' | 'run'>): () => Terms {
    const debtor = anyAccount(this.#scenario, bank, this.#stream('payers').uniform());
    const [next, strangers] = [this.#payeeBanks(bank), this.#stream('payees')];
    const drawn = drawAmounts(amounts, this.#stream('amounts'));
    const paid = new Set<string>();
    return () => {
      const creditorAgent = next();
      const creditor = strangeAccount(this.#scenario, creditorAgent, strangers, paid);
      const accounts = { debtor, creditor };
      return { debtorAgent: bank, creditorAgent, accounts, amountMinor: drawn() };
    };
  }

  #withdrawn({ bank, amounts }: OfKind<'hijackedKey' | 'run'>): () => Terms {
    const payers = shuffledAccounts(this.#scenario, bank, this.#stream('payers'));
    const [next, payees] = [this.#payeeBanks(bank), this.#stream('payees')];
    const drawn = drawAmounts(amounts, this.#stream('amounts'));
    let paid = 0;
    return () => {
      const creditorAgent = next();
      const creditor = anyAccount(this.#scenario, creditorAgent, payees.uniform());
      const accounts = { debtor: payers[paid++ % payers.length]!, creditor };
      return { debtorAgent: bank, creditorAgent, accounts, amountMinor: drawn() };
    };
  }

  #passedOn({ banks, amounts }: OfKind<'ring'>): () => Terms {
    const members = this.#stream('payers');
    const of = banks.map((bank) => anyAccount(this.#scenario, bank, members.uniform()));
    const drawn = drawAmounts(amounts, this.#stream('amounts'));
    let place = 0;
    let amountMinor = 0n;
    return () => {
      if (place === 0) amountMinor = roundAmount(drawn());
      const [payer, payee] = [place, (place + 1) % banks.length];
      place = payee;
      return {
        ...{ debtorAgent: banks[payer]!, creditorAgent: banks[payee]!, amountMinor },
        accounts: { debtor: of[payer]!, creditor: of[payee]! },
      };
    };
  }
}

/** The largest amount up to this with one digit that is no zero. */
function roundAmount(minor: bigint): bigint {
  const unit = BigInt(`1${'0'.repeat(`${minor}`.length - 1)}`);
  return minor - (minor % unit);
}
