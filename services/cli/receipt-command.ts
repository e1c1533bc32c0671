import { basename, join } from 'node:path';
import { Command } from 'commander';
import { parsePolicy } from '../evidence/cosigner-policy.ts';
import { EvidenceFault } from '../evidence/signed-note.ts';
import { PROOF_ENDING } from '../evidence/tlog-proof.ts';
import { readFounded, readSigner } from '../onboarding/founded-network.ts';
import { readSigned } from '../onboarding/gateway-client.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { version } from '../platform/service/build-info.ts';
import { writeNamedFile } from '../platform/service/named-output.ts';
import { isUetr, type Uetr } from '../protocol/names/bic-and-uetr.ts';
import { receiptPage } from '../report/receipt-page.ts';
import { recordReceipt, runReceipt } from '../run/run-receipt.ts';
import { EVIDENCE, POLICY_FILE } from '../run/run-seal.ts';
import { KEY_ID } from '../simulator/keys-and-genesis.ts';
import { refuseOverwrite } from './output-file.ts';
import { policyIn, verifyProof, verifyProofBy } from './verify-proof.ts';
import { documentDigestAt } from './verify-receipt.ts';

interface ReceiptFlags extends BankFlags {
  readonly run?: string;
  readonly document?: string;
  readonly out?: string;
  readonly html?: string;
  readonly balances?: boolean;
}

/** Who asks a live network. */
interface BankFlags {
  readonly url?: string;
  readonly bic?: string;
  readonly data?: string;
  readonly network?: string;
  readonly key?: string;
  readonly keyId: string;
  readonly policy?: string;
  readonly type?: string;
  readonly pool?: string;
  readonly sender?: string;
}

/** What chooses, where several payments of a live network have the UETR. */
const CHOICES = ['type', 'pool', 'sender'] as const;
const WITH_URL = [...CHOICES, 'policy'] as const;

export function receiptCommand(): Command {
  return new Command('receipt')
    .description(
      'write what became of a payment of a run or of a live network, or that a document was recorded in a run, as a proof that anyone can check (corridor verify)',
    )
    .argument('[uetr]', 'the payment')
    .option('--run <dir>', 'the folder of a run that is sealed')
    .option('--document <file>', 'with --run, in place of a payment: what an attestor recorded')
    .option('--url <url>', 'the gateway of a live network, in place of --run')
    .option('--bic <bic>', 'with --url: which bank asks; the payment is its own, or to it')
    .option('--data <dir>', 'with --url: a folder of `corridor found` that has the bank’s key')
    .option('--network <name>', 'with --url: the network’s name, where --data does not say it')
    .option('--key <file>', 'with --url: the bank’s secret key, PEM (default: that in --data)')
    .option('--key-id <id>', 'with --url: under which it is registered', KEY_ID)
    .option(
      '--policy <file>',
      'with --url: whose logs and witnesses are believed (default: what the gateway tells)',
    )
    .option('--type <type>', 'with --url: which of several payments with the UETR, by message type')
    .option('--pool <name>', 'the same by pool')
    .option('--sender <bic>', 'the same by the bank that sent it')
    .option(
      '--out <file>',
      `where it is written (default: <uetr>${PROOF_ENDING}, <document>${PROOF_ENDING})`,
    )
    .option('--html <file>', 'write it also as a page to print')
    .option('--balances', 'with --run: show also the balances after it, which are of both banks')
    .action(async (uetr: string | undefined, flags: ReceiptFlags) => {
      const { run, out, balances, document } = flags;
      if (document !== undefined) {
        if (uetr !== undefined || flags.url !== undefined || flags.html !== undefined || balances)
          throw new BadInput('receipt: --document: expected with --run and --out alone');
        return ofDocument(document, flags);
      }
      if (uetr === undefined) throw new BadInput('receipt: expected a UETR, or --document FILE');
      if (!isUetr(uetr))
        throw new BadInput(`receipt: UETR ${uetr}: expected a UUID of version 4 in lower case`);
      const file = out ?? `${uetr}${PROOF_ENDING}`;
      if ((run === undefined) === (flags.url === undefined))
        throw new BadInput('receipt: expected --run, or --url and --bic');
      if (balances && run === undefined)
        throw new BadInput('receipt: --balances: expected with --run alone');
      const choice = WITH_URL.find((option) => flags[option] !== undefined);
      if (choice && run !== undefined)
        throw new BadInput(`receipt: --${choice}: expected with --url alone`);
      refuseOverwrite('--out', file, filesAsked(flags));
      refuseOverwrite('--html', flags.html, [...filesAsked(flags), file]);
      const text =
        run === undefined
          ? await liveReceipt(uetr, flags)
          : heldReceipt(run, await runReceipt(run, uetr, balances ? 'open' : 'closed'));
      writeNamedFile('--out', file, text);
      process.stdout.write(`${file}: ${Buffer.byteLength(text)} bytes\n`);
      if (flags.html !== undefined)
        writeNamedFile('--html', flags.html, receiptPage(text, version));
    });
}

