import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExactSum, ExactSums } from '../../analysis/exact-sum.ts';
import { SumsByPair } from './sums-by-pair.ts';

/** A few hundred numbers of 64 bits, of either sign, the same each time. */
const amounts = Array.from({ length: 300 }, (_, at) =>
  BigInt.asIntN(64, BigInt(at + 1) * 0x9e37_79b9_7f4a_7c15n),
);
const words = new Int32Array(BigInt64Array.from(amounts).buffer);

test('sums by pair are those of a map, in the order in which pairs came', () => {
  const sums = new SumsByPair();
  const expected = new Map<string, bigint>();
  for (const [at, amount] of amounts.entries()) {
    // The largest handle too: no number is kept to say that a place is empty.
    const [first, second] = [at % 2 === 0 ? 0xffff_ffff : at % 17, at % 13];
    sums.sums.addFrom(sums.place(first, second), words, at);
    const key = `${first} ${second}`;
    expected.set(key, (expected.get(key) ?? 0n) + amount);
  }
  const told = Array.from({ length: sums.length }, (_, place) => [
    `${sums.first(place)} ${sums.second(place)}`,
    sums.sums.value(place),
  ]);
  assert.ok(sums.length > 100);
  assert.deepEqual(told, [...expected]);
});

test('sums by place add, and single ones add and subtract, without a bit lost', () => {
  const [sums, single] = [new ExactSums(1), new ExactSum()];
  sums.reach(3);
  let [added, both, total] = [0n, 0n, 0n];
  for (const [at, amount] of amounts.entries()) {
    const [high, low] = [words[2 * at + 1] as number, (words[2 * at] as number) >>> 0];
    sums.addHalves(2, high, low);
    added += amount;
    assert.equal(sums.value(2), added);
    sums.addSum(1, sums, 2);
    total += added;
    assert.equal(sums.value(1), total);
    if (at % 3 === 0) single.subtractHalves(high, low);
    else single.addHalves(high, low);
    both += at % 3 === 0 ? -amount : amount;
    assert.equal(single.value, both);
  }
});
