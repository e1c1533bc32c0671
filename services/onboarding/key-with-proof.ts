import type { Signer } from '../core/verification/signing.ts';
import { type Possession, possessionText } from '../protocol/messages/key-possession.ts';

/** A key as a command registers it. */
export interface ProvenKey {
  readonly keyId: string;
  /** 32 bytes, lower-case hex. */
  readonly publicKey: string;
  readonly possession: Possession;
}

/**
 * A key with the proof that whoever asks for it has its secret key.
 * @param owner a BIC, `operator`, or the network, as which its node signs
 */
export function provenKey(
  network: string,
  owner: string,
  keyId: string,
  signer: Signer,
  challenge: string,
): ProvenKey {
  const publicKey = Buffer.from(signer.publicKey).toString('hex');
  const text = possessionText(network, { bic: owner, keyId, publicKey }, challenge);
  const signature = Buffer.from(signer.sign(text)).toString('base64');
  return { keyId, publicKey, possession: { challenge, signature } };
}
