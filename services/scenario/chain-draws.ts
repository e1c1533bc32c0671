/** The legs of a scenario's chains, each as its bank sends it. UETRs are drawn by chain and leg. */
import type { DraftPayment } from './flow-draws.ts';
import { SeededStream } from './random.ts';
import type { Scenario } from './scenario.ts';

/** By time; those of one moment by chain and leg. */
export function* drawChains({ seed, chains }: Scenario): Generator<DraftPayment, void> {
  const ids = new SeededStream(seed, 'chains', 'ids');
  const drafts = chains.flatMap((chain) =>
    chain.legs.flatMap((leg, place): DraftPayment[] => {
      const uetr = ids.uuid();
      if (leg.afterMs === null) return [];
      const { debtorAgent, creditorAgent, currency, amountMinor, afterMs } = leg;
      return [
        {
          ...{ debtorAgent, creditorAgent, currency, amountMinor, uetr },
          ...{ atMs: chain.atMs + afterMs, dateIndex: chain.dateIndex, priority: chain.priority },
          ...{ earliestMs: chain.earliestMs, latestMs: chain.latestMs },
          ...{ kind: 'chainLeg', quote: null, receives: null, cancelAfterMs: null },
          endToEndId: chain.id,
          ofChain: { chain, legNumber: place + 1 },
        },
      ];
    }),
  );
  yield* drafts.sort((a, b) => a.atMs - b.atMs);
}
