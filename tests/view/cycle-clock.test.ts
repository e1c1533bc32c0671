import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readEvent } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { CycleClock } from '../../services/view/cycle-clock.ts';
import { decodeRecord } from '../settlement/flat-records.ts';
import { randomDay } from '../settlement/random-day.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

const DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 150 : 75;

test('the core’s periodic cycles run when the clock says', () => {
  let seen = 0;
  for (let seed = 7_000_001; seed <= 7_000_000 + DAYS; seed++) {
    const core = createSettlement(wasm);
    const clock = new CycleClock();
    for (const { record } of randomDay(seed)) {
      const { timeMs, cycleIntervalMs } = decodeRecord(record);
      const events = core.apply(record, 1);
      for (let at = 0; at < events.length / EVENT_BYTES; at++) {
        const event = readEvent(events, at);
        if (event.kind === 'genesis') clock.begin(cycleIntervalMs);
        if (event.kind === 'opened') clock.opened(event.timeMs);
        if (event.kind === 'closed') clock.closed();
        // At the record's own instant it may be the record that asks for it.
        if (event.kind !== 'cycled' || event.timeMs >= Number(timeMs)) continue;
        seen += 1;
        assert.equal(clock.state(event.timeMs - 1).nextMs, event.timeMs, `seed ${seed}`);
      }
    }
  }
  assert.ok(seen > DAYS / 2, `${seen} cycles`);
});

test('no instant is told where nothing is open, or no interval is given', () => {
  const clock = new CycleClock();
  clock.opened(0);
  assert.deepEqual(clock.state(5), { everyMs: 0, nextMs: null });
  clock.closed();
  clock.begin(60_000);
  assert.deepEqual(clock.state(5), { everyMs: 60_000, nextMs: null });
  clock.opened(1_000);
  clock.opened(30_000);
  assert.equal(clock.state(1_000).nextMs, 61_000);
  assert.equal(clock.state(60_999).nextMs, 61_000);
  assert.equal(clock.state(61_000).nextMs, 121_000);
});
