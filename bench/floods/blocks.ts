import { setTimeout as pause } from 'node:timers/promises';
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
 * Medians over blocks, and as `fair-p99` of each case the median over rounds of its block's p99 against that of no
 * flood in the same round.
 */
export function* fairness<Case extends string>(
  bench: string,
  blocks: ReadonlyMap<Case, readonly Block[]>,
): Generator<Line> {
  const p99 = ({ final }: Block) => quantile(final, 0.99);
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
  const quiet = (blocks as ReadonlyMap<string, readonly Block[]>).get(NO_FLOOD) ?? [];
  for (const [name, all] of blocks) {
    if (name === NO_FLOOD || quiet.length === 0) continue;
    const ratios = all.map((block, round) => p99(block) / p99(quiet[round] as Block));
    const quartiles = [0.25, 0.75].map((q) => quantile(ratios, q).toFixed(2));
    process.stderr.write(`${name}: ${ratios.length} ratios, quartiles ${quartiles.join(', ')}\n`);
    const line = { value: median(all.map(p99)), unit: 'ms', vs: NO_FLOOD, ratio: median(ratios) };
    yield { case: `${bench}: ${name}`, ...line };
  }
}
