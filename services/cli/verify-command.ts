import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Command } from 'commander';
import type { Certificate } from '../analysis/certificates/certificate-format.ts';
import { offsetGroups } from '../analysis/certificates/check/offsetting-check.ts';
import { isHeuristic } from '../analysis/certificates/check/outcome-check.ts';
import {
  type VerifiableCertificate,
  verifyCertificate,
} from '../analysis/certificates/check/verify-certificate.ts';
import type { NettingCertificate } from '../analysis/certificates/netting-certificate.ts';
import type { OffsettingCertificate } from '../analysis/certificates/offsetting-certificate.ts';
import type { ProposalCertificate } from '../analysis/certificates/proposal-certificate.ts';
import { EvidenceFault, isNote } from '../evidence/signed-note.ts';
import { isTlogProof, PROOF_ENDING, PROOF_FIRST_LINE } from '../evidence/tlog-proof.ts';
import { counted, listed, timeText } from '../explain/amount-words.ts';
import { BadInput, EXIT } from '../platform/exit-codes.ts';
import { logFilesAt } from '../platform/service/read-transparency-log.ts';
import { printable } from '../protocol/rules/refusal.ts';
import { wantedRun } from '../replay/recorded-inputs.ts';
import { EVIDENCE, POLICY_FILE } from '../run/run-seal.ts';
import { verifySeal } from '../run/verify-seal.ts';
import { whyUnreadable } from '../scenario/scenario-error.ts';
import { provenWait } from './proven-wait.ts';
import { verifyNotes } from './verify-notes.ts';
import { type ProofFlags, policyIn, verifyProof } from './verify-proof.ts';

/** Which options each kind of file takes. Any other would be ignored, and who gave it would think that it counted. */
const TAKES = {
  'a certificate': [],
  'a receipt or proof': ['policy', 'entry', 'names', 'document'],
  'the proof of an --entry': ['policy', 'entry'],
  'a checkpoint': ['policy', 'against'],
  'a checkpoint --against another': ['policy', 'against', 'tiles'],
  'the folder of a run': ['policy'],
} as const satisfies Record<string, readonly (keyof VerifyFlags)[]>;

/** @throws BadInput for an option that a file of this kind does not take */
function checkTaken(file: string, kind: keyof typeof TAKES, flags: VerifyFlags): void {
  for (const [option, value] of Object.entries(flags))
    if (!(TAKES[kind] as readonly string[]).includes(option))
      throw new BadInput(`--${option} ${value}: ${file} is ${kind}, which does not take it`);
}

interface VerifyFlags extends ProofFlags {
  /** Another note, in a file. */
  readonly against?: string;
  readonly tiles?: string;
}

/** As many faults are named; a certificate with one is worth nothing. */
const FAULTS_MAX = 5;

export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'check by itself a certificate of settlement (corridor explain --certificate), a proof or receipt of an entry in a log, a log’s checkpoint, or the files of a run',
    )
    .argument(
      '<file>',
      'a certificate in JSON, a .tlog-proof, a checkpoint, or the folder of a run; told apart by what is in it',
    )
    .option(
      '--policy <file>',
      'of a proof or a run: whose logs and witnesses are believed (tlog-policy)',
    )
    .option('--entry <file>', 'of a proof: the bytes that are in the log')
    .option(
      '--names <file>',
      'of a receipt: whose numbers its banks and currencies are (evidence/names.json of the run)',
    )
    .option('--document <file>', 'of a receipt of a record: the document that was recorded')
    .option('--against <note>', 'of a checkpoint: another of its log, which it must not contradict')
    .option('--tiles <place>', 'of two checkpoints: the log of the larger, a folder or below a URL')
    .option('--json', 'print one JSON object')
    .action(async (file: string, { json, ...flags }: VerifyFlags & { json?: boolean }) => {
      if (isToBeSealed(file, flags.policy)) {
        checkTaken(file, 'the folder of a run', flags);
        return tellRun(file, json === true, flags.policy);
      }
      const text = read(file);
      if (isTlogProof(text) || file.endsWith(PROOF_ENDING)) {
        const kind = flags.entry === undefined ? 'a receipt or proof' : 'the proof of an --entry';
        checkTaken(file, kind, flags);
        return tell(file, json === true, () => verifyProof(file, text, flags));
      }
      if (isNote(text)) {
        const { against, tiles, policy } = flags;
        checkTaken(
          file,
          against === undefined ? 'a checkpoint' : 'a checkpoint --against another',
          flags,
        );
        if (policy === undefined)
          throw new BadInput(`${file}: expected --policy FILE, which says whose logs are believed`);
        const files = tiles === undefined ? null : logFilesAt(tiles);
        const other = against === undefined ? null : { other: read(against), files };
        return tell(file, json === true, async () => {
          const said = await verifyNotes(file, text, policyIn(policy), other);
          return { said, told: {} };
        });
      }
      const { isOne, certificate, faults } = verifyCertificate(text);
      if (!isOne)
        throw new BadInput(
          `${file}: ${faults[0]}; expected a certificate, or a proof, whose first line is ${PROOF_FIRST_LINE}`,
        );
      checkTaken(file, 'a certificate', flags);
      const holds = faults.length === 0;
      if (json) process.stdout.write(`${JSON.stringify({ certificate: file, holds, faults })}\n`);
      else if (holds)
        process.stdout.write(
          `${file}: it holds: ${provenText(certificate as VerifiableCertificate)}\n`,
        );
      else
        process.stdout.write(
          `${file}: IT DOES NOT HOLD: ${faults.slice(0, FAULTS_MAX).join('; ')}\n`,
        );
      if (!holds) process.exitCode = EXIT.failure;
    });
}

