import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FigureDifference } from '../protocol/records/telemetry.ts';
import { AlertBook, type AlertFigures } from './alert-book.ts';

const NOW = 10_000_000;
const MINUTE = 60_000;
const calm: AlertFigures = {
  nowMs: NOW,
  pools: [
    {
      ...{ pool: 'main', events: 9, digest: '00', fault: null },
      ...{ cycle: null, check: null, sealed: null, cosigned: null, final: null },
    },
  ],
  currencies: [{ code: 'EUR', minorUnits: 2, pool: 'main', isOpen: true, isConserved: true }],
  finality: { settled: 200, late: 2 },
  rejects: { submitted: 1_000, rejected: 50 },
  oldest: { sinceMs: NOW - 1_800_000, bic: 'ALFADE00', currency: 'EUR' },
  deadlocks: [],
  services: [
    {
      ...{ service: 'clearing', reader: 'main/input', instance: 'one', state: 'ready' },
      ...{ lagRecords: 9, lagMs: 10_000, records: 1, atMs: NOW - 15_000, fault: '' },
    },
  ],
  silent: [],
  outages: [],
  queues: [],
  credit: [],
  proofs: [
    {
      ...{ kind: 'proof', atMs: NOW, instance: 'one', pool: 'main', records: 9, proven: 9 },
      ...{ faults: 0, firstFault: '', uncheckedMs: 0, coveredAtMs: NOW },
    },
  ],
  cosignatures: [
    {
      ...{ kind: 'cosignatures', atMs: NOW - MINUTE, instance: 'one', pool: 'main', sealed: 90 },
      ...{ cosigned: 70, waiting: 80, waitingMs: MINUTE, forks: 0, firstFork: '' },
      cosigners: [
        { name: 'corridor.invalid/witness/ALFADE00', size: 80 },
        { name: 'corridor.invalid/witness/BETADE00', size: 79 },
      ],
    },
  ],
  checks: [
    {
      ...{ kind: 'reconciliation', atMs: NOW - 60_000, pool: 'main', eventNumber: 9 },
      ...{ figures: 30, differences: [], differencesCount: 0 },
    },
  ],
};
const [service] = calm.services;
const [check] = calm.checks;
assert.ok(service && check);
const centTooMuch = { figure: 'settled EUR', expected: '123456', found: '123457' };
const different = { ...check, differences: [centTooMuch], differencesCount: 1 };

const outage: AlertFigures['outages'][number] = {
  ...{ bic: 'BETADE00', latestMs: 30 * MINUTE, currency: 'EUR' },
  trapped: [
    {
      ...{ currency: 'EUR', amount: 123_456n },
      waiting: ['A', 'B', 'C', 'D', 'E', 'F'].map((bic, index) => ({ bic, payments: 6 - index })),
    },
  ],
};

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
    { services: [{ ...service, state: 'stopped', fault: 'diskFull' }] },
    /clearing main\/input has stopped/,
  ],
  ['critical', { services: [{ ...service, state: 'notReady' }] }, /is not ready/],
  ['warning', { services: [{ ...service, state: 'silent' }] }, /clearing main\/input is silent/],
  ['warning', { services: [{ ...service, lagMs: 10_001 }] }, /lags/],
  [
    'warning',
    { services: [{ ...service, service: 'notifier', reader: 'main/final', lagMs: 10_001 }] },
    /^notifier main\/final waits for the quorum of auditors$/,
  ],
  ['warning', { finality: { settled: 200, late: 3 } }, /finality is above/],
  ['warning', { rejects: { submitted: 999, rejected: 50 } }, /Many messages are rejected/],
  ['warning', { oldest: { ...calm.oldest!, sinceMs: NOW - 1_800_001 } }, /waited for long/],
  [
    'warning',
    { silent: [{ bic: 'BETADE00', latestMs: MINUTE * 30, silentMs: 31 * MINUTE }] },
    /BETADE00 is silent/,
  ],
  [
    'critical',
    {
      proofs: [
        ...calm.proofs,
        {
          ...calm.proofs[0]!,
          instance: 'two',
          faults: 2,
          firstFault: 'pool main, offset 7: issue',
        },
      ],
    },
    /log of pool main is not proven/,
  ],
  [
    'critical',
    { cosignatures: [{ ...calm.cosignatures[0]!, forks: 1, firstFork: '7 entries' }] },
    /log of pool main was forked/,
  ],
  [
    'warning',
    { cosignatures: [{ ...calm.cosignatures[0]!, waitingMs: MINUTE + 1 }] },
    /Cosignatures of the log of pool main are missing/,
  ],
  ['critical', { checks: [different] }, /ClickHouse differs from clearing in pool main/],
  ['critical', { outages: [outage] }, /BETADE00 does not send/],
  ['warning', { queues: [{ currency: 'EUR', waiting: 61, usual: 20 }] }, /queue in EUR grows/],
  [
    'warning',
    { credit: [{ bic: 'BETADE00', currency: 'EUR', used: 25_100n, usual: 9_000n }] },
    /BETADE00 uses unusually much credit in EUR/,
  ],
  ['warning', { deadlocks: [{ pool: 'main', currency: 'EUR', sinceMs: 5 }] }, /Deadlock/],
];

