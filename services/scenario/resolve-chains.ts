/** Chains of legs that settle together, each leg sent by the bank that it debits. */
import { INT64_MAX } from '../protocol/names/minor-units.ts';
import type { Path } from './errors.ts';
import type { LookUps } from './look-ups.ts';
import type { ScenarioChain, ScenarioChainLeg } from './scenario.ts';
import type { ScenarioDocument } from './schema.ts';

type ChainDocument = NonNullable<ScenarioDocument['chains']>[number];

export function resolveChains(
  { chains = [] }: ScenarioDocument,
  directory: LookUps,
): ScenarioChain[] {
  const ids = new Set<string>();
  return chains.map((chain, index) => {
    const path = ['chains', index];
    if (ids.has(chain.id)) directory.fail([...path, 'id'], 'each id once', chain.id);
    ids.add(chain.id);
    const dateIndex = directory.dateIndex([...path, 'date'], chain.date);
    const moment = (field: 'at' | 'earliest' | 'latest') => {
      const time = chain[field];
      return time === undefined ? null : directory.momentMs([...path, field], dateIndex, time);
    };
    const [earliestMs, latestMs] = [moment('earliest'), moment('latest')];
    if (earliestMs !== null && latestMs !== null && latestMs <= earliestMs)
      directory.fail([...path, 'latest'], `a time after earliest, ${chain.earliest}`, chain.latest);
    const legs = chain.legs.map((leg, place) =>
      resolveLeg(leg, [...path, 'legs', place], directory),
    );
    checkPools(legs, path, directory);
    return {
      ...{ id: chain.id, dateIndex, atMs: moment('at') as number, earliestMs, latestMs },
      ...{ priority: chain.priority, legs },
    };
  });
}

function resolveLeg(
  leg: ChainDocument['legs'][number],
  path: Path,
  directory: LookUps,
): ScenarioChainLeg {
  const currency = directory.currency([...path, 'currency'], leg.currency);
  const bank = (side: 'from' | 'to') => {
    const participant = directory.participant([...path, side], leg[side]);
    directory.needAccount([...path, side], participant, currency);
    return participant;
  };
  const [debtorAgent, creditorAgent] = [bank('from'), bank('to')];
  if (debtorAgent === creditorAgent)
    directory.fail([...path, 'to'], `another bank than ${leg.from}`, leg.to);
  const amountMinor = directory.amount([...path, 'amount'], leg.amount, currency);
  if (amountMinor <= 0n || amountMinor > INT64_MAX)
    directory.fail([...path, 'amount'], 'an amount above 0', leg.amount);
  const afterMs = leg.sends === 'never' ? null : leg.sendsAfterSeconds * 1000;
  return { debtorAgent, creditorAgent, currency, amountMinor, afterMs };
}

function checkPools(legs: readonly ScenarioChainLeg[], path: Path, directory: LookUps): void {
  const of = ({ currency }: ScenarioChainLeg) => directory.currencies[currency]!;
  const first = of(legs[0]!);
  for (const [place, leg] of legs.entries())
    if (of(leg).pool !== first.pool)
      directory.fail(
        [...path, 'legs', place, 'currency'],
        `one of the same pool as ${first.code}`,
        of(leg).code,
      );
}