/** Whether a folder says that it is sealed, or who asks does. */
const isToBeSealed = (file: string, policy: string | undefined): boolean =>
  existsSync(file) &&
  statSync(file).isDirectory() &&
  (policy !== undefined || existsSync(join(file, EVIDENCE)));

/** Says whether a run's folder is as it was sealed, or what is not. */
async function tellRun(run: string, json: boolean, policy: string | undefined): Promise<void> {
  const verdict = await verifySeal(run, policy === undefined ? null : policyIn(policy));
  const { faults, files, events, unchecked, leftOut, log, key } = verdict;
  const isOwn =
    policy === undefined || realpathSync(policy).startsWith(`${realpathSync(run)}${sep}`);
  const holds = faults.length === 0;
  if (!holds) process.exitCode = EXIT.failure;
  if (json) {
    const whose = { log, key, policy: isOwn ? 'own' : 'given' };
    const held = { events: Object.fromEntries(events), unchecked };
    process.stdout.write(
      `${JSON.stringify({ run, holds, faults, files, leftOut, ...held, ...whose })}\n`,
    );
    return;
  }
  if (!holds) {
    const more = faults.length > FAULTS_MAX ? `; and ${faults.length - FAULTS_MAX} more` : '';
    process.stdout.write(
      `${run}: IT DOES NOT HOLD: ${printable(faults.slice(0, FAULTS_MAX).join('; '))}${more}\n`,
    );
    return;
  }
  const pools = [...events].map(([pool, count]) => `${counted(count, 'event')} of pool ${pool}`);
  const settled =
    pools.length > 0
      ? `; input.log gives the ${listed(pools)} that are sealed, payments.csv, and of summary.json what follows from events; against them no other file was held`
      : unchecked.length > 0
        ? `; the events of pool ${unchecked.join(', ')} were not checked: there is no input.log, for nothing settled an observed run`
        : '; no events are sealed with them';
  const out =
    leftOut.length === 0 ? '' : `; not sealed: ${leftOut.map((one) => `${one}/`).join(', ')}`;
  const whose = isOwn
    ? `; by a key that the folder itself names (${key}): who can write there can seal it anew, so keep ${EVIDENCE}/${POLICY_FILE} elsewhere and give it as --policy`
    : `; by the log ${key} of the policy`;
  process.stdout.write(
    `${run}: it holds: ${counted(files, 'file')} as sealed${settled}${out}${whose}\n`,
  );
}

/** In words, and for programs. */
interface Proven {
  readonly said: string;
  readonly told: object;
}

