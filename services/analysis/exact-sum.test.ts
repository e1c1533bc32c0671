import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ExactSum, highOf, lowOf, ProductSum } from './exact-sum.ts';

const halves = (amount: bigint) => [highOf(amount), lowOf(amount)] as const;

/** Where halves and limbs turn, and anywhere between. */
const minor = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: 2n ** 32n - 3n, max: 2n ** 32n + 3n }),
  fc.bigInt({ min: 2n ** 52n - 3n, max: 2n ** 53n + 3n }),
  fc.bigInt({ min: -9n, max: 9n }),
);

test('sums are exact, however large the amounts are and wherever they turn', () => {
  fc.assert(
    fc.property(
      fc.array(minor, { maxLength: 40 }),
      fc.array(minor, { maxLength: 40 }),
      (in_, out) => {
        const sum = new ExactSum();
        for (const amount of in_) sum.addHalves(...halves(amount));
        for (const amount of out) sum.subtractHalves(...halves(amount));
        const plain = in_.reduce((a, b) => a + b, 0n) - out.reduce((a, b) => a + b, 0n);
        assert.equal(sum.value, plain);
        const other = new ExactSum().add(plain + 1n);
        assert.deepEqual(
          [sum.isBelow(other), other.isBelow(sum), sum.isBelow(sum)],
          [true, false, false],
        );
        assert.equal(ExactSum.of([sum, other]).value, 2n * plain + 1n);
        const copy = new ExactSum();
        copy.setHalves(sum.high, sum.low);
        const higher = new ExactSum().add(plain + 2n ** 32n);
        const equal = [sum, other, higher].map((one) => copy.equals(one));
        assert.deepEqual(equal, [true, false, false]);
        copy.subtractSum(other);
        assert.equal(copy.value, -1n);
      },
    ),
    { seed: 7, numRuns: 2_000 },
  );
});

test('products with spans of time are exact, from one ms to a century', () => {
  const amount = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    fc.bigInt({ min: 2n ** 40n - 3n, max: 2n ** 40n + 3n }),
    fc.bigInt({ min: 0n, max: 9n }),
  );
  const span = fc.oneof(
    fc.integer({ min: 0, max: 86_400_000 }),
    fc.integer({ min: 2 ** 31 - 3, max: 2 ** 31 - 1 }),
    fc.maxSafeNat().map((ms) => ms % 3_155_760_000_000),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(amount, span), { maxLength: 60 }), (all) => {
      const sum = new ProductSum();
      for (const [value, ms] of all) sum.add(...halves(value), ms);
      assert.equal(
        sum.value,
        all.reduce((total, [value, ms]) => total + value * BigInt(ms), 0n),
      );
    }),
    { seed: 7, numRuns: 2_000 },
  );
});

test('a product sum that carries again and again stays exact', () => {
  const sum = new ProductSum();
  const largest = 2n ** 63n - 1n;
  // So often that the last limb carries too.
  for (let i = 0; i < 600_000; i++) sum.add(...halves(largest), 2 ** 31 - 1);
  assert.equal(sum.value, 600_000n * largest * (2n ** 31n - 1n));
});

test('what stands as words in an array is added and taken away whole, carries and signs with it', () => {
  const values = [
    0n,
    1n,
    -1n,
    2n ** 32n - 1n,
    2n ** 32n,
    -(2n ** 32n),
    2n ** 31n,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ];
  const words = new Int32Array(BigInt64Array.from(values).buffer);
  for (const [place, value] of values.entries())
    for (const start of values) {
      const added = new ExactSum().add(start);
      added.addFrom(words, place);
      assert.equal(added.value, start + value);
      const taken = new ExactSum().add(start);
      taken.subtractHalves(words[2 * place + 1] as number, (words[2 * place] as number) >>> 0);
      assert.equal(taken.value, start - value);
    }
});
