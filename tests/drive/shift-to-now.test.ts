import assert from 'node:assert/strict';
import { test } from 'node:test';
import { businessDateAt, presentPayment } from '../../services/drive/shift-to-now.ts';
import { readTimes, writeTimes } from '../../services/protocol/messages/settlement-times.ts';
import { planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import type { PlannedPayment } from '../../services/scenario/planned-payment.ts';
import { load } from '../support/run.ts';

const [smokePayment] = planPayments(load('smoke')) as Iterable<PlannedPayment>;
const planned: PlannedPayment = {
  ...(smokePayment as PlannedPayment),
  businessDate: '2026-03-16',
  atMs: Date.parse('2026-03-16T09:00:00Z'),
  // Noon and 13:00 of the settlement date, in seconds from the day before.
  times: { earliest: 129_600, latest: 133_200 },
};
const nowMs = Date.parse('2027-01-05T20:00:00.250Z');

test('a payment’s times lie as far ahead as in the plan, at the present speed', () => {
  const at = (speed: number) => presentPayment(planned, { nowMs, speed, seed: 7 });
  const { times, businessDate, atMs, uetr } = at(60);
  assert.deepEqual([businessDate, atMs, uetr], ['2027-01-05', nowMs, planned.uetr]);
  // 20:00:00 is second 158,400; three hours are three minutes, rounded up to a second.
  assert.deepEqual(times, { earliest: 158_400 + 181, latest: 158_400 + 241 });
  assert.deepEqual(readTimes(writeTimes(times ?? { earliest: 0, latest: 0 }) ?? undefined), times);
  const fast = at(1_000_000).times;
  assert.ok(fast && fast.latest > fast.earliest, 'the latest stays after the earliest');
  assert.equal(at(0.01).times, null, 'beyond its settlement date it has none');
});

test('a network’s date is yesterday’s until it had the time to go over', () => {
  assert.equal(businessDateAt(Date.parse('2027-01-05T00:00:01Z')), '2027-01-04');
  assert.equal(businessDateAt(Date.parse('2027-01-05T00:00:02Z')), '2027-01-05');
});
