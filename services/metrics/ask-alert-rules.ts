/** What a rule of infra/grafana/source/alerts.ts is, as Grafana's provisioning file has it. */
export interface AlertRule {
  readonly uid: string;
  readonly title: string;
  readonly severity: 'critical' | 'warning';
  /** With `{{ $labels.x }}`, `{{ $values.A.Value }}` and `{{ printf "%.1f" $values.A.Value }}` in it. */
  readonly summary: string;
  readonly forMs: number;
  /** How far back it looks. */
  readonly rangeMs: number;
  /** It fires for rows whose value is above. */
  readonly above: number;
  readonly sql: string;
  /**
   * Columns that tell whom an alert is of: what the rows are in the order of, behind the run. Other labels say more of
   * it, as which fault was the first, and another value is no other alert.
   */
  readonly subject: readonly string[];
}

/** A row of a rule that is above its limit. */
export interface FiringRow {
  /** Whom the alert is of. */
  readonly subject: Readonly<Record<string, string>>;
  readonly summary: string;
}

interface ProvisionedRule {
  readonly uid: string;
  readonly title: string;
  readonly for: string;
  readonly labels: { readonly severity: AlertRule['severity'] };
  readonly annotations: { readonly summary: string };
  readonly data: readonly {
    readonly refId: string;
    readonly relativeTimeRange: { readonly from: number };
    readonly model: {
      readonly rawSql?: string;
      readonly conditions?: readonly {
        readonly evaluator: { readonly params: readonly number[] };
      }[];
    };
  }[];
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads the rules that Grafana is given: there is no other definition of them. */
export function readAlertRules(provisioned: string): AlertRule[] {
  const { groups } = JSON.parse(provisioned) as {
    groups: readonly { readonly rules: readonly ProvisionedRule[] }[];
  };
  return groups.flatMap(({ rules }) => rules.map(ruleOf));
}

function ruleOf({
  uid,
  title,
  labels,
  annotations,
  data,
  for: lasting,
}: ProvisionedRule): AlertRule {
  const [, count = '', unit = ''] = /^([0-9]+)([smh])$/.exec(lasting) ?? [];
  const query = data.find(({ refId }) => refId === 'A');
  const [above] =
    data.find(({ refId }) => refId === 'C')?.model.conditions?.[0]?.evaluator.params ?? [];
  const sql = query?.model.rawSql;
  const [, subject] = /\sORDER BY run((?:, \w+)*)$/.exec(sql?.trim() ?? '') ?? [];
  if (!query || sql === undefined || subject === undefined)
    throw new Error(`alert rule ${uid}: expected a query A that ends with ORDER BY run, ...`);
  if (above === undefined || !(unit in UNITS))
    throw new Error(`alert rule ${uid}: expected a threshold C and a time in for`);
  return {
    ...{ uid, title, above, sql, severity: labels.severity, summary: annotations.summary },
    forMs: Number(count) * (UNITS[unit] as number),
    rangeMs: query.relativeTimeRange.from * 1_000,
    subject: subject.split(', ').slice(1),
  };
}

/** A rule's query of one run, looking back from `toMs`, with the macros of Grafana's ClickHouse data source put in. */
export function queryAt(
  { sql, rangeMs }: Pick<AlertRule, 'sql' | 'rangeMs'>,
  toMs: number,
): string {
  const instant = (ms: number) => `toDateTime(${Math.floor(ms / 1000)})`;
  const [from, to] = [instant(toMs - rangeMs), instant(toMs)];
  const expanded = sql
    .replace(/\$__timeFilter\(([^)]*)\)/g, `$1 >= ${from} AND $1 <= ${to}`)
    .replaceAll('$__fromTime', from)
    .replaceAll('$__toTime', to);
  return `SELECT * FROM (${expanded}) WHERE run = {run:String}`;
}

/** A field of a summary, with the space before it: what is empty takes that along. */
const FIELD = /( ?)\{\{ (?:printf "%\.(\d)f" )?(\S+) \}\}/g;

export function firingRow(
  { summary, above, subject }: Pick<AlertRule, 'summary' | 'above' | 'subject'>,
  row: Readonly<Record<string, unknown>>,
): FiringRow | null {
  const { value, run, ...others } = row;
  if (!(Number(value) > above)) return null;
  const labels = Object.entries(others).map(([name, text]) => [name, String(text)] as const);
  const words = new Map<string, string>([
    ...[['run', String(run)] as const, ...labels].map(([n, v]) => [`$labels.${n}`, v] as const),
    ['$values.A.Value', String(value)],
  ]);
  return {
    subject: Object.fromEntries(labels.filter(([name]) => subject.includes(name))),
    summary: summary.replace(
      FIELD,
      (_, space: string, decimals: string | undefined, name: string) => {
        const word = words.get(name) ?? '';
        const shown = decimals === undefined ? word : Number(word).toFixed(Number(decimals));
        return shown && `${space}${shown}`;
      },
    ),
  };
}
