import { mustGoFirst, shortagesOf } from '../analysis/queues/gridlock-resolution.ts';
import { Gross } from '../analysis/queues/gross-settlement.ts';
import { nameOf } from '../analysis/queues/queue-set.ts';
import type { QueuedPayment, QueueState } from '../core/settlement/queue-state.ts';

/** Payments that stand before another and take the money that it lacks. */
export interface EarlierTakers {
  readonly payments: number;
  /** What they take of the accounts on which it is short: handles and minor units. */
  readonly taken: readonly {
    readonly participant: number;
    readonly currency: number;
    readonly amount: bigint;
  }[];
}

/**
 * Which payments settle if each account gets just what the payment leaves short on it: under bypass FIFO
 * a rescan begins at the head of the queue, and what fits there takes the money first.
 * @returns null where the shortages alone release the payment, or where no earlier payment takes them
 */
export function earlierTakers(state: QueueState, payment: QueuedPayment): EarlierTakers | null {
  const first = mustGoFirst(state, payment);
  const short = new Map(
    shortagesOf(state, payment, first)
      .filter(({ by }) => by === 'balance')
      .map(({ participant, currency, amount }) => [nameOf(participant, currency), amount]),
  );
  const accounts = state.accounts.map((account) => {
    const more = short.get(nameOf(account.participant, account.currency)) ?? 0n;
    return { ...account, balance: account.balance + more };
  });
  const gross = new Gross({ ...state, accounts });
  for (const name of short.keys()) gross.push(name);
  gross.rescan();
  if (gross.settled.has(payment)) return null;
  // A state has its payments in the order of the queues, class by class.
  const places = new Map([...state.payments.entries()].map(([place, one]) => [one, place]));
  const place = (one: QueuedPayment) => places.get(one) as number;
  const takers = [...gross.settled].filter(
    (one) =>
      one.priority < payment.priority ||
      (one.priority === payment.priority && place(one) < place(payment)),
  );
  const taken = state.accounts.flatMap(({ participant, currency }) => {
    const amount = takers
      .flatMap(({ legs }) => legs)
      .filter((leg) => leg.debtor === participant && leg.currency === currency)
      .reduce((sum, leg) => sum + leg.amount, 0n);
    return amount > 0n && short.has(nameOf(participant, currency))
      ? [{ participant, currency, amount }]
      : [];
  });
  return taken.length === 0 ? null : { payments: takers.length, taken };
}
