import {
  legOf,
  type QueuedLeg,
  type StandingPayment,
  type WaitingMessage,
  type WaitReason,
} from './waiting-message.ts';

/** What may hold a payment, as the book has it (wait-book.ts): each is looked at where nothing before it holds. */
interface Holds {
  /** Legs of its chain that have not come. */
  missing(message: WaitingMessage): readonly number[] | undefined;
  isOpenFor(currency: number, date: number): boolean;
  /** What stands before a leg in its queue and may not be passed. */
  blocks(leg: QueuedLeg): WaitingMessage | null;
  /** What the account, class or limit of a leg lacks, or its bank in all currencies together. */
  lacks(leg: QueuedLeg): Extract<WaitReason, { readonly amount: bigint }> | null;
  mayPass(message: WaitingMessage): boolean;
  isFunding(standing: StandingPayment): boolean;
}

/**
 * Which of several reasons to wait a bank is told: the first that holds. What is told of it: wait-status-text.ts. `explain` names
 * what holds a payment by a way of its own (explain/queue-hold-sentence.ts).
 */
export function reasonTold(message: WaitingMessage, holds: Holds): WaitReason {
  const { standing } = message;
  if (standing.place === 'unmatched') {
    const missing = holds.missing(message);
    return missing ? { kind: 'unmatched', missing } : UNMATCHED;
  }
  if (standing.isConditional) return CONDITION;
  if (standing.place === 'linking') return CYCLE;
  if (standing.place === 'accepted') return ACCEPTED;
  if (standing.place === 'outside') return outsideWait(standing, holds);
  const leg = legOf(message);
  const front = holds.blocks(leg);
  if (front) return { kind: 'behind', front };
  return (
    holds.lacks(leg) ??
    (standing.legs.every((one) => one === leg || (!holds.blocks(one) && !holds.lacks(one)))
      ? CYCLE
      : COUNTERPARTY)
  );
}

function outsideWait(
  { legs, settlementDate, isEarly, earliestMs }: StandingPayment,
  holds: Holds,
): WaitReason {
  const all = legs.map(({ currency }) => currency);
  const currencies = all.filter((currency) => !holds.isOpenFor(currency, settlementDate));
  if (currencies.length === 0 && isEarly) return { kind: 'earliestTime', atMs: earliestMs };
  // Carried over at a close that is being told: which of two closes is not known yet.
  const closing = currencies.length === 0 && all.length === 1 ? all : currencies;
  return { kind: 'closed', currencies: closing, date: settlementDate };
}

/** Where two reasons of a message differ in this, it is told anew; how much is short is told along. */
export function differenceTold(message: WaitingMessage, wait: WaitReason, holds: Holds): string {
  if (wait.kind === 'unmatched' && wait.missing) return `unmatched ${wait.missing}`;
  if (wait.kind === 'behind' && !holds.mayPass(message)) return `behind ${wait.front.position}`;
  // What a leg lacks by itself is another amount than what its chain lacks of the net.
  return 'amount' in wait && holds.isFunding(message.standing) ? `${wait.kind} alone` : wait.kind;
}

const UNMATCHED: WaitReason = { kind: 'unmatched' };
const ACCEPTED: WaitReason = { kind: 'accepted' };
const COUNTERPARTY: WaitReason = { kind: 'counterparty' };
const CONDITION: WaitReason = { kind: 'condition' };
const CYCLE: WaitReason = { kind: 'cycle' };
