import { createHash } from 'node:crypto';
import type { Signer } from '../../services/core/verification/signing.ts';
import {
  challengeOf,
  type Possession,
  possessionText,
} from '../../services/protocol/messages/key-possession.ts';

/** The proof that a signer has the key that is to be registered, over a challenge given at a time. */
export function possessionOf(
  network: string,
  signer: Signer,
  { bic, keyId, atMs }: { readonly bic: string; readonly keyId: string; readonly atMs: number },
): Possession {
  const nonce = createHash('sha256').update(`${bic} ${keyId}`).digest('hex').slice(0, 32);
  const challenge = challengeOf(atMs, nonce);
  const publicKey = Buffer.from(signer.publicKey).toString('hex');
  const signature = signer.sign(possessionText(network, { bic, keyId, publicKey }, challenge));
  return { challenge, signature: Buffer.from(signature).toString('base64') };
}
