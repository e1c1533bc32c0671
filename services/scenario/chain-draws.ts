/**
 * The legs of a scenario's chains, each as its bank sends it, and what is attested of them. UETRs of listed chains
 * are drawn by chain and leg. As in flow-draws, every quantity has a stream of its own.
 */
import TinyQueue from 'tinyqueue';
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import { timeOnDateMostMs } from '../protocol/messages/settlement-times.ts';
import { type PolicyCondition, policyOf } from '../protocol/records/pre-validation.ts';
import type { DraftPayment } from './draft-rows.ts';
import type { Uuid } from './drawn-uuids.ts';
import { Arrivals, drawAmounts, streamsOf } from './flow-draws.ts';
import { SeededStream } from './random-streams.ts';
import { convertMinor } from './rates-and-rounding.ts';
import { type DrawnRecord, drawRecordFlow } from './record-draws.ts';
import { judgedByRegisters } from './registers.ts';
import type {
  DrawnAnswer,
  Scenario,
  ScenarioAttestor,
  ScenarioChain,
  ScenarioChainFlow,
  ScenarioChainLeg,
} from './scenario.ts';
import { cumulate, pick } from './weighted-picks.ts';

/** Listed ones by time; those of one moment by chain and leg. */
export function* drawChains(scenario: Scenario): Generator<DraftPayment, void> {
  const { seed, chains, attestations } = scenario;
  const ids = new SeededStream(seed, 'chains', 'ids');
  const answers = new Answers(scenario, 'chains');
  const spokenOf = new Map<ScenarioChain, Set<number>>();
  for (const { chain, attestor } of attestations)
    spokenOf.set(chain, (spokenOf.get(chain) ?? new Set()).add(attestor));
  const drawn = chains.map((chain) => answers.of(chain, spokenOf.get(chain)));
  const judged = judgedByRegisters(scenario, drawn);
  const drafts = chains.flatMap((chain, place) =>
    draftsOf(chain, () => ids.uuid(), judged[place]!),
  );
  yield* drafts.sort((a, b) => a.atMs - b.atMs);
}

/** In order of time: of one date, or of a flow that is counted of all dates. */
export function* drawChainFlow(
  scenario: Scenario,
  flow: ScenarioChainFlow,
  dateIndex: number,
): Generator<DraftPayment, void> {
  const chains = flow.counted
    ? drawCountedChains(scenario, flow, flow.counted)
    : drawFlowChains(scenario, flow, dateIndex);
  yield* inOrderOfTime(chains);
}

/** The legs of chains that come in order of time, in that order too: some leave later than their chain comes. */
export function* inOrderOfTime(
  chains: Iterable<{ readonly plannedMs: number; readonly drafts: readonly DraftPayment[] }>,
): Generator<DraftPayment, void> {
  const later = new TinyQueue<{ readonly draft: DraftPayment; readonly order: number }>(
    [],
    (a, b) => a.draft.atMs - b.draft.atMs || a.order - b.order,
  );
  let order = 0;
  for (const { plannedMs, drafts } of chains) {
    while (later.peek() !== undefined && later.peek()!.draft.atMs < plannedMs)
      yield later.pop()!.draft;
    for (const draft of drafts) later.push({ draft, order: order++ });
  }
  for (let leg = later.pop(); leg !== undefined; leg = later.pop()) yield leg.draft;
}

/** When a chain of a flow comes, between whom, and for how much in the unit of its amounts. */
interface ChainArrival {
  readonly dateIndex: number;
  readonly atMs: number;
  /** One of each party. */
  readonly drawn: readonly number[];
  readonly amountMinor: bigint;
}

