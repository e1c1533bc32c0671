/** The cap on what is set aside of an account for how long, of the slow reference (reference.ts). */
import {
  type Earmarks,
  instantOf,
  type Leg,
  type LivePayment,
  type ReferenceAccount,
  type ReferenceState,
  type Use,
} from './reference-state.ts';

const pairsMax = (state: ReferenceState): number =>
  Math.floor((state.rules?.livePaymentsMax ?? 0) / 4) + 16;

/** In minor units x ms. */
function usedBy(uses: readonly Use[], account: ReferenceAccount, participant: number): bigint {
  return uses
    .filter((use) => use.account === account && use.participant === participant)
    .reduce((sum, { amount, fromMs, toMs }) => sum + amount * (toMs - fromMs), 0n);
}

/**
 * Whether the money of all legs of a chain may be set aside from now on until its expiry; then it counts until then,
 * whenever it is set aside.
 */
export function mayUse(state: ReferenceState, chain: LivePayment, { expiry }: Earmarks): boolean {
  const added: [LivePayment, Use][] = [];
  for (const leg of chain.partners ?? []) {
    const {
      debit: account,
      credit,
      amount,
    } = leg === chain ? (chain.legs[0] as Leg) : (leg.legs[0] as Leg);
    const cap = state.currencies[account.currency]?.earmarkCap ?? 0n;
    if (cap === 0n) continue;
    const { participant } = credit;
    const pair = `${account.participant}/${account.currency} for ${participant}`;
    if (!state.usePairs.has(pair) && state.usePairs.size >= pairsMax(state)) return false;
    state.usePairs.add(pair);
    const times = { fromMs: state.timeMs, toMs: instantOf(chain.record, expiry) };
    added.push([leg, { account, participant, amount, ...times }]);
    const uses = [...state.uses, ...added.map(([, use]) => use)];
    if (usedBy(uses, account, participant) > cap * 1000n) return false;
  }
  for (const [leg, use] of added) {
    leg.use = use;
    state.uses.push(use);
  }
  if (added.length > 0) state.note('chain counted within a cap');
  return true;
}

/** Nothing is set aside for a leg any more: what it waited for, it has not used. */
export function endUse(state: ReferenceState, leg: LivePayment): void {
  if (leg.use === undefined) return;
  // What is promised has used its time until the expiry, whenever it ends.
  if (leg.condition?.isPromised !== true)
    leg.use.toMs = leg.state === 'earmarked' ? state.timeMs : leg.use.fromMs;
  leg.use = undefined;
}

/** A currency opens: of its accounts nothing is set aside, and its date is a new one. */
export function forgetUses(state: ReferenceState, currency: number): void {
  state.uses = state.uses.filter(({ account }) => account.currency !== currency);
  for (const pair of state.usePairs)
    if (pair.split(' ')[0]?.endsWith(`/${currency}`)) state.usePairs.delete(pair);
}
