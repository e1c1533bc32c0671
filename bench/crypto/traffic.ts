import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSigner } from '../../services/core/verification/signing.ts';
import type { SignedMessage } from '../../services/core/verification/verification.ts';

/** Signed messages of simulated banks: deterministic, each signed by the key of its bank. */
export interface Signed {
  readonly key: number;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Traffic {
  readonly publicKeys: readonly Uint8Array[];
  readonly keyObjects: readonly KeyObject[];
  readonly signed: readonly Signed[];
}

export const wasmBytes = (): Uint8Array =>
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url));

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** @param messageBytes the length of message i */
export function makeTraffic(
  keyCount: number,
  count: number,
  messageBytes: (i: number) => number = () => 300,
): Traffic {
  const signers = Array.from({ length: keyCount }, (_, i) =>
    createSigner(createHash('sha256').update(`bench key ${keyCount}/${i}`).digest()),
  );
  const publicKeys = signers.map(({ publicKey }) => publicKey);
  const keyObjects = publicKeys.map((key) =>
    createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key]), format: 'der', type: 'spki' }),
  );
  const signed = Array.from({ length: count }, (_, i): Signed => {
    // Every key occurs equally often in any `keyCount` messages, in an order that is not theirs.
    const key = (i * 37 + Math.floor(i / keyCount)) % keyCount;
    const message = new Uint8Array(messageBytes(i));
    for (let at = 0, block = 0; at < message.length; at += 64, block++)
      message.set(
        createHash('sha512')
          .update(`message ${i}/${block}`)
          .digest()
          .subarray(0, message.length - at),
        at,
      );
    const signature = (signers[key] as (typeof signers)[0]).sign(message);
    return { key, message, signature };
  });
  return { publicKeys, keyObjects, signed };
}

/**
 * What Verification.verify takes, as the verifier makes it: objects of one shape, whose bytes are
 * small Buffers that Node cuts from common blocks.
 */
export const toVerify = (
  { key, message, signature }: Signed,
  handles: readonly number[],
): SignedMessage => ({
  keyHandle: handles[key] as number,
  message: Buffer.from(message),
  signature: Buffer.from(signature),
});

/** The same signature with one bit of S turned. */
export function poisoned(one: Signed): Signed {
  const signature = Uint8Array.from(one.signature);
  signature[40] = (signature[40] as number) ^ 1;
  return { ...one, signature };
}