/** The chains of a flow that is drawn, on one date, in order of time. */
export function* drawFlowChains(scenario: Scenario, flow: ScenarioChainFlow, dateIndex: number) {
  const parts = flow.arrivals[dateIndex];
  if (!parts) return;
  const businessDate = scenario.businessDates[dateIndex]!;
  const stream = streamsOf(scenario, 'chains', flow.name, dateIndex);
  const arrivals = new Arrivals(parts, flow.chainsPerDate, stream('arrivals'));
  const nextParties = drawParties(flow, stream);
  const nextAmount = drawAmounts(flow, stream('amounts'));
  const answers = new Answers(scenario, flow.name, businessDate);
  const next = chainOfFlow(scenario, flow, stream, answers);
  for (let atMs = arrivals.next(); atMs !== null; atMs = arrivals.next())
    yield {
      plannedMs: atMs,
      drafts: next({ dateIndex, atMs, drawn: nextParties(), amountMinor: nextAmount() }),
    };
}

/**
 * Over all dates, behind every so many records of an attestor: for what it has counted since the chain before. Each
 * attestor has the same parties all the time. Where its record is refused or never sent, or what it counted is worth
 * nothing yet, the next one that is due counts for both.
 */
function* drawCountedChains(
  scenario: Scenario,
  flow: ScenarioChainFlow,
  { flow: records, everyRecords }: NonNullable<ScenarioChainFlow['counted']>,
) {
  const stream = (purpose: string) => new SeededStream(scenario.seed, 'chains', flow.name, purpose);
  const nextParties = drawParties(flow, stream);
  const members = records.attestors.map(() => ({
    drawn: nextParties(),
    paidFor: BigInt(records.startsAt),
  }));
  const next = chainOfFlow(scenario, flow, stream, new Answers(scenario, flow.name));
  const isWorth = (counted: bigint) =>
    flow.legs.every(
      ({ price, currency }) =>
        convertMinor(counted, price, 0, scenario.currencies[currency]!.minorUnits) > 0n,
    );
  for (const record of drawRecordFlow(scenario, records)) {
    const { atMs: plannedMs, member, turn, counter, isBack } = record;
    if (turn % everyRecords !== 0 || isBack) continue;
    const of = members[member]!;
    const amountMinor = counter - of.paidFor;
    const arrival = arrivalBehind(record, scenario, flow);
    if (arrival === null || !isWorth(amountMinor)) continue;
    of.paidFor = counter;
    yield { plannedMs, drafts: next({ ...arrival, drawn: of.drawn, amountMinor }) };
  }
}

/** Behind an outage a chain is of the first date that is not closed yet, from when that opens; null: all are. */
function arrivalBehind(
  { dateIndex, atMs, sentMs }: DrawnRecord,
  { businessDates, currencies }: Scenario,
  { legs }: ScenarioChainFlow,
): Pick<ChainArrival, 'dateIndex' | 'atMs'> | null {
  if (sentMs === atMs) return { dateIndex, atMs };
  for (let date = dateIndex; date < businessDates.length; date++) {
    const hours = legs.map(({ currency }) => currencies[currency]!.hours[date]);
    if (hours.every((one) => one && sentMs < one.closesMs))
      return { dateIndex: date, atMs: Math.max(sentMs, ...hours.map((one) => one!.opensMs)) };
  }
  return null;
}

/** One of each party, anew with each call. */
function drawParties(
  { parties }: ScenarioChainFlow,
  stream: (purpose: string) => SeededStream,
): () => readonly number[] {
  const drawn = parties.map((party, place) => ({ ...party, stream: stream(`party ${place}`) }));
  return () =>
    drawn.map((party) => party.participants[pick(party.cumulative, party.stream.uniform())]!);
}

