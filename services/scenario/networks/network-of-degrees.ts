/**
 * A directed network at random with given degrees, without loops and without parallel links. It is built
 * as Kleitman and Wang do (Algorithms for constructing graphs and digraphs with given valences and
 * factors, Discrete Math. 6 (1973)), which succeeds wherever there is one. Then pairs of links exchange
 * their ends at random, which keeps every degree.
 */
import type { SeededStream } from '../random-streams.ts';
import { cumulate, pick } from '../weighted-picks.ts';

/** Exchanges that are tried, for each link. */
const EXCHANGES = 20;

/**
 * @param out of each node, @param into of each node
 * @returns by ordered pair, row by row, 1 where it is linked; null where no network has these degrees
 */
export function networkOfDegrees(
  out: readonly number[],
  into: readonly number[],
  stream: SeededStream,
): Uint8Array | null {
  const size = out.length;
  const isLinked = build(out, into);
  if (isLinked === null) return null;
  const ends: number[] = [];
  for (let pair = 0; pair < isLinked.length; pair++) if (isLinked[pair] === 1) ends.push(pair);
  for (let tried = 0; tried < EXCHANGES * ends.length; tried++) {
    const one = Math.floor(stream.uniform() * ends.length);
    const other = Math.floor(stream.uniform() * ends.length);
    const [first, second] = [ends[one]!, ends[other]!];
    const [a, b] = [Math.floor(first / size), first % size];
    const [c, d] = [Math.floor(second / size), second % size];
    if (a === d || c === b) continue;
    const [crossed, opposite] = [a * size + d, c * size + b];
    if (isLinked[crossed] === 1 || isLinked[opposite] === 1) continue;
    isLinked[first] = isLinked[second] = 0;
    isLinked[crossed] = isLinked[opposite] = 1;
    ends[one] = crossed;
    ends[other] = opposite;
  }
  return isLinked;
}

function build(out: readonly number[], into: readonly number[]): Uint8Array | null {
  const size = out.length;
  const sum = (of: readonly number[]) => of.reduce((a, b) => a + b, 0);
  if (sum(out) !== sum(into)) return null;
  const isLinked = new Uint8Array(size * size);
  const left = [...into];
  const owed = [...out];
  for (const [node, degree] of out.entries()) {
    owed[node] = 0;
    // The neediest first; of those alike the ones that still have most links of their own to make.
    const ends = left
      .map((_, end) => end)
      .filter((end) => end !== node && left[end]! > 0)
      .sort((a, b) => left[b]! - left[a]! || owed[b]! - owed[a]! || a - b)
      .slice(0, degree);
    if (ends.length < degree) return null;
    for (const end of ends) {
      left[end]! -= 1;
      isLinked[node * size + end] = 1;
    }
  }
  return isLinked;
}

/** So many degrees from `min` to `max`, of which k has the weight k to the -exponent (0 that of 1). */
export function drawDegrees(
  count: number,
  exponent: number,
  min: number,
  max: number,
  stream: SeededStream,
): number[] {
  const weights: number[] = [];
  for (let degree = min; degree <= max; degree++)
    weights.push(Math.exp(-exponent * Math.log(Math.max(1, degree))));
  const sums = cumulate(weights);
  return Array.from({ length: count }, () => min + pick(sums, stream.uniform()));
}

/** Moves degrees one by one, of nodes at random and within `min` and `max`, until their sum is another. */
export function movedToSum(
  degrees: readonly number[],
  sum: number,
  min: number,
  max: number,
  stream: SeededStream,
): number[] {
  const moved = [...degrees];
  let missing = sum - moved.reduce((a, b) => a + b, 0);
  while (missing !== 0) {
    const node = Math.floor(stream.uniform() * moved.length);
    const next = moved[node]! + Math.sign(missing);
    if (next < min || next > max) continue;
    moved[node] = next;
    missing -= Math.sign(missing);
  }
  return moved;
}
