/**
 * Who waits for whom after a failure. A payment is set back where it settles later than on the day without
 * failure, or not at all. Round 1: the failed bank pays, is paid, or is the dealer. Round k + 1: among the others,
 * it takes money from an account to which a payment set back in round k brought some on the day without
 * failure, no later than it settled there itself. Each has the least round that holds. What no chain reaches is unlinked:
 * another order in the queues, or a cycle that found another set.
 */
import type { Outcomes, SettledPayment, StressAccount } from './settled-payments.ts';

export interface SetBack {
  readonly payment: SettledPayment;
  readonly isUnsettled: boolean;
  /** An outage kept it from being sent. */
  readonly isUnsent: boolean;
  /** From 1; null: unlinked. */
  readonly round: number | null;
}

/** @param base what settled on the day without failure */
export function setBackBy(
  failed: number,
  base: readonly SettledPayment[],
  outcomes: Outcomes,
): SetBack[] {
  const back = base.flatMap((payment) => {
    const settledMs = outcomes.get(payment.key);
    const isUnsettled = settledMs === undefined || Number.isNaN(settledMs);
    if (!isUnsettled && settledMs <= payment.settledMs) return [];
    return [{ payment, isUnsettled, isUnsent: settledMs === undefined }];
  });
  const rounds = roundsOf(
    failed,
    back.map(({ payment }) => payment),
  );
  return back.map((one, index) => ({ ...one, round: rounds[index] ?? null }));
}

/** By payment; undefined: unlinked. */
function roundsOf(failed: number, payments: readonly SettledPayment[]): (number | undefined)[] {
  const rounds: (number | undefined)[] = payments.map(({ parties }) =>
    parties.includes(failed) ? 1 : undefined,
  );
  /** From when on an account lacks what a round before was to bring. */
  const lacksFromMs = new Map<StressAccount, number>();
  for (let round = 1; rounds.includes(round); round++) {
    for (const [index, { credits, settledMs }] of payments.entries())
      if (rounds[index] === round)
        for (const account of credits)
          lacksFromMs.set(account, Math.min(settledMs, lacksFromMs.get(account) ?? settledMs));
    for (const [index, { debits, settledMs }] of payments.entries())
      if (
        rounds[index] === undefined &&
        debits.some((account) => (lacksFromMs.get(account) ?? Infinity) <= settledMs)
      )
        rounds[index] = round + 1;
  }
  return rounds;
}
