/** Conditions and earmarks of chains, and what is attested. */
import {
  CHAIN_LEGS_MAX,
  CONDITION_ATTESTORS_MAX,
  leastGroups,
} from '../protocol/messages/chain.ts';
import { textDigest } from '../protocol/names/text-digest.ts';
import type { LookUps } from './look-ups.ts';
import type {
  ListedAttestation,
  ListedRecord,
  ScenarioAttestor,
  ScenarioChain,
  ScenarioCondition,
  ScenarioRecordFlow,
} from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';
import type { ChainDocument, ChainFlowDocument } from './schema-chains.ts';

/** Who may stand for a name: one participant, or those of a party. */
type Members = (
  path: Path,
  name: string,
) => { readonly number: number; readonly of: readonly number[] };

/** @param deadlineMs as the condition has it, in ms of whatever */
export function resolveCondition(
  { condition }: ChainDocument | ChainFlowDocument,
  path: Path,
  deadlineMs: number | null,
  membersOf: Members,
  { fail, participants }: LookUps,
): ScenarioCondition | null {
  if (!condition) return null;
  const at = [...path, 'condition'];
  let count = 0;
  const groups = condition.groups.map((group, place): ScenarioCondition['groups'][number] => {
    const { attestors, threshold = attestors.length, mandatory } = group;
    const where = [...at, 'groups', place];
    const seen = new Set<number>();
    const numbers = attestors.map((name, index) => {
      const here = [...where, 'attestors', index];
      const { number, of } = membersOf(here, name);
      const again = of.find((participant) => seen.has(participant));
      if (again !== undefined)
        fail(here, `each attestor once in its group; ${participants[again]!.bic} is there`, name);
      for (const participant of of) seen.add(participant);
      count += 1;
      if (count > CONDITION_ATTESTORS_MAX)
        fail(here, `at most ${CONDITION_ATTESTORS_MAX} attestors over all groups`, name);
      return number;
    });
    if (threshold > numbers.length)
      fail([...where, 'threshold'], `at most the group's ${numbers.length} attestors`, threshold);
    return { threshold, attestors: numbers, ...(mandatory && { isMandatory: true }) };
  });
  const { threshold = groups.length, onSilence } = condition;
  if (threshold > groups.length)
    fail([...at, 'threshold'], `at most the ${groups.length} groups`, threshold);
  const mandatory = groups.filter(({ isMandatory }) => isMandatory).length;
  const least = leastGroups(mandatory, groups.length);
  if (threshold < least)
    fail(
      [...at, 'threshold'],
      `at least ${least}: the ${mandatory} mandatory groups${mandatory < groups.length ? ' and one of the others' : ''}`,
      threshold,
    );
  if (onSilence === 'settle' && deadlineMs === null)
    fail([...at, 'onSilence'], 'release, or a deadline beside it', onSilence);
  return { threshold, groups, deadlineMs, onSilence };
}

/** A chain of one leg settles nothing together: it needs something to wait for. */
export function checkLegCount(
  { legs, condition }: ChainDocument | ChainFlowDocument,
  path: Path,
  { fail }: LookUps,
): void {
  if (legs.length < 2 && !condition)
    fail([...path, 'legs'], `2 to ${CHAIN_LEGS_MAX} legs where there is no condition`, legs);
}

/** A time of the chain's date that lies ahead when its first legs are sent. */
export function resolveAhead(
  time: string | undefined,
  path: Path,
  chain: Pick<ScenarioChain, 'dateIndex' | 'atMs' | 'earliestMs'>,
  { fail, momentMs }: LookUps,
): number | null {
  if (time === undefined) return null;
  const { dateIndex, atMs, earliestMs } = chain;
  const timeMs = momentMs(path, dateIndex, time);
  if (timeMs <= atMs) fail(path, 'a time after at', time);
  if (earliestMs !== null && timeMs <= earliestMs) fail(path, 'a time after earliest', time);
  return timeMs;
}

const VERDICTS = { accept: 'accepted', refuse: 'refused', hold: 'held' } as const;

export const msOf = (seconds: number | undefined): number | null =>
  seconds === undefined ? null : seconds * 1000;

export function resolveAttestations(
  { attestations = [] }: ScenarioDocument,
  directory: LookUps,
  chains: readonly ScenarioChain[],
): ListedAttestation[] {
  const { fail } = directory;
  const chainOf = new Map(chains.map((chain) => [chain.id, chain]));
  return attestations.map((said, index) => {
    const path = ['attestations', index];
    const chain =
      chainOf.get(said.chain) ??
      fail([...path, 'chain'], 'the id of one of the scenario’s chains', said.chain);
    const dateIndex =
      said.date === undefined ? chain.dateIndex : directory.dateIndex([...path, 'date'], said.date);
    const atMs = directory.momentMs([...path, 'at'], dateIndex, said.at);
    const { validUntil, verdict } = said;
    if (validUntil !== undefined && verdict !== 'accept')
      fail([...path, 'validUntil'], 'none: an acceptance alone has an end', validUntil);
    return {
      attestor: directory.participant([...path, 'attestor'], said.attestor),
      chain,
      currency: currencyOfLeg(said.currency, [...path, 'currency'], chain, directory),
      verdict: VERDICTS[verdict],
      atMs,
      validUntilMs:
        validUntil === undefined
          ? null
          : directory.momentMs([...path, 'validUntil'], dateIndex, validUntil),
      reason: said.reason ?? null,
      repeatAfterMs: msOf(said.repeatAfterSeconds),
    };
  });
}

