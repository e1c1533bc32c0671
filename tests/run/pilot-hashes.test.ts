import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFlatEvent } from '../core/flat-events.ts';
import { load, runDirectly } from '../support/run.ts';
import { loadText, TEST_YAML } from '../support/scenario.ts';

/**
 * The pilot scenarios of the mechanisms, each with its golden hash and with what it is there to show.
 * A hash changes when, and only when, what clearing decides or how events are laid out changes: then
 * say so in CHANGELOG.md. The flagship's is in same-run-same-bytes.test.ts, those of conditional settlement in
 * conditional-pilot-hashes.test.ts, of two layers, pools, insurance, metering and the watched flow in pilot-*.test.ts.
 */
const DAY_MS = 86_400_000;
const unsigned = { signatures: false };
const HASHES = {
  linked: 'a65eb856a8770a9e00cfb7d89c40280648ceed0a594528906cf3a09110dc444b',
  netting: 'b608f6cfaeb40b4934b42ce28b33a90fa78e34837ddc7b4133527a63624ae005',
  limits: '0a327840fd70053d259618c7db78df463cde21c84456792148442bb7eaeeaa79',
  aroundTheClock: 'be01ecfa99dd6ec29cd521ab04f26130dfd1cde63ca9ae98bd66ed3696b90a44',
};

test('linked-gridlock: looking at all currencies at once settles what waits in each', async () => {
  const { summary, rows } = await runDirectly(load('linked-gridlock'), unsigned);
  assert.equal(summary.eventsHash, HASHES.linked);
  const off = await runDirectly(load('linked-gridlock', ['settlement.cycle=off']), unsigned);
  assert.ok(summary.settled > off.summary.settled);
  for (const code of ['EUR', 'USD', 'SGD'])
    assert.ok(
      BigInt(summary.settledValueMinor[code] as string) >
        BigInt(off.summary.settledValueMinor[code] as string),
    );
  assert.ok((summary.cancelledByReason.AB03 ?? 0) > 0, 'one trade of 25 has one leg');
  const legs = rows.filter(({ messageType }) => messageType === 'corridor.pvp.1');
  const byPosition = new Map(legs.map((leg) => [leg.position, leg]));
  const pairs = legs.filter(({ pairPosition }) => pairPosition !== null);
  assert.ok(pairs.some(({ mechanism }) => mechanism === 'gridlockResolution'));
  for (const { pairPosition, status, finalAtMs, mechanism } of pairs) {
    const other = byPosition.get(pairPosition as number);
    assert.deepEqual(
      [other?.status, other?.finalAtMs, other?.mechanism],
      [status, finalAtMs, mechanism],
      'both legs or none, at once',
    );
  }
});

test('netting-default: unwinding takes the defaulter’s payments out, sharing keeps them all', async () => {
  const unwound = await runDirectly(load('netting-default'), unsigned);
  assert.equal(unwound.summary.eventsHash, HASHES.netting);
  const defaulter = 'EPSIDE00';
  const cancelled = unwound.rows.filter(({ status }) => status === 'cancelled');
  assert.ok(cancelled.length > 0);
  for (const { debtorAgent, creditorAgent, reason } of cancelled)
    assert.ok(
      [debtorAgent, creditorAgent].includes(defaulter) && reason === 'participantDefaulted',
    );
  const shared = await runDirectly(
    load('netting-default', ['settlement.onDefault=share-loss']),
    unsigned,
  );
  assert.equal(shared.summary.cancelled, 0);
  assert.equal(shared.summary.submitted, unwound.summary.submitted);
  assert.ok(shared.summary.settled > unwound.summary.settled);
  assert.ok(
    Number(shared.summary.liquidity.EUR?.usage) > Number(unwound.summary.liquidity.EUR?.usage),
  );
});

test('limits-hybrid: a hybrid uses less liquidity, and makes normal payments wait for its cycles', async () => {
  const { summary } = await runDirectly(load('limits-hybrid'), unsigned);
  assert.equal(summary.eventsHash, HASHES.limits);
  const hybrid = await runDirectly(
    load('limits-hybrid', ['settlement.mechanism=hybrid']),
    unsigned,
  );
  const [gross, net] = [summary, hybrid.summary];
  assert.ok(Number(net.liquidity.EUR?.usage) < Number(gross.liquidity.EUR?.usage));
  assert.ok(Number(net.delay.p50Ms) > Number(gross.delay.p50Ms));
  assert.ok((net.settledByMechanism.deferredNet ?? 0) > (net.settledByMechanism.entry ?? 0));
  const urgent = hybrid.rows.filter(({ priority }) => priority === 'urgent');
  assert.ok(urgent.every(({ mechanism }) => mechanism !== 'deferredNet'));
  assert.ok(gross.refusedRequests > 0, 'what has settled can no longer be cancelled');
  assert.equal(gross.refusedChanges, 0, 'the central bank issues in its own name');
});

const DATES = ['2026-03-16', '2026-03-17', '2026-03-18'];
/** EUR and USD are open around the clock, SGD is not: its hours are the scenario's. */
const AROUND_THE_CLOCK = [
  `businessDates=[${DATES.join(', ')}]`,
  ...['EUR', 'USD'].flatMap((code) => [
    `currencies.${code}.opens="00:00"`,
    `currencies.${code}.closes="24:00"`,
  ]),
];

