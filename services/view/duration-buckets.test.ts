import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bucketEnds, bucketOf, Durations } from './duration-buckets.ts';
import { Series } from './per-second-series.ts';

test('a bucket holds its own end and is at most 1/128 of it wide', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (ms) => {
      const end = bucketEnds(bucketOf(ms));
      assert.ok(end >= ms && end - ms <= ms / 128, `${ms} in a bucket that ends at ${end}`);
      assert.equal(bucketOf(end), bucketOf(ms));
    }),
    { seed: 1 },
  );
});

test('percentiles are nearest ranks of the sorted list, up to 1/128 more', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1e8 }), { minLength: 1 }), (list) => {
      const durations = new Durations();
      for (const ms of list) durations.add(ms);
      const sorted = list.toSorted((a, b) => a - b);
      const shares = [0.5, 0.95, 0.99];
      const told = durations.percentiles(...shares);
      for (const [index, share] of shares.entries()) {
        const exact = sorted[Math.max(1, Math.ceil(share * list.length)) - 1] as number;
        const ms = told[index] as number;
        assert.ok(ms >= exact && ms - exact <= exact / 128, `p${share} of ${list}: ${ms}`);
      }
    }),
    { seed: 2 },
  );
});

test('seconds are counted where they belong, and a second that is over 300 s old is forgotten', () => {
  const series = new Series();
  series.submitted(1_000_000);
  series.settled(1_000_999, 12);
  series.settled(1_001_000, 5);
  series.rejected(1_001_500);
  series.waiting(1_001_600, 7);
  assert.deepEqual(series.points(true), [
    { atS: 1000, submitted: 1, settled: 1, rejected: 0, queued: 0, p50: 12, p95: 12, p99: 12 },
    { atS: 1001, submitted: 0, settled: 1, rejected: 1, queued: 7, p50: 5, p95: 12, p99: 12 },
  ]);
  assert.deepEqual(series.sums(1_001_999, 2), { submitted: 1, settled: 2, rejected: 1, late: 0 });
  assert.deepEqual(series.finality(1_060_000), { count: 1, p50: 5, p95: 5, p99: 5 });
  series.forgetChanges();
  assert.deepEqual(series.points(false), []);
  series.submitted(1_301_000);
  assert.deepEqual(
    series.points(true).map(({ atS }) => atS),
    [1301],
  );
  assert.equal(series.finality(1_301_000).p50, null);
  assert.equal(series.sums(1_600_000, 600).settled, 1, 'alerts look back on ten minutes');
  series.settled(1_301_000, 900_000);
  series.settled(1_301_000, 900_001);
  assert.equal(series.sums(1_301_000, 600).late, 1, 'to the ms');
});

test('a driven scenario’s durations are told in its own time, beside the network’s', () => {
  const series = new Series();
  series.settled(1_000_000, 5);
  assert.equal(series.finality(1_001_000).scenario, undefined, 'nothing of a scenario');
  series.settled(1_000_000, 4, 240);
  const scenario = { p50: 240, p95: 240, p99: 240 };
  const network = { p50: 4, p95: 5, p99: 5 };
  assert.deepEqual(series.finality(1_001_000), { count: 2, ...network, scenario });
  assert.deepEqual(series.points(true)[0]?.scenario, scenario);
  // Another second in the same place of the ring.
  series.settled(1_600_000, 7);
  assert.equal(series.finality(1_600_000).scenario, undefined);
});
