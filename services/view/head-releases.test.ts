import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeadReleases, PENDING } from './head-releases.ts';
import type { ViewRelease } from './told-to-page.ts';

const question = (position: number) => ({ position, account: `${position}/0` as const });

const [a, b, c, d] = [0, 1, 2, 3].map(question) as [Asked, Asked, Asked, Asked];
type Asked = ReturnType<typeof question>;
const releases = (atMs: number): ViewRelease => ({ kind: 'releases', amountMinor: '5', atMs });
const late: ViewRelease = { kind: 'notKnown', why: 'time' };

test('who had no time is asked first, and nobody twice while nothing changes', () => {
  const heads = new HeadReleases();
  assert.equal(heads.isDue(1), true);
  assert.deepEqual(heads.of(a), PENDING);
  assert.deepEqual(heads.inTurn([a, b, c], 1), [a, b, c]);
  const [done, tried, untried] = [
    { ...a, release: releases(1_000) },
    { ...b, release: late },
    { ...c, release: late },
  ];
  heads.take([done, tried, untried], 1_000);
  assert.deepEqual(
    [a, b, c].map((one) => heads.of(one)),
    [releases(1_000), late, PENDING],
  );
  assert.equal(heads.isDue(1), true, 'one waits for its turn');
  assert.deepEqual(heads.inTurn([a, b, c], 1), [c]);
  heads.take([{ ...c, release: releases(2_000) }], 2_000);
  assert.equal(heads.isDue(1), false);
  assert.equal(heads.isDue(2), true);
  assert.deepEqual(heads.inTurn([a, b, c, d], 2), [d, a, b, c]);
});

test('an amount stays for ten seconds where there is no time for a newer one, and with its head', () => {
  const heads = new HeadReleases();
  heads.inTurn([a, b], 1);
  heads.take(
    [a, b].map((one) => ({ ...one, release: releases(1_000) })),
    1_000,
  );
  heads.inTurn([a], 2);
  heads.take([{ ...a, release: late }], 5_000);
  assert.deepEqual([heads.of(a), heads.of(b)], [releases(1_000), PENDING]);
  heads.inTurn([a], 3);
  heads.take([{ ...a, release: late }], 11_000);
  assert.deepEqual(heads.of(a), late);
});
