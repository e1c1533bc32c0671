import assert from 'node:assert/strict';
import { generateKeyPairSync, hash } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { TreeHashing } from '../../services/core/evidence/tree-hashing.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createSigner, secretKeyPem } from '../../services/core/verification/signing.ts';
import type { Checkpoint } from '../../services/evidence/checkpoint.ts';
import { openCheckpoint } from '../../services/evidence/cosigner-policy.ts';
import { openingOf, packedOpening } from '../../services/evidence/event-commitment.ts';
import { dayName, EventLog } from '../../services/evidence/event-transparency-log.ts';
import { rootHash } from '../../services/evidence/merkle-tree.ts';
import {
  KEY_TYPE,
  noteKey,
  parseVerifierKey,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import { CHECKPOINT_FILE, subtreesOf, tilePath, tilesOf } from '../../services/evidence/tiles.ts';
import { EventsFollower } from '../../services/live/events-follower.ts';
import type { LoggedMessage } from '../../services/live/service-context.ts';
import { PoolSeal } from '../../services/notifier/pool-seal.ts';
import { SealFault } from '../../services/notifier/seal-fault.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import {
  nodeDisk,
  openDayKeyFiles,
  openLogFolders,
  openSealFiles,
} from '../../services/platform/service/seal-folders.ts';
import { BLOCKS, poolEvents, topicPlan } from '../../services/protocol/names/topic-plan.ts';
import { hashing, ORIGIN, readerOf, someEvents } from '../evidence/sample-log.ts';
import { memoryLog, processOver } from '../support/live.ts';
import { Stopped, StoppingDisk } from '../support/stopping-disk.ts';

const SECRET = Buffer.alloc(32, 9);
const OWN_PEM = secretKeyPem(SECRET);
const LOG_KEY = verifierKey(noteKey(ORIGIN, KEY_TYPE.log, createSigner(SECRET).publicKey));
const KEY = parseVerifierKey(LOG_KEY);
/** Of `someEvents`: the 600th is the first of another day. */
const MIDNIGHT = 600;
/** What is taken before each seal: within a tile, to its end, over several, over midnight, one. */
const PIECES = [3, 253, 350, 5];
const EVENTS = PIECES.reduce((sum, count) => sum + count, 0);
assert.ok(EVENTS > MIDNIGHT + 5);
const ALL = someEvents(EVENTS + 1);
const eventsFrom = (from: number, count: number) =>
  ALL.subarray((from - 1) * EVENT_BYTES, (from - 1 + count) * EVENT_BYTES);
const firstEvents = (count: number) => eventsFrom(1, count);

async function newLog(): Promise<Log> {
  const log = memoryLog();
  await log.createTopics(topicPlan(['main'], [], 1));
  return log;
}

/** Each new key is another, by a number that goes on: what is made again is never the same. */
let keys = 0;
const newDayKey = () => {
  keys += 1;
  return Buffer.from(hash('sha256', `day key ${keys}`, 'hex'), 'hex');
};

const context = processOver(memoryLog()).context('notifier', 'main');

interface Place {
  readonly log: Log;
  readonly disk: StoppingDisk;
  readonly folder?: string;
  readonly secrets?: string;
  readonly pem?: string;
  readonly hashing?: TreeHashing;
}

/** A process that seals: as the disk stops, so does the log. */
function open({
  log,
  disk,
  folder = '/log',
  secrets = '/keys',
  pem = OWN_PEM,
  hashing: own = hashing,
}: Place) {
  return PoolSeal.open(
    { ...context, log: disk.stopping(log), reached: disk.step },
    {
      ...{ pool: 'main', logName: 'the log', logKey: LOG_KEY },
      secretPem: pem,
      hashing: own,
      files: openSealFiles(folder, disk.port),
      dayKeys: openDayKeyFiles(secrets, disk.port),
      newDayKey,
    },
  );
}

/** As a notifier reads its topic: from the first event on, whatever the seal has. */
async function sealAll(seal: PoolSeal, pieces: readonly number[] = PIECES): Promise<void> {
  let from = 1;
  for (const count of pieces) {
    await seal.take(eventsFrom(from, count));
    await seal.seal();
    from += count;
  }
}

