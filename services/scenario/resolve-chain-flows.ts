/** Flows of chains: chains of one form, whose parties, amounts and times are drawn. */

import { ID_MAX } from '../protocol/names/message-ids.ts';
import { INT64_MAX } from '../protocol/names/minor-units.ts';
import { documentId } from './chain-documents.ts';
import type { LookUps } from './look-ups.ts';
import { convertMinor } from './rates-and-rounding.ts';
import { checkLegCount, msOf, resolveCondition } from './resolve-conditions.ts';
import { checkWorth, resolveAmounts, resolvePriorities, UNCHANGED_PRICE } from './resolve-flows.ts';
import { resolveArrivals, resolveWindow } from './resolve-profiles.ts';
import { resolvePrice } from './resolve-trades.ts';
import { resolveSynchronised } from './resolve-two-pool-chains.ts';
import type {
  ScenarioChainDocument,
  ScenarioChainFlow,
  ScenarioFlowLeg,
  ScenarioRecordFlow,
} from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';
import type { ChainFlowDocument } from './schema-chains.ts';
import { PAYMENTS_MAX } from './schema-traffic.ts';
import { cumulate } from './weighted-picks.ts';

export function resolveChainFlows(
  document: ScenarioDocument,
  directory: LookUps,
  recordFlows: readonly ScenarioRecordFlow[],
): ScenarioChainFlow[] {
  const { traffic, trades, chainFlows = [] } = document;
  const names = new Set([...traffic, ...trades].map(({ name }) => name));
  let total = 0;
  return chainFlows.map((flow, index) => {
    const path = ['chainFlows', index];
    if (names.has(flow.name))
      directory.fail(
        [...path, 'name'],
        'each name once, among flows, trades and flows of chains',
        flow.name,
      );
    names.add(flow.name);
    const resolved = resolveChainFlow(flow, path, document, directory, recordFlows);
    total += flow.legs.length * resolved.chainsPerDate * document.businessDates.length;
    if (total > PAYMENTS_MAX)
      directory.fail(
        [...path, flow.counted ? 'counted' : 'chainsPerDate'],
        `at most ${PAYMENTS_MAX} legs over all flows of chains and dates`,
        resolved.chainsPerDate,
      );
    return resolved;
  });
}

/** What of a flow says when its chains come, and for how much. */
type Sized = Pick<ChainFlowDocument, 'counted' | 'profile' | 'chainsPerDate' | 'amounts'>;
type Drawn = ChainFlowDocument & Required<Omit<Sized, 'counted'>>;
const DRAWN = ['profile', 'chainsPerDate', 'amounts'] as const;

/** Of a flow that is drawn, and of which nothing is counted, the fields that it needs. */
function asDrawn(flow: ChainFlowDocument, path: Path, { fail }: LookUps): Drawn {
  for (const name of DRAWN)
    if (flow[name] === undefined) fail([...path, name], `${name}, or counted in its place`);
  return flow as Drawn;
}

function countedOf(
  flow: ChainFlowDocument,
  path: Path,
  { fail }: LookUps,
  recordFlows: readonly ScenarioRecordFlow[],
): ScenarioChainFlow['counted'] {
  const { counted } = flow;
  if (!counted) return null;
  const at = [...path, 'counted'];
  for (const name of [...DRAWN, 'earliest', 'latest', 'documents'] as const)
    if (flow[name] !== undefined) fail([...path, name], 'none beside counted', flow[name]);
  const records =
    recordFlows.find(({ name }) => name === counted.flow) ??
    fail([...at, 'flow'], 'the name of one of recordFlows', counted.flow);
  const { everyRecords } = counted;
  if (records.recordsPerDate % everyRecords !== 0)
    fail(
      [...at, 'everyRecords'],
      `a divisor of the ${records.recordsPerDate} records of an attestor on a date`,
      everyRecords,
    );
  return { flow: records, everyRecords };
}

function resolveChainFlow(
  flow: ChainFlowDocument,
  path: Path,
  document: ScenarioDocument,
  directory: LookUps,
  recordFlows: readonly ScenarioRecordFlow[],
): ScenarioChainFlow {
  const counted = countedOf(flow, path, directory, recordFlows);
  checkLegCount(flow, path, directory);
  const parties = new Parties(flow, path, directory);
  const codes = flow.legs.map((leg, place) =>
    directory.currency([...path, 'legs', place, 'currency'], leg.currency),
  );
  const currency = codes[0] as number;
  const drawn = counted ? null : asDrawn(flow, path, directory);
  const amounts = drawn ? resolveAmounts(drawn, path, directory, currency) : NOT_DRAWN;
  const legs = flow.legs.map((leg, place): ScenarioFlowLeg => {
    const at = [...path, 'legs', place];
    const moved = codes[place] as number;
    const debtorAgent = parties.place([...at, 'from'], leg.from, moved);
    const creditorAgent = parties.place([...at, 'to'], leg.to, moved);
    parties.checkApart([...at, 'to'], leg, debtorAgent, creditorAgent);
    const [given, taken] = [directory.currencies[currency]!, directory.currencies[moved]!];
    if (counted && leg.price === undefined)
      directory.fail([...at, 'price'], `the price of one that is counted, in ${taken.code}`);
    const price =
      leg.price === undefined && moved === currency
        ? UNCHANGED_PRICE
        : resolvePrice(
            { ...leg, delivers: given.code, receives: taken.code },
            at,
            document,
            directory,
          );
    if (drawn)
      checkWorth(drawn, path, directory, amounts, taken, (minor) =>
        convertMinor(minor, price, given.minorUnits, taken.minorUnits),
      );
    else if (counted && convertMinor(mostOf(counted.flow), price, 0, taken.minorUnits) > INT64_MAX)
      directory.fail([...at, 'price'], `amounts that fit 64 bits in ${taken.code}`, leg.price);
    return {
      ...{ debtorAgent, creditorAgent, currency: moved, price },
      ...{ afterMs: leg.sendsAfterSeconds * 1000, withinMs: leg.sendsWithinSeconds * 1000 },
      unsentEvery: leg.unsentEvery ?? null,
    };
  });
  const deadlineMs = msOf(flow.condition?.deadlineAfterSeconds);
  const attestor = (where: Path, name: string) => parties.named(where, name);
  const condition = resolveCondition(flow, path, deadlineMs, attestor, directory);
  const named = (party: number) => parties.all[party]!.participants;
  const { earmark } = flow;
  return {
    ...{ name: flow.name, currency, counted },
    ...(drawn
      ? {
          chainsPerDate: drawn.chainsPerDate,
          arrivals: resolveArrivals(drawn, path, document, directory, ...new Set(codes)),
          ...resolveWindow(drawn, path, document, directory),
          sigma: drawn.amounts.sigma,
        }
      : {
          chainsPerDate: counted ? chainsPerDate(counted) : 0,
          ...{ arrivals: [], earliestMs: [], latestMs: [], sigma: 0 },
        }),
    ...amounts,
    priorityWeights: resolvePriorities(flow, path, directory),
    legs,
    condition,
    synchronised: resolveSynchronised({ ...flow, legs, condition }, path, named, directory),
    earmark: earmark
      ? {
          ...{ when: earmark.when, onExpiry: earmark.onExpiry },
          expiryMs: earmark.expiryAfterSeconds * 1000,
        }
      : null,
    documents: resolveDocuments(flow, path, directory),
    parties: parties.all,
  };
}

