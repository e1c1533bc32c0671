/** The pilot of meters: what docs/pilot-metering.md says that it finds, of a fiftieth of the meters. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { pageText, toldOn } from '../support/pilot-page.ts';
import { load, runDirectly, runScenario } from '../support/run.ts';

const HASH = '0a46fe206dc1096c0a19aaee7b66488e92f1808ae2aec10f315b313e9e171033';
const SMALL = ['participants.DRAWDE00.branches=120', 'participants.FEEDDE00.branches=80'];
const WITH = (balance: string) => `participants.*.accounts.EUR.balance=${balance}`;
const ENOUGH = [...SMALL, WITH('200.00')];
const READINGS = 200 * 100;

test('metering: every reading is recorded but those that are rolled back, bills are what was counted, and disputes stop them', async () => {
  const events: SettlementEvent[] = [];
  const scenario = load('metering', ENOUGH);
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
  // Each bill that was not stopped is netted: 397 of them come to 17 bookings, which move a fifth of their value.
  assert.equal(events.filter(({ kind }) => kind === 'accepted').length, met);
  assert.deepEqual(summary.settledByMechanism, { deferredNet: met });
  const nets = events.flatMap((event) => (event.kind === 'netted' ? [event.amount] : []));
  const moved = nets.filter((net) => net > 0n).reduce((sum, net) => sum + net, 0n);
  assert.deepEqual([nets.length, moved], [17, 16_838n]);
  assert.deepEqual(billsOf(summary), { ...ALL_BILLS, usedMinor: '14373' });
});

const ALL_BILLS = { settled: 397, valueMinor: '80352', defaults: [] };

/** What bills come to: how many settle, their value, the money used for it, and who failed. */
function billsOf({ settled, settledValueMinor, liquidity, defaults }: Summary) {
  return {
    ...{ settled, valueMinor: settledValueMinor.EUR, usedMinor: liquidity.EUR!.usedMinor },
    defaults: defaults.map(({ participant, shortfallMinor }) => [participant, shortfallMinor]),
  };
}

test('metering, gross against net: the same bills take more money one by one, and who cannot pay its net fails', async () => {
  const gross = await runDirectly(load('metering', [...ENOUGH, 'settlement.mechanism=rtgs']));
  assert.deepEqual(billsOf(gross.summary), { ...ALL_BILLS, usedMinor: '17443' });
  assert.deepEqual(gross.summary.settledByMechanism, { entry: ALL_BILLS.settled });
  for (const [measure, told] of [
    ['bills settled', ['397', '397']],
    ['value of these, EUR', ['803.52', '803.52']],
    ['bookings', ['397', '17']],
    ['moved by these, EUR', ['803.52', '168.38']],
    ['money used for it, over five banks, EUR', ['174.43', '143.73']],
  ] as const)
    assert.deepEqual(toldOn('metering', measure), told, measure);
  const short = await runDirectly(load('metering', [...SMALL, WITH('50.00')]));
  assert.deepEqual(billsOf(short.summary), {
    ...{ settled: 238, valueMinor: '46087', usedMinor: '12123' },
    defaults: [['WINDDE00', '1367']],
  });
  assert.deepEqual(
    short.summary.defaults.map(({ cycle }) => cycle),
    [2],
  );
  assert.match(pageText('metering'), /WINDDE00 is 13\.67 EUR short in the second cycle/);
});

test('metering comes to the same by messages, with every reading signed and verified', async () => {
  const fewer = [
    ...ENOUGH,
    'recordFlows.*.recordsPerDate=10',
    'chainFlows.*.counted.everyRecords=5',
  ];
  const { summary } = await runScenario(load('metering', fewer), { signatures: true });
  assert.deepEqual((await runDirectly(load('metering', fewer))).summary, summary);
  assert.equal(summary.chains!.matched, 400);
});
