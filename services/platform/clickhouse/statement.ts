/**
 * What passes between the HTTP face and the engine. Apart from both: the engine's library can be
 * absent, and the face must load then.
 */

export interface Statement {
  readonly sql: string;
  /** Data of an INSERT, in the format that its SQL names. */
  readonly data: Buffer;
  readonly database: string;
  /** For results without a FORMAT clause. */
  readonly defaultFormat: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Values of `{name:Type}` in the SQL, in the escaped form of the HTTP interface. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Without data, settings and parameters. */
export const statementOf = (sql: string, database: string): Statement => ({
  ...{ sql, data: Buffer.alloc(0), database, defaultFormat: 'TabSeparated' },
  ...{ settings: {}, parameters: {} },
});

export interface StatementAnswer {
  readonly body: Uint8Array;
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly rowsWritten: number;
  readonly bytesWritten: number;
  readonly elapsedSeconds: number;
}

/** What the engine refused, in ClickHouse's words: `Code: 62. DB::Exception: ... (SYNTAX_ERROR)`. */
export class EngineError extends Error {
  readonly code: number;
  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

export interface Engine {
  run(statement: Statement): Promise<StatementAnswer>;
  close(): void;
}

/** ClickHouse's number for an exception of no class of its own. */
export const UNKNOWN_EXCEPTION = 1002;
