import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unprovenCheckpoint } from '../../services/evidence/checkpoint.ts';
import { openCheckpoint } from '../../services/evidence/cosigner-policy.ts';
import {
  OPENING_BYTES,
  openedEntry,
  openingFrom,
} from '../../services/evidence/event-commitment.ts';
import { EventLog } from '../../services/evidence/event-transparency-log.ts';
import { rootHash } from '../../services/evidence/merkle-tree.ts';
import { parseVerifierKey } from '../../services/evidence/signed-note.ts';
import {
  CHECKPOINT_FILE,
  entriesIn,
  subtreesOf,
  TILE_WIDTH,
  tilePath,
  tileWidth,
} from '../../services/evidence/tiles.ts';
import { EventsFollower } from '../../services/live/events-follower.ts';
import type { LogPort } from '../../services/live/service-context.ts';
import type { SealedBy } from '../../services/notifier/notifier-service.ts';
import { openLogFolders, poolLogFolder } from '../../services/platform/service/seal-folders.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { OPENING_HEADER } from '../../services/protocol/names/message-headers.ts';
import {
  BLOCKS,
  deliveriesOf,
  poolEvents,
  statusesOf,
} from '../../services/protocol/names/topic-plan.ts';
import { logKeysFolder, logsFolder, makeLogKey } from '../../services/sandbox/secret-keys.ts';
import { hashing } from '../evidence/sample-log.ts';
import { readAll } from './topics-against-replay.ts';

/** How a pool of a test is sealed in a folder; null: it is not. */
export function sealIn(
  folder: string | undefined,
  network: string,
  pool: string,
  everyMs = 100,
): SealedBy | null {
  if (folder === undefined) return null;
  const logKey = makeLogKey(folder, network, pool);
  const folders = openLogFolders(logsFolder(folder), logKeysFolder(folder), pool);
  return { logKey, hashing, everyMs, logName: 'the log', ...folders };
}

/**
 * Every checkpoint in `blocks` is of one tree, that of the pool's events; the folder has the last of them, and its tiles.
 * @returns the sizes of the checkpoints
 */
export async function checkSeal(
  log: LogPort,
  folder: string,
  network: string,
  pool: string,
): Promise<number[]> {
  const key = parseVerifierKey(makeLogKey(folder, network, pool));
  const opened = (note: Uint8Array) =>
    openCheckpoint(Buffer.from(note).toString(), {
      logs: [key],
      witnesses: [],
      isMet: () => true,
    });
  const blocks = (await readAll(log, BLOCKS))
    .filter((one) => one.key === key.name)
    .map(({ value }) => opened(value));
  const dayKey = (day: string) => {
    const file = join(logKeysFolder(folder), pool, `${day}.key`);
    return Buffer.from(readFileSync(file, 'utf8').trim(), 'hex');
  };
  const own = new EventLog(hashing, dayKey);
  const follower = new EventsFollower(pool);
  const runs = (await readAll(log, poolEvents(pool))).map((one) => follower.take(one));
  const events = Buffer.concat(runs);
  const sizes = blocks.map(({ size }) => size);
  for (const { size, root } of [...blocks].sort((one, other) => one.size - other.size)) {
    own.append(events.subarray(own.tree.size * 128, size * 128));
    assert.equal(own.tree.size, size, 'the events that it was signed of');
    assert.deepEqual(Buffer.from(own.tree.root()), Buffer.from(root), `the checkpoint of ${size}`);
  }
  assert.equal(sizes.at(-1), follower.count, 'all is sealed at the end');
  const place = poolLogFolder(logsFolder(folder), pool);
  const read = (path: string) => readFileSync(join(place, path));
  assert.deepEqual(opened(read(CHECKPOINT_FILE)), blocks.at(-1));
  const root = rootHash(subtreesOf({ read }, follower.count, hashing), follower.count);
  assert.deepEqual(Buffer.from(root), Buffer.from(own.tree.root()), 'its tiles');
  assert.ok(!existsSync(join(place, 'tile/0/000.p')) || follower.count < 256);
  return sizes;
}

/**
 * Each opening that a bank was told opens the entry of the event that its record is of, and that names the bank.
 * @returns how many there are
 */
export async function checkOpenings(
  log: LogPort,
  folder: string,
  pool: string,
  bic: Bic,
): Promise<number> {
  const place = poolLogFolder(logsFolder(folder), pool);
  const read = (path: string) => readFileSync(join(place, path));
  const { size } = unprovenCheckpoint(read(CHECKPOINT_FILE).toString());
  let count = 0;
  for (const topic of [statusesOf(bic), deliveriesOf(bic)])
    for (const { headers } of await readAll(log, topic)) {
      if (headers[OPENING_HEADER] === undefined) continue;
      const bytes = Buffer.from(headers[OPENING_HEADER], 'base64');
      assert.equal(bytes.length, OPENING_BYTES.closed);
      const opening = openingFrom(bytes);
      assert.ok(opening?.form === 'closed');
      const number = Number(Buffer.from(opening.shown).readBigUInt64LE(0));
      assert.equal(String(number), headers.ce_eventnumber);
      const index = number - 1;
      const width = tileWidth('entries', Math.floor(index / TILE_WIDTH), size);
      const path = tilePath('entries', Math.floor(index / TILE_WIDTH), width);
      const entry = entriesIn(read(path), width, path)[index % TILE_WIDTH];
      assert.deepEqual(Buffer.from(openedEntry(opening)), Buffer.from(entry ?? []));
      count += 1;
    }
  return count;
}