for (const atClose of ['cancel', 'carry-over'])
  test(`a currency that is open around the clock has every business date (${atClose})`, async () => {
    const set = [...AROUND_THE_CLOCK, `settlement.atClose=${atClose}`];
    const days: string[] = [];
    const { summary, rows } = await runDirectly(load('linked-gridlock', set), {
      ...unsigned,
      onSlice: ({ steps }) => {
        for (const { batch } of steps)
          for (let index = 0; index < batch.count; index++) {
            const { kind, currency1, count, timeMs } = readFlatEvent(batch.events, index);
            if (kind !== 'opened' && kind !== 'closed') continue;
            const date = new Date(count * DAY_MS).toISOString().slice(0, 10);
            const at = new Date(timeMs).toISOString().slice(5, 16);
            days.push(`${at} ${kind} ${['EUR', 'USD', 'SGD'][currency1]} ${date}`);
          }
      },
    });
    if (atClose === 'cancel') assert.equal(summary.eventsHash, HASHES.aroundTheClock);
    const next = (date: string) => new Date(Date.parse(date) + DAY_MS).toISOString().slice(5, 10);
    const expected = DATES.flatMap((date, index) => [
      ...(index === 0 ? [] : ['EUR', 'USD'].map((code) => `closed ${code} ${DATES[index - 1]}`)),
      ...['EUR', 'USD'].map((code) => `opened ${code} ${date}`),
    ]);
    const last = DATES.at(-1) as string;
    assert.deepEqual(
      days.filter((line) => !line.includes('SGD')).map((line) => line.slice(12)),
      [...expected, `closed EUR ${last}`, `closed USD ${last}`],
    );
    for (const date of DATES) {
      assert.ok(days.includes(`${date.slice(5)}T00:00 opened EUR ${date}`), days.join('\n'));
      assert.ok(days.includes(`${next(date)}T00:00 closed EUR ${date}`), days.join('\n'));
    }
    // Each date has 500 payments in EUR: no date is lost.
    const settledOn = DATES.map(
      (date) =>
        rows.filter(
          ({ status, currency, finalAtMs }) =>
            status === 'settled' &&
            currency === 'EUR' &&
            new Date(finalAtMs as number).toISOString().startsWith(date),
        ).length,
    );
    assert.ok(Math.min(...settledOn) > 150, settledOn.join(', '));
    assert.deepEqual(summary.rejectedByReason, {});
    assert.ok(summary.conserved);
  });

test('what comes in at the change of a date is of the date that opens, in every figure', async () => {
  const csv = `date,time,debtor,creditor,currency,amount,priority
2026-03-17,00:00:00,AAAADE00,BBBBDE00,EUR,500.00,
2026-03-17,00:00:00,AAAADE00,BBBBDE00,EUR,500.00,
2026-03-17,00:00:00,AAAADE00,BBBBDE00,EUR,500.00,
2026-03-17,12:00:00,BBBBDE00,AAAADE00,EUR,500.00,
`;
  const scenario = loadText(
    `${TEST_YAML}payments: { csv: p.csv }\n`,
    [
      'traffic=[]',
      'businessDates=[2026-03-16, 2026-03-17]',
      'participants.0.accounts.EUR={ balance: "1000.00" }',
      'currencies.EUR.opens="00:00"',
      'currencies.EUR.closes="24:00"',
    ],
    csv,
  );
  const { rows, summary } = await runDirectly(scenario, unsigned);
  assert.deepEqual(
    rows.map(({ status, finalAtMs }) => [status, new Date(finalAtMs as number).toISOString()]),
    [
      ['settled', '2026-03-17T00:00:00.000Z'],
      ['settled', '2026-03-17T00:00:00.000Z'],
      ['settled', '2026-03-17T12:00:00.000Z'],
      ['settled', '2026-03-17T12:00:00.000Z'],
    ],
  );
  // Of equal values one waits 12 hours; three could have waited 24 hours, and the last 12.
  assert.equal(summary.delay.settlementDelayIndicator.EUR, Number((12 / 84).toFixed(9)));
  const [euro] = summary.indicators.currencies;
  assert.deepEqual(
    euro?.unsettledAtCloses.map(({ payments }) => payments),
    [0, 0],
  );
});

test('a wait that ends after the last close counts to its end', async () => {
  const csv = `date,time,debtor,creditor,currency,amount,priority,latest
2026-03-16,09:00:00,AAAADE00,BBBBDE00,EUR,900.00,,
2026-03-16,09:00:00,AAAADE00,BBBBDE00,EUR,900.00,,12:00:00
`;
  const set = ['traffic=[]', 'currencies.EUR.closes="10:00"', 'settlement.atClose=carry-over'];
  const scenario = loadText(`${TEST_YAML}payments: { csv: p.csv }\n`, set, csv);
  const { rows, summary } = await runDirectly(scenario, unsigned);
  const hour = 3_600_000;
  assert.deepEqual(
    rows.map(({ reason, submittedAtMs, finalAtMs }) => [reason, Number(finalAtMs) - submittedAtMs]),
    [
      ['none', 0],
      ['latestTimePassed', 3 * hour],
    ],
  );
  // One could have waited an hour, to the close; the other waited three, to its end.
  assert.equal(summary.delay.settlementDelayIndicator.EUR, 3 / 4);
  assert.equal(summary.delay.valueWeightedDelayMs.EUR, (3 / 2) * hour);
});

test('a run in which clearing refuses an opening has no figures, and says which', async () => {
  const ring = load('pssimpy-ring');
  // As no file can ask for it: each date lasts into the next.
  const lasting = ring.currencies.map((currency) => ({
    ...currency,
    hours: currency.hours.map((open) => open && { ...open, closesMs: open.closesMs + DAY_MS }),
  }));
  await assert.rejects(
    runDirectly({ ...ring, currencies: lasting }, unsigned),
    /the run does not add up: clearing refused to open XTS for 2026-03-17; /,
  );
});
