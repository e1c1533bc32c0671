/** The client for a ClickHouse server and for the embedded one alike. */
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';

export interface ClickHouseAddress {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

/**
 * 64-bit integers come as strings in JSON (amounts exceed what a JSON number holds exactly), whatever
 * the server's version takes for its default.
 */
export function connectClickHouse(address: ClickHouseAddress): ClickHouseClient {
  return createClient({
    ...address,
    application: 'corridor',
    // What fails is thrown: the caller says it once.
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      output_format_json_quote_64bit_integers: 1,
      deduplicate_blocks_in_dependent_materialized_views: 1,
    },
  });
}
