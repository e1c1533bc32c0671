import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopSignal } from './stop-signal.ts';

test('the first signal is told, and a second one ends the process as one that was interrupted', async (t) => {
  const exit = t.mock.method(process, 'exit', () => undefined as never);
  const before = process.listenerCount('SIGINT');
  const { requested, release } = stopSignal();
  // Its own alone: whoever runs tests listens too.
  const signal = process.listeners('SIGINT').at(-1);
  signal?.('SIGTERM');
  assert.equal(await requested, 'SIGTERM');
  assert.equal(exit.mock.callCount(), 0);
  signal?.('SIGINT');
  assert.deepEqual(
    exit.mock.calls.map((call) => call.arguments),
    [[130]],
  );
  release();
  assert.equal(process.listenerCount('SIGINT'), before);
});
