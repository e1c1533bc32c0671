/** The pilot of meters: what docs/pilot-metering.md says that it finds, of a fiftieth of the meters. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { load, runDirectly, runScenario } from '../support/run.ts';

const HASH = '710dc97c363ae483767f2d9f54f0f894ffc881e24b59f9ea29e9710b6ca32993';
const SMALL = [
  ...['participants.DRAWDE00.branches=120', 'participants.FEEDDE00.branches=80'],
  'participants.*.accounts.EUR.balance=50.00',
];
const READINGS = 200 * 100;

test('metering: every reading is recorded but those that are rolled back, bills are what was counted, and disputes stop them', async () => {
  const events: SettlementEvent[] = [];
  const scenario = load('metering', SMALL);
  const { summary } = await runDirectly(scenario, {
    onSlice: ({ steps }) => {
      for (const { batch } of steps) events.push(...readEvents(batch.events));
    },
  });
  assert.equal(summary.eventsHash, HASH);
  const recorded = events.flatMap((event) => (event.kind === 'recorded' ? [event] : []));
  const refused = events.flatMap((event) =>
    event.kind === 'rejected' && event.reason === 'counterRolledBack' ? [event] : [],
  );
  // Of 2,500 readings of each flow one.
  assert.equal(refused.length, Math.floor(12_000 / 2_500) + Math.floor(8_000 / 2_500));
  assert.equal(recorded.length + refused.length, READINGS);
  assert.equal(events.filter(({ kind }) => kind === 'repeated').length, READINGS / 1_000);
  const counters = new Map<number, bigint>();
  for (const { debtorAgent, counter } of recorded) {
    assert.ok(counter! >= (counters.get(debtorAgent) ?? 1_000_000n));
    counters.set(debtorAgent, counter!);
  }
  assert.equal(counters.size, 200);
  const { chains, conditions } = summary;
  assert.equal(chains!.matched, 400, 'two bills of each meter');
  const { refused: disputed, deadline, metBySilence, met } = conditions!.chains;
  assert.ok(disputed + deadline > 0 && metBySilence > 380, 'few are disputed');
  assert.equal(met + disputed + deadline, 400);
  // Bills of both sides pay each other: what moves is five times what is needed for it.
  const { usedMinor } = summary.liquidity.EUR!;
  const settledMinor = BigInt(summary.settledValueMinor.EUR!);
  assert.deepEqual([summary.settled, settledMinor, BigInt(usedMinor)], [368, 72_634n, 14_361n]);
});

test('metering comes to the same by messages, with every reading signed and verified', async () => {
  const fewer = [
    ...SMALL,
    'recordFlows.*.recordsPerDate=10',
    'chainFlows.*.counted.everyRecords=5',
  ];
  const { summary } = await runScenario(load('metering', fewer), { signatures: true });
  assert.deepEqual((await runDirectly(load('metering', fewer))).summary, summary);
  assert.equal(summary.chains!.matched, 400);
});
