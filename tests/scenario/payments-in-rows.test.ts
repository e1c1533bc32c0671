import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECORD_BYTES } from '../../services/core/settlement/records.ts';
import {
  drawPayments,
  messagesOf,
  outOfRow,
  PaymentInRow,
  planMessages,
  planPayments,
} from '../../services/scenario/payments-in-sending-order.ts';
import { noTraffic } from '../../services/scenario/planned-payment.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import { planRun, runInRows } from '../../services/scenario/run-plan.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { DirectRecords } from '../../services/simulator/direct-records.ts';
import { PlanSlice, slices } from '../../services/simulator/time-slices.ts';
import { atLeast } from '../support/at-least.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { loadText, TEST_YAML } from '../support/scenario.ts';

/** Whatever a scenario can say; and without rules by which a bank's payments are marked, and accounts, most stand in rows. */
const SCENARIOS = Array.from({ length: 3 }, (_, place) =>
  randomScenario(
    20 + 2 * place,
    place === 0
      ? {}
      : {
          set: [
            ...[
              'corruptSignatures',
              'repeatMessages',
              'cancellations',
              'reorderings',
              'returns',
            ].map((rule) => `events.${rule}=[]`),
            ...(place < 2 ? ['events.outages=[]'] : []),
          ],
        },
  ),
);

/** @param messages a slice */
function* slicesOf(scenario: Scenario, messages: number): Generator<PlanSlice, void> {
  for (const slice of slices(scenario, runInRows(scenario), messages))
    if (slice instanceof PlanSlice) yield slice;
}

test('slices have the plan, whatever of it stands in rows', () => {
  let inRows = 0;
  for (const [place, scenario] of SCENARIOS.entries()) {
    const plan = [...planRun(scenario)];
    for (const messages of place === 1 ? [4096] : [1]) {
      const actions = [];
      for (const slice of slicesOf(scenario, messages)) {
        inRows += slice.rows.length;
        assert.equal(slice.rows.length, slice.actions.filter((action) => action === null).length);
        const whole = [...slice];
        assert.equal(slice.atMs, whole.at(-1)?.atMs);
        actions.push(...whole);
      }
      assert.deepEqual(actions, plan, `scenario ${place}, slices of ${messages}`);
    }
  }
  assert.ok(inRows > 300, `${inRows} in rows`);
});

test('a day that was drawn before has the plan that is drawn with it', () => {
  for (const [place, scenario] of SCENARIOS.entries()) {
    const [drawnBefore, drawnWith] = [noTraffic(), noTraffic()];
    const next = messagesOf(scenario, drawnBefore, drawPayments({ ...scenario, outages: [] }));
    const messages = [];
    for (let message = next(); message !== null; message = next()) messages.push(outOfRow(message));
    assert.deepEqual(messages, [...planMessages(scenario, drawnWith)], `scenario ${place}`);
    assert.deepEqual(drawnBefore, drawnWith);
  }
});

const LISTED_YAML = TEST_YAML.replace(/traffic:[\s\S]*/, 'payments: { csv: data/p.csv }\n');
const HEADER = 'date,time,debtor,creditor,currency,amount,priority,kind,reference,latest\n';
/** Amount and kind, and what a reader of its document makes of it: it stands in a row, beside, or has to be read. */
const LISTED = [
  ['0.01', 'customer', 'row'],
  ['42949672.95', 'bank', 'row'],
  ['42949672.96', '', 'row'],
  ['999999999999.99', 'bank', 'row'],
  ['1000000000000.00', 'bank', 'read'],
  ['1.00', 'customer', 'beside', '12:00'],
] as const;
/** Of JPY, which has no maximum. */
const LARGE = [
  ['9007199254740991', 'row'],
  ['9007199254740992', 'beside'],
  ['9223372036854775807', 'beside'],
] as const;

function recordsOf(scenario: Scenario) {
  const records = new DirectRecords(scenario, false, () => new Uint8Array(32));
  const written = (write: (view: DataView, at: number) => void) => {
    // Not at the beginning.
    const view = new DataView(new ArrayBuffer(2 * RECORD_BYTES));
    write(view, RECORD_BYTES);
    return Buffer.from(view.buffer);
  };
  const found = { row: 0, beside: 0, read: 0 };
  for (const slice of slicesOf(scenario, 50)) {
    for (let row = 0; row < slice.rows.length; row++) {
      const { payment } = slice.inRow(row);
      const pool = records.poolOfRow(slice.rows, row);
      if (pool === null) found.read += 1;
      else {
        found.row += 1;
        assert.equal(pool, records.poolOf(payment));
        assert.deepEqual(
          written((view, at) => records.writeRow(view, at, slice.rows, row, payment.number)),
          written((view, at) => records.write(view, at, payment)),
        );
      }
    }
    found.beside += slice.actions.filter((action) => action?.kind === 'payment').length;
  }
  return found;
}

test('the record of a row is that of its payment', () => {
  const found = SCENARIOS.map(recordsOf);
  atLeast(
    2,
    found.filter(({ row }) => row > 50),
  );
  const listed = [
    ...LISTED.map(
      ([amount, kind, , latest = ''], line) =>
        `AAAADE00,BBBBDE00,EUR,${amount},${['urgent', 'high', 'normal'][line % 3]},${kind},R${line},${latest}`,
    ),
    ...LARGE.map(([amount]) => `BBBBDE00,AAAADE00,JPY,${amount},,,,`),
  ];
  const csv = HEADER + listed.map((row) => `2026-03-16,10:00,${row}\n`).join('');
  const count = (of: string) =>
    [...LISTED.map(([, , place]) => place), ...LARGE.map(([, place]) => place)].filter(
      (place) => place === of,
    ).length;
  assert.deepEqual(recordsOf(loadText(LISTED_YAML, [], csv)), {
    ...{ row: count('row'), beside: count('beside'), read: count('read') },
  });
});

test('listed payments have the UETRs of their lines, in whatever order they leave', () => {
  const times = ['12:00', '10:00', '11:00', '09:00'];
  const csv =
    HEADER + times.map((at) => `2026-03-16,${at},AAAADE00,BBBBDE00,EUR,1.00,,,,\n`).join('');
  const ids = new SeededStream(42, 'payments', 'ids');
  const drawn = times.map(() => `${ids.uuid()}`);
  const planned = [...planPayments(loadText(LISTED_YAML, [], csv))].map(({ uetr }) => `${uetr}`);
  assert.deepEqual(
    planned,
    [3, 1, 2, 0].map((line) => drawn[line]),
  );
});

test('a payment stands in its row until the next message is asked for', () => {
  const scenario = loadText(TEST_YAML);
  const next = messagesOf(scenario);
  const plan = [...planMessages(scenario)];
  for (const planned of plan) {
    const message = next();
    assert.ok(message instanceof PaymentInRow);
    assert.equal(message.atMs, planned.atMs);
    assert.deepEqual(outOfRow(message), planned);
    assert.deepEqual(outOfRow(message), planned, 'twice');
  }
  assert.equal(next(), null);
  assert.equal(next(), null);
});
