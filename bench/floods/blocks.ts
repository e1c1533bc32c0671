import { setTimeout as pause } from 'node:timers/promises';
import { seededDraws } from '../../services/verifier/seeded-draws.ts';
import { type Line, median, quantile } from '../measure.ts';

/**
 * What floods cost the others, by short blocks of each case in turn on the same running services. Each round
 * has a block of no flood and another one, the control: what the two differ by is what the measurement cannot
 * tell. Every second round goes the other way, so that each case follows each other one as often as it precedes it.
 */
export const NO_FLOOD = 'no flood';
export const CONTROL = 'no flood again';

/** Behind a block: held refusals are answered, windows of limits pass, and what the flood left is settled. */
const REST_MS = 2_500;

export interface BlockFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** Of each of the others' payments, ms from when it was due to be sent until its final status came. */
export interface Block {
  readonly final: readonly number[];
  /** What else is told of the case, by medians. */
  readonly figures: readonly BlockFigure[];
}

/** @returns by case a block of each round; the first round, which warms up, is left out */
export async function inBlocks<Case extends string>(
  cases: readonly Case[],
  rounds: number,
  measure: (name: Case, seed: number) => Promise<Block>,
): Promise<Map<Case, Block[]>> {
  const blocks = new Map<Case, Block[]>(cases.map((name) => [name, []]));
  let seed = 0;
  for (let round = 0; round <= rounds; round++)
    for (const name of round % 2 === 0 ? cases : [...cases].reverse()) {
      seed += 1;
      const block = await measure(name, seed);
      if (round > 0) blocks.get(name)?.push(block);
      await pause(REST_MS);
    }
  return blocks;
}

/**
 * Medians over blocks, and as `fair-p99` of each case the p99 of all its payments against that of all that had no flood
 * beside them; of the control, against the other blocks of none. One block has four payments beyond its p99, so
 * a pause of one collector decides that of a block, and hardly that of all. Told beside it: between what the ratio is by
 * nine of ten draws of as many rounds, with repetition, and the median of what each round has by itself.
 */
export function* fairness<Case extends string>(
  bench: string,
  blocks: ReadonlyMap<Case, readonly Block[]>,
): Generator<Line> {
  for (const [name, all] of blocks) {
    const told = all.map(({ final, figures }) => [
      ...[0.5, 0.99].map((q) => ({
        ...{ name: `final p${q * 100}`, value: quantile(final, q), unit: 'ms' },
      })),
      ...figures,
    ]);
    // What one block had and another not, such as an answer, is 0 there.
    for (const what of new Set(told.flat().map((figure) => figure.name))) {
      const found = told.map((figures) => figures.find((figure) => figure.name === what));
      const value = median(found.map((figure) => figure?.value ?? 0));
      const unit = found.find(Boolean)?.unit ?? '';
      yield { case: `${name}: ${what}`, value, unit, vs: null, ratio: null };
    }
  }
  const of = (name: string) => (blocks as ReadonlyMap<string, readonly Block[]>).get(name) ?? [];
  if (of(NO_FLOOD).length === 0) return;
  for (const [name, all] of blocks) {
    if (name === NO_FLOOD) continue;
    const none = name === CONTROL ? [of(NO_FLOOD)] : [of(NO_FLOOD), of(CONTROL)];
    const ratio = (rounds: readonly number[]) => p99Of([all], rounds) / p99Of(none, rounds);
    const rounds = all.map((_, round) => round);
    const reach = reachOf(ratio, rounds).map((end) => end.toFixed(2));
    const single = median(rounds.map((round) => ratio([round]))).toFixed(2);
    process.stderr.write(
      `${name}: ${rounds.length} rounds, 90 % between ${reach.join(' and ')}, median of single rounds ${single}\n`,
    );
    const line = { value: p99Of([all], rounds), unit: 'ms', vs: NO_FLOOD, ratio: ratio(rounds) };
    yield { case: `${bench}: ${name}`, ...line };
  }
}

/** Of all payments of these rounds, of which one may stand there several times. */
const p99Of = (cases: readonly (readonly Block[])[], rounds: readonly number[]): number =>
  quantile(
    cases.flatMap((blocks) => rounds.flatMap((round) => blocks[round]?.final ?? [])),
    0.99,
  );

const DRAWS = 400;
const SEED = 1;

function reachOf(
  figure: (rounds: readonly number[]) => number,
  rounds: readonly number[],
): number[] {
  const draw = seededDraws(SEED);
  const drawn = Array.from({ length: DRAWS }, () =>
    figure(rounds.map(() => rounds[draw(rounds.length)] as number)),
  );
  return [0.05, 0.95].map((q) => quantile(drawn, q));
}
