/** The secret keys in a sandbox's folder are those that the network has: a flipped byte leaves a valid key of nobody. */
import { participantsNow } from '../bank/bank-service.ts';
import { type Signer, signersIn } from '../core/verification/signing.ts';
import { KEY_TYPE, noteKey, parseVerifierKey, verifierKey } from '../evidence/signed-note.ts';
import type { ServiceContext } from '../live/service-context.ts';
import { BadInput } from '../platform/exit-codes.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { SandboxFolder } from './sandbox-folder.ts';
import { keyFile } from './secret-keys.ts';

const RESTORE = 'restore it from a backup (docs/operations.md)';

/**
 * A bank's key may have been rotated or revoked since: it is wrong where the network never knew it.
 * @throws BadInput that names the first such file
 */
export async function refuseOtherBankKeys(
  context: Pick<ServiceContext, 'log'>,
  { path, publicKeyOf }: Pick<SandboxFolder, 'path' | 'publicKeyOf'>,
  { participants }: Pick<Scenario, 'participants'>,
): Promise<void> {
  const known = await participantsNow(context);
  for (const { bic } of participants) {
    const keys = known.filter((key) => key.bic === bic);
    // Before a first start has ended nobody has been told of it.
    if (keys.length === 0) continue;
    const own = Buffer.from(publicKeyOf(bic)).toString('hex');
    if (!keys.some(({ publicKey }) => publicKey === own))
      throw new BadInput(
        `${keyFile(path, bic)}: it is not a key that the network has of bank ${bic}; ${RESTORE}`,
      );
  }
}

/**
 * @param logKey verifier key, as network.json has it
 * @throws BadInput where none of the keys in the file is of it
 */
export function refuseOtherLogKey(logKey: string, secretPem: string, file: string): void {
  let signers: Signer[];
  try {
    signers = [...signersIn(secretPem, noToken)];
  } catch (error) {
    throw new BadInput(
      `${file}: expected Ed25519 keys in PEM (${(error as Error).message}); ${RESTORE}`,
    );
  }
  const { name } = parseVerifierKey(logKey);
  const isLogs = ({ publicKey }: Signer) =>
    verifierKey(noteKey(name, KEY_TYPE.log, publicKey)) === logKey;
  if (!signers.some(isLogs))
    throw new BadInput(
      `${file}: it is not the secret key of ${logKey}, which network.json names; ${RESTORE}`,
    );
}

function noToken(address: string): never {
  throw new Error(`${address}: a sandbox opens no tokens`);
}
