import type {
  QueuedPayment,
  QueueLeg,
  QueueState,
} from '../../services/core/settlement/queue-state.ts';

type PaymentSet = ReadonlySet<QueuedPayment>;

const legsOf = (set: PaymentSet): QueueLeg[] => [...set].flatMap((p) => p.legs);
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);

/** Whether a set leaves every balance and every limit as it may be left: straight from the definition. */
export function isAllowed(state: QueueState, set: PaymentSet): boolean {
  const legs = legsOf(set);
  const isFunded = state.accounts.every((account) => {
    const debits = (p: QueuedPayment): QueueLeg[] =>
      p.legs.filter((l) => l.debtor === account.participant && l.currency === account.currency);
    const paying = [...set].filter((p) => debits(p).length > 0);
    const out = (priority?: number): bigint =>
      sum(
        paying
          .filter((p) => priority === undefined || p.priority === priority)
          .flatMap((p) => debits(p).map((l) => l.amount)),
      );
    const into = sum(
      legs
        .filter((l) => l.creditor === account.participant && l.currency === account.currency)
        .map((l) => l.amount),
    );
    const left = (priority: 0 | 1): bigint => {
      const rest = account.reserved[priority] - out(priority);
      return rest > 0n ? rest : 0n;
    };
    const lowest = Math.max(0, ...paying.map((p) => p.priority));
    const reserved = (lowest > 0 ? left(0) : 0n) + (lowest > 1 ? left(1) : 0n);
    const after = account.balance + into - out();
    return after >= reserved - account.creditLine || after >= account.balance;
  });
  const isWithin = state.limits.every(
    ({ participant, currency, counterparty, limit, position }) => {
      const named = state.limits
        .filter((l) => l.participant === participant && l.currency === currency)
        .map((l) => l.counterparty);
      const counts = (other: number): boolean =>
        counterparty === null ? !named.includes(other) : other === counterparty;
      const own = legs.filter((l) => l.currency === currency);
      const out = own.filter((l) => l.debtor === participant && counts(l.creditor));
      const into = own.filter((l) => l.creditor === participant && counts(l.debtor));
      const after = position + sum(out.map((l) => l.amount)) - sum(into.map((l) => l.amount));
      return after <= limit || after <= position;
    },
  );
  return isFunded && isWithin;
}

/** Whether a set is the front part of every queue, of those payments that may take part. */
export function isInOrder(state: QueueState, set: PaymentSet): boolean {
  return state.accounts.every(({ participant, currency }) => {
    const queue = state.payments
      .filter((p) => p.legs.some((l) => l.debtor === participant && l.currency === currency))
      .sort((a, b) => a.priority - b.priority);
    const included = queue.filter((p) => set.has(p)).length;
    return queue.slice(0, included).every((p) => set.has(p));
  });
}

/** Every subset of some queued payments that is allowed; 2^n of them are looked at. */
export function allowedSets(state: QueueState, among: readonly QueuedPayment[]): PaymentSet[] {
  const sets: PaymentSet[] = [];
  for (let bits = 0; bits < 2 ** among.length; bits += 1) {
    const set = new Set(among.filter((_, i) => (bits >> i) & 1));
    if (isAllowed(state, set)) sets.push(set);
  }
  return sets;
}

export const totalOf = (set: PaymentSet): bigint => sum(legsOf(set).map((leg) => leg.amount));