/** Who has done all before ends too. */
async function untilStopped(place: Place): Promise<void> {
  try {
    await sealAll(await open(place));
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
}

const opened = (note: Uint8Array): Checkpoint =>
  openCheckpoint(Buffer.from(note).toString(), {
    logs: [KEY],
    witnesses: [],
    isMet: () => true,
  });

const blocksOf = async (log: Log): Promise<Checkpoint[]> =>
  (await log.read(BLOCKS, 0, 0, 10_000)).map(({ key, value }) => {
    assert.equal(key, ORIGIN);
    return opened(value);
  });

/** The keys of days that are in the folder. */
function keysIn(disk: StoppingDisk, secrets = '/keys') {
  const files = disk.files();
  return (day: string) =>
    Buffer.from(
      Buffer.from(files.get(`${secrets}/${day}.key`) ?? [])
        .toString()
        .trim(),
      'hex',
    );
}

/** The roots that there are with these keys. */
function rootsOf(disk: StoppingDisk, sizes: readonly number[], secrets = '/keys') {
  const log = new EventLog(hashing, keysIn(disk, secrets));
  const roots = new Map<number, Uint8Array>();
  for (const size of [...sizes].sort((one, other) => one - other)) {
    log.append(eventsFrom(log.tree.size + 1, size - log.tree.size));
    roots.set(size, log.tree.root());
  }
  return roots;
}

/** All are of one tree, which the keys in the folder give. */
function agree(disk: StoppingDisk, blocks: readonly Checkpoint[], where?: string): void {
  const roots = rootsOf(
    disk,
    blocks.map(({ size }) => size),
  );
  for (const { size, root } of blocks)
    assert.deepEqual(Buffer.from(root), Buffer.from(roots.get(size) ?? []), where);
}

/** What a folder has of a log, by the paths of its files. */
const logIn = (disk: StoppingDisk, folder = '/log') =>
  new Map(
    [...disk.files()].flatMap(([path, bytes]) =>
      path.startsWith(`${folder}/`) ? [[path.slice(folder.length + 1), bytes]] : [],
    ),
  );

/** The folder has what a checkpoint needs, of which a partial tile may have become whole. */
function isWhole(files: ReadonlyMap<string, Uint8Array>, { size, root }: Checkpoint): void {
  const all = new Map(files);
  for (const { level, index, width } of tilesOf(size)) {
    const path = tilePath(level, index, width);
    const bytes = files.get(path) ?? files.get(tilePath(level, index))?.subarray(0);
    assert.ok(bytes, `${path} of the checkpoint of ${size}`);
    all.set(path, bytes.subarray(0, width * (level === 'entries' ? 35 : 32)));
  }
  const found = rootHash(subtreesOf(readerOf(all), size, hashing), size);
  assert.deepEqual(Buffer.from(found), Buffer.from(root), `the tiles of ${size}`);
}

/** Of a tile that is whole no partial one is left. */
function hasNoRest(files: ReadonlyMap<string, Uint8Array>, where?: string): void {
  for (const path of files.keys()) {
    const [whole = '', width] = path.split('.p/');
    assert.ok(width === undefined || !files.has(whole), `${path} beside the whole tile; ${where}`);
  }
}

test('what is sealed is in the topic and in the folder, with its tiles and no others', async () => {
  const [log, disk] = [await newLog(), new StoppingDisk('/keys')];
  const seal = await open({ log, disk });
  await sealAll(seal);
  assert.deepEqual([seal.sealed, seal.taken], [EVENTS, EVENTS]);
  const blocks = await blocksOf(log);
  agree(disk, blocks);
  assert.deepEqual(
    blocks.map(({ size }) => size),
    PIECES.map((_, at) => PIECES.slice(0, at + 1).reduce((sum, count) => sum + count, 0)),
  );
  const files = logIn(disk);
  assert.deepEqual(opened(files.get(CHECKPOINT_FILE) ?? Buffer.alloc(0)), blocks.at(-1));
  isWhole(files, blocks.at(-1) as Checkpoint);
  hasNoRest(files);
  for (const path of files.keys()) assert.doesNotMatch(path, /partial/);
  await seal.seal();
  assert.equal((await blocksOf(log)).length, blocks.length, 'nothing new is not sealed again');
});

describe('stopped at any step, and without power', () => {
  test('no two checkpoints contradict each other, and each has its tiles', async () => {
    const whole = { log: await newLog(), disk: new StoppingDisk('/keys') };
    whole.disk.stopAt(Number.POSITIVE_INFINITY);
    await sealAll(await open(whole));
    const { steps } = whole.disk;
    assert.ok(steps > 100, `${steps} steps`);
    for (let step = 1; step <= steps; step += 1) {
      const [log, disk] = [await newLog(), new StoppingDisk('/keys')];
      const where = `stopped at step ${step} of ${steps}`;
      // The second process is stopped as well, in what it mends.
      for (const [at, part] of [
        [step, [0, 0.5, 1][step % 3] as number],
        [1 + ((step * 7) % 40), [1, 0, 0.7][step % 3] as number],
      ] as const) {
        disk.stopAt(at);
        await untilStopped({ log, disk });
        disk.restart(part);
        const last = (await blocksOf(log)).at(-1);
        if (last) isWhole(logIn(disk), last);
      }
      const seal = await open({ log, disk });
      await sealAll(seal);
      assert.equal(seal.sealed, EVENTS, where);
      const blocks = await blocksOf(log);
      agree(disk, blocks, where);
      assert.equal(blocks.at(-1)?.size, EVENTS, where);
      isWhole(logIn(disk), opened(logIn(disk).get(CHECKPOINT_FILE) ?? Buffer.alloc(0)));
      hasNoRest(logIn(disk), where);
    }
  });
});

test('events over midnight are opened each by its own number and day; none of a day whose key was deleted', async () => {
  const [log, disk] = [await newLog(), new StoppingDisk('/keys')];
  const [from, count] = [MIDNIGHT - 2, 5];
  const told = eventsFrom(from, count);
  const keyOf = (day: string) => keysIn(disk)(day);
  const seal = await open({ log, disk });
  await sealAll(seal);
  await seal.needKeys(told);
  const expected = Array.from({ length: count }, (_, at) => {
    const event = eventsFrom(from + at, 1);
    const opening = openingOf(event, keyOf(dayName(event)), 'closed');
    return Buffer.from(packedOpening(opening)).toString('base64');
  });
  const given = (one: PoolSeal) => {
    const openings = one.openings(told);
    assert.equal(openings.of(count), null);
    return Array.from({ length: count }, (_, at) => openings.of(at));
  };
  assert.deepEqual(given(seal), expected);
  await disk.port.remove('/keys/2026-03-16.key');
  const again = await open({ log, disk });
  await again.needKeys(told);
  assert.deepEqual(given(again), [null, null, ...expected.slice(2)]);
});

test('what was opened is taken without being hashed again, and nothing else in its place', async () => {
  const [log, disk] = [await newLog(), new StoppingDisk('/keys')];
  const counted = new TreeHashing(compiledCore());
  let hashed = 0;
  const seal = await open({
    ...{ log, disk },
    hashing: Object.assign(Object.create(counted), {
      top: (hashes: Uint8Array) => counted.top(hashes),
      opened: (...of: Parameters<TreeHashing['opened']>) => counted.opened(...of),
      events: (...of: Parameters<TreeHashing['events']>) => {
        hashed += of[0].length / EVENT_BYTES;
        return counted.events(...of);
      },
    }),
  });
  const told = async (opened: Uint8Array, taken: Uint8Array): Promise<number> => {
    hashed = 0;
    await seal.needKeys(opened);
    seal.openings(opened);
    await seal.take(taken);
    await seal.seal();
    return hashed;
  };
  const [over, same] = [eventsFrom(301, 300), eventsFrom(21, 280)];
  // Its own object, another, one of which a part is there, and one of two days.
  assert.equal(await told(firstEvents(10), firstEvents(10)), 10);
  assert.equal(await told(eventsFrom(301, 10), eventsFrom(11, 10)), 10);
  assert.equal(await told(same, same), 0);
  const known = eventsFrom(291, 15);
  assert.equal(await told(known, known), 5);
  const rest = eventsFrom(306, EVENTS - 305);
  assert.equal(await told(rest, rest), 0);
  assert.equal(await told(over, over), 0);
  assert.equal(seal.sealed, EVENTS);
  agree(disk, await blocksOf(log));
});

test('what was opened without the key of a day, or ahead of what was signed, is hashed once more', async () => {
  const [log, disk] = [await newLog(), new StoppingDisk('/keys')];
  const seal = await open({ log, disk });
  // The days' keys are made as it is taken.
  assert.equal(seal.openings(ALL).of(0), null);
  await seal.take(ALL);
  await seal.seal();
  assert.deepEqual([seal.taken, seal.sealed], [EVENTS + 1, EVENTS + 1]);
  await disk.port.remove('/log');
  // Its checkpoint lies within what is opened and taken now.
  const more = Buffer.concat([ALL, someEvents(3, EVENTS + 2)]);
  const again = await open({ log, disk });
  await again.needKeys(more);
  again.openings(more);
  await again.take(more);
  assert.ok(again.isProven);
  await again.seal();
  assert.equal(again.sealed, EVENTS + 4);
  const [first, last] = await blocksOf(log);
  assert.deepEqual([first?.size, last?.size], [EVENTS + 1, EVENTS + 4]);
  isWhole(logIn(disk), last as Checkpoint);
  const own = new EventLog(hashing, keysIn(disk));
  own.append(more);
  assert.deepEqual(Buffer.from(own.tree.root()), Buffer.from(last?.root ?? []));
});

describe('another start', () => {
  test('goes on where the folder ends, also where the key of a sealed day was deleted', async () => {
    const [log, disk] = [await newLog(), new StoppingDisk('/keys')];
    const first = MIDNIGHT + 2;
    await sealAll(await open({ log, disk }), [first]);
    const roots = rootsOf(disk, [EVENTS]);
    await disk.port.remove('/keys/2026-03-16.key');
    const seal = await open({ log, disk });
    assert.equal(seal.sealed, first);
    await sealAll(seal, [400, EVENTS - 400]);
    const { size, root } = (await blocksOf(log)).at(-1) as Checkpoint;
    assert.equal(size, EVENTS);
    assert.deepEqual(Buffer.from(root), Buffer.from(roots.get(EVENTS) ?? []));
    assert.ok(!disk.files().has('/keys/2026-03-16.key'));
  });

  test('makes an empty folder from the events again, to the byte', async () => {
    const [log, disk] = [await newLog(), new StoppingDisk('/keys')];
    await sealAll(await open({ log, disk }));
    const before = logIn(disk);
    await disk.port.remove('/log');
    await sealAll(await open({ log, disk }), [EVENTS]);
    // The folder has its checkpoint again: the one that there was.
    const blocks = await log.read(BLOCKS, 0, 0, 100);
    assert.equal(blocks.length, PIECES.length + 1);
    assert.deepEqual(blocks.at(-1)?.value, blocks.at(-2)?.value);
    assert.deepEqual(logIn(disk).get(CHECKPOINT_FILE), before.get(CHECKPOINT_FILE));
    const seal = await open({ log, disk });
    await seal.take(firstEvents(EVENTS + 1));
    await seal.seal();
    const after = logIn(disk);
    for (const [path, bytes] of before)
      if (path.startsWith('tile/') && !path.includes('.p/'))
        assert.deepEqual(Buffer.from(after.get(path) ?? []), Buffer.from(bytes), path);
    isWhole(after, (await blocksOf(log)).at(-1) as Checkpoint);
  });

  for (const [what, change] of [
    ['a tile of hashes that was changed', 'tile/0/002.p/99'],
    ['a tile of entries that was changed', 'tile/entries/002.p/99'],
    ['a checkpoint that was changed', CHECKPOINT_FILE],
  ] as const)
    test(`makes it again where it finds ${what}`, async () => {
      const [log, disk] = [await newLog(), new StoppingDisk('/keys')];
      await sealAll(await open({ log, disk }), [EVENTS]);
      const bytes = Buffer.from(logIn(disk).get(change) ?? []);
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      await disk.port.write(`/log/${change}`, bytes, 0o644);
      const seal = await open({ log, disk });
      assert.equal(seal.sealed, 0);
      await sealAll(seal, [EVENTS, 1]);
      isWhole(logIn(disk), (await blocksOf(log)).at(-1) as Checkpoint);
      assert.equal((await blocksOf(log)).at(-1)?.size, EVENTS + 1);
    });
});

describe('what is refused, and nothing signed', () => {
  const refused = async (place: Place, take: Uint8Array, words: RegExp): Promise<void> => {
    const before = (await blocksOf(place.log)).length;
    await assert.rejects(
      async () => {
        const seal = await open(place);
        await seal.take(take);
        await seal.seal();
      },
      (error: Error) => {
        assert.ok(error instanceof SealFault, error.stack);
        assert.match(error.message, words);
        return true;
      },
    );
    assert.equal((await blocksOf(place.log)).length, before);
  };
  const sealed = async () => {
    const place = { log: await newLog(), disk: new StoppingDisk('/keys', '/others') };
    await sealAll(await open(place), [300]);
    return place;
  };

  test('another secret key than that of the network file', async () => {
    const place = await sealed();
    const other = secretKeyPem(Buffer.alloc(32, 8));
    await refused({ ...place, pem: other }, firstEvents(301), /log\.pem .* is not the secret key/);
  });

  test('a secret key that is none of Ed25519', async () => {
    const place = await sealed();
    const { privateKey } = generateKeyPairSync('x25519');
    const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    for (const [one, words] of [
      [pem, /log\.pem .*: expected Ed25519 keys in PEM, .* \(a key of type x25519/],
      [pem.replace('M', '!'), /log\.pem .*: expected Ed25519 keys in PEM/],
    ] as const)
      await refused({ ...place, pem: one }, firstEvents(301), words);
  });

  test('the key of a day that is lost', async () => {
    const place = await sealed();
    await place.disk.port.remove('/keys/2026-03-16.key');
    await refused(
      place,
      firstEvents(301),
      /key of 2026-03-16 .* was used before .* put 2026-03-16\.key back/,
    );
    await place.disk.port.remove('/log');
    await refused(place, firstEvents(301), /key of 2026-03-16/);
  });

  test('a file of a key that is none', async () => {
    const place = await sealed();
    await place.disk.port.write('/keys/2026-03-16.key', Buffer.from('ab\n'), 0o400);
    await refused(place, firstEvents(301), /2026-03-16\.key .* expected 64 hex digits/);
  });

  test('events that are not those of the folder', async () => {
    const place = await sealed();
    const others = Buffer.from(firstEvents(301));
    others[299 * 128 + 90] = (others[299 * 128 + 90] ?? 0) ^ 1;
    await refused(place, others, /another event 300 in topic pool\.main\.events than \/log has/);
  });

  test('events that are not those that were signed', async () => {
    const place = await sealed();
    await place.disk.port.remove('/log');
    const others = Buffer.from(firstEvents(301));
    others[90] = (others[90] ?? 0) ^ 1;
    await refused(place, others, /has a signed checkpoint of 300 events/);
  });

  test('a topic that is of an earlier time than the folder', async () => {
    const { disk } = await sealed();
    const others = Buffer.from(firstEvents(301));
    others[90] = (others[90] ?? 0) ^ 1;
    const log = await newLog();
    // The claims of days are of the earlier time as well.
    await refused({ log, disk }, others, /has a signed checkpoint of 300 events/);
    const seal = await open({ log, disk });
    await seal.take(firstEvents(299));
    await seal.seal();
    assert.deepEqual(await blocksOf(log), [], 'what was signed before comes first');
    await seal.take(firstEvents(301));
    await seal.seal();
    assert.deepEqual(
      (await blocksOf(log)).map(({ size }) => size),
      [301],
    );
  });

  test('a checkpoint in the topic that the log did not sign', async () => {
    const place = await sealed();
    const [block] = await place.log.read(BLOCKS, 0, 0, 1);
    const value = Buffer.from(
      Buffer.from(block?.value ?? [])
        .toString()
        .replace('\n300\n', '\n200\n'),
    );
    await place.log.produce(BLOCKS, [{ key: ORIGIN, value, headers: {} }]);
    const seal = open(place);
    await assert.rejects(seal, /topic blocks, offset 1: the signature of .* does not verify/);
  });
});

describe('what is held against the topic before anything is told', () => {
  /** As clearing writes them, in messages of ten. */
  const produced = async (log: Log, events: Uint8Array): Promise<void> => {
    const follower = new EventsFollower('main');
    for (let at = 0; at < events.length; at += 10 * EVENT_BYTES)
      await log.produce(
        poolEvents('main'),
        follower.messages(events.subarray(at, at + 10 * EVENT_BYTES)),
      );
  };
  const sealedOver = async (count: number) => {
    const place = { log: await newLog(), disk: new StoppingDisk('/keys') };
    await sealAll(await open(place), [count]);
    return place;
  };
  const compared = async (place: Place) => (await open(place)).compareWithTopic();
  const refuses = (place: Place, words: RegExp) =>
    assert.rejects(compared(place), (error: Error) => {
      assert.ok(error instanceof SealFault, error.stack);
      assert.match(error.message, words);
      assert.ok(!error.message.includes('\n'));
      return true;
    });
  const changed = (events: Uint8Array, number: number) => {
    const others = Buffer.from(events);
    const at = (number - 1) * EVENT_BYTES + 90;
    others[at] = (others[at] ?? 0) ^ 1;
    return others;
  };

  test('a topic that has all of them, or more', async () => {
    for (const more of [0, 1, 300]) {
      const place = await sealedOver(256);
      await produced(place.log, firstEvents(256 + more));
      await compared(place);
    }
    await compared({ log: await newLog(), disk: new StoppingDisk('/keys') });
  });

  test('a topic that ends with what a second writer wrote late', async () => {
    const place = await sealedOver(300);
    await produced(place.log, firstEvents(300));
    await produced(place.log, firstEvents(200));
    await compared(place);
  });

  test('a topic that has fewer', async () => {
    const place = await sealedOver(300);
    await produced(place.log, firstEvents(299));
    await refuses(
      place,
      /^the log has 299 events in topic pool\.main\.events, and topic blocks a signed checkpoint of log \S+ of 300: .* restore the newer log, or begin another one \(docs\/operations\.md, Keys of the logs\)/,
    );
    await place.disk.port.remove('/log');
    await refuses(place, /has 299 events .* topic blocks .* of 300: /);
    const log = await newLog();
    await produced(log, firstEvents(120));
    const { disk } = await sealedOver(300);
    await refuses({ log, disk }, /has 120 events .* and \/log a signed checkpoint .* of 300: /);
  });

  test('a topic that was of an earlier time and went on', async () => {
    const place = await sealedOver(300);
    await produced(place.log, changed(firstEvents(600), 300));
    await refuses(place, /has another event 300 in topic pool\.main\.events than \/log has/);
  });

  test('the key of the last day, and of no day before', async () => {
    const place = await sealedOver(MIDNIGHT + 5);
    await produced(place.log, firstEvents(MIDNIGHT + 5));
    await place.disk.port.remove('/keys/2026-03-16.key');
    await compared(place);
    await place.disk.port.remove('/keys/2026-03-17.key');
    await refuses(place, /key of 2026-03-17 .* was used before .* put 2026-03-17\.key back/);
    // Where the folder has nothing, the topic `daykeys` says so all the same.
    await place.disk.port.remove('/log');
    await refuses(place, /key of 2026-03-17 .* was used before/);
  });
});

test('a log whose secret key is lost is refused with what to do', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-seal-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.throws(
    () => openLogFolders(join(folder, 'evidence'), join(folder, 'evidence-keys'), 'main'),
    /CORRIDOR_EVIDENCE_KEYS_FOLDER=.*evidence-keys: put main\/log\.pem back from a backup, .* or begin another log \(docs\/operations\.md, Keys of the logs\)/,
  );
});

test('a day’s key that is there is never replaced, and its owner alone reads it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-day-keys-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [one, other] = [openDayKeyFiles(folder), openDayKeyFiles(folder)];
  assert.equal(one.read('2026-03-16'), null);
  await one.add('2026-03-16', 'the first');
  await other.add('2026-03-16', 'the second');
  assert.equal(other.read('2026-03-16'), 'the first');
  assert.deepEqual(readdirSync(folder), ['2026-03-16.key']);
  assert.equal(statSync(join(folder, '2026-03-16.key')).mode & 0o777, 0o400);
});

