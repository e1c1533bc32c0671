import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { type CoreExports, instantiate } from '../../services/core/wasm-module.ts';
import { debugWasm, fromBytes, L, P, Random, releaseWasm } from './verification-oracle.ts';

const LIMBS = 20;
const QUAD_BYTES = 160;
/** An operand's limbs may reach this (assembly/crypto/generator/emitter.mjs). */
const OPERAND_MAX = 8400;
const I16_MAX = 32767;
/** The limbs of a product stay within this, as the generator computed. */
const REDUCED_MAX = 4107;
/** The limbs of a square with unsigned digits. */
const UNSIGNED = { low: -11, high: 8202 };
/** What turns coordinates into those of a cached point and back, by lanes: d is -121665/121666. */
const FACTORS = [
  [8, [121666n, 121666n, 243332n, -243330n]],
  [9, [121665n, 121665n, 121665n, -121666n]],
] as const;
/** What `carry` takes. */
const WIDE_MAX = 20000;

/** The field operations of an instance, on quads of limbs that the test chooses. */
class Arithmetic {
  readonly #core: CoreExports;
  readonly #view: DataView;
  readonly #base: number;
  constructor(wasm: WebAssembly.Module) {
    this.#core = instantiate(wasm);
    this.#view = new DataView(this.#core.memory.buffer);
    this.#base = this.#core.inspectionAddress();
  }
  #at(quad: number, lane: number, limb: number): number {
    return this.#base + quad * QUAD_BYTES + (limb >> 1) * 16 + lane * 4 + (limb & 1) * 2;
  }
  put(quad: number, limb: (lane: number, index: number) => number): void {
    for (let lane = 0; lane < 4; lane++)
      for (let i = 0; i < LIMBS; i++)
        this.#view.setInt16(this.#at(quad, lane, i), limb(lane, i), true);
  }
  limbs(quad: number, lane: number): number[] {
    return Array.from({ length: LIMBS }, (_, i) =>
      this.#view.getInt16(this.#at(quad, lane, i), true),
    );
  }
  value(quad: number, lane: number): bigint {
    const sum = this.limbs(quad, lane).reduceRight(
      (total, limb) => total * 8192n + BigInt(limb),
      0n,
    );
    return ((sum % P) + P) % P;
  }
  run(operation: number): void {
    assert.equal(this.#core.inspect(operation), 1);
  }
  answer(operation: number): number {
    return this.#core.inspect(operation);
  }
  bytes(length: number): Uint8Array {
    return new Uint8Array(this.#core.memory.buffer, this.#base + 480, length);
  }
  sha512(data: Uint8Array): string {
    this.bytes(data.length).set(data);
    this.#core.inspectSha512(data.length);
    return Buffer.from(this.bytes(64)).toString('hex');
  }
}

type Limbs = (lane: number, index: number) => number;

/** Patterns of limbs of at most `max`, the extremes of every sign first. */
function patterns(max: number, random: Random): Limbs[] {
  const chosen = (values: readonly number[]): Limbs => {
    const table = Array.from({ length: 4 * LIMBS }, () => random.pick(values));
    return (lane, index) => table[lane * LIMBS + index] as number;
  };
  return [
    () => max,
    () => -max,
    (_, i) => (i % 2 === 0 ? max : -max),
    (_, i) => (i % 2 === 0 ? -max : max),
    (_, i) => (i < 10 ? max : -max),
    (_, i) => (i === 19 ? max : 0),
    (_, i) => (i === 0 ? -max : 0),
    () => 0,
    (lane) => [max, -max, 0, 1][lane] as number,
    chosen([max, -max]),
    chosen([max, -max, 0]),
    chosen([max, max - 1, -max, 4095, 4096, -4096]),
    chosen(Array.from({ length: 97 }, () => random.below(2 * max + 1) - max)),
  ];
}

const square = (x: bigint) => (x * x) % P;
const modP = (x: bigint) => ((x % P) + P) % P;

for (const [build, wasm] of [
  ['release', releaseWasm],
  ['debug', debugWasm],
] as const)
  describe(`arithmetic, ${build} build`, () => {
    const arithmetic = new Arithmetic(wasm);
    const random = new Random('arithmetic');

    test('products, squares and carries of extreme limbs', () => {
      for (let round = 0; round < 6; round++) {
        const operands = patterns(OPERAND_MAX, random);
        for (const a of operands)
          for (const b of operands) {
            arithmetic.put(0, a);
            arithmetic.put(1, b);
            const lanes = [0, 1, 2, 3];
            const values = lanes.map((lane) => [
              arithmetic.value(0, lane),
              arithmetic.value(1, lane),
            ]) as [bigint, bigint][];
            arithmetic.run(0);
            for (const [lane, [x, y]] of values.entries()) {
              assert.equal(arithmetic.value(2, lane), (x * y) % P);
              assert.ok(arithmetic.limbs(2, lane).every((limb) => Math.abs(limb) <= REDUCED_MAX));
            }
            arithmetic.run(1);
            for (const [lane, [x]] of values.entries()) {
              assert.equal(arithmetic.value(2, lane), square(x));
              assert.ok(arithmetic.limbs(2, lane).every((limb) => Math.abs(limb) <= REDUCED_MAX));
            }
          }
      }
    });

    test('unsigned squares, also of what they gave, and multiples by small factors', () => {
      const { low, high } = UNSIGNED;
      for (let round = 0; round < 40; round++)
        for (const a of patterns(OPERAND_MAX, random)) {
          arithmetic.put(0, a);
          for (const [operation, factors] of FACTORS) {
            arithmetic.run(operation);
            factors.forEach((factor, lane) => {
              const expected = modP(arithmetic.value(0, lane) * factor);
              assert.equal(arithmetic.value(2, lane), expected);
              assert.ok(arithmetic.limbs(2, lane).every((limb) => Math.abs(limb) <= REDUCED_MAX));
            });
          }
          for (let again = 0; again < 3; again++) {
            const values = [0, 1, 2, 3].map((lane) => arithmetic.value(0, lane));
            arithmetic.run(7);
            values.forEach((x, lane) => {
              assert.equal(arithmetic.value(2, lane), square(x));
              assert.ok(arithmetic.limbs(2, lane).every((limb) => limb >= low && limb <= high));
            });
            const squared = [0, 1, 2, 3].map((lane) => arithmetic.limbs(2, lane));
            arithmetic.put(0, (lane, index) => squared[lane]?.[index] as number);
          }
        }
    });

    test('carries and canonical forms', () => {
      const operands = [...patterns(WIDE_MAX, random), ...patterns(WIDE_MAX, random)];
      for (const a of operands) {
        arithmetic.put(0, a);
        arithmetic.run(2);
        for (const lane of [0, 1, 2, 3]) {
          assert.equal(arithmetic.value(2, lane), arithmetic.value(0, lane));
          assert.ok(arithmetic.limbs(2, lane).every((limb) => Math.abs(limb) <= REDUCED_MAX));
        }
      }
      // Multiples of p and their neighbours, where a canonical form is most easily missed.
      const near = [-2n, -1n, 0n, 1n, 2n].flatMap((k) =>
        [-20n, -19n, -1n, 0n, 1n, 18n, 19n].map((off) => k * P + off),
      );
      const spread = (x: bigint): number[] => {
        let rest = x;
        return Array.from({ length: LIMBS }, (_, i) => {
          const limb = i === LIMBS - 1 ? rest : BigInt.asIntN(13, rest);
          rest = (rest - limb) >> 13n;
          return Number(limb);
        });
      };
      const cases: Limbs[] = [...operands, ...patterns(I16_MAX, random)];
      for (const x of near) {
        const limbs = spread(x);
        cases.push((_, i) => limbs[i] as number);
      }
      for (const a of cases) {
        arithmetic.put(0, a);
        arithmetic.run(3);
        for (const lane of [0, 1, 2, 3]) {
          const limbs = arithmetic.limbs(2, lane);
          const plain = limbs.reduceRight((total, limb) => total * 8192n + BigInt(limb), 0n);
          assert.equal(plain, arithmetic.value(0, lane));
          assert.ok(limbs.every((limb) => limb >= 0 && limb < 8192));
        }
      }
    });

    test('what is the neutral point, whatever its Z', () => {
      const isNeutral = (...coordinates: readonly bigint[]) => {
        const digits = coordinates.map((x) => modP(x));
        arithmetic.put(0, (lane, i) => Number(((digits[lane] ?? 0n) >> BigInt(13 * i)) & 8191n));
        return arithmetic.answer(10) === 1;
      };
      for (const z of [1n, 2n, P - 1n, 1n << 200n]) {
        assert.ok(isNeutral(0n, z, z, 0n));
        // (0, -1), of order two; (x, 0), of order four; what is next to the neutral point.
        assert.ok(!isNeutral(0n, -z, z, 0n));
        assert.ok(!isNeutral(z, 0n, z, 0n));
        assert.ok(!isNeutral(0n, z + 1n, z, 0n));
        assert.ok(!isNeutral(1n, z, z, 0n));
        assert.ok(!isNeutral(0n, 0n, z, 0n));
      }
      assert.ok(!isNeutral(0n, 0n, 0n, 0n), 'no point');
      assert.ok(!isNeutral(0n, P, P, 0n), 'no point');
    });

    test('inverses', () => {
      for (const a of patterns(OPERAND_MAX, random)) {
        arithmetic.put(0, a);
        arithmetic.run(4);
        for (const lane of [0, 1, 2, 3]) {
          const x = arithmetic.value(0, lane);
          assert.equal((arithmetic.value(2, lane) * x) % P, x === 0n ? 0n : 1n);
        }
      }
    });

    test('scalars modulo L', () => {
      const extremes = (length: number): Uint8Array[] => {
        const limit = 1n << BigInt(8 * length);
        const values = [0n, 1n, L - 1n, L, L + 1n, 2n * L - 1n, limit - 1n, limit - L, 1n << 252n];
        for (let shift = 0n; L << shift < limit; shift += 31n)
          values.push((L << shift) - 1n, L << shift, (L << shift) + 1n);
        // q at its largest: the top of the remainder just below L, the words under it all ones.
        for (let word = 32n; L << word < limit; word += 32n)
          values.push(((L - 1n) << word) | ((1n << word) - 1n));
        return values
          .filter((value) => value < limit)
          .map((value) =>
            Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n)),
          );
      };
      for (const [operation, length] of [
        [5, 64],
        [6, 96],
      ] as const)
        for (const input of [
          ...extremes(length),
          ...Array.from({ length: 500 }, () => random.bytes(length)),
        ]) {
          arithmetic.bytes(length).set(input);
          arithmetic.run(operation);
          assert.equal(fromBytes(arithmetic.bytes(32)), fromBytes(input) % L);
        }
    });

    test('SHA-512 of every length around its blocks', () => {
      for (let length = 0; length <= 400; length++) {
        const data = random.bytes(length);
        assert.equal(arithmetic.sha512(data), createHash('sha512').update(data).digest('hex'));
      }
    });
  });
