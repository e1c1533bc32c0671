/** For tests of the notifier: what one tells that goes on behind any record, against one without a break. */
import assert from 'node:assert/strict';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createNotifier } from '../../services/notifier/notifier.ts';
import { resumeNotifier } from '../../services/notifier/resume-notifier.ts';

/** All messages of the record, and how many cuts were tried. */
export async function atEveryCut({
  events,
  inputs,
}: {
  readonly events: Buffer;
  readonly inputs: readonly Uint8Array[];
}) {
  const log = {
    read: async (_topic: string, _partition: number, from: number, max: number) =>
      inputs.slice(from, from + max).map((value, index) => ({ logOffset: from + index, value })),
  } as never as Parameters<typeof resumeNotifier>[0];
  const project = (first: number, notifier: ReturnType<typeof createNotifier>, from: number) => {
    for (const [position, value] of inputs.entries())
      if (position >= first) notifier.takeInput(position, value);
    return notifier.project(readEvents(events.subarray(from * EVENT_BYTES)));
  };
  const unbroken = project(0, createNotifier('test-1', 'main'), 0);
  const numbers = unbroken.map(({ message }) => Number(message.headers.ce_eventnumber));
  const ids = unbroken.map(({ topic, message }) => `${topic} ${message.headers.ce_id}`);
  assert.equal(new Set(ids).size, ids.length, 'an id of its own for each');
  const all = readEvents(events);
  let cuts = 0;
  for (let cut = 1; cut <= all.length; cut++) {
    // Its service remembers no place inside a record.
    if (all[cut]?.position === all[cut - 1]?.position) continue;
    const { notifier, position } = await resumeNotifier(
      log,
      { network: 'test-1', pool: 'main' },
      null,
      () => [events.subarray(0, cut * EVENT_BYTES)],
    );
    const rest = project(position, notifier, cut);
    const after = unbroken.slice(numbers.findIndex((number) => number > cut));
    assert.deepEqual(rest, cut < (numbers.at(-1) ?? 0) ? after : [], `behind event ${cut}`);
    cuts += 1;
  }
  return { unbroken, cuts };
}
