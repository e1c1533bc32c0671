/** Who of a network's banks witness its logs: a key for each, and the policy that names them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { networkWitness, startBankWitness, witnessName } from '../bank/bank-witness.ts';
import type { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { createSigner, type Signer } from '../core/verification/signing.ts';
import {
  type CosignerGroup,
  formatPolicy,
  isAuditorName,
  leastAsked,
  parsePolicy,
} from '../evidence/cosigner-policy.ts';
import { KEY_TYPE, noteKey, verifierKey } from '../evidence/signed-note.ts';
import { checkNetworkPolicy, NETWORK_POLICY_FILE } from '../gateway/evidence-policy-check.ts';
import { together } from '../live/retry-loop.ts';
import type { RunningService, ServiceContext } from '../live/service-context.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { writeWhole } from '../platform/folders-and-whole-files.ts';
import { logFilesAt } from '../platform/service/read-transparency-log.ts';
import { poolLogFolder } from '../platform/service/seal-folders.ts';
import { NumberedRecords } from '../platform/service/small-files-each-number-once.ts';
import { isAttestorRole } from '../protocol/names/participant-roles.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { SandboxFolder } from './sandbox-folder.ts';
import { hasKey, logsFolder, makeKeys, WITNESSES_FOLDER, witnessKeyOf } from './secret-keys.ts';

/** Those that may witness: who has accounts. */
export const witnessesIn = ({ participants }: Pick<Scenario, 'participants'>): string[] =>
  participants.filter(({ role }) => !isAttestorRole(role)).map(({ bic }) => bic);

/** So many a sandbox may have. */
export const WITNESSES_MAX = 100;

/** How many of a sandbox's witnesses must have cosigned a checkpoint: more than half. */
export const witnessMajority = (witnesses: number): number => Math.floor(witnesses / 2) + 1;

/** @throws BadInput where an option asks for more of them than there are */
export function refuseTooManyWitnesses(option: string, asked: number, scenario: Scenario): void {
  const { length } = witnessesIn(scenario);
  if (asked > length)
    throw new BadInput(
      `${option} ${asked}: expected ${length} at most, the banks of scenario ${scenario.name}`,
    );
}

/**
 * Makes keys with which banks witness, and the policy that asks for so many of them; what is there stays. A network that
 * was founded before its pools had logs gets neither.
 * @param beside who else is to have cosigned
 */
export function makeWitnesses(
  { path, network, file, secretKeyOf }: SandboxFolder,
  bics: readonly string[],
  quorum: number,
  beside: readonly CosignerGroup[] = [],
): void {
  const logs = network.pools.flatMap(({ logKey }) => logKey ?? []);
  if (logs.length === 0 || existsSync(file(NETWORK_POLICY_FILE))) return;
  makeKeys(path, bics.map(witnessKeyOf));
  const members = bics.map((bic) => [bic, keyOf(bic, signerOf(bic, secretKeyOf))] as const);
  const banks = bics.length > 0 ? [{ name: 'banks', least: quorum, members }] : [];
  writeWhole(path, NETWORK_POLICY_FILE, formatPolicy(logs, [...banks, ...beside]), 0o644);
}

/** @throws BadInput for a policy that is none of the network; null: it has none */
export function networkPolicyOf({ file, network }: SandboxFolder): string | null {
  const path = file(NETWORK_POLICY_FILE);
  if (!existsSync(path)) return null;
  try {
    const text = readFileSync(path, 'utf8');
    checkNetworkPolicy(text, network);
    return text;
  } catch (error) {
    throw new BadInput(`${path}: ${(error as Error).message}`);
  }
}

/**
 * Of auditors that the policy asks for beside witnesses nothing is asked here.
 * @throws BadInput where there is a policy that asks for more or fewer witnesses than this
 */
export function refuseOtherQuorum(folder: SandboxFolder, quorum: number): void {
  const text = networkPolicyOf(folder);
  if (text === null) return;
  const policy = parsePolicy(text);
  const asked = leastAsked(
    policy,
    policy.witnesses.filter(({ name }) => !isAuditorName(name)),
  );
  if (asked !== quorum)
    throw new BadInput(
      `--witness-quorum ${quorum}: ${folder.file(NETWORK_POLICY_FILE)} asks for ${asked} of its witnesses; expected ${asked} or no such option, or change that file`,
    );
}

/** The banks that the policy names by a key that is here. */
export function ownWitnesses(
  { path, secretKeyOf }: SandboxFolder,
  scenario: Scenario,
  policy: string,
): string[] {
  const named = new Set(parsePolicy(policy).witnesses.map(verifierKey));
  return witnessesIn(scenario).filter(
    (bic) => hasKey(path, witnessKeyOf(bic)) && named.has(keyOf(bic, signerOf(bic, secretKeyOf))),
  );
}

/** Each looks at the logs' files by itself. */
export async function startWitnesses(
  contextOf: (service: string) => ServiceContext,
  { network, path, file, secretKeyOf }: SandboxFolder,
  bics: readonly string[],
  hashing: TreeHashing,
): Promise<RunningService> {
  return together(
    await Promise.all(
      bics.map((bic) => {
        const context = contextOf(`bank ${bic}`);
        const records = new NumberedRecords(join(file(WITNESSES_FOLDER), bic));
        const witness = networkWitness(
          network,
          { name: witnessName(bic), signer: signerOf(bic, secretKeyOf), records },
          {
            hashing,
            nowMs: context.nowMs,
            filesOf: (pool) => logFilesAt(poolLogFolder(logsFolder(path), pool)),
          },
        );
        return startBankWitness(context, witness);
      }),
    ),
  );
}

const signerOf = (bic: string, secretKeyOf: SandboxFolder['secretKeyOf']): Signer =>
  createSigner(secretKeyOf(witnessKeyOf(bic)));
const keyOf = (bic: string, { publicKey }: Signer): string =>
  verifierKey(noteKey(witnessName(bic), KEY_TYPE.cosignature, publicKey));
