import type { Shortage } from '../../core/queue-set.ts';
import type { QueuedPayment, QueueLeg, QueueState } from '../../core/queue-state.ts';
import { shortagesOf, smallestInjection } from '../../core/resolution.ts';
import { accountKey, type LedgerBook } from './ledger-book.ts';
import { type OpenPayment, type PaymentBook, queuedPayment } from './payment-book.ts';

/** Why a payment waits, by handles: `wire.ts` has the words. */
export interface Held {
  readonly kind: 'short' | 'turn' | 'leg' | 'closed' | 'cycle' | 'other';
  readonly shortages: readonly Shortage[];
  readonly behind: { readonly participant: number; readonly currency: number } | null;
  readonly injection: bigint | null;
  readonly incoming: number;
  readonly incomingValue: bigint;
}

export interface WaitBooks {
  readonly ledger: LedgerBook;
  readonly payments: PaymentBook;
  /** Handles of the currencies that are open. */
  readonly open: ReadonlySet<number>;
}

/**
 * Beyond so many payments in all queues together a search costs the services beside it too much, and
 * the view says what is short without the smallest injection.
 */
const SEARCH_MAX = 400;

/** The queues of a pool as the events tell them, for services/core to judge. */
export function queueStateOf({ ledger, payments, open }: WaitBooks): QueueState {
  const mechanisms: QueueState['mechanisms'][number][] = [];
  for (const currency of open) mechanisms[currency] = 'gridlockResolution';
  return {
    mechanisms: Array.from(mechanisms, (mechanism) => mechanism ?? 'none'),
    accounts: ledger.queueAccounts(),
    limits: ledger.queueLimits(),
    payments: payments.queuedPayments(),
  };
}

/**
 * Why a payment waits, exactly: what it and everything that must go before it leaves short, and the
 * smallest amount that, added to its payer's balance, would let gridlock resolution settle it.
 */
export function explain(books: WaitBooks, payment: OpenPayment, state: QueueState): Held {
  const lead = payment.isSecondLeg && payment.partner ? payment.partner : payment;
  const base = { ...incomingOf(state, payment), behind: null };
  const kind = outsideOf(books, lead);
  if (kind) return { ...base, kind, shortages: [], injection: null };
  const queued = state.payments.find(({ position }) => position === lead.position);
  if (!queued) return { ...base, kind: 'other', shortages: [], injection: null };
  const shortages = shortagesOf(state, queued);
  const behind = behindOf(books, queued);
  const injection =
    state.payments.length > SEARCH_MAX ? null : smallestInjection(state, [...books.open], queued);
  return {
    ...base,
    kind: shortages.length > 0 ? 'short' : behind ? 'turn' : 'cycle',
    behind,
    shortages,
    injection,
  };
}

/** What keeps a payment out of the queues. */
function outsideOf({ open }: WaitBooks, { state, currency1, currency2, partner }: OpenPayment) {
  if (state === 'unmatched') return 'leg';
  if (state === 'accepted') return 'cycle';
  const currencies = [currency1, currency2, partner?.currency1 ?? currency1];
  return currencies.every((one) => one === 0xffff || open.has(one)) ? null : 'closed';
}

function incomingOf(state: QueueState, { debtorAgent, currency1 }: OpenPayment) {
  const legs = state.payments.flatMap((one) => one.legs).filter(isTo(debtorAgent, currency1));
  return {
    incoming: legs.length,
    incomingValue: legs.reduce((sum, { amount }) => sum + amount, 0n),
  };
}

const isTo = (creditor: number, currency: number) => (leg: QueueLeg) =>
  leg.creditor === creditor && leg.currency === currency;

/** What holds the first payment of a queue by itself: cheap, for every queue at once. */
export function explainHead(books: WaitBooks, head: OpenPayment): Held {
  const { ledger, payments } = books;
  const { count: incoming, value: incomingValue } = payments.incoming(
    accountKey(head.debtorAgent, head.currency1),
  );
  const base = { incoming, incomingValue, injection: null, behind: null };
  const kind = outsideOf(books, head);
  if (kind) return { ...base, kind, shortages: [] };
  const queued = queuedPayment(head);
  const { priority, legs } = queued;
  const shortages = legs.flatMap((leg) =>
    [ledger.balanceShortage(leg, priority), ledger.limitShortage(leg)].filter(
      (one) => one !== null,
    ),
  );
  if (shortages.length > 0) return { ...base, kind: 'short', shortages };
  const behind = behindOf(books, queued);
  return { ...base, kind: behind ? 'turn' : 'cycle', behind, shortages };
}

/** The first of its queues that it does not head. */
function behindOf({ payments }: WaitBooks, { legs, position }: QueuedPayment): Held['behind'] {
  const leg = legs.find(
    ({ debtor, currency }) => payments.head(accountKey(debtor, currency))?.position !== position,
  );
  return leg ? { participant: leg.debtor, currency: leg.currency } : null;
}