test('nothing is raised up to the limits, and each alert beyond its own', () => {
  assert.deepEqual(new AlertBook().raise(calm), []);
  for (const [severity, change, title] of cases) {
    const raised = new AlertBook().raise({ ...calm, ...change });
    assert.equal(raised.length, 1, title.source);
    assert.equal(raised[0]?.severity, severity, title.source);
    assert.match(raised[0]?.title ?? '', title);
  }
  const few = { ...calm, rejects: { submitted: 19, rejected: 19 } };
  assert.deepEqual(new AlertBook().raise(few), [], 'fewer than 20 are no spike');
  const nothing = { ...calm, finality: { settled: 0, late: 0 } };
  assert.deepEqual(new AlertBook().raise(nothing), [], 'nothing settled');
  const old = { ...calm, checks: [{ ...different, atMs: NOW - 3_600_001 }] };
  assert.deepEqual(new AlertBook().raise(old), [], 'a check of more than an hour ago');
});

test('a record that is not proven is named by the process that found most, while it is heard of', () => {
  const [proof] = calm.proofs;
  assert.ok(proof);
  const found = (faults: number, atMs: number) => ({
    ...{ ...proof, instance: `${faults}`, faults, atMs },
    firstFault: `pool main, offset ${faults}: issue`,
  });
  const raise = (...proofs: AlertFigures['proofs']) =>
    new AlertBook().raise({ ...calm, proofs }).map(({ detail }) => detail.split('. ')[0]);
  assert.deepEqual(raise(found(1, NOW)), ['pool main, offset 1: issue']);
  assert.deepEqual(raise(found(1, NOW), found(3, NOW - 3_600_000), found(9, NOW - 3_600_001)), [
    'pool main, offset 3: issue, and 2 more',
  ]);
});

test('of two gateways the one that found most tells of a fork, and the one that waits least of who is missing', () => {
  const [seen] = calm.cosignatures;
  assert.ok(seen);
  const raise = (...changes: Partial<typeof seen>[]) =>
    new AlertBook()
      .raise({ ...calm, cosignatures: changes.map((change) => ({ ...seen, ...change })) })
      .map(({ detail }) => detail);
  const [fork, ...others] = raise(
    { forks: 1, firstFork: '7 entries' },
    { forks: 3, firstFork: '8 entries', atMs: NOW - 3_600_000 },
    { forks: 9, firstFork: '9 entries', atMs: NOW - 3_600_001 },
  );
  assert.match(fork ?? '', /^A witness cosigned 8 entries, and 2 more, which/);
  assert.deepEqual(others, []);
  const late = { waitingMs: MINUTE + 1 };
  assert.match(
    raise(late)[0] ?? '',
    /^A checkpoint .* the policy’s quorum for more than a minute,/,
  );
  assert.match(raise(late)[0] ?? '', /Not heard of: corridor\.invalid\/witness\/BETADE00\.$/);
  assert.deepEqual(raise(late, { instance: 'two', waitingMs: 0 }), []);
  assert.deepEqual(raise({ ...late, atMs: NOW - MINUTE - 1 }), []);
});

test('an outage tells what money stays there and who waits, in what is not spoken', () => {
  const [told] = new AlertBook().raise({ ...calm, outages: [outage] });
  assert.match(told?.detail ?? '', /last message was at 1970-01-01 00:30 UTC/);
  assert.equal(
    told?.figures,
    'Came in since and stays there: EUR 1,234.56. Payments wait of A (6), B (5), C (4), D (3), E (2), and 1 more.',
  );
  const nothing = new AlertBook().raise({ ...calm, outages: [{ ...outage, trapped: [] }] });
  assert.equal(nothing[0]?.figures, 'Nothing came in since that stays there.');
});

test('a difference is named: what, by how much, to the minor unit; of many the first', () => {
  const detailOf = (differences: readonly FigureDifference[], differencesCount: number) =>
    new AlertBook().raise({ ...calm, checks: [{ ...check, differences, differencesCount }] })[0]
      ?.detail;
  assert.equal(
    detailOf([centTooMuch], 1),
    'settled EUR: 1,234.57 in ClickHouse, 1,234.56 by clearing’s events, 0.01 too much. Settlement is not affected.',
  );
  const row = { figure: 'cycles: rows', expected: '12', found: '10' };
  const net = { figure: 'nettings EUR', expected: '-5', found: '-7' };
  assert.match(detailOf([row], 1) ?? '', /^cycles: rows: 10 in ClickHouse, 12 .*, 2 too little\./);
  assert.match(detailOf([net], 1) ?? '', /^nettings EUR: −0.07 .* −0.05 .*, 0.02 too little\./);
  assert.match(detailOf(Array(9).fill(row), 30) ?? '', /(cycles.*; ){5}and 25 more figures\./);
});

test('an alert keeps the instant since which it stands, until it has gone; the critical come first', () => {
  const book = new AlertBook();
  const slow = { finality: { settled: 1, late: 1 } };
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

test('what the log dates stands since then, also for a view that has just started', () => {
  const oldest = { bic: 'ALFADE00', currency: 'EUR', sinceMs: NOW - 60 * MINUTE };
  const deadlocks = [{ pool: 'main', currency: 'EUR', sinceMs: NOW - 40 * MINUTE }];
  const raised = new AlertBook().raise({ ...calm, oldest, deadlocks });
  assert.deepEqual(
    raised.map(({ id, sinceMs }) => [id, (NOW - sinceMs) / MINUTE]),
    [
      ['queueAge', 30],
      ['deadlock/main/EUR', 40],
    ],
  );
});
