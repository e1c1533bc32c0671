/**
 * What the embedded log reads is what was written, or it names the place: single bits and bytes of its
 * file are changed, anywhere and on purpose. Nothing that changed is ever delivered.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Database from 'libsql';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import {
  checkRun,
  readRun,
  runChecksum,
} from '../../services/platform/log/embedded/record-runs.ts';
import { openStore } from '../../services/platform/log/embedded/sqlite-file-and-fsync.ts';
import { type Log, LogError, type LogRecord } from '../../services/platform/log/log.ts';
import { readAll } from './log-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-damage-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const SEED = 20260318;
const FLIPS = process.env.CORRIDOR_LONG_TESTS === '1' ? 700 : 350;
const PAGE_BYTES = 16_384;
const TOPICS = [
  { name: 'payments', partitions: 3, timestamps: 'append' as const, compacted: false },
  { name: 'pool.main.input', partitions: 1, timestamps: 'append' as const, compacted: false },
];
/** In one line; what SQLite itself finds at the opening is in its words. */
const NAMED = /^the log in \S+ is damaged: [^\n]+; restore it from a copy$/;

function randomBelow(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

async function fill(log: Log, calls: number): Promise<void> {
  const below = randomBelow(SEED);
  await log.createTopics(TOPICS);
  for (let call = 0; call < calls; call++)
    for (const { name } of TOPICS) {
      const messages = Array.from({ length: 1 + below(12) }, (_, index) => ({
        key: below(4) === 0 ? null : `BANK${below(9)}`,
        value: Buffer.from(`{"Amt":"0.01"} ${call}/${index} ${'x'.repeat(below(1_500))}`),
        headers: { ce_id: `${call}-${index}` },
      }));
      await log.produce(name, messages);
      const logOffset = await log.endOffset(name, 0);
      await log.commit(`readers ${call % 5}`, [{ topic: name, partition: 0, logOffset }]);
    }
  await log.deleteBefore('payments', 1, 7);
}

const intact = join(folder, 'intact');
const log = openEmbeddedLog({ folder: intact });
await fill(log, 40);
await log.close();
const file = readFileSync(join(intact, 'log.sqlite'));

/** All that a log of these bytes gives, as text. */
function contents(place: string, readOnly: boolean): string {
  const store = openStore({ folder: place, bytesMax: undefined, readOnly });
  try {
    const topics = store.topics.map(({ spec, tables }) => ({
      spec,
      partitions: tables.map(({ row, lastTimeMs, select }) => {
        const { topic, partition, unchecked } = row;
        const records: LogRecord[] = [];
        for (let next = row.start; next < row.end; next = (records.at(-1)?.logOffset ?? 0) + 1)
          for (const run of select(next, 50))
            readRun(run, { folder: place, topic, partition, unchecked }, next, 1e9, records);
        const shown = records.map((record) => ({ ...record, value: String(record.value) }));
        return { start: row.start, end: row.end, lastTimeMs, records: shown };
      }),
    }));
    return JSON.stringify({ topics, commits: store.commits });
  } finally {
    store.close();
  }
}

const expected = contents(intact, true);

const ELSE = 'something else is delivered';

/** 'harmless', ELSE, or the line that names the damage. */
function outcome(bytes: Buffer, readOnly: boolean): string {
  const place = mkdtempSync(join(folder, 'flipped-'));
  writeFileSync(join(place, 'log.sqlite'), bytes);
  try {
    const got = contents(place, readOnly);
    if (got !== expected) return ELSE;
    return 'harmless';
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    if (!/has format \d+, this version reads/.test(error.message))
      assert.match(error.message, NAMED);
    return error.message;
  } finally {
    rmSync(place, { recursive: true });
  }
}

test(`a bit or byte that changed anywhere in the file is harmless or named, seed ${SEED}`, (t) => {
  const below = randomBelow(SEED);
  const found = new Map<string, number>();
  for (let flip = 0; flip < FLIPS; flip++) {
    const bytes = Buffer.from(file);
    const page = below(bytes.length / PAGE_BYTES) * PAGE_BYTES;
    // The file's header, a page's with the first pointers to its cells, or anywhere.
    const at = [below(100), page + below(48), page + below(PAGE_BYTES)][flip % 3] as number;
    const change = flip % 2 === 0 ? 1 << below(8) : 1 + below(255);
    bytes[at] = (bytes[at] as number) ^ change;
    try {
      const line = outcome(bytes, flip % 4 > 0);
      assert.notEqual(line, ELSE);
      const kind = line.replace(/^.* is damaged: /, '').replace(/\d+/g, 'N');
      const short = kind.split(/[:(]/).slice(0, 2).join(':');
      found.set(short, (found.get(short) ?? 0) + 1);
    } catch (error) {
      assert.fail(`flip ${flip}: byte ${at} xor ${change}: ${(error as Error).stack}`);
    }
  }
  const total = [...found].filter(([kind]) => kind !== 'harmless').reduce((n, [, c]) => n + c, 0);
  t.diagnostic(JSON.stringify([...found].sort(([, a], [, b]) => b - a)));
  assert.ok(total > FLIPS / 4, `${total} of ${FLIPS} were named`);
});

/** A copy of the log, changed by SQL. */
function changed(sql: string): Buffer {
  const place = mkdtempSync(join(folder, 'changed-'));
  const copy = join(place, 'log.sqlite');
  copyFileSync(join(intact, 'log.sqlite'), copy);
  const database = new Database(copy);
  database.exec(sql);
  database.close();
  return readFileSync(copy);
}

const SECOND = '(SELECT log_offset FROM records_2 ORDER BY log_offset LIMIT 1 OFFSET 1)';
const LAST = '(SELECT max(log_offset) FROM records_4)';

test('what is changed, removed or moved in its tables is named with its place', () => {
  const partition = (offset: string, what: string) =>
    new RegExp(`damaged: topic payments partition 1 offset ${offset}: ${what}`);
  const rows: [sql: string, line: RegExp][] = [
    [
      `UPDATE records_2 SET run = CAST(replace(run, '"0.01"', '"0.91"') AS BLOB)
        WHERE log_offset = ${SECOND}`,
      partition('\\d+', 'record \\d+ changed \\(checksum [0-9a-f]{8}, now'),
    ],
    [
      `UPDATE records_2 SET last_ms = last_ms + 1 WHERE log_offset = ${SECOND}`,
      partition('\\d+', '(the records|record) .* changed'),
    ],
    [`UPDATE records_2 SET count = count + 1 WHERE log_offset = ${SECOND}`, partition('\\d+', '')],
    [
      `UPDATE records_2 SET log_offset = log_offset + 100000 WHERE log_offset = ${SECOND}`,
      partition('\\d+', ''),
    ],
    [
      `UPDATE records_2 SET checksum = checksum + 1 WHERE log_offset = ${SECOND}`,
      partition('\\d+', '(the records|record) .* changed'),
    ],
    [
      `UPDATE records_2 SET checksum = NULL WHERE log_offset = ${SECOND}`,
      partition('\\d+', '(the records|record) .* lost (its|their) checksum'),
    ],
    [`UPDATE records_2 SET run = 'text' WHERE log_offset = ${SECOND}`, partition('\\d+', '')],
    [
      `DELETE FROM records_2 WHERE log_offset = ${SECOND}`,
      partition('\\d+', 'records are missing'),
    ],
    [
      'DELETE FROM records_2 WHERE log_offset = (SELECT min(log_offset) FROM records_2)',
      partition('7', 'records are missing'),
    ],
    [
      `DELETE FROM records_4 WHERE log_offset = ${LAST}`,
      /topic pool\.main\.input partition 0 offset \d+: no more follow, \d+ is its end/,
    ],
    ['DELETE FROM records_4', /topic pool\.main\.input partition 0 offset 0: no more follow/],
    [
      'ALTER TABLE records_1 RENAME TO x; ALTER TABLE records_2 RENAME TO records_1; ALTER TABLE x RENAME TO records_2',
      /topic payments partition/,
    ],
    [
      'UPDATE partitions SET start = start + 1 WHERE id = 2',
      /damaged: table partitions: a row is not what was written \(2 payments 1 8/,
    ],
    ['UPDATE partitions SET end = end - 1 WHERE id = 2', /table partitions: a row/],
    ['UPDATE partitions SET unchecked = end WHERE id = 2', /table partitions: a row/],
    ['DELETE FROM partitions WHERE id = 2', /tables topics and partitions: rows are missing/],
    [
      "DELETE FROM topics WHERE name = 'payments'",
      /tables topics and partitions: rows are missing/,
    ],
    [
      "UPDATE topics SET compacted = 1 WHERE name = 'payments'",
      /table topics: a row is not what was written \(payments 3 append 1\)/,
    ],
    [
      "UPDATE commits SET log_offset = log_offset - 1 WHERE topic = 'payments' AND consumers = 'readers 2'",
      /table commits: a row is not what was written \(readers 2 payments 0/,
    ],
    ["DELETE FROM commits WHERE consumers = 'readers 2'", /table commits: 8 rows, 10 were written/],
    ['UPDATE counts SET commits = 9', /table commits: 10 rows, 9 were written/],
    // What is no text must not end the process: the library aborts over it where it is read as one.
    ["UPDATE topics SET timestamps = CAST(x'ff41' AS TEXT)", /a name in its tables is no text/],
    ["UPDATE partitions SET topic = CAST(x'fe' AS TEXT)", /a name in its tables is no text/],
    [
      "UPDATE commits SET topic = CAST(x'c3' AS TEXT) WHERE consumers = 'readers 2' AND topic = 'payments'",
      /is no text/,
    ],
    ["UPDATE commits SET log_offset = CAST(x'ff' AS TEXT)", /table commits: a row/],
    [
      `UPDATE records_2 SET count = CAST(x'ff' AS TEXT) WHERE log_offset = ${SECOND}`,
      partition('\\d+', ''),
    ],
    [
      `UPDATE records_2 SET run = CAST(x'ff00ff' AS TEXT) WHERE log_offset = ${SECOND}`,
      partition('\\d+', ''),
    ],
    ['PRAGMA user_version = 2', /its first page names format 2, its tables are of 3/],
    ['PRAGMA user_version = 0', /its first page names format 0, its tables are of 3/],
  ];
  for (const [sql, line] of rows)
    for (const readOnly of [false, true])
      assert.match(outcome(changed(sql), readOnly), line, `${sql}, read only: ${readOnly}`);
});

/** What a crash would leave now of a log that is open and at rest. */
function crashImage(place: string): { readonly main: Buffer; readonly wal: Buffer } {
  const main = readFileSync(join(place, 'log.sqlite'));
  return { main, wal: readFileSync(join(place, 'log.sqlite-wal')) };
}

function recovered({ main, wal }: ReturnType<typeof crashImage>, readOnly = false): string {
  const place = mkdtempSync(join(folder, 'recovered-'));
  writeFileSync(join(place, 'log.sqlite'), main);
  writeFileSync(join(place, 'log.sqlite-wal'), wal);
  try {
    return contents(place, readOnly);
  } finally {
    rmSync(place, { recursive: true });
  }
}

test(`after a crash too: nothing but the last transaction goes unnamed, seed ${SEED}`, async (t) => {
  const place = join(folder, 'crashed');
  mkdirSync(place);
  const open = openEmbeddedLog({ folder: place });
  await fill(open, 12);
  const before = recovered(crashImage(place));
  await open.produce('payments', [{ key: 'LAST', value: Buffer.alloc(40_000, 'z'), headers: {} }]);
  const image = crashImage(place);
  await open.close();
  const all = recovered(image);
  assert.ok(all.length > before.length + 40_000);
  assert.equal(recovered(image, true), all, 'a reader recovers it as well');
  const below = randomBelow(SEED);
  const found = { named: 0, harmless: 0, torn: 0 };
  for (let flip = 0; flip < 150; flip++) {
    const wal = Buffer.from(image.wal);
    const at = below(flip % 10 === 0 ? 32 : wal.length);
    wal[at] = (wal[at] as number) ^ (1 << below(8));
    try {
      const got = recovered({ ...image, wal });
      assert.ok(got === all || got === before, `flip ${flip}: byte ${at}`);
      found[got === all ? 'harmless' : 'torn'] += 1;
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      assert.match(error.message, NAMED);
      found.named += 1;
    }
  }
  t.diagnostic(JSON.stringify(found));
  assert.ok(found.named > 100 && found.torn > 0, JSON.stringify(found));
  // Cut short, as by a crash while it was written: that is no damage.
  assert.equal(recovered({ ...image, wal: image.wal.subarray(0, -100) }), before);
});

test('what a reader gets from memory is what was written, or it is told', async () => {
  const open = openEmbeddedLog({ folder: join(folder, 'tail') });
  await open.createTopics(TOPICS);
  const send = (text: string) =>
    open.produce('pool.main.input', [{ key: null, value: Buffer.from(text), headers: {} }]);
  await send('0.01');
  await open.read('pool.main.input', 0, 0, 1); // somebody reads along from here on
  await send('0.02');
  const [record] = await open.read('pool.main.input', 0, 1, 1);
  assert.equal(String(record?.value), '0.02');
  (record as { value: Uint8Array }).value.set(Buffer.from('9'), 2);
  await assert.rejects(open.read('pool.main.input', 0, 1, 1), {
    kind: 'damaged',
    message: /topic pool\.main\.input partition 0 offset 1: record 1 changed/,
  });
  assert.equal(String((await open.read('pool.main.input', 0, 0, 1))[0]?.value), '0.01');
  await open.close();
});

test('a reader of a damaged log stops there, and so does its group; nothing is written', async () => {
  const place = join(folder, 'stops');
  mkdirSync(place);
  writeFileSync(
    join(place, 'log.sqlite'),
    changed(`UPDATE records_4 SET run = CAST(replace(run, '"0.01"', '"0.91"') AS BLOB)
      WHERE log_offset = (SELECT log_offset FROM records_4 LIMIT 1 OFFSET 9)`),
  );
  const open = openEmbeddedLog({ folder: place });
  const got: LogRecord[] = [];
  const subscription = await open.subscribe({
    group: 'auditor',
    topics: ['pool.main.input'],
    maxRecords: 10,
    handle: async ({ records }) => void got.push(...records),
  });
  const line = {
    kind: 'damaged',
    message: /pool\.main\.input partition 0 offset \d+: the records/,
  };
  await assert.rejects(subscription.stopped, line);
  assert.ok(got.length > 0 && got.every(({ value }) => String(value).includes('"0.01"')));
  await assert.rejects(readAll(open, 'pool.main.input', 0), line);
  await open.close();
});

test('a log that is opened to be read takes nothing, and others read beside', async () => {
  const reader = openEmbeddedLog({ folder: intact, readOnly: true });
  const second = openEmbeddedLog({ folder: intact, readOnly: true });
  assert.throws(() => openEmbeddedLog({ folder: intact }), { kind: 'locked' });
  const line = { message: /is read only/ };
  await assert.rejects(
    reader.produce('payments', [{ key: 'x', value: Buffer.of(1), headers: {} }]),
    line,
  );
  await assert.rejects(reader.createTopics([{ ...TOPICS[0]!, name: 'more' }]), line);
  await assert.rejects(
    reader.commit('g', [{ topic: 'payments', partition: 0, logOffset: 0 }]),
    line,
  );
  assert.deepEqual(await readAll(reader, 'payments', 2), await readAll(second, 'payments', 2));
  await reader.close();
  await second.close();
  assert.ok(readFileSync(join(intact, 'log.sqlite')).equals(file));
  await openEmbeddedLog({ folder: intact }).close();
});

test('a file is given back when it is closed, not when memory is collected', () => {
  const place = join(folder, 'given-back');
  mkdirSync(place);
  writeFileSync(join(place, 'log.sqlite'), file);
  const open = (readOnly: boolean) => openStore({ folder: place, bytesMax: undefined, readOnly });
  open(true).close();
  open(false).close();
  const reader = open(true);
  // Who is refused holds nothing either.
  assert.throws(() => open(false), { kind: 'locked' });
  reader.close();
  open(false).close();
});

test('a run that comes to lie elsewhere is not what was written there', () => {
  const place = { folder: 'log', topic: 'payments', partition: 1, unchecked: 0 };
  const run = { firstOffset: 7, count: 1, lastMs: 5, bytes: Buffer.from('bytes') };
  const checksum = runChecksum(place, run);
  checkRun({ ...run, checksum }, place);
  for (const other of [{ topic: 'statuses' }, { partition: 0 }])
    assert.throws(() => checkRun({ ...run, checksum }, { ...place, ...other }), /changed/);
  for (const other of [{ firstOffset: 8 }, { count: 2 }, { lastMs: 6 }])
    assert.throws(() => checkRun({ ...run, ...other, checksum }, place), /changed/);
});