/** Of a chain's id that of a document has what stands behind the flow's name: its date and number. */
const BEHIND_NAME = '-20260316-0000001'.length;

function resolveDocuments(
  { name, documents = [] }: ChainFlowDocument,
  path: Path,
  directory: LookUps,
): ScenarioChainDocument[] {
  const { fail } = directory;
  const most = ID_MAX - documentId('', name).length - BEHIND_NAME;
  return documents.map(({ kind, attestor, beforeSeconds }, place) => {
    const at = [...path, 'documents', place];
    const above = documents.slice(0, place);
    if (above.some((one) => one.kind === kind))
      fail([...at, 'kind'], 'each kind once in the flow', kind);
    if (kind.length > most)
      fail([...at, 'kind'], `at most ${most} characters: its id has the name ${name} too`, kind);
    const least = above.at(-1)?.beforeSeconds ?? beforeSeconds;
    if (beforeSeconds > least)
      fail([...at, 'beforeSeconds'], `at most the ${least} of the one above`, beforeSeconds);
    return {
      recordKind: kind,
      attestor: directory.participant([...at, 'attestor'], attestor),
      beforeMs: beforeSeconds * 1000,
    };
  });
}

const NOT_DRAWN = { medianMinor: 0n, minMinor: 0n, maxMinor: 0n };

/** What an attestor can have counted at the end of all dates. */
const mostOf = ({ startsAt, counts, recordsPerDate, arrivals }: ScenarioRecordFlow): bigint =>
  BigInt(startsAt) + BigInt(counts.max) * BigInt(recordsPerDate * arrivals.length);

const chainsPerDate = ({ flow, everyRecords }: NonNullable<ScenarioChainFlow['counted']>): number =>
  (flow.attestors.length * flow.recordsPerDate) / everyRecords;

/** The parties of a flow, and each participant that its legs and condition name by its BIC. */
class Parties {
  readonly all: ScenarioChainFlow['parties'][number][] = [];
  readonly #places = new Map<string, number>();
  readonly #directory: LookUps;

  constructor({ parties }: ChainFlowDocument, path: Path, directory: LookUps) {
    this.#directory = directory;
    for (const [name, weights] of Object.entries(parties)) {
      const at = [...path, 'parties', name];
      const members = Object.entries(weights).filter(([, weight]) => weight > 0);
      if (members.length === 0) directory.fail(at, 'a participant with a weight above 0', weights);
      const participants = members.map(([bic]) => directory.participant([...at, bic], bic));
      this.#add(name, participants, cumulate(members.map(([, weight]) => weight)));
    }
  }

  #add(name: string, participants: readonly number[], cumulative: readonly number[]): number {
    const place = this.all.length;
    this.#places.set(name, place);
    this.all.push({ participants, cumulative });
    return place;
  }

  named(path: Path, name: string): { number: number; of: readonly number[] } {
    const isBic = /^[A-Z]/.test(name);
    const number =
      this.#places.get(name) ??
      (isBic
        ? this.#add(name, [this.#directory.participant(path, name)], [1])
        : this.#directory.fail(path, 'the name of one of parties, or a BIC', name));
    return { number, of: this.all[number]!.participants };
  }

  /** All of whom have an account in the currency. */
  place(path: Path, name: string, currency: number): number {
    const { number, of } = this.named(path, name);
    for (const participant of of) this.#directory.needAccount(path, participant, currency);
    return number;
  }

  /** Whoever is drawn, no leg is from a bank to itself. */
  checkApart(path: Path, leg: { from: string; to: string }, debtor: number, creditor: number) {
    const { fail, participants } = this.#directory;
    const debtors = new Set(this.all[debtor]!.participants);
    const both = this.all[creditor]!.participants.find((one) => debtors.has(one));
    if (both !== undefined)
      fail(path, `a party without ${participants[both]!.bic}, which may be in ${leg.from}`, leg.to);
  }
}