test('what the disk refuses, and what a killed process left, stays under no hidden name', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-partials-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [logs, secrets] = [join(folder, 'logs'), join(folder, 'secrets')];
  const [own, tiles] = [join(secrets, 'main'), join(logs, 'pool', 'main', 'tile', '0')];
  for (const path of [own, tiles]) mkdirSync(path, { recursive: true });
  writeFileSync(join(own, 'log.pem'), secretKeyPem(SECRET));
  const names = () => [own, tiles].flatMap((path) => readdirSync(path).sort());
  const full = {
    ...nodeDisk,
    create: async () => false,
    async write(file: string, bytes: Uint8Array, mode: number) {
      await nodeDisk.write(file, bytes.subarray(0, bytes.length >> 1), mode);
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    },
  };
  await assert.rejects(openDayKeyFiles(own, full).add('2026-03-16', 'key'), /no space/);
  const bytes = Buffer.alloc(100);
  await assert.rejects(
    openSealFiles(join(logs, 'pool', 'main'), full).write([{ path: 'tile/0/000', bytes }]),
    /no space/,
  );
  assert.deepEqual(names(), ['log.pem'], 'of a failed write nothing is left');
  // Of a tile that was begun under its own name the next has the whole.
  writeFileSync(join(tiles, '000'), 'half');
  await openSealFiles(join(logs, 'pool', 'main')).write([{ path: 'tile/0/000', bytes }]);
  assert.deepEqual(readFileSync(join(tiles, '000')), bytes);
  // And one that is whole, which a checkpoint may cover, stays so until another stands beside it.
  await assert.rejects(
    openSealFiles(join(logs, 'pool', 'main'), { ...full, create: nodeDisk.create }).write([
      { path: 'tile/0/000', bytes: Buffer.alloc(100, 1) },
    ]),
    /no space/,
  );
  assert.deepEqual(readFileSync(join(tiles, '000')), bytes);
  rmSync(join(tiles, '000'));
  // Killed between its two names, a while ago, and one that another process writes now.
  writeFileSync(join(own, '2026-03-16.key'), 'key');
  linkSync(join(own, '2026-03-16.key'), join(own, '.0123456789ab.partial'));
  const [old, young] = ['.aaaaaaaaaaaa.partial', '.bbbbbbbbbbbb.partial'];
  for (const path of [own, tiles])
    for (const name of [old, young]) writeFileSync(join(path, name), 'half');
  for (const path of [own, tiles]) utimesSync(join(path, old), 1, 1);
  const { dayKeys } = openLogFolders(logs, secrets, 'main');
  assert.deepEqual(names(), [young, '2026-03-16.key', 'log.pem', young]);
  assert.equal(dayKeys.read('2026-03-16'), 'key');
});

