import type { Reason } from '../../services/core/settlement/reasons.ts';
import type { FlatRecord } from './flat-records.ts';
import { putOnWorklist } from './reference-booking.ts';
import { capacityOf } from './reference-credit-and-reservations.ts';
import { type ReferenceAccount, type ReferenceState, write } from './reference-state.ts';

const AMOUNT_MAX = 2n ** 63n - 1n;

/** Whether the rules in a genesis or a rules record are ones that there are. */
export function rulesAreValid(record: FlatRecord): boolean {
  const flags = [record.queueRule, record.atClose, record.entryOffsetting];
  flags.push(record.bilateralOffsetting, record.defaultRule);
  return (
    flags.every((flag) => flag <= 1) && record.deferredNetClasses <= 3 && record.cycleMechanism <= 7
  );
}

export function changeRules(state: ReferenceState, record: FlatRecord): Reason {
  const currency = state.currencies[record.currency1];
  if (currency === undefined || !rulesAreValid(record)) return 'recordInvalid';
  currency.rules = record;
  const { currency1, cycleMechanism: count, queueRule: amount1 } = record;
  write(state, 'rulesSet', { currency1, count, amount1 });
  const accounts = [...state.accounts.values()].filter((a) => a.currency === currency1);
  accounts.sort((a, b) => a.participant - b.participant);
  for (const account of accounts) putOnWorklist(state, account);
  return 'none';
}

export function appointIssuer(state: ReferenceState, record: FlatRecord): Reason {
  const { participant, currency1 } = record;
  const currency = state.currencies[currency1];
  if (currency === undefined || participant >= state.participants) return 'recordInvalid';
  currency.issuer = participant;
  write(state, 'issuerSet', { debtorAgent: participant, currency1 });
  return 'none';
}

/** Whether the record may make or take away money of its currency. */
export function isByIssuer(state: ReferenceState, record: FlatRecord): boolean {
  const issuer = state.currencies[record.currency1]?.issuer;
  return issuer === undefined || issuer === record.issuer;
}

/** Money and highest capacities of a currency together stay within a signed 64-bit number. */
export function fits(
  state: ReferenceState,
  currency: number,
  money: bigint,
  capacity: bigint,
): boolean {
  let highest = capacity;
  for (const account of state.accounts.values())
    if (account.currency === currency) highest += account.highestCapacity;
  return (
    highest <= AMOUNT_MAX && (state.outstanding[currency] ?? 0n) + money + highest <= AMOUNT_MAX
  );
}

/** Gives an account another credit capacity, where the currency has room for it. */
export function grant(
  state: ReferenceState,
  account: ReferenceAccount,
  change: Partial<Pick<ReferenceAccount, 'line' | 'collateral' | 'haircutBps'>>,
): boolean {
  const capacity = capacityOf({ ...account, ...change });
  const rise = capacity - account.highestCapacity;
  if (rise > 0n && !fits(state, account.currency, 0n, rise)) return false;
  Object.assign(account, change);
  if (rise > 0n) account.highestCapacity = capacity;
  return true;
}

export function pledge(state: ReferenceState, record: FlatRecord): Reason {
  const { participant, currency1, amount1: collateral, haircutBps } = record;
  const account = state.accounts.get(`${participant}/${currency1}`);
  if (account === undefined || collateral < 0n || haircutBps > 10_000) return 'recordInvalid';
  if (!grant(state, account, { collateral, haircutBps })) return 'recordInvalid';
  write(state, 'collateralSet', {
    debtorAgent: participant,
    currency1,
    amount1: collateral,
    amount2: haircutBps,
    balance1: account.balance,
    balance2: capacityOf(account),
  });
  putOnWorklist(state, account);
  return 'none';
}
