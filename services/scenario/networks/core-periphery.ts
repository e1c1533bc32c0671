import type { SeededStream } from '../random-streams.ts';

/** Shares of the ordered pairs of each block that are linked. */
export interface BlockDensities {
  readonly coreToCore: number;
  readonly coreToPeriphery: number;
  readonly peripheryToCore: number;
  readonly peripheryToPeriphery: number;
}

/**
 * A network at random whose blocks have given densities: of p pairs of a block, round(density x p) are
 * linked. Each pair has a number of its own, and those with the lowest are linked, so a higher density
 * adds links and takes none away.
 * @param isAllowed by ordered pair, row by row
 * @returns by ordered pair, 1 where it is linked
 */
export function networkOfBlocks(
  size: number,
  isCore: (node: number) => boolean,
  densities: BlockDensities,
  isAllowed: (pair: number) => boolean,
  stream: SeededStream,
): Uint8Array {
  const blocks = [
    { density: densities.peripheryToPeriphery, pairs: [] as number[] },
    { density: densities.peripheryToCore, pairs: [] as number[] },
    { density: densities.coreToPeriphery, pairs: [] as number[] },
    { density: densities.coreToCore, pairs: [] as number[] },
  ];
  const keys = new Float64Array(size * size);
  for (let pair = 0; pair < keys.length; pair++) {
    keys[pair] = stream.uniform();
    if (!isAllowed(pair)) continue;
    const [from, to] = [isCore(Math.floor(pair / size)), isCore(pair % size)];
    blocks[2 * Number(from) + Number(to)]!.pairs.push(pair);
  }
  const isLinked = new Uint8Array(size * size);
  for (const { density, pairs } of blocks) {
    const linked = Math.round(density * pairs.length);
    for (const pair of pairs.sort((a, b) => keys[a]! - keys[b]! || a - b).slice(0, linked))
      isLinked[pair] = 1;
  }
  return isLinked;
}
