import type Database from 'libsql';
import { LogError } from '../log.ts';
import { damagedAt, type PartitionPlace } from './checksums.ts';
import { checkRun, type Run } from './record-runs.ts';
import { asBytes, asNumber, type PartitionRow } from './store-format.ts';

/** Runs looked for at first, and twice as many at each further look. */
const FIRST_RUNS = 4;
/** A read ends where it has so much. */
const READ_BYTES_MAX = 2 * 1_048_576;

type Parameter = string | number | null | Uint8Array;
type Statement = Database.Statement<Parameter[]>;
type Row = [firstOffset: number, count: number, lastMs: number, Buffer, checksum: number | null];

const toRun = ([firstOffset, count, lastMs, bytes, checksum]: Row): Run => ({
  firstOffset,
  count,
  lastMs,
  bytes,
  checksum,
});

/** One partition's table, a row a run. */
export interface PartitionTable {
  /** As the table is; whoever changes the one changes the other. */
  row: PartitionRow;
  /** Time of the last record, ms. */
  readonly lastTimeMs: number | null;
  /** In a transaction, as `deleteBefore`. */
  insert(run: Run): void;
  deleteBefore(logOffset: number): void;
  /**
   * The run in which the offset is and those that follow, up to about so many records behind it. They
   * are consecutive; what is in them is checked by their reader.
   */
  select(fromOffset: number, maxRecords: number): Run[];
}

/** @throws LogError `damaged` where its last records are not those with which its partition ends */
export function openTable(
  database: Database.Database,
  folder: string,
  row: PartitionRow,
  hasChecksums: boolean,
): PartitionTable {
  const { topic, partition, unchecked } = row;
  const place = { folder, topic, partition, unchecked };
  return naming(place, row.start, () => {
    const table = `records_${row.id}`;
    const columns = [
      ...[asNumber('log_offset'), asNumber('count'), asNumber('last_ms'), asBytes('run')],
      hasChecksums ? asNumber('checksum') : 'NULL',
    ].join(', ');
    const newest = database.prepare(
      `SELECT ${columns} FROM ${table} ORDER BY log_offset DESC LIMIT 1`,
    );
    const find = database.prepare(`SELECT max(log_offset) FROM ${table} WHERE log_offset <= ?`);
    const select: Statement = database.prepare(
      `SELECT ${columns} FROM ${table} WHERE log_offset >= ? ORDER BY log_offset LIMIT ?`,
    );
    for (const statement of [newest, find, select]) statement.raw();
    const insert: Statement | null = hasChecksums
      ? database.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?)`)
      : null;
    const remove = database.prepare(`DELETE FROM ${table} WHERE log_offset + count <= ?`);
    const rowOfLast = newest.get() as Row | undefined;
    const last = rowOfLast && toRun(rowOfLast);
    if (last) checkRun(last, place);
    const end = last ? last.firstOffset + last.count : row.start;
    if (end !== row.end) throw damagedAt(place, end, `no more follow, ${row.end} is its end`);
    return {
      row,
      lastTimeMs: last?.lastMs ?? null,
      insert: ({ firstOffset, count, lastMs, bytes, checksum }) =>
        void insert?.run(firstOffset, count, lastMs, bytes, checksum),
      deleteBefore: (logOffset) => void remove.run(logOffset),
      select: (fromOffset, maxRecords) =>
        naming(place, fromOffset, () => {
          const [first] = find.get(fromOffset) as [number | null];
          return selectRuns(place, select, first, fromOffset, maxRecords);
        }),
    };
  });
}

/** Not of what is in the file. */
const SURROUNDINGS = /^SQLITE_(BUSY|LOCKED|FULL|READONLY|CANTOPEN|NOMEM)/;

/** What SQLite finds to be no table any more is told with its place. */
function naming<T>(place: PartitionPlace, logOffset: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (error instanceof LogError || SURROUNDINGS.test(code ?? '')) throw error;
    throw damagedAt(place, logOffset, message, error);
  }
}

const MISSING = 'records are missing';

/** Rows are fetched before they are looked at, and one may hold much: so a few at first. */
function selectRuns(
  place: PartitionPlace,
  select: Statement,
  first: number | null,
  fromOffset: number,
  maxRecords: number,
): Run[] {
  const runs: Run[] = [];
  let bytesRead = 0;
  let next = first ?? fromOffset;
  for (let limit = FIRST_RUNS; next < fromOffset + maxRecords; limit *= 2) {
    const rows = select.all(next, limit) as Row[];
    for (const row of rows) {
      const run = toRun(row);
      const end = run.firstOffset + run.count;
      const isFirst = run.firstOffset <= fromOffset && fromOffset < end;
      const follows = runs.length === 0 ? isFirst : run.firstOffset === next;
      if (!follows) throw damagedAt(place, Math.max(next, fromOffset), MISSING);
      runs.push(run);
      bytesRead += run.bytes.length;
      next = end;
    }
    if (rows.length < limit || bytesRead >= READ_BYTES_MAX) break;
  }
  if (runs.length === 0) throw damagedAt(place, fromOffset, MISSING);
  return runs;
}
