import type {
  ProposedSets,
  Proposer,
  ProposerPayment,
  ProposerView,
} from '../../services/simulator/own-mechanism.ts';

const CLASSES = ['urgent', 'high', 'normal'] as const;

type Leg = ProposerPayment['legs'][number];
const placeOf = ({ currency }: Leg, participant: string): string => `${participant} ${currency}`;

/** What a set does to one account: what it lacks there, by the rules of docs/settlement.md. */
function isShort(view: ProposerView, set: ReadonlySet<ProposerPayment>, place: string): boolean {
  const account = view.accounts.find((a) => `${a.participant} ${a.currency}` === place);
  if (account === undefined) return false;
  const { participant, currency, balance, creditLine, reservedUrgent, reservedHigh } = account;
  let net = 0n;
  const out = { urgent: 0n, high: 0n, normal: 0n };
  let lowest = 0;
  const moved = new Map<(typeof view.limits)[number], bigint>();
  const own = view.limits.filter((l) => l.participant === participant && l.currency === currency);
  const count = (other: string, amount: bigint): void => {
    const limit =
      own.find((l) => l.counterparty === other) ?? own.find((l) => l.counterparty === null);
    if (limit) moved.set(limit, (moved.get(limit) ?? 0n) + amount);
  };
  for (const { priority, legs } of set)
    for (const leg of legs) {
      if (placeOf(leg, leg.creditor) === place) {
        net += leg.amount;
        count(leg.debtor, -leg.amount);
      }
      if (placeOf(leg, leg.debtor) !== place) continue;
      net -= leg.amount;
      out[priority] += leg.amount;
      lowest = Math.max(lowest, CLASSES.indexOf(priority));
      count(leg.creditor, leg.amount);
    }
  const left = (reserved: bigint, used: bigint) => (reserved > used ? reserved - used : 0n);
  const threshold =
    (lowest > 0 ? left(reservedUrgent, out.urgent) : 0n) +
    (lowest > 1 ? left(reservedHigh, out.high) : 0n) -
    creditLine;
  const isExceeded = [...moved].some(
    ([{ limit, position }, amount]) => amount > 0n && position + amount > limit,
  );
  return isExceeded || (net < 0n && balance + net < threshold);
}

/** Gridlock resolution once more, slow and plain: while an account is short, its last payment goes. */
function largestInOrder(view: ProposerView): ProposedSets {
  const queues = new Map<string, ProposerPayment[]>();
  for (const priority of CLASSES)
    for (const payment of view.payments.filter((p) => p.priority === priority))
      for (const leg of payment.legs) {
        const place = placeOf(leg, leg.debtor);
        queues.set(place, [...(queues.get(place) ?? []), payment]);
      }
  const set = new Set(view.payments);
  const drop = (payment: ProposerPayment): void => {
    if (!set.delete(payment)) return;
    for (const leg of payment.legs) {
      const queue = queues.get(placeOf(leg, leg.debtor)) ?? [];
      for (const behind of queue.slice(queue.indexOf(payment) + 1)) drop(behind);
    }
  };
  for (let again = true; again; ) {
    again = false;
    for (const [place, queue] of queues)
      while (isShort(view, set, place)) {
        drop(queue.findLast((p) => set.has(p)) as ProposerPayment);
        again = true;
      }
  }
  return set.size === 0 ? [] : [[...set].map(({ position }) => position)];
}

export const OWN_GRIDLOCK: Proposer = { name: 'own-gridlock', propose: largestInOrder };
