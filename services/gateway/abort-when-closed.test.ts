import assert from 'node:assert/strict';
import { EventEmitter, getEventListeners } from 'node:events';
import { test } from 'node:test';
import { whileOpen } from './abort-when-closed.ts';

test('a read ends with its connection or the gateway, and leaves nothing at the gateway', () => {
  const closing = new AbortController();
  const left = () => getEventListeners(closing.signal, 'abort').length;
  const replies = Array.from({ length: 3 }, () => new EventEmitter());
  const signals = replies.map((reply) => whileOpen(reply, closing.signal));
  assert.equal(left(), 3);
  replies[0]?.emit('close');
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, false, false],
  );
  assert.equal(left(), 2);
  closing.abort();
  assert.ok(signals.every(({ aborted }) => aborted));
  assert.equal(left(), 0);
  assert.ok(whileOpen(new EventEmitter(), closing.signal).aborted);
});
