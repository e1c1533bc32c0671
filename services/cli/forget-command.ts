import { Command } from 'commander';
import { BadInput } from '../platform/exit-codes.ts';
import { forget } from '../replay/forget-rows-of-run.ts';
import { type StorePlace, sandboxStore, withStore } from '../replay/named-store.ts';
import { type ClickHouseFlags, clickHouseAddress } from './clickhouse-flags.ts';

interface ForgetFlags extends ClickHouseFlags {
  readonly run?: string;
}

export function forgetCommand(): Command {
  return new Command('forget')
    .description(
      "remove a run's rows from an analysis store, so that metrics or `corridor publish` may insert them again",
    )
    .argument('[folder]', 'folder of a sandbox that is not running')
    .option('--run <name>', 'with --clickhouse-url: the name of the rows')
    .option('--clickhouse-url <url>', 'the HTTP interface of the server; no metrics may run')
    .option('--clickhouse-user <name>', 'who writes there')
    .option('--clickhouse-password-file <file>', 'a file that holds the password')
    .option('--clickhouse-database <name>', 'the database', 'corridor')
    .action(async (folder: string | undefined, flags: ForgetFlags) => {
      const { place, run } = subjectOf(folder, flags);
      await withStore(place, async (store) => {
        await store.upToDate();
        const removed = await forget(store, run);
        const others = await store.query<{ run: string }>(
          'SELECT DISTINCT run FROM runs ORDER BY run',
          {},
        );
        const left = others.map((other) => other.run).join(', ') || 'none';
        process.stdout.write(`${run}: ${removed} rows removed; runs in the store: ${left}\n`);
      });
    });
}

function subjectOf(
  folder: string | undefined,
  flags: ForgetFlags,
): { readonly place: StorePlace; readonly run: string } {
  const { run } = flags;
  if ((folder === undefined) === (run === undefined))
    throw new BadInput('forget: expected the folder of a sandbox, or --run and --clickhouse-url');
  if (folder === undefined)
    return { place: { address: clickHouseAddress('--run', flags) }, run: run as string };
  return sandboxStore(folder);
}
