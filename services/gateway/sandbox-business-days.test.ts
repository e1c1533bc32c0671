import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network } from '../live/network.ts';
import type { ServiceContext } from '../live/service-context.ts';
import { readControl } from '../protocol/records/input-record.ts';
import { startBusinessDays } from './sandbox-business-days.ts';

const HOUR_MS = 3_600_000;

test('at midnight every date closes, then every next one opens, in one write', async () => {
  const writes: string[][] = [];
  let nowMs = Date.parse('2026-03-16T22:30:00Z');
  let pauses = 0;
  const context = {
    log: {
      startOffset: async () => 0,
      endOffset: async () => 0,
      produce: async (_: string, messages: readonly { value: Uint8Array }[]) => {
        writes.push(
          messages.map(({ value }) => {
            const control = readControl(value);
            assert.ok(control.kind === 'open' || control.kind === 'close');
            return `${control.kind} ${control.currency} ${control.date}`;
          }),
        );
      },
    },
    logger: { info() {}, warn() {}, error() {} },
    nowMs: () => nowMs,
    elapsedMs: () => nowMs,
    pause: async () => {
      nowMs += HOUR_MS;
      pauses += 1;
      if (pauses === 4) void days.stop();
    },
    reached: () => {},
  } as unknown as ServiceContext;
  const currencies = ['EUR', 'USD'].map((code) => ({ code }));
  const network = { pools: [{ name: 'main', currencies }] } as unknown as Network;
  const days = await startBusinessDays(context, network);
  await days.done;
  assert.deepEqual(writes, [
    ['open EUR 2026-03-16', 'open USD 2026-03-16'],
    ['close EUR 2026-03-16', 'close USD 2026-03-16', 'open EUR 2026-03-17', 'open USD 2026-03-17'],
  ]);
});
