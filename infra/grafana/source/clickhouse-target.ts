import type * as cog from '@grafana/grafana-foundation-sdk/cog';

/** The provisioned data source, see ../provisioning/datasources. */
export const DATASOURCE = { type: 'grafana-clickhouse-datasource', uid: 'corridor-clickhouse' };

export type Format = 'timeSeries' | 'table';
const FORMAT_NUMBERS: Readonly<Record<Format, number>> = { timeSeries: 0, table: 1 };

/**
 * A query of the ClickHouse data source (plugin 4), for which the foundation SDK has no class. The
 * fields are the plugin's own: https://github.com/grafana/clickhouse-datasource, src/types/sql.ts.
 */
export class ClickHouseTarget implements cog.Builder<cog.Dataquery> {
  readonly #sql: string;
  readonly #format: Format;
  readonly #refId: string;

  constructor(sql: string, format: Format, refId = 'A') {
    this.#sql = sql;
    this.#format = format;
    this.#refId = refId;
  }

  build(): cog.Dataquery {
    const query = {
      refId: this.#refId,
      datasource: DATASOURCE,
      pluginVersion: '4.20.0',
      editorType: 'sql',
      queryType: this.#format === 'table' ? 'table' : 'timeseries',
      format: FORMAT_NUMBERS[this.#format],
      rawSql: this.#sql,
    };
    return query as unknown as cog.Dataquery;
  }
}
