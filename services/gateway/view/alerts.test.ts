import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlertBook, type AlertFigures } from './alerts.ts';

const NOW = 1_000_000;
const calm: AlertFigures = {
  nowMs: NOW,
  pools: [{ pool: 'main', events: 9, digest: '00', fault: null }],
  currencies: [{ code: 'EUR', minorUnits: 2, pool: 'main', isOpen: true, isConserved: true }],
  finality: { count: 100, p50: 10, p95: 500, p99: 1_000 },
  totals: {
    ...{ submitted: 100, settled: 90, rejected: 5, cancelled: 0, queued: 5, accepted: 0 },
    ...{ repeated: 0, byMechanism: {}, byReason: {} },
  },
  rates: { submitted: 1_000, rejected: 50 },
  oldest: { sinceMs: NOW - 300_000, bic: 'ALFADE00', currency: 'EUR' },
  deadlock: null,
  services: [
    {
      ...{ service: 'clearing', reader: 'main/input', instance: 'one', isReady: true },
      ...{ lagRecords: 9, lagMs: 5_000, records: 1, atMs: NOW - 10_000, fault: '' },
    },
  ],
};
const [service] = calm.services;
assert.ok(service);

/** Each just beyond what is calm. */
const cases: [string, Partial<AlertFigures>, RegExp][] = [
  ['critical', { pools: [{ ...calm.pools[0]!, fault: 'offset 7' }] }, /history of pool main/],
  [
    'critical',
    { currencies: [{ ...calm.currencies[0]!, isConserved: false }] },
    /Conservation of EUR/,
  ],
  [
    'critical',
    { services: [{ ...service, fault: 'diskFull' }] },
    /clearing main\/input has stopped/,
  ],
  ['critical', { services: [{ ...service, isReady: false }] }, /is not ready/],
  ['warning', { services: [{ ...service, atMs: NOW - 10_001 }] }, /is silent/],
  ['warning', { services: [{ ...service, lagMs: 5_001 }] }, /lags/],
  ['warning', { finality: { ...calm.finality, p99: 1_001 } }, /finality is above/],
  ['warning', { rates: { submitted: 999, rejected: 50 } }, /Many payments are rejected/],
  ['warning', { oldest: { ...calm.oldest!, sinceMs: NOW - 300_001 } }, /waited for long/],
  ['warning', { deadlock: { pool: 'main', number: 4, left: 5 } }, /Deadlock/],
];

test('nothing is raised up to the limits, and each alert beyond its own', () => {
  assert.deepEqual(new AlertBook().raise(calm), []);
  for (const [severity, change, title] of cases) {
    const raised = new AlertBook().raise({ ...calm, ...change });
    assert.equal(raised.length, 1, title.source);
    assert.equal(raised[0]?.severity, severity, title.source);
    assert.match(raised[0]?.title ?? '', title);
  }
  const few = { ...calm, rates: { submitted: 19, rejected: 19 } };
  assert.deepEqual(new AlertBook().raise(few), [], 'fewer than 20 are no spike');
});

test('an alert keeps the instant since which it stands, until it has gone; the critical come first', () => {
  const book = new AlertBook();
  const slow = { finality: { ...calm.finality, p99: 5_000 } };
  const sinceOf = (nowMs: number, change: Partial<AlertFigures>) =>
    book
      .raise({ ...calm, oldest: null, services: [], ...change, nowMs })
      .map(({ id, sinceMs }) => [id, sinceMs]);
  assert.deepEqual(sinceOf(NOW, slow), [['finality', NOW]]);
  const lost = { ...slow, currencies: [{ ...calm.currencies[0]!, isConserved: false }] };
  assert.deepEqual(sinceOf(NOW + 1, lost), [
    ['conservation/EUR', NOW + 1],
    ['finality', NOW],
  ]);
  assert.deepEqual(sinceOf(NOW + 2, {}), []);
  assert.deepEqual(sinceOf(NOW + 3, slow), [['finality', NOW + 3]]);
});
