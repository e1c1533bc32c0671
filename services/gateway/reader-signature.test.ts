import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope } from '../protocol/names/message-headers.ts';
import { ISSUE_WINDOW_MS } from '../protocol/names/time-windows-and-clocks.ts';
import { refuseOutsideWindow } from './reader-signature.ts';

test('a request may be issued as long before or after its arrival as the window says', () => {
  const nowMs = 1_000_000_000;
  const issued = (distanceMs: number) => () =>
    refuseOutsideWindow({ issuedAtMs: nowMs + distanceMs } as Envelope, nowMs);
  for (const sign of [-1, 1]) {
    assert.doesNotThrow(issued(sign * ISSUE_WINDOW_MS));
    assert.throws(issued(sign * (ISSUE_WINDOW_MS + 1)), {
      problem: 'notAuthentic',
      details: {
        detail: `issued too long before or after it arrived: the gateway's clock shows ${nowMs}`,
        field: 'ce-issuedatms',
        value: String(nowMs + sign * (ISSUE_WINDOW_MS + 1)),
        expected: `within ${ISSUE_WINDOW_MS} ms of the gateway's clock`,
      },
    });
  }
});
