import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlannedPayment } from '../../services/scenario/planned-payment.ts';
import { planRun } from '../../services/scenario/run-plan.ts';
import { cellScenarios } from '../../services/study/cell-scenario.ts';
import { cellsOf } from '../../services/study/grid.ts';
import { readStudy } from '../../services/study/study-file.ts';
import { load } from '../support/run.ts';
import { TEST_YAML } from '../support/scenario.ts';

/** What the banks plan to send in each cell of a study, in order of time. */
function plans(study: string): PlannedPayment[][] {
  const readFile = () => TEST_YAML;
  const read = readStudy('study.yaml', `scenario: test.yaml\n${study}`, readFile).study;
  const scenarioOf = cellScenarios(read, readFile);
  return [...cellsOf(read, null)].map((cell) =>
    [...planRun(scenarioOf(cell))].flatMap((action) =>
      action.kind === 'payment' ? [action.payment] : [],
    ),
  );
}
const flow = (payments: readonly PlannedPayment[] | undefined, name: string) =>
  (payments ?? []).filter(({ endToEndId }) => endToEndId.startsWith(`${name}-2026`));

/** What no draw depends on. */
const UNDRAWN = [
  'vary: { settlement.cycle: [off, partial] }',
  'vary: { settlement.queue: [fifo, bypass-fifo] }',
  'vary: { settlement.mechanism: [rtgs, dns] }',
  'vary: { participants.AAAADE00.accounts.EUR.balance: ["0", "5000.00"] }',
  'vary: { tickMs: [1000, 60000] }',
  'scale: { liquidity: [0.5, 2] }',
];
for (const study of UNDRAWN)
  test(`the same payments, to the last digit: ${study}`, () => {
    const [one, other] = plans(study);
    assert.equal(one?.length, 100);
    assert.deepEqual(other, one);
  });

test('another distribution of amounts moves no instant, counterparty, priority or other flow', () => {
  const [one, other] = plans('scale: { amounts: { factors: [1, 3], flows: [eur] } }');
  assert.deepEqual(flow(other, 'eur-jpy'), flow(one, 'eur-jpy'));
  const without = (payments: readonly PlannedPayment[]) =>
    payments.map(({ amountMinor: _, ...rest }) => rest);
  assert.deepEqual(without(flow(other, 'eur')), without(flow(one, 'eur')));
  const sum = (payments: readonly PlannedPayment[]) =>
    payments.reduce((total, { amountMinor }) => total + amountMinor, 0n);
  assert.ok(sum(flow(other, 'eur')) > 2n * sum(flow(one, 'eur')));
});

test('more traffic in a flow moves its instants, and nothing else of its payments or of other flows', () => {
  const [one, other] = plans('scale: { traffic: { factors: [1, 2], flows: [eur] } }');
  assert.equal(flow(other, 'eur').length, 100);
  const drawn = (payments: readonly PlannedPayment[]) =>
    payments.map(({ debtorAgent, creditorAgent, amountMinor, priority, uetr, endToEndId }) => ({
      ...{ debtorAgent, creditorAgent, amountMinor, priority, uetr, endToEndId },
    }));
  assert.deepEqual(drawn(flow(other, 'eur').slice(0, 50)), drawn(flow(one, 'eur')));
  const instants = (payments: readonly PlannedPayment[]) => payments.map(({ atMs }) => atMs);
  assert.notDeepEqual(instants(flow(other, 'eur').slice(0, 50)), instants(flow(one, 'eur')));
  assert.deepEqual(
    flow(other, 'eur-jpy').map(({ number: _, ...rest }) => rest),
    flow(one, 'eur-jpy').map(({ number: _, ...rest }) => rest),
  );
});

/** The legs of a scenario's first trades, by what each is sent under, with what a change may move. */
function legs(set: readonly string[]) {
  const all = [...planRun(load('linked-gridlock', set))].flatMap((action) =>
    action.kind === 'payment' ? [action.payment] : [],
  );
  return new Map(
    flow(all, 'eur-usd').map((payment) => {
      const { uetr, debtorAgent, creditorAgent, atMs, amountMinor, amount2Minor } = payment;
      const amounts = [amountMinor, amount2Minor].sort();
      return [String(uetr), { ...{ debtorAgent, creditorAgent, atMs }, amounts }] as const;
    }),
  );
}
const changes: readonly (readonly [string, 'amounts' | 'atMs' | null])[] = [
  ['trades.0.price="1.5"', 'amounts'],
  ['rates.perBase.USD="1.2"', 'amounts'],
  ['trades.0.counterpartyAfterSeconds=3000', 'atMs'],
  ['trades.0.unmatchedEvery=10', null],
];
for (const [change, moved] of changes)
  test(`of trades ${change} moves ${moved ?? 'no leg that is sent'} and nothing else`, () => {
    const [before, after] = [legs([]), legs([change])];
    assert.equal(before.size, 300);
    assert.equal(after.size, moved === null ? 285 : 300);
    let others = 0;
    for (const [uetr, leg] of after) {
      const was = before.get(uetr);
      if (moved !== null && String(was?.[moved]) !== String(leg[moved])) others += 1;
      assert.deepEqual({ ...leg, ...(moved && { [moved]: was?.[moved] }) }, was);
    }
    assert.ok(moved === null || others > 100, `${others} legs moved`);
  });

test('another seed draws other payments', () => {
  const [one, other] = plans('seeds: 2');
  assert.notDeepEqual(other, one);
});
