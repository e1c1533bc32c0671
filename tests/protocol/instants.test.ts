import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isoTime } from '../../services/protocol/names/dates.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';

test('an instant is written as the library writes it, on whatever day', () => {
  const most = 8_640_000_000_000_000;
  const day = 86_400_000;
  const edges = [0, day, -day, most, -most, Date.UTC(-1, 11, 31), Date.UTC(9999, 11, 31) + day];
  const stream = new SeededStream(1, 'instants');
  const drawn = Array.from({ length: 2_000 }, (_, at) =>
    Math.floor((stream.uniform() - 0.5) * (at % 2 === 0 ? 2 * most : 4_000 * 365 * day)),
  );
  const around = [...edges, ...drawn].flatMap((ms) => [ms, ms + 1, ms - 1, ms + 59_999]);
  for (const ms of around.filter((ms) => Math.abs(ms) <= most))
    assert.equal(isoTime(ms), new Date(ms).toISOString(), String(ms));
  // What has no whole milliseconds, too.
  for (const ms of [1.5, -1.5, 86_399_999.9]) assert.equal(isoTime(ms), new Date(ms).toISOString());
});

test('what is no instant is refused, and what is written next is right', () => {
  const ms = Date.UTC(2026, 2, 16, 12);
  for (const none of [Number.NaN, Number.POSITIVE_INFINITY, 8_640_000_000_000_001])
    assert.throws(() => isoTime(none), RangeError);
  assert.equal(isoTime(ms), '2026-03-16T12:00:00.000Z');
});
