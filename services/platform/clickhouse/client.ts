/** The client for a ClickHouse server and for the embedded one alike. */
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';

export interface ClickHouseAddress {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

/** The client's own default. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * 64-bit integers come as strings in JSON (amounts exceed what a JSON number holds exactly), whatever
 * the server's version takes for its default.
 */
export function connectClickHouse(
  address: ClickHouseAddress,
  requestTimeoutMs = REQUEST_TIMEOUT_MS,
): ClickHouseClient {
  return createClient({
    ...address,
    request_timeout: requestTimeoutMs,
    // A process that computes for seconds does not see that the server let an idle connection go.
    keep_alive: { eagerly_destroy_stale_sockets: true },
    application: 'corridor',
    // What fails is thrown: the caller says it once.
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      output_format_json_quote_64bit_integers: 1,
      deduplicate_blocks_in_dependent_materialized_views: 1,
    },
  });
}