/** Says what a proof proves, or why it proves nothing. */
async function tell(
  proof: string,
  json: boolean,
  check: () => Proven | Promise<Proven>,
): Promise<void> {
  let proven: Proven = { said: '', told: {} };
  let fault: string | null = null;
  try {
    proven = await check();
  } catch (error) {
    if (!(error instanceof EvidenceFault)) throw error;
    fault = error.message;
    process.exitCode = EXIT.failure;
  }
  const holds = fault === null;
  const faults = fault === null ? [] : [fault];
  if (json) process.stdout.write(`${JSON.stringify({ proof, holds, faults, ...proven.told })}\n`);
  else
    process.stdout.write(
      `${proof}: ${printable(holds ? `it holds: ${proven.said}` : `IT DOES NOT HOLD: ${fault}`)}\n`,
    );
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const isFolder = (error as NodeJS.ErrnoException).code === 'EISDIR';
    if (isFolder)
      throw new BadInput(
        `${file}: it is not sealed: it has no folder ${EVIDENCE}; expected a sealed run: ${wantedRun(file)}`,
      );
    throw new BadInput(
      `${file}: ${whyUnreadable(error)}; expected a certificate, a ${PROOF_ENDING}, or the folder of a run`,
    );
  }
}

/** What a certificate that holds proves, and of which history it has to be taken. */
function provenText(certificate: VerifiableCertificate): string {
  const { pool, event, eventsDigest, timeMs } = certificate;
  const where = `pool ${pool} at ${timeText(timeMs)}, after event ${event}`;
  const digest = `events digest ${eventsDigest.slice(0, 16)}…`;
  if (certificate.format === 'corridor-netting-certificate-1')
    return `${where}: ${nettingText(certificate)} (that payments, balances and caps were these, the log proves: ${digest})`;
  if (certificate.format === 'corridor-wait-certificate-1')
    return `pool ${pool} after event ${event}, until ${timeText(timeMs)}, behind record ${certificate.position}: ${provenWait(certificate)} (that nothing else was attested and nobody cancelled it, and when records came, the log proves: ${digest})`;
  const what =
    certificate.format === 'corridor-certificate-1'
      ? queuesText(certificate)
      : certificate.format === 'corridor-proposal-certificate-1'
        ? proposalText(certificate)
        : offsettingText(certificate);
  return `${where}: ${what} (that rules, balances, limits and queues were these, the log proves: ${digest})`;
}

function queuesText(certificate: Certificate): string {
  const { payments, release, asked } = certificate;
  const what = `${counted(payments.length, 'payment')} queued, ${setText(certificate)}`;
  if (asked === null) return `${runText(certificate)}; ${what}`;
  const uetr = payments.find((p) => p.position === asked)?.uetr;
  const released =
    release === null
      ? ''
      : release.amount === null
        ? `; no injection into ${release.participant}'s ${release.currency} account alone releases ${uetr}`
        : `; ${release.amount} minor units of ${release.currency} are the smallest injection into ${release.participant}'s account that releases ${uetr}`;
  return `${what}${released}`;
}

function nettingText(certificate: NettingCertificate): string {
  const {
    cycle,
    currency,
    payments,
    settled,
    unwound,
    refused,
    nets,
    defaults,
    shares,
    onDefault,
  } = certificate;
  const kept = `${counted(payments.length, 'payment')} accepted within the caps`;
  const out =
    refused.length === 0 ? '' : `, ${counted(refused.length, 'payment')} kept out by them`;
  const fell =
    defaults.length + shares.length + unwound.length === 0
      ? 'nobody was short'
      : `${counted(defaults.length, 'default')}, ${counted(shares.length, 'share')} of losses and ${counted(unwound.length, 'payment')} unwound, as ${onDefault} has it`;
  return `cycle ${cycle} by deferredNet in ${currency} settled ${counted(settled.length, 'payment')}; ${kept}${out}; the nets of ${counted(nets.length, 'account')} and their closing balances follow; ${fell}`;
}

function offsettingText(certificate: OffsettingCertificate): string {
  const { offsetting, currencies, settled, payments } = certificate;
  const groups = offsetGroups(certificate).length;
  return `offsetting ${offsetting} in ${listed(currencies)} settled ${counted(settled.length, 'payment')} of ${payments.length} queued, in ${counted(groups, 'group')}; going through the queues once it could settle no others`;
}

function proposalText(certificate: ProposalCertificate): string {
  const { cycle, mechanism, currencies, sets, settled, payments } = certificate;
  const refused = sets.filter((set) => set.refused !== null).length;
  const left = `${counted(sets.length - refused, 'set')} settled and left nobody short`;
  const short = refused === 0 ? '' : `, ${counted(refused, 'set')} could not, for what is named`;
  return `cycle ${cycle} by ${mechanism} in ${listed(currencies)} settled ${counted(settled.length, 'payment')} of ${payments.length} queued: ${left}${short}, and that no other could is not proven`;
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