describe('two notifiers of one pool', () => {
  test('of which one is behind: it signs nothing smaller than what is signed', async () => {
    const [log, disk] = [await newLog(), new StoppingDisk('/keys')];
    const [ahead, behind] = [await open({ log, disk }), await open({ log, disk })];
    await behind.take(firstEvents(MIDNIGHT + 2));
    await ahead.take(firstEvents(EVENTS));
    await ahead.seal();
    await behind.seal();
    const sizes = async () => (await blocksOf(log)).map(({ size }) => size);
    assert.deepEqual(await sizes(), [EVENTS]);
    await behind.take(firstEvents(EVENTS + 1));
    await behind.seal();
    assert.deepEqual(await sizes(), [EVENTS, EVENTS + 1]);
    agree(disk, await blocksOf(log));
  });

  test('whose topic ends with a smaller checkpoint than the folder has', async () => {
    const [log, disk] = [await newLog(), new StoppingDisk('/keys')];
    await sealAll(await open({ log, disk }), [MIDNIGHT + 2, 4]);
    const [smaller] = await log.read(BLOCKS, 0, 0, 1);
    // Both looked before either wrote.
    await log.produce(BLOCKS, [
      { key: ORIGIN, value: (smaller as LoggedMessage).value, headers: {} },
    ]);
    await disk.port.remove('/keys/2026-03-16.key');
    const seal = await open({ log, disk });
    assert.equal(seal.sealed, MIDNIGHT + 6);
    await sealAll(seal, [MIDNIGHT + 6, 2]);
    assert.equal((await blocksOf(log)).at(-1)?.size, MIDNIGHT + 8);
    isWhole(logIn(disk), (await blocksOf(log)).at(-1) as Checkpoint);
  });

  test('of which one has signed other events of the same number: the other stops', async () => {
    const [log, disk] = [await newLog(), new StoppingDisk('/keys')];
    const [one, other] = [await open({ log, disk }), await open({ log, disk })];
    await one.take(firstEvents(300));
    await one.seal();
    await other.take(Buffer.concat([firstEvents(299), eventsFrom(299, 1)]));
    await assert.rejects(
      other.seal(),
      /checkpoint of 300 events, and the pool's events are others/,
    );
    assert.equal((await blocksOf(log)).length, 1);
  });

  test('of which one signs while the other does: what it signed is looked at all the same', async () => {
    const others = { log: await newLog(), disk: new StoppingDisk('/keys') };
    const other = await open(others);
    await other.take(firstEvents(400));
    await other.seal();
    const [shown] = await others.log.read(BLOCKS, 0, 0, 1);
    const { key, value, headers } = shown as LoggedMessage;
    const log = await newLog();
    const foreign = [{ key, value, headers }];
    const racing: Log = {
      ...log,
      async produce(topic, messages) {
        await log.produce(BLOCKS, topic === BLOCKS ? foreign.splice(0) : []);
        return log.produce(topic, messages);
      },
    };
    const one = await open({ log: racing, disk: new StoppingDisk('/keys') });
    await one.take(firstEvents(300));
    await one.seal();
    await one.take(eventsFrom(301, 100));
    await assert.rejects(one.seal(), /checkpoint of 400 events, and the pool's events are others/);
  });

  test('with the same folder write one log', async () => {
    const [log, disk] = [await newLog(), new StoppingDisk('/keys')];
    const [one, other] = [await open({ log, disk }), await open({ log, disk })];
    let from = 1;
    for (const count of PIECES) {
      const events = eventsFrom(from, count);
      await Promise.all([one.take(events), other.take(events)]);
      await Promise.all([one.seal(), other.seal()]);
      from += count;
    }
    const blocks = await blocksOf(log);
    assert.equal(blocks.length, 2 * PIECES.length);
    agree(disk, blocks);
    isWhole(logIn(disk), blocks.at(-1) as Checkpoint);
  });

  test('with keys of days of their own: the second stops before it signs anything', async () => {
    const [log, disk] = [await newLog(), new StoppingDisk('/keys', '/others')];
    const one = await open({ log, disk });
    const other = await open({ log, disk, folder: '/other', secrets: '/others' });
    await one.take(firstEvents(300));
    const stops = assert.rejects(
      other.take(firstEvents(300)),
      /stop this notifier, where another seals this pool/,
    );
    await Promise.all([one.seal(), stops]);
    await other.seal();
    assert.equal((await blocksOf(log)).length, 1);
    assert.equal(other.taken, 0);
  });

  test('that begin in the same instant: one of them stops', async () => {
    const [log, disk] = [await newLog(), new StoppingDisk('/keys', '/others')];
    const one = await open({ log, disk });
    const other = await open({ log, disk, folder: '/other', secrets: '/others' });
    const ends = await Promise.allSettled([
      one.take(firstEvents(300)),
      other.take(firstEvents(300)),
    ]);
    assert.deepEqual(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    await Promise.all([one.seal(), other.seal()]);
    assert.equal((await blocksOf(log)).length, 1);
  });
});
