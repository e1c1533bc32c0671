/**
 * The embedded log's file: SQLite (libsql) in WAL mode with synchronous=FULL, so that a commit is on
 * the disk when it returns and a crash leaves whole transactions only.
 *
 * Each partition has a table of its own: appends then always go to the right edge of a tree, which
 * keeps pages full. Pages of 16 KiB hold about twenty messages.
 *
 * The exclusive locking mode is what keeps a second writer out: a lock of the operating system, which
 * ends with the process, however it ends.
 */
import { join } from 'node:path';
import Database from 'libsql';
import { makeWritableFolder } from '../folders.ts';
import { LogError, type LogPosition, type TopicSpec } from './log.ts';
import type { Run } from './runs.ts';

const PAGE_BYTES = 16_384;
/** What is in the WAL is copied into the file when it has grown so far: seldom, as others wait. */
const CHECKPOINT_BYTES = 64 * 1_048_576;
/** Of the tables below, in `user_version`; raised when they change. */
const FORMAT = 2;
/** Runs looked for at first, and twice as many at each further look. */
const FIRST_RUNS = 4;
/** A read ends where it has so much. */
const READ_BYTES_MAX = 2 * 1_048_576;

const SCHEMA = `
  CREATE TABLE topics (name TEXT PRIMARY KEY, partitions INTEGER NOT NULL,
    timestamps TEXT NOT NULL, compacted INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE partitions (id INTEGER PRIMARY KEY, topic TEXT NOT NULL,
    partition INTEGER NOT NULL, start INTEGER NOT NULL);
  CREATE TABLE commits (consumers TEXT, topic TEXT, partition INTEGER, log_offset INTEGER NOT NULL,
    PRIMARY KEY (consumers, topic, partition)) WITHOUT ROWID;
  PRAGMA user_version = ${FORMAT};
`;

type Parameter = string | number | null | Uint8Array;
type Statement = Database.Statement<Parameter[]>;

/** A row: offset of the run's first record, how many it has, time of the last in ms, and the run. */
type Row = [number, number, number, Buffer];

/** One partition's table, a row a run. */
export interface PartitionTable {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly lastTimeMs: number | null;
  /** In a transaction. */
  insert(firstOffset: number, count: number, lastMs: number, bytes: Buffer): void;
  /** The run in which the offset is and those that follow, up to about so many records behind it. */
  select(fromOffset: number, maxRecords: number): Run[];
  deleteBefore(logOffset: number): void;
}

export interface CommittedPosition extends LogPosition {
  readonly group: string;
}

export interface Store {
  /** Runs `work` as one durable transaction: all of it happens, or it throws and nothing did. */
  transaction<T>(work: () => T): T;
  topics(): TopicSpec[];
  /** In a transaction. */
  insertTopic(spec: TopicSpec): void;
  partitions(topic: string): PartitionTable[];
  /** In a transaction. */
  insertCommit(group: string, position: LogPosition): void;
  commits(): CommittedPosition[];
  close(): void;
}

function storeError(folder: string, error: unknown): LogError {
  const { code, message } = error as { code?: string; message: string };
  const options = { cause: error };
  if (code === 'SQLITE_FULL')
    return new LogError(
      'diskFull',
      `the log in ${folder} cannot grow: the disk is full; nothing was written, free some space`,
      options,
    );
  if (code === 'SQLITE_BUSY')
    return new LogError(
      'locked',
      `the log in ${folder} is open in another process: stop that one, or choose another folder`,
      options,
    );
  return new LogError(
    'storeFailed',
    `the log in ${folder} failed: ${code ?? ''} ${message}`,
    options,
  );
}

