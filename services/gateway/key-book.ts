import { createSignatureCheck } from '../core/signing.ts';
import type { ParticipantKey } from '../protocol/participant-message.ts';

export interface KnownKey {
  readonly check: (message: Uint8Array, signature: Uint8Array) => boolean;
  /** For good, once set. */
  revoked: boolean;
}

/** The participants' keys, from the `participants` topic: who may read. */
export class KeyBook {
  readonly #keys = new Map<string, KnownKey>();
  readonly #participants = new Set<string>();

  learn({ bic, keyId, publicKey, state }: ParticipantKey): void {
    const name = `${bic}:${keyId}`;
    this.#participants.add(bic);
    const known = this.#keys.get(name);
    if (known) known.revoked ||= state === 'revoked';
    else
      this.#keys.set(name, {
        check: createSignatureCheck(Buffer.from(publicKey, 'hex')),
        revoked: state === 'revoked',
      });
  }

  /** Everyone who has or had a key. */
  participants(): ReadonlySet<string> {
    return this.#participants;
  }

  key(bic: string, keyId: string): KnownKey | undefined {
    return this.#keys.get(`${bic}:${keyId}`);
  }
}
