import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import { BadInput, EXIT } from '../platform/exit-codes.ts';
import { sandboxStore } from '../replay/named-store.ts';
import { reconcileLive } from '../replay/reconcile-live.ts';
import { type PoolChecks, reconcileRun } from '../replay/reconcile-run.ts';
import { wantedRun } from '../replay/recorded-inputs.ts';
import { type ClickHouseFlags, clickHouseAddress } from './clickhouse-flags.ts';

interface ReconcileFlags extends ClickHouseFlags {
  readonly log?: string;
  readonly run?: string;
  readonly json?: boolean;
}

export function reconcileCommand(): Command {
  return new Command('reconcile')
    .description(
      "hold the analysis store's figures against clearing's own totals, to the unit; whether the log is what its network wrote, `replay` proves",
    )
    .argument('[folder]', 'folder of a run, or of a sandbox that is not running')
    .option('--log <log>', "a live network's log: embedded:<folder> or kafka:<host:port>[,...]")
    .option('--clickhouse-url <url>', 'with --log: the HTTP interface of its ClickHouse')
    .option('--clickhouse-user <name>', 'with --log: who reads there')
    .option('--clickhouse-password-file <file>', 'with --log: a file that holds the password')
    .option('--clickhouse-database <name>', 'with --log: the database', 'corridor')
    .option('--run <name>', 'with --log: the name of the rows (default: the only one there)')
    .option('--json', 'print the result as one JSON object')
    .action(async (folder: string | undefined, flags: ReconcileFlags) => {
      const pools = await checksOf(folder, flags);
      const different = pools.flatMap(({ pool, checks }) =>
        checks.flatMap(({ agrees, ...check }) => (agrees ? [] : [{ pool, ...check }])),
      );
      const agrees = different.length === 0;
      process.stdout.write(flags.json ? `${JSON.stringify({ agrees, pools })}\n` : asText(pools));
      if (agrees) return;
      for (const { pool, figure, expected, found } of different)
        process.stderr.write(
          `corridor: pool ${pool}: ${figure}: ${expected} by clearing's events, ${found} in the store\n`,
        );
      for (const { pool, number, logNumber, checks } of pools)
        if (number < logNumber && checks.filter((check) => !check.agrees).length === 1)
          process.stderr.write(
            `corridor: pool ${pool}: the store is behind by ${logNumber - number} events, and agrees up to there: a start of the sandbox, or of metrics, fills it\n`,
          );
      process.exitCode = EXIT.failure;
    });
}

function checksOf(folder: string | undefined, flags: ReconcileFlags): Promise<PoolChecks[]> {
  const { log, run } = flags;
  if ((folder === undefined) === (log === undefined))
    throw new BadInput('reconcile: expected the folder of a run or of a sandbox, or --log');
  if (folder === undefined)
    return reconcileLive({
      log: log as string,
      clickHouse: { address: clickHouseAddress('--log', flags) },
      ...(run !== undefined && { run, isTyped: true }),
    });
  if (existsSync(join(folder, 'input.log'))) return reconcileRun(folder);
  if (!existsSync(join(folder, 'network.json')))
    throw new BadInput(
      `${folder}: it holds neither input.log nor network.json; expected ${wantedRun(folder)}, or a sandbox`,
    );
  const { place, run: founded } = sandboxStore(folder);
  return reconcileLive({
    log: `embedded:${join(folder, 'log')}`,
    clickHouse: place,
    run: founded,
  });
}

function asText(pools: readonly PoolChecks[]): string {
  return pools
    .map(({ pool, number, logNumber, checks, leftOut }) => {
      const table = new Table({
        head: ['figure', 'by clearing’s events', 'in the store', ''],
        colAligns: ['left', 'right', 'right', 'left'],
        style: { head: [], border: [], compact: true },
      });
      for (const { figure, expected, found, agrees } of checks)
        table.push([figure, expected, found, agrees ? '' : 'DIFFERS']);
      const note = leftOut ? `\n${leftOut}` : '';
      const upTo =
        number === logNumber
          ? `, up to event ${number}`
          : `: the store is at event ${number} of ${logNumber}`;
      return `pool ${pool}${upTo}\n${table.toString()}${note}\n`;
    })
    .join('\n');
}
