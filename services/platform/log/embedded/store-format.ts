/**
 * The tables of the embedded log's file. Each partition has one of its own: appends then always go to
 * the right edge of a tree, which keeps pages full.
 *
 * Format 3: every row has a checksum, a partition's row says where the partition ends, and `counts`
 * how many commits there are, so that what is missing at the end is missed too. Format 2 had none of
 * it. A file of format 2 becomes one of 3 when it is opened for writing; its records stay as they are
 * (a partition has them before its offset `unchecked`) and only their lengths can be checked.
 */
import type Database from 'libsql';
import { LogError, type LogPosition, type TopicSpec } from '../log.ts';
import { checksumOf, damaged } from './checksums.ts';

/** In `user_version`; raised when the tables change. */
const FORMAT = 3;
const UNCHECKED_FORMAT = 2;

const SCHEMA = `
  CREATE TABLE topics (name TEXT PRIMARY KEY, partitions INTEGER NOT NULL,
    timestamps TEXT NOT NULL, compacted INTEGER NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE partitions (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, unchecked INTEGER NOT NULL,
    checksum INTEGER NOT NULL);
  CREATE TABLE commits (consumers TEXT, topic TEXT, partition INTEGER, log_offset INTEGER NOT NULL,
    checksum INTEGER NOT NULL, PRIMARY KEY (consumers, topic, partition)) WITHOUT ROWID;
  CREATE TABLE counts (commits INTEGER NOT NULL);
  INSERT INTO counts VALUES (0);
  PRAGMA user_version = ${FORMAT};
`;

/**
 * How columns are read. A bit that flips may make a text of a number or of bytes, and the library ends
 * the process over a text that is not UTF-8: so nothing is read as text.
 */
export const asNumber = (column: string): string => `CAST(${column} AS INTEGER)`;
export const asBytes = (column: string): string => `CAST(${column} AS BLOB)`;

const COLUMNS = {
  topics: [asBytes('name'), asNumber('partitions'), asBytes('timestamps'), asNumber('compacted')],
  partitions: [
    ...[asNumber('id'), asBytes('topic'), asNumber('partition'), asNumber('start')],
    ...[asNumber('"end"'), asNumber('unchecked')],
  ],
  commits: [asBytes('consumers'), asBytes('topic'), asNumber('partition'), asNumber('log_offset')],
} as const;

/** A row a run: its first offset, how many records, the time of the last in ms, and the run. */
export const recordsTable = (id: number): string =>
  `CREATE TABLE records_${id} (log_offset INTEGER PRIMARY KEY, count INTEGER NOT NULL,
    last_ms INTEGER NOT NULL, run BLOB NOT NULL, checksum INTEGER)`;

/** A partition's row: what it keeps are the offsets from `start` up to, not including, `end`. */
export interface PartitionRow {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  readonly start: number;
  readonly end: number;
  /** Records before this offset have no checksum. */
  readonly unchecked: number;
}

export interface CommittedPosition extends LogPosition {
  readonly group: string;
}

/** All rows but the records. */
export interface Contents {
  readonly topics: readonly TopicSpec[];
  /** In the order of their numbers inside a topic. */
  readonly partitions: readonly PartitionRow[];
  readonly commits: readonly CommittedPosition[];
  /** Whether the records' tables have a column for checksums. */
  readonly hasChecksums: boolean;
}

type Column = string | number;

const topicColumns = ({ name, partitions, timestamps, compacted }: TopicSpec): Column[] => [
  name,
  partitions,
  timestamps,
  compacted ? 1 : 0,
];
const partitionColumns = (row: PartitionRow): Column[] => [
  row.id,
  row.topic,
  row.partition,
  row.start,
  row.end,
  row.unchecked,
];
const commitColumns = ({ group, topic, partition, logOffset }: CommittedPosition): Column[] => [
  group,
  topic,
  partition,
  logOffset,
];

const toTopic = ([name, partitions, timestamps, compacted]: readonly unknown[]): TopicSpec => ({
  name: name as string,
  partitions: partitions as number,
  timestamps: timestamps as TopicSpec['timestamps'],
  compacted: compacted === 1,
});
const toPartition = (row: readonly unknown[]): PartitionRow => {
  const [id, , partition, start, end, unchecked] = row as number[];
  const topic = row[1] as string;
  return { id, topic, partition, start, end, unchecked } as PartitionRow;
};
const toCommit = ([group, topic, partition, logOffset]: readonly unknown[]): CommittedPosition => ({
  group: group as string,
  topic: topic as string,
  partition: partition as number,
  logOffset: logOffset as number,
});

export interface Rows {
  insertTopic(spec: TopicSpec): void;
  /** Its `id` is the next. */
  insertPartition(row: Omit<PartitionRow, 'id'>): number;
  updatePartition(row: PartitionRow): void;
  putCommit(commit: CommittedPosition): void;
}