/** What a leg of a chain moves, and so one of its pools; by default what leg 1 does. */
function currencyOfLeg(
  code: string | undefined,
  path: Path,
  { legs }: ScenarioChain,
  { currency, currencies, fail }: LookUps,
): number {
  const moved = [...new Set(legs.map((leg) => leg.currency))];
  if (code === undefined) return moved[0]!;
  const number = currency(path, code);
  if (moved.includes(number)) return number;
  const codes = moved.map((one) => currencies[one]!.code);
  return fail(path, `one that a leg of the chain moves: ${codes.join(', ')}`, code);
}

export function resolveAttestors(
  document: ScenarioDocument,
  directory: LookUps,
): ScenarioAttestor[] {
  const { fail } = directory;
  const { attestors = [] } = document;
  const seen = new Map<number, number>();
  const registers = new Map<number, number>();
  return attestors.map((entry, index) => {
    const path = ['attestors', index];
    const attestor = directory.participant([...path, 'attestor'], entry.attestor);
    const earlier = seen.get(attestor);
    if (earlier !== undefined)
      fail(
        [...path, 'attestor'],
        `each attestor once; attestors[${earlier}] has this one`,
        entry.attestor,
      );
    seen.set(attestor, index);
    const { medianSeconds, sigma, minSeconds, maxSeconds } = entry.delay;
    if (medianSeconds < minSeconds || medianSeconds > maxSeconds)
      fail(
        [...path, 'delay', 'medianSeconds'],
        'seconds from minSeconds to maxSeconds',
        medianSeconds,
      );
    const { refuses, silent, holds, forged = 0, replayed = 0 } = entry;
    const security =
      entry.registers === undefined
        ? null
        : registeredSecurity(
            entry.attestor,
            entry.registers,
            [...path, 'registers'],
            document,
            directory,
          );
    if (security !== null) {
      // Where one accepts what the other refuses they would have different holders.
      const other = registers.get(security);
      if (other !== undefined)
        fail(
          [...path, 'registers'],
          `a security with one register; attestors[${other}] is this one's`,
          entry.registers,
        );
      registers.set(security, index);
    }
    if (refuses + silent > 1)
      fail(
        [...path, 'silent'],
        `a share that adds up with refuses (${refuses}) to at most 1`,
        silent,
      );
    return {
      ...{ attestor, refuses, silent, holds, forged, replayed },
      registers: security,
      validMs: msOf(entry.validSeconds),
      delay: {
        ...{ medianMs: medianSeconds * 1000, sigma },
        ...{ minMs: minSeconds * 1000, maxMs: maxSeconds * 1000 },
      },
    };
  });
}

/** A register judges listed chains in their order: whatever else asks it would pass it by. */
function registeredSecurity(
  bic: string,
  code: string,
  path: Path,
  { chainFlows = [], attestations = [], settlement }: ScenarioDocument,
  { currency, currencies, fail }: LookUps,
): number {
  const security = currency(path, code);
  if (!currencies[security]!.isSecurity) fail(path, 'a security', code);
  const flow = chainFlows.find(({ condition, parties }) =>
    condition?.groups.some(({ attestors }) =>
      attestors.some((name) => name === bic || parties[name]?.[bic] !== undefined),
    ),
  );
  if (flow) fail(path, `none: ${bic} is asked by the flow ${flow.name}`, bic);
  if (settlement.preValidation?.some(({ desk }) => desk === bic))
    fail(path, `none: ${bic} is a desk of settlement.preValidation`, bic);
  const listed = attestations.findIndex(({ attestor }) => attestor === bic);
  if (listed >= 0) fail(path, `none: attestations[${listed}] says what ${bic} attests`, bic);
  return security;
}

/** @param flows those of the scenario, in which attestors count: an attestor has one counter */
export function resolveRecords(
  { records = [] }: ScenarioDocument,
  directory: LookUps,
  flows: readonly ScenarioRecordFlow[],
): ListedRecord[] {
  const { fail } = directory;
  const counted = new Map(
    flows.flatMap(({ name, attestors }) => attestors.map((one) => [one, name])),
  );
  return records.map((said, index) => {
    const path = ['records', index];
    const { document, digest, currency } = said;
    if (document === undefined && digest === undefined)
      fail([...path, 'document'], 'a document, or its digest');
    if (document !== undefined && digest !== undefined)
      fail([...path, 'digest'], 'either document or digest', digest);
    const dateIndex = directory.dateIndex([...path, 'date'], said.date);
    const attestor = directory.participant([...path, 'attestor'], said.attestor);
    const flow = counted.get(attestor);
    // It could overtake the flow's, whose next would then be refused as rolled back.
    if (said.counter !== undefined && flow !== undefined)
      fail([...path, 'counter'], `none: ${said.attestor} counts in the flow ${flow}`, said.counter);
    return {
      attestor,
      atMs: directory.momentMs([...path, 'at'], dateIndex, said.at),
      repeatAfterMs: msOf(said.repeatAfterSeconds),
      id: said.id ?? null,
      digest: document === undefined ? Buffer.from(digest as string, 'hex') : textDigest(document),
      recordKind: said.kind,
      counter: said.counter === undefined ? null : BigInt(said.counter),
      currency: currency === undefined ? 0 : directory.currency([...path, 'currency'], currency),
    };
  });
}
