import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { BREAKS, type BreakName, type DrillResult, drill } from '../drive/drill.ts';
import { drillRow, keepDrill } from '../drive/kept-drills.ts';
import { EXIT } from '../platform/exit-codes.ts';
import { packageFolder } from '../platform/service/build-info.ts';
import { stopSignal } from '../platform/service/stop-signal.ts';
import { sandboxStore, withStore } from '../replay/named-store.ts';
import { type ClickHouseFlags, clickHouseAddress } from './clickhouse-flags.ts';
import { decimalFrom } from './number-flags.ts';

interface DrillFlags extends ClickHouseFlags {
  readonly break: BreakName;
  readonly data: string;
  readonly traffic: number;
  readonly for: number;
  readonly wait: number;
  readonly json?: true;
}

const secondsFrom = (flag: string, max: number) =>
  decimalFrom(flag, (seconds) => seconds >= 0 && seconds <= max, `seconds from 0 to ${max}`);

export function drillCommand(): Command {
  return new Command('drill')
    .description(
      'break a sandbox that this command starts, and say how long it took to recover, what was lost, and whether the day closed',
    )
    .argument('[scenario]', 'a scenario file', join(packageFolder, 'scenarios/four-corridors.yaml'))
    .addOption(
      new Option('--break <what>', 'what is broken')
        .choices(Object.keys(BREAKS))
        .default('all' satisfies BreakName),
    )
    .requiredOption('--data <dir>', 'folder of the sandbox, new or one that is not running')
    .option(
      '--traffic <n>',
      'payments a second that its banks send each other',
      decimalFrom('--traffic', (rate) => rate <= 1_000, 'a number from 0 to 1000'),
      20,
    )
    .option('--for <seconds>', 'how long it runs before', secondsFrom('--for', 86_400), 5)
    .option('--wait <seconds>', 'how long it is waited for', secondsFrom('--wait', 86_400), 7_200)
    .option('--clickhouse-url <url>', 'keep the result in this server too, which Grafana asks')
    .option('--clickhouse-user <name>', 'who writes there')
    .option('--clickhouse-password-file <file>', 'a file that holds the password')
    .option('--clickhouse-database <name>', 'the database', 'corridor')
    .option('--json', 'print the result as one JSON object')
    .action(async (scenario: string, flags: DrillFlags) => {
      const server = flags.clickhouseUrl === undefined ? null : clickHouseAddress('drill', flags);
      // Before anything is broken: a server that is not there is told now.
      if (server) await withStore({ address: server }, (store) => store.upToDate());
      const main = fileURLToPath(new URL('./main.js', import.meta.url));
      const ports = ['--port', '0', '--probes-port', '0', '--view-port', '0'];
      const traffic = ['--traffic', String(flags.traffic)];
      const stop = stopSignal();
      const asked = new AbortController();
      void stop.requested.then(() => asked.abort());
      const up = [main, 'up', scenario, '--data', flags.data, ...ports, ...traffic];
      let result: DrillResult;
      try {
        result = await drill(
          {
            command: [process.execPath, ...up],
            ...{ folder: flags.data, breaks: flags.break },
            ...{ runsForSeconds: flags.for, waitsSeconds: flags.wait },
            tell: (phase) => process.stderr.write(`corridor: ${phase}\n`),
          },
          asked.signal,
        );
      } catch (error) {
        if (!asked.signal.aborted) throw error;
        process.exitCode = EXIT.interrupted;
        return;
      } finally {
        stop.release();
      }
      const { place, run } = sandboxStore(flags.data);
      const row = drillRow(run, Date.now(), result);
      // Printed first: a store that is away by now takes nothing from whoever waited for it.
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : asText(result));
      if (!result.isPassed) process.exitCode = EXIT.failure;
      await keepDrill(place, row);
      if (server) await keepDrill({ address: server }, row);
    });
}

function asText(result: DrillResult): string {
  const { recoverySeconds, recoverySecondsMax, log, events, replayFault, store, closed } = result;
  const open = Object.entries(closed).filter(([, isClosed]) => isClosed !== true);
  return [
    `broken: ${result.breaks}`,
    `recovered after ${recoverySeconds.toFixed(1)} s, of ${recoverySecondsMax} s that PFMI 17 allows`,
    log
      ? `the log: ${log.lost} of the ${log.records} records lost that it had at the break`
      : 'the log went on',
    `events: ${events}, ${replayFault === null ? 'as a replay gives them' : `a replay differs: ${replayFault}`}`,
    `the store: ${store.different.length} of ${store.figures} figures differ${store.different.length > 0 ? `: ${store.different.join(', ')}` : ''}`,
    open.length === 0
      ? `the day closed: ${Object.keys(closed).join(', ')}`
      : `the day did not close: ${open.map(([currency, why]) => `${currency} (${why})`).join(', ')}`,
    '',
  ].join('\n');
}
