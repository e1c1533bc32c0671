import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { launchEngine } from '../platform/clickhouse/embedded.ts';
import { BadInput } from '../platform/exit-codes.ts';
import type { Results } from '../run/run-folder.ts';
import { seedFrom } from './number-flags.ts';
import { oneMore, resultsFrom } from './results-and-repeated-flags.ts';

interface RunFlags {
  readonly out?: string;
  readonly seed?: number;
  readonly set: readonly string[];
  readonly stress: readonly string[];
  readonly signatures: boolean;
  readonly certificates: boolean;
  readonly log: 'memory' | 'embedded';
  readonly results: Results;
  readonly messages?: boolean;
  readonly mechanism?: string;
  readonly json?: boolean;
}

function logFrom(text: string): 'memory' | 'embedded' {
  if (text !== 'memory' && text !== 'embedded')
    throw new BadInput(`--log ${text}: expected memory or embedded`);
  return text;
}

export function runCommand(): Command {
  return new Command('run')
    .description('run a pilot scenario in virtual time and write its results')
    .argument('<scenario>', 'a scenario file (YAML; see docs/scenarios.md)')
    .option(
      '--out <dir>',
      'folder for the results (default: runs/<scenario>-<seed>, with the stress scenarios, -summary or -tables behind it)',
    )
    .option('--seed <n>', "takes the place of the scenario's seed", seedFrom)
    .option(
      '--set <path=value>',
      'change a field of the scenario, such as settlement.queue=fifo; may be repeated',
      oneMore,
      [] as readonly string[],
    )
    .option(
      '--stress <scenario>',
      'a stress scenario of BCBS 248: own=BIC, counterparty=BIC, customer=BIC or market=PERCENT (docs/stress.md); may be repeated',
      oneMore,
      [] as readonly string[],
    )
    .option('--no-signatures', 'neither sign nor verify: faster, and corrupted signatures pass')
    .option(
      '--no-certificates',
      'keep no certificates of cycles: faster where queues are very long',
    )
    .option(
      '--log <kind>',
      'topics in memory, or embedded: durable, in the results',
      logFrom,
      'memory',
    )
    .option(
      '--results <kind>',
      'full; tables: Parquet, without a store; or summary: summary.json alone, in a fraction of the time',
      resultsFrom,
      'full',
    )
    .option(
      '--mechanism <file>',
      "a mechanism of one's own in TypeScript: its cycles settle what it proposes (docs/scenarios.md)",
    )
    .option('--messages', 'with --results summary or tables: over signed messages all the same')
    .option('--json', 'print summary.json on stdout instead of the table')
    .action(async (file: string, flags: RunFlags) => {
      const { out, seed, json, messages = false, ...rest } = flags;
      // Before what a run needs is loaded, which takes as long.
      const engine = flags.results === 'full' ? launchEngine() : null;
      try {
        const { executeRun } = await import('../run/execute-run.ts');
        const set = rest.stress.length === 0 ? rest.set : await stressed(file, flags);
        const finished = await executeRun({
          ...{ file, messages, ...rest, set },
          ...(out !== undefined && { out }),
          ...(seed !== undefined && { seed }),
          ...(engine && { engine }),
        });
        if (json) process.stdout.write(`${JSON.stringify(finished.summary, null, 2)}\n`);
        else (await import('../run/summary-on-terminal.ts')).printSummary(finished);
      } finally {
        await engine?.stop();
      }
    });
}

/** `--set` with what the stress scenarios change beside it. */
async function stressed(file: string, { set, seed, stress }: RunFlags): Promise<readonly string[]> {
  const { stressedSet } = await import('../study/stress/bcbs-stress.ts');
  const readFile = (path: string) => readFileSync(path, 'utf8');
  return stressedSet(file, stress, { readFile, set, ...(seed !== undefined && { seed }) });
}
