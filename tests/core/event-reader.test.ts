import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventKind, readEvent } from '../../services/core/settlement/event-reader.ts';
import { EVENT_KINDS, type EventKind } from '../../services/core/settlement/events.ts';
import { eventBytes } from './reference-events.ts';

const ID = Uint8Array.from({ length: 16 }, (_, i) => 240 + i);

describe('the event reader', () => {
  it('reads every field at its place, to its limits', () => {
    const written = {
      number: 2 ** 40 + 1,
      position: 2 ** 41 + 2,
      timeMs: 1_773_644_400_123,
      kind: 'settled',
      reason: 'quoteExhausted',
      mechanism: 'gridlockResolution',
      priority: 2,
      messageType: 0xfffe,
      paymentPosition: 2 ** 42 + 3,
      id: ID,
      debtorAgent: 0xfffffffe,
      creditorAgent: 0xfffffffd,
      dealer: 0xfffffffc,
      currency1: 0xfffb,
      currency2: 0xfffa,
      amount1: 2n ** 63n - 1n,
      amount2: -(2n ** 63n),
      cycle: 0xfffffff9,
      count: 0xfffffff8,
      balances: [-1n, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n],
    } as const;
    const { digest, id, ...read } = readEvent(eventBytes([written]), 0);
    const { id: _, ...expected } = written;
    assert.deepEqual(read, { ...expected, heldUpBy: 'none' });
    assert.deepEqual(Uint8Array.from(id), ID);
    assert.equal(digest.length, 32);
    assert.equal(Buffer.from(digest).readBigInt64LE(0), -1n);
  });

  it('reads by index, also from bytes that are a part of others', () => {
    const around = Buffer.concat([
      Buffer.alloc(13),
      eventBytes([
        { number: 1, kind: 'genesis', count: 7 },
        { number: 2, kind: 'noticed', reason: 'signatureInvalid' },
      ]),
    ]);
    const events = around.subarray(13);
    assert.deepEqual(
      [0, 1].map((index) => [readEvent(events, index).number, readEvent(events, index).kind]),
      [
        [1, 'genesis'],
        [2, 'noticed'],
      ],
    );
    assert.equal(readEvent(events, 1).reason, 'signatureInvalid');
  });

  it('reads what is short where a payment is held up', () => {
    const short = { number: 1, kind: 'heldUp', mechanism: 'queue' } as const;
    const { heldUpBy, mechanism } = readEvent(eventBytes([short]), 0);
    assert.deepEqual([heldUpBy, mechanism], ['bilateralLimit', 'none'], 'both have the number 2');
  });

  it('names each kind by its number, and refuses others', () => {
    for (const kind of Object.keys(EVENT_KINDS) as EventKind[])
      assert.equal(eventKind(EVENT_KINDS[kind]), kind);
    assert.throws(() => eventKind(0), /no kind of event has the number 0/);
    assert.throws(() => eventKind(Object.keys(EVENT_KINDS).length + 1), RangeError);
  });
});
