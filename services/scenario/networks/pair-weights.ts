/** The banks of a flow's network, and what its weights are before the network says who is linked. */
import { SeededStream } from '../random-streams.ts';

/** Weights by ordered pair of members, row by row; 0: the first may not pay the second. */
export interface PairWeights {
  /** Participants, ascending. */
  readonly members: readonly number[];
  readonly weights: Float64Array;
}

/** A debtor's agent, the weight of its row, and its creditors' agents with their weights. */
export type WeighedRow = readonly [number, number, (readonly [number, number])[]];

export function pairWeights(rows: readonly WeighedRow[]): PairWeights {
  const members = [
    ...new Set(rows.flatMap(([debtor, , creditors]) => [debtor, ...creditors.map(([one]) => one)])),
  ].sort((a, b) => a - b);
  const place = new Map(members.map((participant, at) => [participant, at]));
  const weights = new Float64Array(members.length * members.length);
  for (const [debtor, weight, creditors] of rows) {
    // A row's weight is its debtor's times the sum of its creditors'.
    const sum = creditors.reduce((all, [, one]) => all + one, 0);
    for (const [creditor, one] of creditors)
      weights[place.get(debtor)! * members.length + place.get(creditor)!] =
        sum === 0 ? 0 : (weight * one) / sum;
  }
  return { members, weights };
}

export function weighedRowsOf({ members, weights }: PairWeights): WeighedRow[] {
  const size = members.length;
  return members.map((debtor, row): WeighedRow => {
    const creditors: (readonly [number, number])[] = [];
    let sum = 0;
    for (let column = 0; column < size; column++) {
      const weight = weights[row * size + column]!;
      if (weight === 0) continue;
      sum += weight;
      creditors.push([members[column]!, weight]);
    }
    return [debtor, sum, creditors];
  });
}

/** A stream of a flow's network, by what is drawn: it is the same network on every date. */
export const networkStream = (seed: number, flow: string, purpose: string): SeededStream =>
  new SeededStream(seed, 'network', flow, purpose);
