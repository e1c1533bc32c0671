import { Command } from 'commander';
import { launchEngine } from '../platform/clickhouse/embedded.ts';
import type { Results } from '../run/run-folder.ts';
import { resultsFrom } from './results-and-repeated-flags.ts';

interface ObserveFlags {
  readonly out?: string;
  readonly results: Results;
  readonly json?: boolean;
}

export function observeCommand(): Command {
  return new Command('observe')
    .description(
      'compute the figures of payments from when they were observed to settle, without settling them',
    )
    .argument(
      '<folder>',
      'an import with observed times: scenario.yaml, its payments and observed.csv (docs/observed.md)',
    )
    .option(
      '--out <dir>',
      'folder for the results (default: runs/<scenario>-<seed>-observed, with -summary or -tables behind it)',
    )
    .option(
      '--results <kind>',
      'full; tables: Parquet, without a store; or summary: summary.json alone',
      resultsFrom,
      'full',
    )
    .option('--json', 'print summary.json on stdout instead of the table')
    .action(async (folder: string, { out, results, json }: ObserveFlags) => {
      // Before what a run needs is loaded, which takes as long.
      const engine = results === 'full' ? launchEngine() : null;
      try {
        const { observeRun } = await import('../run/observe-run.ts');
        const finished = await observeRun({
          ...{ folder, results },
          ...(out !== undefined && { out }),
          ...(engine && { engine }),
        });
        if (json) process.stdout.write(`${JSON.stringify(finished.summary, null, 2)}\n`);
        else (await import('../run/summary-on-terminal.ts')).printSummary(finished);
      } finally {
        await engine?.stop();
      }
    });
}
