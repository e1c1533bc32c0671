/** Whoever has the events themselves holds a log against them: what agrees, and the first event that does not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { AuditedTree, EntryDiffers } from '../../services/evidence/audited-tree.ts';
import { daysIn, EventLog } from '../../services/evidence/event-transparency-log.ts';
import { EvidenceFault } from '../../services/evidence/signed-note.ts';
import { dayKey, hashing, ORIGIN, readerOf, someEvents } from './sample-log.ts';

const SEED = 23;
const SIZE = 3_000;
const EVENTS = someEvents(SIZE);
const numbered = (events: Uint8Array, number: number) =>
  Buffer.from(events.subarray((number - 1) * 128, number * 128));

/** A log of events, and its checkpoints at these sizes. */
function sealed(events: Uint8Array, sizes: readonly number[] = [events.length / 128]) {
  const files = new Map<string, Uint8Array>();
  const log = new EventLog(hashing, dayKey);
  let from = 0;
  const checkpoints = sizes.map((size) => {
    const piece = events.subarray(from * 128, size * 128);
    for (const { path, bytes } of log.append(piece)) files.set(path, bytes);
    for (const { path, bytes } of log.tree.partialTiles()) files.set(path, bytes);
    from = size;
    return { origin: ORIGIN, size, root: log.tree.root() };
  });
  return { files: readerOf(files), checkpoints };
}

/** With one event changed, whose number stays. */
function withChanged(number: number): Uint8Array {
  const events = Buffer.from(EVENTS);
  const at = (number - 1) * 128 + 40;
  events.writeUInt8(events.readUInt8(at) ^ 1, at);
  return events;
}

async function firstDifference(tree: AuditedTree, log: ReturnType<typeof sealed>) {
  for (const checkpoint of log.checkpoints)
    try {
      if (!(await tree.holds(checkpoint))) return null;
    } catch (error) {
      return error as Error;
    }
  return null;
}

