import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { disclosedDates } from '../export/disclosure.ts';
import { BadInput } from '../platform/exit-codes.ts';
import {
  onlyRun,
  type StorePlace,
  sandboxStore,
  storeOf,
  withStore,
} from '../replay/named-store.ts';
import { type ClickHouseFlags, clickHouseAddress } from './clickhouse-flags.ts';
import { type UndisclosedPayments, undisclosedPayments } from './undisclosed-payments.ts';

interface DiscloseFlags extends ClickHouseFlags {
  readonly run?: string;
  readonly format: 'csv' | 'json';
}

export function discloseCommand(): Command {
  return new Command('disclose')
    .description(
      'print what an operator publishes: numbers and values by business date and currency (docs/indicators.md, "Disclosure")',
    )
    .argument('[folder]', 'folder of a run, or of a sandbox that is not running')
    .option('--run <name>', 'with --clickhouse-url: the name of the rows (default: the only one)')
    .option('--clickhouse-url <url>', 'the HTTP interface of a live network’s ClickHouse')
    .option('--clickhouse-user <name>', 'who reads there')
    .option('--clickhouse-password-file <file>', 'a file that holds the password')
    .option('--clickhouse-database <name>', 'the database', 'corridor')
    .addOption(
      new Option('--format <format>', 'of what is printed').choices(['csv', 'json']).default('csv'),
    )
    .action(async (folder: string | undefined, flags: DiscloseFlags) => {
      const { place, run, name } = disclosed(folder, flags);
      const { dates, undisclosed } = await withStore(place, async ({ query, upToDate }) => {
        if ('folder' in place) await upToDate();
        const of = run ?? (await onlyRun(query, name));
        const disclosed = await disclosedDates(query, of);
        return { dates: disclosed, undisclosed: await undisclosedPayments(query, of, disclosed) };
      });
      if (dates.length === 0)
        throw new BadInput(`${name}: expected a run of which a business date has closed`);
      process.stdout.write(
        flags.format === 'json'
          ? `${JSON.stringify(dates, null, 2)}\n`
          : stringify(dates as object[], { header: true }),
      );
      // Beside the rows, which a program reads.
      process.stderr.write(inNoRow(undisclosed));
    });
}

/** A line for each of `submitted` and `settled` whose rows do not have all of them. */
function inNoRow(undisclosed: UndisclosedPayments): string {
  const { withoutCurrency, afterLastClose, settledAfterLastClose } = undisclosed;
  const submitted = [
    withoutCurrency > 0 &&
      `${withoutCurrency} rejected without a currency: their messages were not authentic or could not be read`,
    afterLastClose > 0 && `${afterLastClose} that no close of their currency has followed`,
  ].filter((part) => part !== false);
  const settled = settledAfterLastClose.map(
    ({ currency, settled, value }) => `${settled} of ${currency} ${value}`,
  );
  return [
    submitted.length > 0 && `corridor: payments in no row: ${submitted.join('; ')}\n`,
    settled.length > 0 &&
      `corridor: settled in no row, after the last close of their currency: ${settled.join('; ')}\n`,
  ]
    .filter((line) => line !== false)
    .join('');
}

interface DisclosedRun {
  readonly place: StorePlace;
  /** Undefined: the only one there. */
  readonly run?: string;
  /** For messages. */
  readonly name: string;
}

function disclosed(folder: string | undefined, flags: DiscloseFlags): DisclosedRun {
  const { run, clickhouseUrl: url } = flags;
  if ((folder === undefined) === (url === undefined))
    throw new BadInput(
      'disclose: expected the folder of a run or of a sandbox, or --clickhouse-url',
    );
  if (folder === undefined) {
    const place = { address: clickHouseAddress('disclose', flags) };
    return { place, name: run ?? place.address.url, ...(run !== undefined && { run }) };
  }
  if (run !== undefined) throw new BadInput('--run: expected it with --clickhouse-url alone');
  if (existsSync(join(folder, 'network.json'))) return { ...sandboxStore(folder), name: folder };
  return { place: { folder: storeOf(folder) }, name: folder };
}
