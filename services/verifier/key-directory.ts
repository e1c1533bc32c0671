import type { ParticipantKey } from '../protocol/records/participant-message.ts';

export interface VerifierKey {
  readonly publicKey: Uint8Array;
  /** Handle in the verification core; null for a key that it does not admit. */
  readonly handle: number | null;
}

/** Whose keys a verifier asks for. */
export type KeyLookup = Pick<KeyDirectory, 'learn' | 'knows' | 'key'>;

/**
 * The keys that a verifier knows, from the `participants` topic. It may lag behind the pool's log:
 * whether a key was its sender's, and not revoked, at a position is decided by clearing.
 */
export class KeyDirectory {
  readonly #keys = new Map<string, Map<string, VerifierKey>>();
  readonly #register: (publicKey: Uint8Array) => number;

  constructor(register: (publicKey: Uint8Array) => number) {
    this.#register = register;
  }

  learn(entry: ParticipantKey): void {
    const keys = this.#keys.get(entry.bic) ?? new Map<string, VerifierKey>();
    this.#keys.set(entry.bic, keys);
    if (keys.has(entry.keyId)) return;
    const publicKey = Buffer.from(entry.publicKey, 'hex');
    keys.set(entry.keyId, { publicKey, handle: this.#admit(publicKey) });
  }

  /** A key that no signature can safely be checked under stays known and verifies nothing. */
  #admit(publicKey: Uint8Array): number | null {
    try {
      return this.#register(publicKey);
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  knows(sender: string): boolean {
    return this.#keys.has(sender);
  }

  key(sender: string, keyId: string): VerifierKey | undefined {
    return this.#keys.get(sender)?.get(keyId);
  }
}
