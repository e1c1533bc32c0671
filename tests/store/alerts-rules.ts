/** The alert rules that Grafana is given, and what they find, as Grafana's threshold takes it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { expand } from './dashboards-macros.ts';

export interface Rule {
  readonly title: string;
  readonly annotations: { readonly summary: string };
  readonly data: readonly {
    readonly relativeTimeRange: { readonly from: number };
    readonly model: {
      readonly rawSql?: string;
      readonly conditions?: readonly { readonly evaluator: { readonly params: [number] } }[];
    };
  }[];
}
export const RULES: readonly Rule[] = JSON.parse(
  readFileSync(join(packageFolder, 'infra/grafana/provisioning/alerting/rules.json'), 'utf8'),
).groups.flatMap(({ rules }: { rules: Rule[] }) => rules);

/** What a rule says of a row. */
export type Labels = Readonly<Record<string, string | number>>;

/** Rows of an alert that are above its limit when it is asked at `nowMs`. */
export async function firing(
  client: ClickHouseClient,
  { data }: Rule,
  nowMs: number,
): Promise<Labels[]> {
  const [query, threshold] = data;
  const fromMs = nowMs - (query?.relativeTimeRange.from ?? 0) * 1000;
  const view = { fromMs, toMs: nowMs, intervalSeconds: 60, variables: {} };
  const result = await client.query({
    query: expand(query?.model.rawSql ?? '', view),
    format: 'JSONEachRow',
  });
  const above = threshold?.model.conditions?.[0]?.evaluator.params[0] as number;
  const rows = await result.json<Labels>();
  return rows.filter(({ value }) => Number(value) > above);
}
