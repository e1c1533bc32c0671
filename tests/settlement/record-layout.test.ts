import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as core from '../../assembly/settlement/record-numbers.ts';
import {
  EVENT_BYTES,
  EVENT_KINDS,
  EVENT_OFFSETS,
  HELD_UP_BY,
  MECHANISMS,
} from '../../services/core/settlement/events.ts';
import { REASONS } from '../../services/core/settlement/reasons.ts';
import {
  CYCLE_MECHANISMS,
  NONE16,
  NONE32,
  RECORD_BYTES,
  RECORD_KINDS,
  RECORD_OFFSETS,
  REPLIES,
  VERDICTS,
} from '../../services/core/settlement/records.ts';

/** 'timeMs' is TIME_MS, 'amount1' is AMOUNT_1. */
function constantName(name: string): string {
  return name
    .replace(/([A-Z])/g, '_$1')
    .replace(/([a-z])(\d)/g, '$1_$2')
    .toUpperCase();
}

function prefixed(
  prefix: string,
  numbers: Readonly<Record<string, number>> | readonly (string | null)[],
): [string, number][] {
  const entries = Array.isArray(numbers)
    ? numbers.flatMap((name, number): [string, number][] => (name === null ? [] : [[name, number]]))
    : Object.entries(numbers as Record<string, number>);
  return entries.map(([name, number]) => [prefix + constantName(name), number]);
}

test('the AssemblyScript core has the same numbers and offsets as the TypeScript side', () => {
  const expected = Object.fromEntries([
    ['RECORD_BYTES', RECORD_BYTES],
    ['EVENT_BYTES', EVENT_BYTES],
    ['NONE16', NONE16],
    ['NONE32', NONE32],
    ['PRIORITY_NORMAL', 2],
    ...prefixed('RECORD_', RECORD_KINDS),
    ...prefixed('IN_', RECORD_OFFSETS),
    ...prefixed('EVENT_', EVENT_KINDS),
    ...prefixed('OUT_', EVENT_OFFSETS),
    ...prefixed('MECHANISM_', MECHANISMS),
    ...prefixed('CYCLE_', CYCLE_MECHANISMS),
    ...prefixed('HELD_UP_BY_', HELD_UP_BY),
    ...prefixed('REASON_', REASONS),
    ...prefixed('REPLY_', REPLIES),
    ...prefixed('VERDICT_', VERDICTS),
  ]);
  assert.deepEqual({ ...core }, expected);
});
