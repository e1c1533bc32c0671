import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Certificate } from '../core/certificate-format.ts';
import { isHeuristic } from '../core/certificate-outcome.ts';
import { verifyCertificate } from '../protocol/certificate-document.ts';
import { BadInput, EXIT } from './exit.ts';
import { counted, listed, timeText } from './explain/words.ts';

/** As many faults are named; a certificate with one is worth nothing. */
const FAULTS_MAX = 5;

export function verifyCommand(): Command {
  return new Command('verify')
    .description('check a certificate of settlement (corridor explain --certificate) by itself')
    .argument('<certificate>', 'the JSON file')
    .option('--json', 'print one JSON object')
    .action((file: string, { json }: { json?: boolean }) => {
      const { isOne, certificate, faults } = verifyCertificate(read(file));
      if (!isOne) throw new BadInput(`${file}: ${faults[0]}; expected a certificate`);
      const holds = faults.length === 0;
      if (json) process.stdout.write(`${JSON.stringify({ certificate: file, holds, faults })}\n`);
      else if (holds)
        process.stdout.write(`${file}: it holds: ${provenText(certificate as Certificate)}\n`);
      else
        process.stdout.write(
          `${file}: IT DOES NOT HOLD: ${faults.slice(0, FAULTS_MAX).join('; ')}\n`,
        );
      if (!holds) process.exitCode = EXIT.failure;
    });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadInput(`${file}: cannot be read (${code}); expected a certificate`);
  }
}

/** What a certificate that holds proves, and of which history it has to be taken. */
function provenText(certificate: Certificate): string {
  const { pool, event, eventsDigest, timeMs, payments, release, asked } = certificate;
  const where = `pool ${pool} at ${timeText(timeMs)}, after event ${event}`;
  const from = `(that rules, balances, limits and queues were these, the log proves: events digest ${eventsDigest.slice(0, 16)}…)`;
  const what = `${counted(payments.length, 'payment')} queued, ${setText(certificate)}`;
  if (asked === null) return `${where}: ${runText(certificate)}; ${what} ${from}`;
  const uetr = payments.find((p) => p.position === asked)?.uetr;
  const released =
    release === null
      ? ''
      : release.amount === null
        ? `; no injection into ${release.participant}'s ${release.currency} account alone releases ${uetr}`
        : `; ${release.amount} minor units of ${release.currency} are the smallest injection into ${release.participant}'s account that releases ${uetr}`;
  return `${where}: ${what}${released} ${from}`;
}

function setText({ currencies, crossLimits, largest }: Certificate): string {
  const order = `in ${listed(currencies)} in the order of the queues`;
  const across = crossLimits.length > 0 ? ', limits across currencies not counted,' : '';
  return largest.length === 0
    ? `no set of them can settle ${order}`
    : `the largest set of them that can settle ${order}${across} has ${counted(largest.length, 'payment')}`;
}

function runText(certificate: Certificate): string {
  const { cycle, mechanism, currencies, settled, outcome } = certificate;
  const did = `cycle ${cycle} by ${mechanism} in ${listed(currencies)} settled ${counted(settled.length, 'payment')} (${outcome})`;
  return isHeuristic(certificate)
    ? `${did}, which was allowed (it is a heuristic: that it could not settle more is not proven)`
    : `${did}, and by that mechanism could settle no more`;
}
