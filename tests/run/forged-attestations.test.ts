import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { ATTESTATION_TYPE } from '../../services/protocol/messages/message-types.ts';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import { planMessages } from '../../services/scenario/payments-in-sending-order.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { runDirectly, runScenario } from '../support/run.ts';

/** Days on which attestations are forged and sent again, by both doors. */
const SEEDS = process.env.CORRIDOR_LONG_TESTS === '1' ? [902, 904, 905, 907, 908, 910, 911] : [902];
const SHARES = ['attestors.*.forged=0.5', 'attestors.*.replayed=0.5'];

/** What became of each payment. */
const ends = (rows: readonly PaymentRow[]) =>
  rows
    .map((row) => [row.uetr, row.status, row.reason, row.mechanism, row.finalAtMs].join(' '))
    .sort();

async function played(scenario: Scenario, signatures: boolean) {
  const events: SettlementEvent[] = [];
  const { summary, rows } = await runDirectly(scenario, {
    signatures,
    onSlice: ({ steps }) => {
      for (const { batch } of steps) events.push(...readEvents(batch.events));
    },
  });
  const messages = await runScenario(scenario, { signatures });
  assert.equal(summary.eventsHash, messages.summary.eventsHash);
  assert.deepEqual(summary, messages.summary);
  assert.deepEqual(rows, messages.rows);
  return { events, rows };
}

test('what is forged in an attestor’s name is a notice, what is sent again counts once, and no payment ends otherwise', async () => {
  let differs = 0;
  for (const seed of SEEDS) {
    const plain = await runDirectly(randomScenario(seed), { signatures: true });
    const scenario = randomScenario(seed, { set: SHARES });
    const planned = [...planMessages(scenario)].flatMap((message) =>
      message.kind === 'request' && message.request.kind === 'attestation' ? [message.request] : [],
    );
    const forged = planned.filter(({ isForged }) => isForged);
    const replayed = planned.filter(
      ({ isForged, atMs, createdAtMs, id }) =>
        !isForged && atMs > createdAtMs && id.startsWith('answer-'),
    );
    assert.ok(forged.length > 5 && replayed.length > 5, `${forged.length}, ${replayed.length}`);
    const signed = await played(scenario, true);
    const ofAttestors = (kind: string) =>
      signed.events.filter(
        (event) =>
          event.kind === kind && 'messageType' in event && event.messageType === ATTESTATION_TYPE,
      );
    const notices = ofAttestors('noticed');
    assert.equal(notices.length, forged.length, `seed ${seed}`);
    for (const notice of notices)
      assert.ok('reason' in notice && notice.reason === 'signatureInvalid');
    assert.ok(ofAttestors('repeated').length >= replayed.length, `seed ${seed}`);
    assert.deepEqual(ends(signed.rows), ends(plain.rows), `seed ${seed}`);
    // Where nothing is verified the same forgeries count: so these could have changed an end.
    const unsigned = await played(scenario, false);
    const [own, others] = [ends(unsigned.rows), ends(plain.rows)];
    differs += own.filter((end) => !others.includes(end)).length;
  }
  assert.ok(differs > 0, 'what is not verified ends otherwise');
});