/** Makes the chains of a flow, one after the other, with their legs as their banks send them. */
function chainOfFlow(
  { businessDates, currencies }: Scenario,
  flow: ScenarioChainFlow,
  stream: (purpose: string) => SeededStream,
  answers: Answers,
) {
  const { condition, earmark, synchronised } = flow;
  const [priorities, delays, ids] = [stream('priorities'), stream('delays'), stream('ids')];
  const prioritySums = cumulate(flow.priorityWeights);
  const minorUnits = (currency: number) => currencies[currency]!.minorUnits;
  // What is counted has no decimals.
  const ofAmounts = flow.counted ? 0 : minorUnits(flow.currency);
  let count = 0;
  return ({ dateIndex, atMs, drawn, amountMinor }: ChainArrival) => {
    const businessDate = businessDates[dateIndex]!;
    const ahead = (ms: number) => Math.min(atMs + ms, timeOnDateMostMs(businessDate));
    count += 1;
    const chain: ScenarioChain = {
      id: `${flow.name}-${businessDate.replaceAll('-', '')}-${String(count).padStart(7, '0')}`,
      ...{ dateIndex, atMs },
      earliestMs: flow.earliestMs[dateIndex] ?? null,
      latestMs: flow.latestMs[dateIndex] ?? null,
      priority: PRIORITIES[pick(prioritySums, priorities.uniform())]!,
      legs: flow.legs.map((leg): ScenarioChainLeg => {
        const { currency, price, afterMs, withinMs, unsentEvery } = leg;
        const drawnMs = afterMs + Math.floor(delays.uniform() * (withinMs + 1));
        // Records come behind payments of their instant, and a record before what is paid for it.
        const delayMs = flow.counted ? Math.max(1, drawnMs) : drawnMs;
        return {
          debtorAgent: drawn[leg.debtorAgent]!,
          creditorAgent: drawn[leg.creditorAgent]!,
          currency,
          amountMinor: convertMinor(amountMinor, price, ofAmounts, minorUnits(currency)),
          afterMs: unsentEvery !== null && count % unsentEvery === 0 ? null : delayMs,
        };
      }),
      condition: condition && {
        ...condition,
        groups: condition.groups.map((group) => ({
          ...group,
          attestors: group.attestors.map((party) => drawn[party]!),
        })),
        deadlineMs: condition.deadlineMs === null ? null : ahead(condition.deadlineMs),
      },
      earmark: earmark && { ...earmark, expiryMs: ahead(earmark.expiryMs) },
      synchronised,
    };
    return draftsOf(chain, () => ids.uuid(), answers.of(chain));
  };
}

/** The legs that are sent. The one that is planned first brings what is attested. */
export function draftsOf(
  chain: ScenarioChain,
  uuid: () => Uuid,
  answers: readonly DrawnAnswer[],
): DraftPayment[] {
  const { legs } = chain;
  const sentMs = legs.flatMap(({ afterMs }) => (afterMs === null ? [] : [afterMs]));
  const firstMs = Math.min(...sentMs);
  const first = legs.findIndex(({ afterMs }) => afterMs === firstMs);
  return legs.flatMap((leg, place): DraftPayment[] => {
    const uetr = uuid();
    if (leg.afterMs === null) return [];
    const { debtorAgent, creditorAgent, currency, amountMinor, afterMs } = leg;
    const isFirst = place === first && answers.length > 0;
    return [
      {
        ...{ debtorAgent, creditorAgent, currency, amountMinor, uetr },
        ...{ atMs: chain.atMs + afterMs, dateIndex: chain.dateIndex, priority: chain.priority },
        ...{ earliestMs: chain.earliestMs, latestMs: chain.latestMs },
        ...{ kind: 'chainLeg', quote: null, receives: null, cancelAfterMs: null },
        endToEndId: chain.id,
        ofChain: { chain, legNumber: place + 1, ...(isFirst && { answers }) },
      },
    ];
  });
}

interface DrawnAttestor {
  readonly entry: ScenarioAttestor;
  readonly stream: SeededStream;
  readonly forgeries: SeededStream;
}

/** What each attestor says of chains of one kind, each from a stream of its own. */
class Answers {
  readonly #attestors: ReadonlyMap<number, DrawnAttestor>;
  readonly #policyOf: (chain: ScenarioChain) => PolicyCondition | null;
  readonly #numbers: ReadonlyMap<string, number>;

