import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Signer, signersIn } from '../core/verification/signing.ts';
import type { Network } from '../live/network.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { ConfigError } from '../platform/service/environment-variables.ts';
import { readNetworkFile } from '../platform/service/network-file.ts';
import { openTokenKey } from '../platform/service/token-key.ts';
import { OPERATOR, OPERATOR_KEY_ID } from '../protocol/messages/operator-command.ts';

/** What `corridor found` left in a folder; throws BadInput in one line where it is none. */
export function readFounded(folder: string): Network {
  const file = join(folder, 'network.json');
  try {
    return readNetworkFile(file) as Network;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new BadInput(
      `--data ${folder}: expected the folder of \`corridor found\` or \`corridor up\` (${error.message})`,
    );
  }
}

/** The key of a secret key file: PEM, or a `pkcs11:` address of one in a token. Throws BadInput where it has none. */
export function readSigner(file: string): Signer {
  try {
    const [signer] = signersIn(readFileSync(file, 'utf8'), openTokenKey);
    if (signer) return signer;
    throw new Error('it holds none');
  } catch (error) {
    throw new BadInput(
      `${file}: expected a secret Ed25519 key as PEM, or its pkcs11: address (${(error as Error).message})`,
    );
  }
}

/** The key of an operator in that folder: `operator` is the one whom the genesis names. */
export const operatorOf = (folder: string, name: string): { signer: Signer; keyId: string } => ({
  signer: readSigner(join(folder, 'keys', `${name}.pem`)),
  keyId: name === OPERATOR ? OPERATOR_KEY_ID : name,
});
