import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { Audit } from './audit.ts';
import { decodeRecord } from './flat-records.ts';
import { randomDay } from './random-day.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 2000 : 40;

test(`${DAYS} random days audited from their events: funds, reservations, limits, times, finality`, () => {
  const seen = { limits: 0, reservations: 0, times: 0 };
  // Other days than those of the reference.
  for (let seed = 1_000_001; seed <= 1_000_000 + DAYS; seed += 1) {
    const settlement = createSettlement(wasm);
    const audit = new Audit();
    for (const [index, { record }] of randomDay(seed, false, true).entries()) {
      const events = settlement.apply(record, 1);
      audit.note(decodeRecord(record));
      try {
        for (let i = 0; i < events.length / EVENT_BYTES; i += 1)
          audit.take(readFlatEvent(events, i));
        audit.close();
      } catch (error) {
        throw new Error(`seed ${seed}, record ${index + 1}`, { cause: error });
      }
    }
    for (const [name, { balance }] of audit.balances()) {
      const [participant, currency] = name.split('/').map(Number) as [number, number];
      assert.equal(settlement.balance(participant, currency), balance, `seed ${seed}, ${name}`);
    }
    for (const key of ['limits', 'reservations', 'times'] as const) seen[key] += audit.seen[key];
  }
  for (const [what, count] of Object.entries(seen))
    assert.ok(count >= DAYS / 10, `${what}: ${count}`);
});
