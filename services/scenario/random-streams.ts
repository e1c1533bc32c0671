/**
 * Seeded streams of random numbers, each named, so that what one draws does not move another. Only
 * exp, log, sqrt, cos and the four operations are used: they agree on the supported versions of Node,
 * which powers do not. Which streams traffic has, and what each draws: flow-draws.ts.
 */
import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { Uuid, type UuidWords } from './drawn-uuids.ts';

const drawnWords = new Int32Array(4);

export class SeededStream {
  readonly #generator: RandomGenerator;

  /** The state is the start of SHA-256 over seed and names, one a line. */
  constructor(seed: number, ...names: readonly string[]) {
    const digest = createHash('sha256')
      .update(['corridor-stream-v1', String(seed), ...names].join('\n'))
      .digest();
    this.#generator = xoroshiro128plusFromState([0, 4, 8, 12].map((at) => digest.readInt32LE(at)));
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  /** Standard normal, by Box and Muller; always two uniforms. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  uuid(): Uuid {
    this.uuidTo(drawnWords, 0);
    return Uuid.from(drawnWords, 0);
  }

  /** Its four words, to a place. */
  uuidTo(words: UuidWords, at: number): void {
    const generator = this.#generator;
    words[at] = generator.next();
    words[at + 1] = (generator.next() & 0xffff0fff) | 0x4000;
    words[at + 2] = (generator.next() & 0x3fffffff) | 0x80000000;
    words[at + 3] = generator.next();
  }
}

/** Puts what stands there into random order (Fisher and Yates). */
export function shuffle(order: Uint32Array, stream: SeededStream): Uint32Array {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(stream.uniform() * (last + 1));
    const moved = order[last]!;
    order[last] = order[other]!;
    order[other] = moved;
  }
  return order;
}
