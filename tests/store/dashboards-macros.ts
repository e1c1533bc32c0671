/**
 * The macros and variables of the ClickHouse data source as it expands them, written from its
 * documentation: https://grafana.com/docs/plugins/grafana-clickhouse-datasource/latest/
 */
export interface View {
  readonly fromMs: number;
  readonly toMs: number;
  readonly intervalSeconds: number;
  readonly variables: Readonly<Record<string, readonly string[]>>;
}

export interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly datasource: { readonly uid: string };
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit?: string;
      readonly noValue?: string;
      readonly min?: number;
    };
    readonly overrides?: readonly { readonly matcher: { readonly options: string } }[];
  };
  /** Absent: a list of Grafana's own. */
  readonly targets?: readonly { readonly rawSql: string; readonly format: number }[];
}

const instant = (ms: number) => `toDateTime(${Math.floor(ms / 1000)})`;

export function expand(sql: string, { fromMs, toMs, intervalSeconds, variables }: View): string {
  return sql
    .replace(/\$\{(\w+):sqlstring\}/g, (_, name: string) =>
      (variables[name] ?? []).map((value) => `'${value.replaceAll("'", "''")}'`).join(','),
    )
    .replace(
      /\$__timeFilter\(([^)]*)\)/g,
      (_, column: string) => `${column} >= ${instant(fromMs)} AND ${column} <= ${instant(toMs)}`,
    )
    .replace(
      /\$__timeInterval\(([^)]*)\)/g,
      (_, column: string) =>
        `toStartOfInterval(toDateTime(${column}), INTERVAL ${intervalSeconds} second)`,
    )
    .replaceAll('$__toTime', instant(toMs))
    .replaceAll('$__fromTime', instant(fromMs))
    .replaceAll('$__interval_s', String(intervalSeconds));
}

const KNOWN = new Set(['timeFilter', 'timeInterval', 'toTime', 'fromTime', 'interval_s']);

export function unknownMacros(sql: string, variables: ReadonlySet<string>): string[] {
  const macros = [...sql.matchAll(/\$__(\w+)/g)].map(([, name]) => name as string);
  const names = [...sql.matchAll(/\$\{(\w+)[^}]*\}/g)].map(([, name]) => name as string);
  const bare = [...sql.matchAll(/\$(?!__|\{)(\w+)/g)].map(([, name]) => name as string);
  return [
    ...macros.filter((name) => !KNOWN.has(name)),
    ...names.filter((name) => !variables.has(name)),
    ...bare,
  ];
}
