/** The pilot of insurance at its full size: what its page tells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { recordedDocuments } from '../../services/scenario/recorded-documents.ts';
import { toldOn } from '../support/pilot-page.ts';
import { load, runDirectly } from '../support/run.ts';

test('insurance-burst: 10,000 claims, of which those that two stations report are paid, half of them at once; all are in the log with their policies', async () => {
  const recorded: string[] = [];
  const { summary, rows } = await runDirectly(load('insurance-burst'), {
    onSlice: ({ steps }) => {
      for (const event of steps.flatMap(({ batch }) => [...readEvents(batch.events)]))
        if (event.kind === 'recorded')
          recorded.push(Buffer.from(event.documentDigest).toString('hex'));
    },
  });
  const documents = [...recordedDocuments(load('insurance-burst'))];
  assert.deepEqual(recorded.sort(), documents.map(({ digest }) => digest.slice(0, 40)).sort());
  const of = (kind: string) => documents.filter((one) => one.kind === kind).length;
  assert.deepEqual([of('policy'), of('claim'), of('measurement')], [10_000, 10_000, 1]);
  assert.equal(
    summary.eventsHash,
    '85299cd6e6ea4591cbfb1def9b9559a1e4b2f7255f82b2abb0233219ded5ea69',
  );
  const claims = rows.filter(({ debtorAgent }) => debtorAgent === 'INSUDE00');
  const paid = claims.filter(({ status }) => status === 'settled');
  const atOnce = paid.filter(({ mechanism }) => mechanism === 'entry');
  assert.deepEqual([claims.length, paid.length, atOnce.length], [10_000, 9_852, 5_551]);
  assert.deepEqual(
    [summary.conditions?.chains.refused, summary.conditions?.chains.deadline],
    [2, 146],
  );
  const tookMs = paid.map(({ submittedAtMs, finalAtMs }) => finalAtMs! - submittedAtMs);
  tookMs.sort((a, b) => a - b);
  // By nearest rank.
  const [median, p99] = [0.5, 0.99].map((share) => tookMs[Math.ceil(share * tookMs.length) - 1]!);
  const seconds = (ms: number) => Math.round(ms / 1000);
  for (const [measure, told] of [
    ['payouts due, and reported by two stations', '10,000, and 9,852'],
    ['paid at the second report', '5,551'],
    ['paid when the reinsurer had paid, or after', '4,301'],
    [
      'median and p99 from sending to paid',
      `${seconds(median!)} s, ${Math.floor(seconds(p99!) / 60)} min ${seconds(p99!) % 60} s`,
    ],
    ['unpaid: two stations silent, or refused', '148'],
    ['policies and claims in the log', '10,000 and 10,000'],
  ] as const)
    assert.deepEqual(toldOn('insurance', measure), [told], measure);
});
