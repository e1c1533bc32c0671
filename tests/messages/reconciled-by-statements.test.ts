import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { createNotifier } from '../../services/notifier/notifier.ts';
import { resumeNotifier } from '../../services/notifier/rebuild-notifier-state.ts';
import { ENTRY_CODES } from '../../services/protocol/messages/statement.ts';
import type { AddressedMessage } from '../../services/protocol/names/message.ts';
import { readControl } from '../../services/protocol/records/input-record.ts';
import { atLeast } from '../support/at-least.ts';
import { STATEMENT_SCHEMAS } from '../support/statement-reader.ts';
import { checkStatements, MANY, NETTED, runRandom, runWithStatements } from './reconciled-run.ts';

/** What each bank knows from its statements alone is what the core has: see reconciled-run.ts. */
test('every bank of a random day reconciles its accounts from its statements alone', async () => {
  const met = new Set<string>();
  const days: [number, readonly string[]][] = [
    ...[1, 2, 3, 4].map((seed): [number, string[]] => [seed, []]),
    ...[7, 14, 19].map((seed): [number, string[]] => [seed, NETTED]),
    [5, [...MANY, 'statements.notifications=false']],
    [6, [...MANY, 'batchSize=4096']],
  ];
  for (const [seed, set] of atLeast(9, days))
    for (const one of await checkStatements(seed, set)) met.add(one);
  // Else a seed no longer has what it was chosen for.
  const all = [
    ...Object.values(ENTRY_CODES).filter((code) => code !== 'BATCH'),
    ...Object.keys(STATEMENT_SCHEMAS),
    'pages',
  ];
  assert.deepEqual([...met].sort(), all.sort());
});

test('a notifier that goes on behind any message of events writes the same bytes', async () => {
  for (const seed of atLeast(2, [2, 5])) {
    const { scenario, steps } = await runWithStatements(seed, NETTED);
    const pool = scenario.pools[0]?.name as string;
    const place = { network: scenario.network, pool };
    const inputs = steps.flatMap((step) => step.inputs);
    const log = {
      read: async (_topic: string, _partition: number, from: number, max: number) =>
        inputs.slice(from, from + max).map((value, index) => ({ logOffset: from + index, value })),
    } as never as Parameters<typeof resumeNotifier>[0];
    const unbroken = messagesOf(steps, createNotifier(scenario.network, pool), 0);
    const genesis = readControl(inputs[0] as Uint8Array);
    assert.ok(genesis.kind === 'genesis' && genesis.statements);
    const places =
      process.env.CORRIDOR_LONG_TESTS === '1' ? [1, 3, 6, 9, 14, 20, 31] : [1, 6, 14, 31];
    const cuts = places.filter((cut) => cut < steps.length);
    for (const cut of atLeast(3, cuts)) {
      const { notifier, position } = await resumeNotifier(log, place, genesis.statements, () =>
        steps.slice(0, cut).map(({ batch }) => batch.events),
      );
      const rest = steps.slice(cut);
      const first = steps.slice(0, cut).reduce((sum, step) => sum + step.inputs.length, 0);
      // The record of the last event may have more to come.
      for (let at = position; at < first; at++) notifier.takeInput(at, inputs[at] as Uint8Array);
      const again = messagesOf(rest, notifier, first);
      const expected = unbroken.slice(unbroken.length - again.length);
      const differing = again.findIndex((one, at) => !isDeepStrictEqual(one, expected[at]));
      assert.deepEqual(
        again[differing],
        expected[differing],
        `${seed}, ${cut}: message ${differing}`,
      );
      assert.ok(again.some(({ topic }) => topic.startsWith('statements.')));
    }
  }
});

function messagesOf(
  steps: Awaited<ReturnType<typeof runWithStatements>>['steps'],
  notifier: ReturnType<typeof createNotifier>,
  first: number,
): AddressedMessage[] {
  let position = first;
  return steps.flatMap(({ inputs, events }) => {
    for (const value of inputs) notifier.takeInput(position++, value);
    return notifier.project(events);
  });
}

test('a simulation that asks for no statements writes none', async () => {
  const { messages } = await runRandom(1, []);
  assert.deepEqual(
    messages.filter(({ topic }) => topic.startsWith('statements.')),
    [],
  );
});