function prepareFolder(folder: string): void {
  try {
    makeWritableFolder(folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // A full disk may be read, and what is on it refuses for itself.
    if (code === 'ENOSPC') return;
    throw new LogError(
      'storeFailed',
      `nothing can be written in ${folder} (${message}): name a folder that can be written`,
      { cause: error },
    );
  }
}

function prepareFile(database: Database.Database, folder: string, bytesMax?: number): void {
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
  // Before WAL is entered, so that its index is in memory and the lock is taken at once.
  database.prepare('PRAGMA locking_mode = EXCLUSIVE').all();
  database.prepare('PRAGMA journal_mode = WAL').all();
  database.exec('PRAGMA synchronous = FULL');
  database.prepare(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_BYTES / PAGE_BYTES}`).all();
  if (bytesMax !== undefined)
    database.prepare(`PRAGMA max_page_count = ${Math.ceil(bytesMax / PAGE_BYTES)}`).all();
  database.exec('BEGIN IMMEDIATE');
  const [format] = database.prepare('PRAGMA user_version').raw().get() as [number];
  if (format === 0) database.exec(SCHEMA);
  database.exec('COMMIT');
  if (format !== 0 && format !== FORMAT)
    throw new LogError(
      'storeFailed',
      `the log in ${folder} has format ${format}, this version reads ${FORMAT}: use the version ` +
        'that wrote it, or another folder',
    );
}

/** Gives the file back. libsql's close leaves the lock to statements not yet collected. */
function release(database: Database.Database): void {
  try {
    if (database.inTransaction) database.exec('ROLLBACK');
    database.prepare('PRAGMA journal_mode = DELETE').all();
    database.prepare('PRAGMA locking_mode = NORMAL').all();
    database.prepare('SELECT count(*) FROM sqlite_master').all();
  } catch {
    // The disk is full or gone: the WAL stays, and the lock until this process ends; both are as
    // after a crash.
  }
  database.close();
}

function openTable(database: Database.Database, id: number, start: number): PartitionTable {
  const table = `records_${id}`;
  const insert: Statement = database.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?)`);
  const find = database.prepare(`SELECT max(log_offset) FROM ${table} WHERE log_offset <= ?`).raw();
  const select: Statement = database.prepare(
    `SELECT * FROM ${table} WHERE log_offset >= ? ORDER BY log_offset LIMIT ?`,
  );
  select.raw();
  const last = database
    .prepare(`SELECT log_offset, count, last_ms FROM ${table} ORDER BY log_offset DESC LIMIT 1`)
    .raw()
    .get() as [number, number, number] | undefined;
  return {
    id,
    start,
    end: last === undefined ? start : last[0] + last[1],
    lastTimeMs: last?.[2] ?? null,
    insert: (firstOffset, count, lastMs, bytes) =>
      void insert.run(firstOffset, count, lastMs, bytes),
    select(fromOffset, maxRecords) {
      const [first] = find.get(fromOffset) as [number | null];
      return first === null ? [] : selectRuns(select, first, fromOffset + maxRecords);
    },
    deleteBefore(logOffset) {
      database.prepare(`DELETE FROM ${table} WHERE log_offset + count <= ?`).run(logOffset);
      database.prepare('UPDATE partitions SET start = ? WHERE id = ?').run(logOffset, id);
    },
  };
}

/** Rows are fetched before they are looked at, and one may hold much: so a few at first. */
function selectRuns(select: Statement, first: number, behind: number): Run[] {
  const runs: Run[] = [];
  let bytesRead = 0;
  for (let next = first, limit = FIRST_RUNS; next < behind; limit *= 2) {
    const rows = select.all(next, limit) as Row[];
    for (const [firstOffset, count, , bytes] of rows) {
      runs.push({ firstOffset, count, bytes });
      bytesRead += bytes.length;
      next = firstOffset + count;
    }
    if (rows.length < limit || bytesRead >= READ_BYTES_MAX) break;
  }
  return runs;
}

/** @param bytesMax the file's largest size, by default what the disk holds */
export function openStore(folder: string, bytesMax?: number): Store {
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof LogError ? error : storeError(folder, error);
    }
  };
  prepareFolder(folder);
  const database = guarded(() => new Database(join(folder, 'log.sqlite')));
  try {
    guarded(() => prepareFile(database, folder, bytesMax));
  } catch (error) {
    release(database);
    throw error;
  }
  const insertCommit: Statement = database.prepare(
    'INSERT OR REPLACE INTO commits VALUES (?, ?, ?, ?)',
  );

  return {
    transaction: (work) =>
      guarded(() => {
        database.exec('BEGIN IMMEDIATE');
        try {
          const result = work();
          database.exec('COMMIT');
          return result;
        } catch (error) {
          // SQLite has rolled back by itself where the disk is full.
          if (database.inTransaction) database.exec('ROLLBACK');
          throw error;
        }
      }),
    topics() {
      const rows = database.prepare('SELECT * FROM topics ORDER BY name').raw().all() as [
        string,
        number,
        TopicSpec['timestamps'],
        number,
      ][];
      return rows.map(([name, partitions, timestamps, compacted]) => ({
        name,
        partitions,
        timestamps,
        compacted: compacted === 1,
      }));
    },
    insertTopic(spec) {
      database
        .prepare('INSERT INTO topics VALUES (?, ?, ?, ?)')
        .run(spec.name, spec.partitions, spec.timestamps, spec.compacted ? 1 : 0);
      const insert = database.prepare('INSERT INTO partitions VALUES (NULL, ?, ?, 0)');
      for (let partition = 0; partition < spec.partitions; partition++) {
        const { lastInsertRowid } = insert.run(spec.name, partition);
        database.exec(
          `CREATE TABLE records_${lastInsertRowid} (log_offset INTEGER PRIMARY KEY, ` +
            'count INTEGER NOT NULL, last_ms INTEGER NOT NULL, run BLOB NOT NULL)',
        );
      }
    },
    partitions(topic) {
      const rows = database
        .prepare('SELECT id, start FROM partitions WHERE topic = ? ORDER BY partition')
        .raw()
        .all(topic) as [number, number][];
      return rows.map(([id, start]) => openTable(database, id, start));
    },
    insertCommit: (group, { topic, partition, logOffset }) =>
      void insertCommit.run(group, topic, partition, logOffset),
    commits() {
      const rows = database.prepare('SELECT * FROM commits').raw().all() as [
        string,
        string,
        number,
        number,
      ][];
      return rows.map(([group, topic, partition, logOffset]) => ({
        group,
        topic,
        partition,
        logOffset,
      }));
    },
    close: () => release(database),
  };
}
