/**
 * The embedded log's file: SQLite (libsql) in WAL mode with synchronous=FULL, so that a commit is on
 * the disk when it returns and a crash leaves whole transactions only. Pages of 16 KiB hold about
 * twenty messages; what is in them, and how it is checked: store-format.ts.
 *
 * The exclusive locking mode is what keeps a second writer out: a lock of the operating system, which
 * ends with the process, however it ends. Readers without a writer share a lock.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { makeWritableFolder } from '../../folders-and-whole-files.ts';
import { lockHolder } from '../../process-is-alive.ts';
import { LogError, type TopicSpec } from '../log.ts';
import { damaged } from './checksums.ts';
import {
  type CommittedPosition,
  type Contents,
  openTables,
  type PartitionRow,
  type Rows,
  recordsTable,
  writeRows,
} from './store-format.ts';
import { openTable, type PartitionTable } from './store-table.ts';
import { checkWriteAhead, isClosed } from './write-ahead-check.ts';

const LOG_FILE = 'log.sqlite';
const PAGE_BYTES = 16_384;
/** What is in the WAL is copied into the file when it has grown so far: seldom, as others wait. */
const CHECKPOINT_BYTES = 64 * 1_048_576;

export interface StoreOptions {
  readonly folder: string;
  /** The file's largest size, by default what the disk holds. */
  readonly bytesMax: number | undefined;
  readonly readOnly: boolean;
}

export interface StoredTopic {
  readonly spec: TopicSpec;
  readonly tables: readonly PartitionTable[];
}

export interface LogStore {
  /** Runs `work` as one durable transaction: all of it happens, or it throws and nothing did. */
  transaction<T>(work: () => T): T;
  /** As they were when it was opened. */
  readonly topics: readonly StoredTopic[];
  readonly commits: readonly CommittedPosition[];
  /** In a transaction, as all that follow. */
  createTopic(spec: TopicSpec): StoredTopic;
  updatePartition(row: PartitionRow): void;
  putCommit(commit: CommittedPosition): void;
  close(): void;
}

/** What SQLite answers where the file is none that it wrote. */
const DAMAGE = /^SQLITE_(CORRUPT|NOTADB|ERROR|CONSTRAINT|MISMATCH|FORMAT|SCHEMA)/;

function storeError(folder: string, error: unknown): LogError {
  const { code = '', message } = error as { code?: string; message: string };
  const options = { cause: error };
  if (code.startsWith('SQLITE_FULL'))
    return new LogError(
      'diskFull',
      `the log in ${folder} cannot grow: the disk is full; nothing was written, free some space`,
      options,
    );
  if (code.startsWith('SQLITE_BUSY')) {
    const pid = lockHolder(join(folder, LOG_FILE));
    return new LogError(
      'locked',
      `the log in ${folder} is open in ${pid === null ? 'another process' : `process ${pid}`}: stop that one, or choose another folder`,
      options,
    );
  }
  if (DAMAGE.test(code)) return damaged(folder, message, error);
  const reason = [code, message].filter((part) => part !== '').join(' ');
  return new LogError('storeFailed', `the log in ${folder} failed: ${reason}`, options);
}

/** SQLite says of it no more than that it could not open the file. */
function refuseWithoutPermission(file: string, { folder, readOnly }: StoreOptions): void {
  if (!existsSync(file)) return;
  try {
    accessSync(file, readOnly ? constants.R_OK : constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new LogError(
      'storeFailed',
      `this user may not ${readOnly ? 'read' : 'read and write'} the log in ${folder} (${(error as Error).message}): give it permission, or come as the owner`,
      { cause: error },
    );
  }
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

function openForWriting(file: string, bytesMax: number | undefined): Database.Database {
  const database = new Database(file);
  try {
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
    // Before WAL is entered, so that its index is in memory and the lock is taken at once.
    database.prepare('PRAGMA locking_mode = EXCLUSIVE').all();
    database.prepare('PRAGMA journal_mode = WAL').all();
    database.exec('PRAGMA synchronous = FULL');
    database.prepare(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_BYTES / PAGE_BYTES}`).all();
    if (bytesMax !== undefined)
      database.prepare(`PRAGMA max_page_count = ${Math.ceil(bytesMax / PAGE_BYTES)}`).all();
  } catch (error) {
    release(database);
    throw error;
  }
  return database;
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

function inTransaction<T>(database: Database.Database, work: () => T): T {
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
}

/** For a reader; the lock that readers share is held by a transaction that does not end. */
function openForReading(file: string): Database.Database {
  const database = new Database(`${pathToFileURL(file).href}?mode=ro`);
  database.exec('BEGIN');
  return database;
}

/** A log that was not closed has to be recovered, by a reader too. */
function isRead(file: string, { folder, readOnly }: StoreOptions): boolean {
  if (readOnly && isClosed(file)) return true;
  try {
    prepareFolder(folder);
    return false;
  } catch (error) {
    if (!readOnly) throw error;
    throw new LogError(
      'storeFailed',
      `the log in ${folder} was not closed, as after a crash, and to recover it the folder must be ` +
        'writable: copy it to where it is',
      { cause: error },
    );
  }
}

export function openStore(options: StoreOptions): LogStore {
  const { folder, bytesMax, readOnly } = options;
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof LogError ? error : storeError(folder, error);
    }
  };
  const file = join(folder, LOG_FILE);
  refuseWithoutPermission(file, options);
  const isReader = isRead(file, options);
  if (!isReader) checkWriteAhead(file);
  const database = guarded(() =>
    isReader ? openForReading(file) : openForWriting(file, bytesMax),
  );
  const close = () => release(database);
  try {
    const open = () => openTables(database, folder, readOnly);
    const contents = guarded(() => (isReader ? open() : inTransaction(database, open)));
    const isWritten = !readOnly;
    return storeOf({ database, folder, isWritten, guarded, close }, contents);
  } catch (error) {
    close();
    throw error;
  }
}

interface OpenFile {
  readonly database: Database.Database;
  readonly folder: string;
  readonly isWritten: boolean;
  guarded<T>(work: () => T): T;
  close(): void;
}

function storeOf(
  { database, folder, isWritten, guarded, close }: OpenFile,
  { topics, partitions, commits, hasChecksums }: Contents,
): LogStore {
  let prepared: Rows | undefined;
  // A reader has none.
  const rows = () => {
    prepared ??= writeRows(database);
    return prepared;
  };
  return {
    topics: topics.map((spec) => ({
      spec,
      tables: partitions
        .filter(({ topic }) => topic === spec.name)
        .map((row) => openTable(database, folder, row, hasChecksums)),
    })),
    commits,
    close,
    transaction(work) {
      if (!isWritten) throw new LogError('storeFailed', `the log in ${folder} is read only`);
      return guarded(() => inTransaction(database, work));
    },
    createTopic(spec) {
      rows().insertTopic(spec);
      const tables = Array.from({ length: spec.partitions }, (_, partition) => {
        const row = { topic: spec.name, partition, start: 0, end: 0, unchecked: 0 };
        const id = rows().insertPartition(row);
        database.exec(recordsTable(id));
        return openTable(database, folder, { ...row, id }, true);
      });
      return { spec, tables };
    },
    updatePartition: (row) => rows().updatePartition(row),
    putCommit: (commit) => rows().putCommit(commit),
  };
}
