import { Command } from 'commander';
import { fitsOf, fitsText } from '../network/fit-to-totals.ts';
import { networksPage } from '../network/network-page.ts';
import { networkText } from '../network/network-terminal.ts';
import { describeRun } from '../network/run-networks.ts';
import { BadInput, EXIT } from '../platform/exit-codes.ts';
import { writeNamedFile } from '../platform/service/named-output.ts';
import { refuseOverwrite } from './output-file.ts';

interface NetworkFlags {
  readonly json?: boolean;
  readonly html?: string;
  readonly fit?: boolean;
}

export function networkCommand(): Command {
  return new Command('network')
    .description('describe the network of banks of a finished run, by its payments')
    .argument('<run>', 'folder of a run (it holds payments.csv, or tables/)')
    .option('--json', 'print all figures as one JSON object; amounts are minor units')
    .option('--html <file>', 'write all figures as a page')
    .option(
      '--fit',
      'instead: of flows that are fitted to totals what was asked, what there is, and the difference',
    )
    .action(async (run: string, { json, html, fit }: NetworkFlags) => {
      process.once('SIGINT', () => process.exit(EXIT.interrupted));
      if (fit) {
        if (html !== undefined) throw new BadInput(`--html ${html}: expected none beside --fit`);
        const fits = fitsOf(run);
        process.stdout.write(json ? `${JSON.stringify(fits, null, 2)}\n` : fitsText(fits));
        return;
      }
      refuseOverwrite('--html', html, [run]);
      const described = await describeRun(run);
      if (html !== undefined) writeNamedFile('--html', html, networksPage(described));
      process.stdout.write(
        json ? `${JSON.stringify(described.networks, null, 2)}\n` : networkText(described),
      );
      if (html !== undefined && !json) process.stdout.write(`\npage: ${html}\n`);
    });
}
