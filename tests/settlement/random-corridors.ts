import { add, type Draft, type Fields } from './random-draft.ts';
import { capped } from './random-messages.ts';

/** Three countries, so that each has some banks. */
export const countryOf = (participant: number): number => 1 + (participant % 3);

/** Room for the corridors that have limits, seldom too little. */
export function corridorsMax({ limiting }: Draft): Fields {
  return limiting === null ? {} : { corridorLimitsMax: limiting(8) === 0 ? limiting(3) : 27 };
}

/** What may go from one country to another: so much that some of it does. Seldom one that cannot be. */
export function addCorridor(draft: Draft): void {
  const { limiting } = draft;
  if (limiting === null) return;
  const size = draft.amounts(limiting) * BigInt(1 + limiting(6));
  const amount1 = limiting(12) === 0 ? BigInt(limiting(3)) - 1n : capped(size);
  add(draft, 'corridorLimit', {
    currency1: limiting(20) === 0 ? draft.currencies : limiting(draft.currencies),
    ...{ country1: 1 + limiting(3), country2: 1 + limiting(3), amount1 },
  });
}
