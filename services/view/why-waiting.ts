import type { LedgerBook } from '../analysis/credit-and-limits-book.ts';
import { type AccountKey, accountKey } from '../analysis/ledger.ts';
import {
  mustGoFirst,
  shortagesOf,
  shortagesOfEach,
} from '../analysis/queues/gridlock-resolution.ts';
import type { ReleaseQuestion } from '../analysis/queues/money-to-release-worker.ts';
import { nameOf, type Shortage } from '../analysis/queues/queue-set.ts';
import type { QueuedPayment, QueueLeg, QueueState } from '../core/settlement/queue-state.ts';
import {
  leadOf,
  type OpenPayment,
  type OpenPaymentBook,
  queuedPayment,
  wholeOf,
} from './open-payments-and-queues.ts';
import type { RulesBook } from './rules-book.ts';
import type { ViewWait } from './told-to-page.ts';

/** Why a payment waits, by handles: `told-to-page.ts` has the words. */
export interface Held {
  readonly kind: ViewWait['kind'];
  readonly shortages: readonly Shortage[];
  readonly behind: { readonly participant: number; readonly currency: number } | null;
  readonly incoming: number;
  readonly incomingValue: bigint;
  /** Whether it stands in a queue that is open: then money may release it. */
  readonly isQueued: boolean;
  /** Whether what must go before it is counted: else it is judged by itself. */
  readonly isWhole: boolean;
}

export interface WaitBooks {
  readonly ledger: LedgerBook;
  readonly payments: OpenPaymentBook;
  readonly rules: RulesBook;
  /** Handles of the currencies that are open. */
  readonly open: ReadonlySet<number>;
  /** How many there are. */
  readonly currencies: number;
}

/** The queues of a pool as the events tell them, for services/core to judge. */
export function queueStateOf({ ledger, payments, open, rules, currencies }: WaitBooks): QueueState {
  const isOpen = ({ legs }: QueuedPayment) => legs.every(({ currency }) => open.has(currency));
  return {
    ...rules.of(currencies),
    accounts: ledger.queueAccounts(),
    limits: ledger.queueLimits(),
    payments: payments.queuedPayments().filter(isOpen),
  };
}

/** Why a payment waits, exactly: what it and everything that must go before it leaves short. */
export function explain(books: WaitBooks, payment: OpenPayment, state: QueueState): Held {
  const lead = leadOf(payment);
  const base = { ...NOTHING, ...incomingOf(state, payment) };
  const kind = outsideOf(books, lead);
  if (kind) return { ...base, kind };
  const queued = state.payments.find(({ position }) => position === lead.position);
  if (!queued) return base;
  const shortages = shortagesOf(state, queued, mustGoFirst(state, queued));
  return { ...base, ...judged(books, queued, shortages) };
}

const NOTHING: Omit<Held, 'incoming' | 'incomingValue'> = {
  ...{ kind: 'other', shortages: [], behind: null, isQueued: false, isWhole: true },
};

function judged(books: WaitBooks, queued: QueuedPayment, shortages: readonly Shortage[]) {
  const behind = behindOf(books, queued);
  const kind = shortages.length > 0 ? 'short' : behind ? 'turn' : 'cycle';
  return { kind, behind, shortages, isQueued: true } as const;
}

/**
 * @param payer whose money is to release it: of an account that it debits
 * @returns null where it stands in no queue
 */
export function releaseQuestion(
  payment: OpenPayment,
  state: QueueState,
  payer: { readonly participant: number; readonly currency: number },
): ReleaseQuestion | null {
  const { position } = leadOf(payment);
  const isQueued = state.payments.some((one) => one.position === position);
  return isQueued ? { position, account: nameOf(payer.participant, payer.currency) } : null;
}

/** What keeps a payment out of the queues. */
function outsideOf({ open }: WaitBooks, payment: OpenPayment) {
  const { state, currency2 } = payment;
  if (state === 'unmatched') return 'unmatched';
  if (state === 'conditional') return 'condition';
  if (state === 'accepted') return 'accepted';
  const currencies = [...wholeOf(payment).map(({ currency1 }) => currency1), currency2];
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

/** With more payments in the queues the first of each is judged by itself: all of them are looked at four times a second. */
const HEADS_WHOLE_MAX = 500;

/** Whether so many heads can be explained with what must go before them. */
export const explainsWhole = ({ payments }: WaitBooks): boolean =>
  payments.counts.queued <= HEADS_WHOLE_MAX;

/** Why the first payments of these accounts' queues wait: as `explain` says. */
export function explainHeads(
  books: WaitBooks,
  heads: ReadonlyMap<AccountKey, OpenPayment>,
): Map<AccountKey, Held> {
  const shortages = explainsWhole(books) ? shortagesOfHeads(books, heads.values()) : null;
  return new Map(
    [...heads].map(([key, head]) => {
      const { count: incoming, value: incomingValue } = books.payments.incoming(key);
      const base = { ...NOTHING, incoming, incomingValue, isWhole: shortages !== null };
      const kind = outsideOf(books, head);
      if (kind) return [key, { ...base, kind }];
      const queued = queuedPayment(head);
      const short = shortages ? shortages.get(head.position) : ownShortages(books, queued);
      return [key, short ? { ...base, ...judged(books, queued, short) } : base];
    }),
  );
}

function shortagesOfHeads(books: WaitBooks, heads: Iterable<OpenPayment>) {
  const positions = new Set([...heads].map(({ position }) => position));
  if (positions.size === 0) return new Map<number, readonly Shortage[]>();
  const state = queueStateOf(books);
  const queued = state.payments.filter(({ position }) => positions.has(position));
  const each = [...shortagesOfEach(state, queued, true)];
  return new Map(each.map(({ payment, shortages }) => [payment.position, shortages]));
}

const ownShortages = (
  { ledger }: WaitBooks,
  { priority, legs, isChain }: QueuedPayment,
): Shortage[] =>
  legs.flatMap((leg) => {
    const chain = isChain ? legs : null;
    return [ledger.balanceShortage(leg, priority, chain), ledger.limitShortage(leg, chain)].filter(
      (one) => one !== null,
    );
  });

/** The first of its queues that it does not head. */
function behindOf({ payments }: WaitBooks, { legs, position }: QueuedPayment): Held['behind'] {
  const leg = legs.find(
    ({ debtor, currency }) => payments.head(accountKey(debtor, currency))?.position !== position,
  );
  return leg ? { participant: leg.debtor, currency: leg.currency } : null;
}
