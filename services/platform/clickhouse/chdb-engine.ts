/**
 * chDB, the ClickHouse engine as a library: one statement at a time as ClickHouse's HTTP interface
 * takes it, with a database, settings and parameters of its own.
 *
 * Each statement gets a connection of its own (0.5 ms): settings, parameters and the current
 * database then end with it, and statements run side by side. One process may open one folder, and
 * the engine locks it against others.
 */
import { Session } from 'chdb';
import {
  type Engine,
  EngineError,
  type Statement,
  type StatementAnswer,
  UNKNOWN_EXCEPTION,
} from './statement.ts';

const SETTING_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `INSERT INTO table (columns) FORMAT name`: what can go to the engine as bytes, unparsed by us. */
const INSERT =
  /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?([A-Za-z0-9_.]+)\s*(?:\(([A-Za-z0-9_,\s]+)\))?\s*FORMAT\s+(JSONEachRow|JSONCompactEachRow|CSV|TabSeparated)\s*$/i;

/**
 * What the engine compiles for the processor it forgets with the process: few statements of a run, or of a sandbox, are
 * asked often enough over rows enough to win that back.
 */
const UNCOMPILED: Readonly<Record<string, string>> = {
  compile_expressions: '0',
  compile_aggregate_expressions: '0',
  compile_sort_description: '0',
};

const literal = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;

function asEngineError(error: unknown): EngineError {
  const { message, clickhouseCode } = error as { message: string; clickhouseCode?: number };
  if (/^Code: \d+/.test(message))
    return new EngineError(message, clickhouseCode ?? UNKNOWN_EXCEPTION);
  return new EngineError(
    `Code: ${UNKNOWN_EXCEPTION}. DB::Exception: ${message}. (UNKNOWN_EXCEPTION)`,
    UNKNOWN_EXCEPTION,
  );
}

/** The statements that prepare a connection. */
function preparations({ database, settings, parameters }: Statement): string[] {
  const values = Object.entries({ ...UNCOMPILED, ...settings }).map(([name, value]) => {
    if (!SETTING_NAME.test(name))
      throw new EngineError(
        `Code: 115. DB::Exception: Setting ${name} is unknown. (UNKNOWN_SETTING)`,
        115,
      );
    return `${name} = ${literal(value)}`;
  });
  for (const [name, value] of Object.entries(parameters)) {
    if (!SETTING_NAME.test(name))
      throw new EngineError(`Code: 36. DB::Exception: Bad parameter ${name}. (BAD_ARGUMENTS)`, 36);
    values.push(`param_${name} = ${literal(value)}`);
  }
  return [`USE \`${database.replace(/[\\`]/g, '\\$&')}\``, `SET ${values.join(', ')}`];
}

async function insert(
  session: Session,
  [, table, columns, format]: RegExpMatchArray,
  data: Buffer,
) {
  const { rowsWritten, bytesWritten, elapsed } = await session.insert({
    table: table!,
    values: data,
    format: format as 'JSONEachRow',
    ...(columns === undefined ? {} : { columns: columns.split(',').map((name) => name.trim()) }),
  });
  return {
    body: new Uint8Array(0),
    rowsRead: rowsWritten,
    bytesRead: data.length,
    rowsWritten,
    bytesWritten,
    elapsedSeconds: elapsed,
  };
}

async function execute(session: Session, statement: Statement): Promise<StatementAnswer> {
  for (const sql of preparations(statement)) await session.queryAsync(sql);
  const { sql, data, defaultFormat } = statement;
  const match = data.length > 0 ? sql.match(INSERT) : null;
  if (match !== null) return insert(session, match, data);
  const text = data.length > 0 ? `${sql}\n${data.toString('utf8')}` : sql;
  const result = await session.queryAsync(text, { format: defaultFormat });
  return {
    body: result.bytes(),
    rowsRead: result.rowsRead,
    bytesRead: result.bytesRead,
    rowsWritten: 0,
    bytesWritten: 0,
    elapsedSeconds: result.elapsed,
  };
}

/**
 * Opens the engine's folder and sees to it that the database is there.
 * @param schema statements that make its tables where it has none
 */
export async function openEngine(
  folder: string,
  database: string,
  schema: string | null = null,
): Promise<Engine> {
  // Keeps the engine running between the statements' connections.
  const keeper = new Session(folder);
  await keeper.queryAsync(`CREATE DATABASE IF NOT EXISTS \`${database}\` ENGINE = Atomic`);
  if (schema !== null) {
    await keeper.queryAsync(`USE \`${database}\``);
    const tables = await keeper.queryAsync('SHOW TABLES', { format: 'TabSeparated' });
    if (tables.bytes().length === 0) await keeper.queryAsync(schema);
  }
  return {
    async run(statement) {
      const session = new Session(folder);
      try {
        return await execute(session, statement);
      } catch (error) {
        throw error instanceof EngineError ? error : asEngineError(error);
      } finally {
        session.close();
      }
    },
    close: () => keeper.close(),
  };
}