/** Of the folder of `corridor found` what a receipt is asked with: receipts may lie beside it. */
const filesAsked = ({ run, key, policy, data }: ReceiptFlags): (string | undefined)[] => [
  run,
  key,
  policy,
  ...(data === undefined ? [] : [join(data, 'keys'), join(data, 'network.json')]),
];

/** That a document was recorded first, with how often it was. */
async function ofDocument(document: string, { run, out }: ReceiptFlags): Promise<void> {
  if (run === undefined) throw new BadInput('receipt: --document: expected with --run DIR');
  const file = out ?? `${basename(document)}${PROOF_ENDING}`;
  refuseOverwrite('--out', file, [run, document]);
  const { text, times } = await recordReceipt(run, documentDigestAt(document));
  heldReceipt(run, text);
  writeNamedFile('--out', file, text);
  const more = times === 1 ? '' : `; it was recorded ${times} times, and this is the first`;
  process.stdout.write(`${file}: ${Buffer.byteLength(text)} bytes${more}\n`);
}

/** A receipt of a run, which whoever is given it will verify. @throws BadInput where it does not hold */
function heldReceipt(run: string, text: string): string {
  try {
    verifyProof(run, text, { policy: join(run, EVIDENCE, POLICY_FILE) });
  } catch (error) {
    if (!(error instanceof EvidenceFault)) throw error;
    throw new BadInput(
      `--run ${run}: its receipt would not hold (${error.message}); expected a run as it was sealed`,
    );
  }
  return text;
}

/** As the gateway has it for one of the payment's banks. */
async function liveReceipt(uetr: Uetr, flags: BankFlags): Promise<string> {
  const { url = '', bic, data, keyId } = flags;
  if (bic === undefined) throw new BadInput('receipt: --bic: expected the bank that asks');
  const network = flags.network ?? (data === undefined ? undefined : readFounded(data).network);
  if (network === undefined) throw new BadInput('receipt: expected --data, or --network and --key');
  const key = flags.key ?? (data === undefined ? undefined : join(data, 'keys', `${bic}.pem`));
  if (key === undefined) throw new BadInput('receipt: --key: expected the bank’s secret key');
  const identity = { url: url.replace(/\/+$/, ''), network, signer: readSigner(key), keyId };
  const choices = new URLSearchParams();
  for (const name of CHOICES) if (flags[name] !== undefined) choices.set(name, flags[name]);
  const query = choices.size === 0 ? '' : `?${choices}`;
  const text = await readSigned(identity, bic, `/payments/${uetr}/receipt${query}`);
  const policy =
    flags.policy === undefined
      ? parsePolicy(await readSigned(identity, bic, '/evidence/policy'))
      : policyIn(flags.policy);
  try {
    verifyProofBy(policy, url, text);
  } catch (error) {
    if (!(error instanceof EvidenceFault)) throw error;
    throw new Error(
      `--url ${url}: the receipt that the gateway gives does not hold (${error.message}); nothing was written: ask the operator of the network`,
    );
  }
  return text;
}
