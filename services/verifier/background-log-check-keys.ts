import type { ControlRecord } from '../protocol/records/control-record.ts';

type KeyRecord = Extract<ControlRecord, { kind: 'key' }>;

export interface Registration {
  readonly bic: string;
  readonly keyId: string;
  /** 32 bytes, lower-case hex. */
  readonly publicKey: string;
  readonly logOffset: number;
  readonly timeMs: number;
  /** False: somebody wrote it past the operator. */
  readonly isProven: boolean;
  /** Offset of its revocation. */
  revokedAt: number | null;
}

/**
 * Which keys a pool's log registers and revokes, and where: whether one was somebody's at any position can be asked
 * in any order. A public key has one owner, a key id of a participant one key, and a revocation is for good, as
 * clearing has it. What clearing takes: clearing/key-rotation-and-revocation.ts.
 */
export class KeyHistory {
  readonly #keys = new Map<string, Registration>();
  readonly #ids = new Map<string, Registration>();

  /** In the order of the log; the same record may come again. */
  fold(
    { bic, keyId, publicKey, state, timeMs }: KeyRecord & { timeMs: number },
    at: number,
    isProven: boolean,
  ): void {
    const key = this.#keys.get(publicKey);
    if (state === 'revoked') {
      if (key?.bic === bic && key.keyId === keyId) key.revokedAt ??= at;
      return;
    }
    const name = `${bic}:${keyId}`;
    if (key || this.#ids.has(name)) return;
    const entry = { bic, keyId, publicKey, timeMs, isProven, logOffset: at, revokedAt: null };
    this.#ids.set(name, entry);
    this.#keys.set(publicKey, entry);
  }

  /** @param publicKey lower-case hex */
  of(publicKey: string): Registration | undefined {
    return this.#keys.get(publicKey);
  }

  named(bic: string, keyId: string): Registration | undefined {
    return this.#ids.get(`${bic}:${keyId}`);
  }
}