/** All in a transaction. */
export function writeRows(database: Database.Database): Rows {
  const sealed = (columns: Column[]) => [...columns, checksumOf(columns)];
  const topic = database.prepare('INSERT INTO topics VALUES (?, ?, ?, ?, ?)');
  const nextId = database.prepare('SELECT ifnull(max(id), 0) + 1 FROM partitions').raw();
  const partition = database.prepare(
    'INSERT OR REPLACE INTO partitions VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const commit = database.prepare('INSERT OR REPLACE INTO commits VALUES (?, ?, ?, ?, ?)');
  const isKnown = database.prepare(
    'SELECT 1 FROM commits WHERE consumers = ? AND topic = ? AND partition = ?',
  );
  const countOne = database.prepare('UPDATE counts SET commits = commits + 1');
  const put = (row: PartitionRow) => void partition.run(...sealed(partitionColumns(row)));
  return {
    insertTopic: (spec) => void topic.run(...sealed(topicColumns(spec))),
    insertPartition(row) {
      const [id] = nextId.get() as [number];
      put({ id, ...row });
      return id;
    },
    updatePartition: put,
    putCommit(position) {
      const columns = commitColumns(position);
      if (isKnown.get(...columns.slice(0, 3)) === undefined) countOne.run();
      commit.run(...sealed(columns));
    },
  };
}

/**
 * Makes the tables where there are none and those of the earlier format these, in a transaction, and
 * reads what they hold.
 * @param isReader nothing may be written: what is of the earlier format stays so
 */
export function openTables(
  database: Database.Database,
  folder: string,
  isReader: boolean,
): Contents {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decoded = (value: unknown) => (value instanceof Uint8Array ? text.decode(value) : value);
  const rows = (sql: string): unknown[][] =>
    (database.prepare(sql).raw().all() as unknown[][]).map((row) => {
      try {
        return row.map(decoded);
      } catch (error) {
        throw damaged(folder, 'a name in its tables is no text', error);
      }
    });
  const format = rows('PRAGMA user_version')[0]?.[0] as number;
  const columns = rows(`SELECT ${asBytes('name')} FROM pragma_table_info('partitions')`).flat();
  if (format > FORMAT || (format > 0 && format < UNCHECKED_FORMAT))
    throw new LogError(
      'storeFailed',
      `the log in ${folder} has format ${format}, this version reads ${UNCHECKED_FORMAT} and ` +
        `${FORMAT}: use the version that wrote it, or another folder`,
    );
  // The number has no checksum of its own.
  const found = columns.length === 0 ? 0 : columns.includes('checksum') ? FORMAT : UNCHECKED_FORMAT;
  if (found !== format)
    throw damaged(folder, `its first page names format ${format}, its tables are of ${found}`);
  if (format === 0 && isReader)
    return { topics: [], partitions: [], commits: [], hasChecksums: true };
  if (format === 0) database.exec(SCHEMA);
  if (format !== UNCHECKED_FORMAT) return readContents(rows, folder);
  const contents = readUnchecked(rows);
  return isReader ? contents : upgraded(database, contents);
}

function readContents(rows: (sql: string) => unknown[][], folder: string): Contents {
  const checked = (table: keyof typeof COLUMNS, order: string) =>
    rows(
      `SELECT ${[...COLUMNS[table], asNumber('checksum')].join(', ')} FROM ${table} ORDER BY ${order}`,
    ).map((row) => {
      const columns = row.slice(0, -1) as Column[];
      if (checksumOf(columns) === row.at(-1)) return columns;
      throw damaged(folder, `table ${table}: a row is not what was written (${columns.join(' ')})`);
    });
  const topics = checked('topics', 'name').map(toTopic);
  const partitions = checked('partitions', 'topic, partition').map(toPartition);
  const commits = checked('commits', 'consumers').map(toCommit);
  const wanted = topics.flatMap(({ name, partitions: count }) =>
    Array.from({ length: count }, (_, partition) => `${name} ${partition}`),
  );
  const there = partitions.map(({ topic, partition }) => `${topic} ${partition}`);
  if (wanted.sort().join() !== there.sort().join())
    throw damaged(folder, 'tables topics and partitions: rows are missing');
  const counted = rows(`SELECT ${asNumber('commits')} FROM counts`)[0]?.[0];
  if (counted !== commits.length)
    throw damaged(folder, `table commits: ${commits.length} rows, ${counted} were written`);
  return { topics, partitions, commits, hasChecksums: true };
}

function readUnchecked(rows: (sql: string) => unknown[][]): Contents {
  const partitions = rows(
    `SELECT ${COLUMNS.partitions.slice(0, 4).join(', ')} FROM partitions ORDER BY topic, partition`,
  ).map((row): PartitionRow => {
    const [id, , partition, start] = row as number[];
    const last = rows(
      `SELECT ${asNumber('log_offset + count')} FROM records_${id} ORDER BY log_offset DESC LIMIT 1`,
    );
    const end = (last[0]?.[0] ?? start) as number;
    return toPartition([id, row[1], partition, start, end, end]);
  });
  return {
    topics: rows(`SELECT ${COLUMNS.topics.join(', ')} FROM topics ORDER BY name`).map(toTopic),
    partitions,
    commits: rows(`SELECT ${COLUMNS.commits.join(', ')} FROM commits`).map(toCommit),
    hasChecksums: false,
  };
}

/** Takes as long as there are topics and groups: records stay as they are. */
function upgraded(database: Database.Database, contents: Contents): Contents {
  for (const table of ['topics', 'partitions', 'commits']) database.exec(`DROP TABLE ${table}`);
  database.exec(SCHEMA);
  for (const { id } of contents.partitions)
    database.exec(`ALTER TABLE records_${id} ADD COLUMN checksum INTEGER`);
  const { insertTopic, updatePartition, putCommit } = writeRows(database);
  contents.topics.forEach(insertTopic);
  contents.partitions.forEach(updatePartition);
  contents.commits.forEach(putCommit);
  return { ...contents, hasChecksums: true };
}
