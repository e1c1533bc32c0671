// Which commands about keys need two operators: protocol/records/commands-taken-once-and-by-two-operators.ts.

import { type Reason, reasonNumber } from '../core/settlement/reasons.ts';
import type { ControlRecord } from '../protocol/records/control-record.ts';

type KeyRecord = Extract<ControlRecord, { kind: 'key' }>;

interface RingKey {
  readonly bic: string;
  readonly keyId: string;
  revoked: boolean;
}

/** A key as a snapshot holds it. */
export interface KeyEntry extends Readonly<RingKey> {
  /** 32 bytes, lower-case hex. */
  readonly publicKey: string;
}

/**
 * Which key is whose at the present position of a pool's log. The log is the one home of this
 * state: verifiers learn of keys later, from a projection. A public key has one owner, a key id of a
 * participant one key, and a revocation is for good.
 */
export class KeyRing {
  readonly #keys = new Map<string, RingKey>();
  readonly #ids = new Set<string>();

  constructor(entries: readonly KeyEntry[] = []) {
    for (const { publicKey, bic, keyId, revoked } of entries) {
      this.#keys.set(publicKey, { bic, keyId, revoked });
      this.#ids.add(`${bic}:${keyId}`);
    }
  }

  entries(): KeyEntry[] {
    return [...this.#keys].map(([publicKey, key]) => ({ publicKey, ...key }));
  }

  /** Whether somebody has this public key, lower-case hex. */
  has(publicKey: string): boolean {
    return this.#keys.has(publicKey);
  }

  /** Null where a record says something that can be: a new key under a new id, or its revocation. */
  refusal({ bic, keyId, publicKey, state }: KeyRecord): Reason | null {
    const key = this.#keys.get(publicKey);
    if (state === 'registered')
      return key || this.#ids.has(`${bic}:${keyId}`) ? 'duplicateIdentity' : null;
    if (key?.bic !== bic || key.keyId !== keyId) return 'keyUnknown';
    return key.revoked ? 'keyRevoked' : null;
  }

  /** Null where a participant's key of this id is active, else why it is not. */
  standing(bic: string, keyId: string): Reason | null {
    const key = [...this.#keys.values()].find((one) => one.bic === bic && one.keyId === keyId);
    if (!key) return 'keyUnknown';
    return key.revoked ? 'keyRevoked' : null;
  }

  /** Takes in a record that it admits. */
  fold({ bic, keyId, publicKey, state }: KeyRecord): void {
    if (state === 'registered') {
      this.#keys.set(publicKey, { bic, keyId, revoked: false });
      this.#ids.add(`${bic}:${keyId}`);
      return;
    }
    const key = this.#keys.get(publicKey);
    if (key) key.revoked = true;
  }

  /** 0 where the key is the sender's and active, else the reason's number. */
  fault(sender: string, publicKey: Uint8Array): number {
    const key = this.#keys.get(
      Buffer.from(publicKey.buffer, publicKey.byteOffset, 32).toString('hex'),
    );
    if (!key || key.bic !== sender) return reasonNumber('keyUnknown');
    return key.revoked ? reasonNumber('keyRevoked') : 0;
  }
}