describe('a tree of events that were settled again', () => {
  it('agrees with every checkpoint of the same events, however they come', async () => {
    for (let round = 0; round < 6; round += 1) {
      const random = xoroshiro128plus(SEED + round);
      const draw = (most: number) => uniformInt(random, 1, most);
      const sizes: number[] = [];
      for (let size = draw(400); size <= SIZE; size += draw(400)) sizes.push(size, size);
      const log = sealed(EVENTS, sizes);
      const tree = new AuditedTree(hashing, dayKey, log.files, draw(2) * 300);
      let next = 0;
      for (let from = 0; from < SIZE; ) {
        const to = Math.min(SIZE, from + draw(500));
        tree.add(EVENTS.subarray(from * 128, to * 128));
        from = to;
        while (next < sizes.length) {
          const checkpoint = log.checkpoints[next] as (typeof log.checkpoints)[number];
          const isReached = await tree.holds(checkpoint);
          assert.equal(
            isReached,
            checkpoint.size <= to,
            `seed ${SEED + round}, size ${checkpoint.size}`,
          );
          if (!isReached) break;
          next += 1;
        }
      }
      assert.equal(next, sizes.length);
      assert.equal(tree.events, SIZE);
    }
  });

  it('names the first event that the log has otherwise, in every place of a tile', async () => {
    for (const number of [1, 255, 256, 257, 700, 2_304, 2_305, 2_999, SIZE]) {
      const log = sealed(withChanged(number), [200, 900, 901, 2_560, SIZE]);
      const tree = new AuditedTree(hashing, dayKey, log.files);
      tree.add(EVENTS);
      const error = await firstDifference(tree, log);
      assert.ok(error instanceof EntryDiffers, `${number}: ${error}`);
      assert.deepEqual(Buffer.from(error.event), numbered(EVENTS, number));
      assert.notDeepEqual(error.event, error.found);
    }
  });

  it('names it before the checkpoint is reached, where much lies before it', async () => {
    const log = sealed(withChanged(300));
    const tree = new AuditedTree(hashing, dayKey, log.files, 512);
    for (let from = 0; from < 1_000; from += 100)
      tree.add(EVENTS.subarray(from * 128, (from + 100) * 128));
    const error = await firstDifference(tree, log);
    assert.ok(error instanceof EntryDiffers, String(error));
    assert.deepEqual(Buffer.from(error.event), numbered(EVENTS, 300));
  });

  it('names the first place from which events are dropped, inserted or in another order', async () => {
    const pieces = (...ranges: readonly [number, number][]) =>
      Buffer.concat(ranges.map(([from, to]) => EVENTS.subarray(from * 128, to * 128)));
    const tricks = {
      dropped: pieces([0, 999], [1_000, SIZE]),
      inserted: pieces([0, 999], [5, 6], [999, SIZE]),
      reordered: pieces([0, 999], [1_001, 1_002], [999, 1_001], [1_002, SIZE]),
    };
    for (const [trick, events] of Object.entries(tricks)) {
      const log = sealed(events);
      const tree = new AuditedTree(hashing, dayKey, log.files);
      tree.add(EVENTS);
      const { size } = log.checkpoints[0] as { readonly size: number };
      const isReached = await tree
        .holds({ origin: ORIGIN, size, root: Buffer.alloc(32) })
        .catch((error: unknown) => error);
      const error = await tree.seekDifference(size).catch((one: unknown) => one);
      assert.equal(isReached === false, trick === 'inserted', `${trick}: ${isReached}`);
      assert.ok(error instanceof EntryDiffers, `${trick}: ${error}`);
      assert.deepEqual(Buffer.from(error.event), numbered(EVENTS, 1_000), trick);
    }
  });

  it('says what it can of another root, without files and where these are the right ones', async () => {
    const { files, checkpoints } = sealed(EVENTS, [500, SIZE]);
    const other = sealed(withChanged(600), [500, SIZE]);
    const say = async (of: typeof files | null) => {
      const tree = new AuditedTree(hashing, dayKey, of);
      tree.add(EVENTS);
      return firstDifference(tree, { files, checkpoints: other.checkpoints });
    };
    const blind = await say(null);
    assert.ok(blind instanceof EvidenceFault && !(blind instanceof EntryDiffers));
    assert.match(blind.message, /at 500 entries it had the same; its files, .* are not at hand$/);
    const forked = await say(files);
    assert.match(String(forked), /another root .* at 500 entries it had the same; the entries/);
    assert.equal(checkpoints.length, 2);
  });

  it('takes a checkpoint that is older than one before it only where it is of the same tree', async () => {
    const { files, checkpoints } = sealed(EVENTS, [500, SIZE]);
    const [older, newer] = checkpoints as [(typeof checkpoints)[0], (typeof checkpoints)[0]];
    const behind = async (of: typeof files | null, root = older.root) => {
      const tree = new AuditedTree(hashing, dayKey, of);
      tree.add(EVENTS);
      assert.equal(await tree.holds(newer), true);
      return tree.holds({ ...older, root });
    };
    assert.equal(await behind(files), true);
    const what = 'shows a checkpoint of 500 entries after one of 3000';
    const [other] = sealed(withChanged(400), [500]).checkpoints;
    await assert.rejects(behind(files, other?.root), new RegExp(`${what}, with another root`));
    await assert.rejects(behind(null), new RegExp(`${what}; whether .* cannot be told`));
    const forged = sealed(withChanged(400)).files;
    await assert.rejects(behind(forged, other?.root), new RegExp(`${what}; .* do not tell`));
  });

  it('goes on where a day’s key comes later, and takes no event twice', async () => {
    const log = sealed(EVENTS);
    const days = daysIn(EVENTS);
    assert.equal(days.length, 2);
    for (const late of days) {
      let isThere = false;
      const keyOf = (day: string) => {
        if (day === late && !isThere) throw new Error(`no key of ${day}`);
        return dayKey(day);
      };
      const tree = new AuditedTree(hashing, keyOf, log.files);
      tree.add(EVENTS.subarray(0, 100 * 128));
      tree.add(EVENTS.subarray(100 * 128));
      const [checkpoint] = log.checkpoints as [(typeof log.checkpoints)[0]];
      for (const _ of [1, 2]) await assert.rejects(tree.holds(checkpoint), /no key of/);
      isThere = true;
      assert.equal(await tree.holds(checkpoint), true);
    }
  });
});
