import { Command } from 'commander';
import { compareRuns } from '../compare/compare-runs.ts';
import { comparisonPage } from '../compare/comparison-page.ts';
import { terminalText } from '../compare/comparison-terminal.ts';
import { EXIT } from '../platform/exit-codes.ts';
import { writeNamedFile } from '../platform/service/named-output.ts';
import { wholeFrom } from './number-flags.ts';
import { refuseOverwrite } from './output-file.ts';

interface CompareFlags {
  readonly explain: number;
  readonly json?: boolean;
  readonly html?: string;
}

const explainedFrom = wholeFrom(
  '--explain',
  (count) => count <= 1000,
  'a whole number from 0 to 1000',
);

export function compareCommand(): Command {
  return new Command('compare')
    .description('say what differs between finished runs, and which payments changed their fate')
    .argument(
      '<runs...>',
      'folders of two or more runs; the first is what the others are held against',
    )
    .option(
      '--explain <n>',
      'of the payments that changed their fate, how many are explained, the largest; 0: none',
      explainedFrom,
      10,
    )
    .option('--json', 'print the whole comparison as one JSON object; amounts are minor units')
    .option('--html <file>', 'write the whole comparison as a page')
    .action(async (runs: readonly string[], { explain, json, html }: CompareFlags) => {
      process.once('SIGINT', () => process.exit(EXIT.interrupted));
      refuseOverwrite('--html', html, runs);
      const compared = await compareRuns({ runs, explained: explain });
      if (html !== undefined) writeNamedFile('--html', html, comparisonPage(compared));
      process.stdout.write(
        json ? `${JSON.stringify(compared.comparison, null, 2)}\n` : terminalText(compared),
      );
      if (html !== undefined && !json) process.stdout.write(`\npage: ${html}\n`);
    });
}
