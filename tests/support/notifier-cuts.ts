/** For tests of the notifier: what one tells that goes on behind any record, against one without a break. */
import assert from 'node:assert/strict';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createNotifier } from '../../services/notifier/notifier.ts';
import {
  type NotifiedPool,
  resumeNotifier,
} from '../../services/notifier/rebuild-notifier-state.ts';

/** Events that one goes on with at a time. */
const BATCHES = [1, Number.POSITIVE_INFINITY, 3];

/** All messages of the record, and how many cuts were tried. */
export async function atEveryCut(
  { events, inputs }: { readonly events: Buffer; readonly inputs: readonly Uint8Array[] },
  of: NotifiedPool = { network: 'test-1', pool: 'main' },
) {
  const log = {
    read: async (_topic: string, _partition: number, from: number, max: number) =>
      inputs.slice(from, from + max).map((value, index) => ({ logOffset: from + index, value })),
  } as never as Parameters<typeof resumeNotifier>[0];
  const all = readEvents(events);
  /** @param batch events a call, up to the end of a record; what is read of the input is as far as they are */
  const project = (
    first: number,
    notifier: ReturnType<typeof createNotifier>,
    from: number,
    batch: number,
  ) => {
    const told: ReturnType<typeof notifier.project> = [];
    for (let position = first, at = from; at < all.length; ) {
      let end = Math.min(all.length, at + batch);
      while (all[end]?.position === all[end - 1]?.position) end += 1;
      const until = end === all.length ? inputs.length - 1 : (all[end - 1]?.position ?? 0);
      for (; position <= until; position++)
        notifier.takeInput(position, inputs[position] as Uint8Array);
      told.push(
        ...notifier.project(readEvents(events.subarray(at * EVENT_BYTES, end * EVENT_BYTES))),
      );
      at = end;
    }
    return told;
  };
  const notifierOf = createNotifier(of.network, of.pool, { currencies: of.currencies });
  const unbroken = project(0, notifierOf, 0, all.length);
  const numbers = unbroken.map(({ message }) => Number(message.headers.ce_eventnumber));
  const ids = unbroken.map(({ topic, message }) => `${topic} ${message.headers.ce_id}`);
  assert.equal(new Set(ids).size, ids.length, 'an id of its own for each');
  let cuts = 0;
  for (let cut = 1; cut <= all.length; cut++) {
    // Its service remembers no place inside a record.
    if (all[cut]?.position === all[cut - 1]?.position) continue;
    const { notifier, position } = await resumeNotifier(log, of, null, () => [
      events.subarray(0, cut * EVENT_BYTES),
    ]);
    // All at once, and a few records at a time: its service has it either way.
    const rest = project(position, notifier, cut, BATCHES[cut % BATCHES.length] as number);
    const after = unbroken.slice(numbers.findIndex((number) => number > cut));
    assert.deepEqual(rest, cut < (numbers.at(-1) ?? 0) ? after : [], `behind event ${cut}`);
    cuts += 1;
  }
  return { unbroken, cuts };
}
