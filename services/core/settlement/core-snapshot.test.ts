import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoreExports } from '../wasm-module.ts';
import { captureInstance, restoreInstance } from './core-snapshot.ts';

const PAGE_BYTES = 65_536;

/** What stands in for an instance: memory, of which some pages hold a byte each, and a global. */
function instanceOf(pages: number, held: Readonly<Record<number, number>>, value: number) {
  const memory = new WebAssembly.Memory({ initial: pages });
  const bytes = new Uint8Array(memory.buffer);
  // The last byte of a page is the one that a look at less than all of it misses.
  for (const [page, byte] of Object.entries(held))
    bytes[(Number(page) + 1) * PAGE_BYTES - 1] = byte;
  const global = new WebAssembly.Global({ value: 'i32', mutable: true }, value);
  return { memory, 'global:count': global } as unknown as CoreExports;
}

test('an instance becomes what another was, whatever it had: pages that are zero there are zero here', () => {
  const was = instanceOf(5, { 1: 7, 4: 9 }, -3);
  const state = captureInstance(was);
  assert.deepEqual([...state.used], [1, 4]);
  const is = instanceOf(3, { 0: 1, 1: 2, 2: 3 }, 8);
  restoreInstance(is, state);
  assert.ok(Buffer.from(is.memory.buffer).equals(Buffer.from(was.memory.buffer)));
  assert.deepEqual(captureInstance(is).globals, new Map([['count', -3]]));
});

test('an instance with more memory, or of another module, is refused', () => {
  const state = captureInstance(instanceOf(2, {}, 1));
  assert.throws(() => restoreInstance(instanceOf(3, {}, 1), state), RangeError);
  const other = {
    ...instanceOf(2, {}, 1),
    'global:more': new WebAssembly.Global({ value: 'i32' }),
  };
  assert.throws(() => restoreInstance(other as CoreExports, state), /another module/);
});
