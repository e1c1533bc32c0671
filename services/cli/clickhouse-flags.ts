import type { ClickHouseAddress } from '../platform/clickhouse/client.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { readSecretFile } from '../platform/service/secret-files.ts';

/** How commands name a ClickHouse server; a password is never an argument. */
export interface ClickHouseFlags {
  readonly clickhouseUrl?: string;
  readonly clickhouseUser?: string;
  readonly clickhousePasswordFile?: string;
  readonly clickhouseDatabase: string;
}

/** @param where what asks for a server, as a message begins; throws BadInput where something is missing */
export function clickHouseAddress(where: string, flags: ClickHouseFlags): ClickHouseAddress {
  const { clickhouseUrl: url, clickhouseUser: username, clickhousePasswordFile: file } = flags;
  if (url === undefined || username === undefined || file === undefined)
    throw new BadInput(
      `${where}: expected --clickhouse-url, --clickhouse-user and --clickhouse-password-file with it`,
    );
  if (!/^https?:\/\/[^ ]+$/.test(url))
    throw new BadInput(`--clickhouse-url ${url}: expected http://<host>:<port>`);
  const password = readSecretFile('--clickhouse-password-file', file);
  return { url, username, password, database: flags.clickhouseDatabase };
}
