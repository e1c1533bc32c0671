import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECORD_BYTES } from '../../services/core/settlement/records.ts';
import { planMessages } from '../../services/scenario/payments-in-sending-order.ts';
import { DirectRecords } from '../../services/simulator/direct-records.ts';
import { load, runDirectly, runScenario } from '../support/run.ts';

/** Chains of a scenario: what settles of them, and of the same legs as single payments. */
const legs = { 'EUR-JPY-1': 6, 'RING-1': 7, 'EAST-1': 6, 'WEST-1': 8 };
const all = Object.values(legs).reduce((sum, count) => sum + count, 0);

test('chains of which no bank has what its legs debit settle whole, and one that lacks a leg not at all', async () => {
  const { summary, rows } = await runScenario(load('agora-chains'));
  assert.deepEqual(summary.chains, { matched: 4, settled: 4, ended: 0 });
  assert.ok(!('conditions' in summary), 'nothing was attested or set aside');
  assert.equal(summary.settled, all);
  // The two that only settle together take their legs through the queues.
  assert.deepEqual(summary.settledByMechanism, { entry: 13, gridlockResolution: 14 });
  assert.deepEqual(summary.cancelledByReason, { AB03: 4 });
  const held = rows.filter(({ status }) => status === 'cancelled');
  assert.ok(held.every(({ reason }) => reason === 'unmatched'));
  // What each bank pays out at most is the net of what settles together.
  const moved = rows.filter(({ status }) => status === 'settled');
  const largest = moved.reduce(
    (most, { amountMinor, currency }) =>
      currency === 'EUR' && amountMinor > most ? amountMinor : most,
    0n,
  );
  assert.ok(largest > 8n * 10_000_000n, 'a leg alone is more than eight times what its bank has');
  const direct = await runDirectly(load('agora-chains'));
  assert.deepEqual(direct.summary, summary);
  assert.deepEqual(direct.rows, rows);
});

test('the same legs one by one wait without a cycle, and with one some settle of what never arrives', async () => {
  const gross = await runDirectly(load('agora-singly'));
  assert.equal(gross.summary.settled, 0, 'every leg is more than its bank has');
  const cycle = await runDirectly(load('agora-singly', ['settlement.cycle=gridlockResolution']));
  const settled = (id: string) =>
    cycle.rows.filter(
      ({ status, submittedAtMs }) =>
        status === 'settled' && new Date(submittedAtMs).getUTCHours() === Number(id),
    ).length;
  assert.ok(settled('10') > 0, 'legs of the payment whose third leg never comes have settled');
});

test('by the direct door a leg has the place and the digest that its message has', () => {
  const scenario = load('agora-chains');
  const records = new DirectRecords(scenario, false, () => new Uint8Array(32));
  let compared = 0;
  for (const action of planMessages(scenario)) {
    if (action.kind !== 'payment') continue;
    const bytes = Buffer.alloc(RECORD_BYTES);
    records.write(new DataView(bytes.buffer, bytes.byteOffset, RECORD_BYTES), 0, action.payment);
    const { kind, content } = records.read(action).record;
    assert.ok(kind === 'chainLeg');
    assert.deepEqual([bytes[78], bytes[79]], [content.legNumber, content.legCount]);
    const digest = Buffer.concat([bytes.subarray(104, 120), bytes.subarray(88, 92)]);
    assert.deepEqual(digest, Buffer.from(content.termsDigest));
    compared += 1;
  }
  assert.equal(compared, all + 4);
});

test('a field of a chain that cannot be is refused with its place', () => {
  const refused = (set: string, expected: RegExp) =>
    assert.throws(() => load('agora-chains', [set]), expected, set);
  refused('chains[0].id=RING-1', /chains\[1\]\.id.*each id once/s);
  refused(
    'chains[0].legs[0].to=ALFADE00',
    /chains\[0\]\.legs\[0\]\.to.*another bank than ALFADE00/s,
  );
  refused('chains[0].legs[0].currency=USD', /chains\[0\]\.legs\[0\]\.from.*an account in USD/s);
  refused('chains[0].legs[0].amount=0', /chains\[0\]\.legs\[0\]\.amount.*above 0/s);
});
