import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAttestation } from './attestation.ts';
import { isRefusal } from './document.ts';

const untilOf = (VldUntil: string) => {
  const Chn = { TermsDgst: '0'.repeat(64), IntrBkSttlmDt: '2026-03-16', NbOfLegs: '2' };
  const Attstr = { FinInstnId: { BICFI: 'CARRDE00' } };
  const read = readAttestation(
    { Attstn: { MsgId: 'T-1', Attstr, Chn: { ...Chn, Vrdct: 'ACCEPT', VldUntil } } },
    new Map(),
  );
  return isRefusal(read) ? null : read.chain?.validUntilMs;
};

test('the end of an acceptance is the instant that its text names, where the calendar has it', () => {
  for (let turn = 0; turn < 500; turn += 1) {
    const atMs = 1 + ((turn * 7_919_000_133) % 4_000_000_000_000);
    assert.equal(untilOf(new Date(atMs).toISOString()), atMs);
  }
  for (const none of [
    ...['2026-02-29T09:00:00.000Z', '2026-13-01T09:00:00.000Z', '1970-01-01T00:00:00.000Z'],
    ...['2026-03-16T24:00:00.000Z', '2026-03-16T09:60:00.000Z', '2026-03-16T09:00:60.000Z'],
    '1969-12-31T23:59:59.999Z',
  ])
    assert.equal(untilOf(none), null, none);
});
