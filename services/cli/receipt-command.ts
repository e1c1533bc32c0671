import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { PROOF_ENDING } from '../evidence/tlog-proof.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { isUetr } from '../protocol/names/identifiers.ts';
import { runReceipt } from '../run/run-receipt.ts';

interface ReceiptFlags {
  readonly run: string;
  readonly out?: string;
  readonly balances?: boolean;
}

export function receiptCommand(): Command {
  return new Command('receipt')
    .description(
      'write what became of a payment of a run as a proof that anyone can check (corridor verify)',
    )
    .argument('<uetr>', 'the payment')
    .requiredOption('--run <dir>', 'the folder of a run that is sealed')
    .option('--out <file>', `where it is written (default: <uetr>${PROOF_ENDING})`)
    .option('--balances', 'show also the balances after it, which are of both banks')
    .action(async (uetr: string, { run, out, balances }: ReceiptFlags) => {
      if (!isUetr(uetr))
        throw new BadInput(`receipt: UETR ${uetr}: expected a UUID of version 4 in lower case`);
      const file = out ?? `${uetr}${PROOF_ENDING}`;
      const text = await runReceipt(run, uetr, balances ? 'open' : 'closed');
      try {
        writeFileSync(file, text);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        throw new BadInput(`--out ${file}: expected a file that can be written (${code})`);
      }
      process.stdout.write(`${file}: ${text.length} bytes\n`);
    });
}