  /** @param of which chains: the flow and the date */
  constructor(scenario: Scenario, ...of: readonly string[]) {
    const { seed, participants, attestors } = scenario;
    this.#policyOf = (chain) => chainPolicy(scenario, chain);
    this.#numbers = new Map(participants.map(({ bic }, number) => [bic, number]));
    this.#attestors = new Map(
      attestors.map((entry) => {
        const { bic } = participants[entry.attestor]!;
        const stream = new SeededStream(seed, 'attestations', bic, ...of);
        const forgeries = new SeededStream(seed, 'attestations forged', bic, ...of);
        return [entry.attestor, { entry, stream, forgeries }];
      }),
    );
  }

  /** @param spoken attestors of whom it is listed what they say */
  of(chain: ScenarioChain, spoken?: ReadonlySet<number>): readonly DrawnAnswer[] {
    if (this.#attestors.size === 0) return NONE;
    const policy = this.#policyOf(chain)?.groups.flatMap(({ attestors }) => attestors) ?? [];
    const ofPolicy = policy.map((bic) => this.#numbers.get(bic)!);
    const asked = new Set([
      ...(chain.condition?.groups.flatMap(({ attestors }) => attestors) ?? []),
      ...ofPolicy,
    ]);
    return [...asked].flatMap((attestor) => {
      const drawn = this.#attestors.get(attestor);
      if (!drawn) return [];
      const answers = withForgeries(drawn, drawAnswers(drawn.entry, drawn.stream));
      if (spoken?.has(attestor)) return [];
      const isOfBoth = chain.synchronised !== null && ofPolicy.includes(attestor);
      return isOfBoth ? answers.map((answer) => ({ ...answer, isOfBoth })) : answers;
    });
  }
}

const NONE: readonly DrawnAnswer[] = [];

/** What the network's policy asks of a chain; null: nothing. */
export function chainPolicy(
  { settlement, participants, currencies }: Scenario,
  { legs }: Pick<ScenarioChain, 'legs'>,
): PolicyCondition | null {
  if (settlement.preValidation.length === 0) return null;
  const agents = legs.flatMap((leg) => {
    const code = currencies[leg.currency]!.code;
    return (['debtorAgent', 'creditorAgent'] as const).map((side) => {
      return { side, bic: participants[leg[side]]!.bic, code };
    });
  });
  return policyOf(settlement.preValidation, agents);
}

/** All is drawn of each chain, so that another share moves no delay. */
function drawAnswers(entry: ScenarioAttestor, stream: SeededStream): DrawnAnswer[] {
  const { attestor, refuses, silent, holds, validMs } = entry;
  const [decision, hold] = [stream.uniform(), stream.uniform()];
  const [delayMs, longerMs] = [drawDelayMs(entry, stream), drawDelayMs(entry, stream)];
  if (decision < silent) return [];
  const isHeld = hold < holds;
  const isRefused = decision < silent + refuses;
  const decided: DrawnAnswer = {
    attestor,
    verdict: isRefused ? 'refused' : 'accepted',
    afterMs: isHeld ? delayMs + longerMs : delayMs,
    validMs: isRefused ? null : validMs,
  };
  return isHeld
    ? [{ attestor, verdict: 'held', afterMs: delayMs, validMs: null }, decided]
    : [decided];
}

/** What a forger says in an attestor's name, and what is sent again: of streams of their own, so that no answer moves. */
function withForgeries(
  { entry: { attestor, forged, replayed, delay }, forgeries }: DrawnAttestor,
  answers: readonly DrawnAnswer[],
): DrawnAnswer[] {
  const [forge, forgedAt] = [forgeries.uniform(), forgeries.uniform()];
  const [replay, replayedAt] = [forgeries.uniform(), forgeries.uniform()];
  const within = (share: number) => 1 + Math.floor(share * delay.medianMs);
  const last = answers.at(-1);
  const own =
    last && replay < replayed
      ? [...answers.slice(0, -1), { ...last, repeatAfterMs: within(replayedAt) }]
      : [...answers];
  if (forge >= forged) return own;
  const said = { attestor, verdict: 'accepted', validMs: null, isForged: true } as const;
  return [{ ...said, afterMs: within(forgedAt) }, ...own];
}

/** Rounded to whole ms, and at least one: the leg that it is an answer to comes first. */
function drawDelayMs({ delay }: ScenarioAttestor, stream: SeededStream): number {
  const drawn = delay.medianMs * Math.exp(delay.sigma * stream.normal());
  return Math.max(1, Math.round(Math.min(delay.maxMs, Math.max(delay.minMs, drawn))));
}
