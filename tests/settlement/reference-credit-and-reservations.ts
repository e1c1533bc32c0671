import { NONE32 } from '../../services/core/settlement/records.ts';
import type { Leg, ReferenceAccount, ReferenceLimit, ReferenceState } from './reference-state.ts';

/** Credit capacity: what the collateral gives after its haircut, and the line. */
export function capacityOf({ line, collateral, haircutBps }: ReferenceAccount): bigint {
  return line + (collateral * (10_000n - BigInt(haircutBps))) / 10_000n;
}

/** What of the balance is not set aside. */
export const freeOf = ({ balance, earmarked }: ReferenceAccount): bigint => balance - earmarked;

/** What an account may pay out, were nothing reserved and no limit set. */
export const liquidityOf = (account: ReferenceAccount): bigint =>
  freeOf(account) + capacityOf(account);

/** What a payment of this class may not touch: what is reserved for the classes above. */
function reservedAgainst(account: ReferenceAccount, priority: number): bigint {
  return account.reserved.slice(0, priority).reduce((sum, amount) => sum + amount, 0n);
}

/** The limit of an account on which its legs with a counterparty count. */
export function limitBetween(
  state: ReferenceState,
  account: ReferenceAccount,
  counterparty: ReferenceAccount,
): ReferenceLimit | undefined {
  const name = `${account.participant}/${account.currency}` as const;
  return (
    state.limits.get(`${name}/${counterparty.participant}`) ?? state.limits.get(`${name}/${NONE32}`)
  );
}

/** Whether a leg of a payment of this class may leave its account now. */
export function mayLeave(state: ReferenceState, priority: number, leg: Leg): boolean {
  const { debit, credit, amount } = leg;
  const limit = limitBetween(state, debit, credit);
  const isWithinLimit = limit === undefined || limit.position + amount <= limit.value;
  return isWithinLimit && liquidityOf(debit) - reservedAgainst(debit, priority) >= amount;
}

/** Moves the money of a leg and counts it on limits and reservations. */
export function bookLeg(state: ReferenceState, priority: number, leg: Leg): void {
  const { debit, credit, amount } = leg;
  debit.balance -= amount;
  credit.balance += amount;
  const out = limitBetween(state, debit, credit);
  if (out !== undefined) out.position += amount;
  const back = limitBetween(state, credit, debit);
  if (back !== undefined) back.position -= amount;
  useReserved(debit, priority, amount);
}

/** Uses what is reserved for a class up. */
export function useReserved(account: ReferenceAccount, priority: number, amount: bigint): void {
  const own = account.reserved[priority];
  if (own !== undefined) account.reserved[priority] = own > amount ? own - amount : 0n;
}
