/**
 * A mechanism of one's own, as an example: the largest payment first, whatever stands before it.
 *
 *   npx corridor run scenarios/pssimpy-ring.yaml --mechanism scenarios/mechanisms/largest-first.ts
 *
 * Queued payments go by falling amount. Each is proposed in a set of its own if its bank can pay it then,
 * from what it has and from what the payments proposed before bring it. Ties go by queue order, so the
 * same pool gets the same answer.
 */
import type { ProposedSets, ProposerView } from '../../services/simulator/own-mechanism.ts';

export default function largestFirst({ payments, accounts }: ProposerView): ProposedSets {
  const available = new Map(accounts.map((a) => [`${a.participant} ${a.currency}`, a.available]));
  const move = (participant: string, currency: string, amount: bigint): void => {
    const account = `${participant} ${currency}`;
    available.set(account, (available.get(account) ?? 0n) + amount);
  };
  const sets: number[][] = [];
  // `sort` keeps the order of equals.
  for (const { position, legs } of [...payments].sort((a, b) =>
    a.amount < b.amount ? 1 : a.amount > b.amount ? -1 : 0,
  )) {
    const isFunded = legs.every(
      ({ debtor, currency, amount }) => (available.get(`${debtor} ${currency}`) ?? 0n) >= amount,
    );
    if (!isFunded) continue;
    sets.push([position]);
    for (const { debtor, creditor, currency, amount } of legs) {
      move(debtor, currency, -amount);
      move(creditor, currency, amount);
    }
  }
  return sets;
}
