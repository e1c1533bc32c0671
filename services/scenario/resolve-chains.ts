/** Chains of legs that settle together, each leg sent by the bank that it debits. */
import { INT64_MAX } from '../protocol/names/minor-units.ts';
import type { LookUps } from './look-ups.ts';
import { checkLegCount, resolveAhead, resolveCondition } from './resolve-conditions.ts';
import { resolveSynchronised } from './resolve-two-pool-chains.ts';
import type { ScenarioChain, ScenarioChainLeg } from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';
import type { ChainDocument } from './schema-chains.ts';

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
    checkLegCount(chain, path, directory);
    const times = { dateIndex, atMs: moment('at') as number, earliestMs };
    const deadline = [...path, 'condition', 'deadline'];
    const deadlineMs = resolveAhead(chain.condition?.deadline, deadline, times, directory);
    const member = (where: Path, bic: string) => {
      const number = directory.participant(where, bic);
      return { number, of: [number] };
    };
    const { earmark } = chain;
    const condition = resolveCondition(chain, path, deadlineMs, member, directory);
    const named = (number: number) => [number];
    return {
      ...{ id: chain.id, ...times, latestMs, priority: chain.priority, legs, condition },
      synchronised: resolveSynchronised({ ...chain, legs, condition }, path, named, directory),
      earmark: earmark
        ? {
            ...{ when: earmark.when, onExpiry: earmark.onExpiry },
            expiryMs: resolveAhead(
              earmark.expiry,
              [...path, 'earmark', 'expiry'],
              times,
              directory,
            ) as number,
          }
        : null,
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
