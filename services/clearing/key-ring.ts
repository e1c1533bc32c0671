import { reasonNumber } from '../core/reasons.ts';
import type { ControlRecord } from '../protocol/control-record.ts';

interface RingKey {
  readonly bic: string;
  revoked: boolean;
}

/**
 * Which key is whose at the present position of a pool's log. The log is the one home of this
 * state: verifiers learn of keys later, from a projection.
 */
export class KeyRing {
  readonly #keys = new Map<string, RingKey>();

  /** A public key belongs to the first participant that registers it; a revocation is for good. */
  fold(control: ControlRecord): void {
    if (control.kind !== 'key') return;
    const key = this.#keys.get(control.publicKey);
    if (control.state === 'revoked') {
      if (key?.bic === control.bic) key.revoked = true;
    } else if (!key) {
      this.#keys.set(control.publicKey, { bic: control.bic, revoked: false });
    }
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
