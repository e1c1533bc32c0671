/** A scenario revokes a key: what its owner sends from then on is refused, what it attested before counts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { provenRun } from '../../services/replay/replay-run.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { load, runDirectly, runScenario } from '../support/run.ts';
import { loadText, TEST_YAML } from '../support/scenario.ts';
import { at, otherwise, record } from './recorded-otherwise.ts';

const revoked = (...of: readonly (readonly [string, string])[]) =>
  `events.revocations=[${of.map(([bic, at]) => `{ participant: ${bic}, at: "${at}" }`).join(', ')}]`;

async function eventsOf(...set: string[]) {
  const scenario = load('conditional', set);
  const events: SettlementEvent[] = [];
  const { summary } = await runDirectly(scenario, {
    onSlice: ({ steps }) => {
      for (const { batch } of steps) events.push(...readEvents(batch.events));
    },
  });
  const numberOf = (bic: string) => scenario.participants.findIndex((one) => one.bic === bic);
  return { scenario, summary, events, numberOf };
}

test('an attestor whose key is revoked attests no more, and what it has attested stays', async () => {
  const before = await eventsOf();
  const desk = before.numberOf('DESKDE00');
  const said = ({ events }: typeof before) =>
    events.flatMap((e) => (e.kind === 'attested' && e.debtorAgent === desk ? [e.timeMs] : []));
  const after = await eventsOf(revoked(['DESKDE00', '11:00']));
  const revokedMs = Date.parse('2026-03-16T11:00:00Z');
  const changed = after.events.filter((e) => e.kind === 'keyChanged' && e.isRevoked);
  assert.deepEqual(
    changed.map((e) => [e.kind === 'keyChanged' && e.participant, e.timeMs]),
    [[desk, revokedMs]],
  );
  const kept = said(before).filter((timeMs) => timeMs < revokedMs);
  assert.ok(kept.length > 10 && kept.length < said(before).length);
  assert.deepEqual(said(after), kept);
  // Each that comes later is told as not authentic; those of others count on.
  const refused = after.events.filter((e) => e.kind === 'noticed' && e.reason === 'keyRevoked');
  assert.ok(refused.length >= said(before).length - kept.length);
  assert.ok(refused.every(({ timeMs }) => timeMs >= revokedMs));
  assert.ok(after.events.some((e) => e.kind === 'attested' && e.timeMs > revokedMs));
  assert.ok(after.summary.conditions!.chains.met < before.summary.conditions!.chains.met);
});

test('both doors refuse the same of banks and attestors, signed or not', async () => {
  const set = revoked(['CARRDE00', '10:00'], ['ALFADE00', '09:25'], ['ORKADE00', '07:00']);
  const few = ['chainFlows=[]', set];
  for (const signatures of [true, false]) {
    const scenario = load('conditional', few);
    const direct = await runDirectly(scenario, { signatures });
    const { summary } = await runScenario(scenario, { signatures });
    assert.deepEqual(direct.summary, summary);
    assert.ok(summary.rejected > 0);
  }
});

test('both doors refuse what a bank’s flow sends from then on', async () => {
  const [whole, scenario] = [[], [revoked(['AAAADE00', '11:00'])]].map((set) =>
    loadText(TEST_YAML, set),
  ) as [Scenario, Scenario];
  const direct = await runDirectly(scenario);
  const { summary } = await runScenario(scenario);
  assert.deepEqual(direct.summary, summary);
  assert.ok(summary.rejected > (await runDirectly(whole)).summary.rejected + 10);
});

/** By both doors the same. */
async function summaryOf(scenario: Scenario) {
  const { summary, simulation } = await runScenario(scenario);
  assert.deepEqual((await runDirectly(scenario)).summary, summary);
  return { summary, book: simulation.bankBook() };
}

test('a backlog that leaves after the revocation is refused, though its bank is told of ten a minute', async () => {
  const { summary, book } = await summaryOf(load('smoke', [revoked(['BETASG00', '09:00'])]));
  const { submitted, rejected, rejectedByReason, queuedAtClose } = summary;
  assert.deepEqual(
    { submitted, rejected, rejectedByReason, queuedAtClose },
    { submitted: 400, rejected: 104, rejectedByReason: { DS0B: 4, DS0C: 100 }, queuedAtClose: 0 },
  );
  // Of the others of a minute the bank knows the number alone: in its own book they wait for a status.
  assert.deepEqual([book.sent, book.rejected, book.pending], [400, 75, 29]);
});

test('more forged messages a minute than a bank is told of are rejected all', async () => {
  const every = ['GAMMFR00', 'BETASG00'].map((participant) => ({ participant, every: 1 }));
  const forged = `events.corruptSignatures=${JSON.stringify(every)}`;
  const { summary, book } = await summaryOf(load('smoke', [forged]));
  assert.equal(summary.submitted, 400);
  assert.equal(book.rejected + book.pending, summary.rejected);
  assert.ok(book.pending > 0);
});

test('a payment that comes again under a revoked key is a repeat, whether the first was refused or not', async () => {
  const set = [revoked(['ALFADE00', '09:00'], ['BETASG00', '09:00'])];
  const every = ['ALFADE00', 'BETASG00'].map((participant) => ({
    ...{ participant, every: 2, afterSeconds: 60 },
  }));
  const repeats = `events.repeatMessages=${JSON.stringify(every)}`;
  const once = await summaryOf(load('smoke', [...set, 'events.repeatMessages=[]']));
  const again = await summaryOf(load('smoke', [...set, repeats]));
  const { submitted, settled, rejected, cancelled, repeated } = again.summary;
  assert.deepEqual(
    { submitted, settled, rejected, cancelled },
    {
      submitted: 400,
      settled: once.summary.settled,
      rejected: once.summary.rejected,
      cancelled: once.summary.cancelled,
    },
  );
  assert.ok(repeated > 50, `${repeated} repeated`);
  // A run's replay and its counterfactual count as the run does.
  const scenario = load('smoke', [...set, repeats]);
  const summary = await record('revoked', scenario, true);
  assert.deepEqual((await provenRun(at('revoked'))).differences, []);
  const other = await otherwise('revoked', 'settlement.cycle=off');
  const direct = await runDirectly(load('smoke', [...set, repeats, 'settlement.cycle=off']));
  assert.equal(other.counterfactualOf, summary.eventsHash);
  assert.deepEqual(
    { ...other, counterfactualOf: undefined },
    { ...direct.summary, counterfactualOf: undefined },
  );
});

test('a dealer whose key is revoked quotes no more', async () => {
  const scenario = loadText(TEST_YAML, [
    'businessDates=["2026-03-16","2026-03-17"]',
    revoked(['DDDDJP00', '11:00']),
  ]);
  const { summary } = await summaryOf(scenario);
  // On the second day what goes through it names no quote that is known.
  assert.deepEqual(summary.rejectedByReason, { AM09: 50 });
});

test('a revocation names a participant once, at a time of the day', () => {
  const wrong = (set: string, told: RegExp) =>
    assert.throws(() => load('conditional', [set]), told);
  wrong(
    revoked(['CARRDE00', '10:00'], ['CARRDE00', '11:00']),
    /events\.revocations\[1\]\.participant: "CARRDE00": expected each participant once/,
  );
  wrong(revoked(['NONEDE00', '10:00']), /events\.revocations\[0\]\.participant: "NONEDE00"/);
  wrong(revoked(['CARRDE00', '23:00']), /events\.revocations\[0\]\.at/);
});
