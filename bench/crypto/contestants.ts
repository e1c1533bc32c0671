import { verify } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import libsodium from 'libsodium-wrappers';
import sodium from 'sodium-native';
import type {
  VerificationBuffer,
  VerificationPath,
} from '../../services/core/verification/batch-size-and-key-room.ts';
import type { Contestant } from '../measure.ts';
import { poisoned, type Signed, type Traffic } from './traffic.ts';

function all(count: number, run: (i: number) => boolean): Contestant {
  return {
    count,
    run: () => {
      for (let i = 0; i < count; i++) if (!run(i)) throw new Error(`signature ${i} was refused`);
    },
  };
}

/** What a Node user can install, each verifying one signature after the other. */
export async function makeRivals({ publicKeys, keyObjects, signed }: Traffic) {
  await libsodium.ready;
  const one = (i: number) => signed[i] as Signed;
  const buffers = signed.map(({ key, message, signature }) => ({
    message: Buffer.from(message),
    signature: Buffer.from(signature),
    key: Buffer.from(publicKeys[key] as Uint8Array),
  }));
  return {
    node: all(1024, (i) => {
      const { key, message, signature } = one(i);
      return verify(null, message, keyObjects[key] as (typeof keyObjects)[0], signature);
    }),
    noble: all(64, (i) => {
      const { key, message, signature } = one(i);
      return ed25519.verify(signature, message, publicKeys[key] as Uint8Array, { zip215: false });
    }),
    'sodium-native': all(512, (i) => {
      const { key, message, signature } = buffers[i] as (typeof buffers)[0];
      return sodium.crypto_sign_verify_detached(signature, message, key);
    }),
    'libsodium-wrappers': all(512, (i) => {
      const { key, message, signature } = one(i);
      return libsodium.crypto_sign_verify_detached(
        signature,
        message,
        publicKeys[key] as Uint8Array,
      );
    }),
  };
}

export function registered(buffer: VerificationBuffer, traffic: Traffic): number[] {
  return traffic.publicKeys.map((key) => buffer.registerKey(key));
}

/**
 * The verifier over `rounds` batches of `size`: copying in, verifying, reading the verdicts. With
 * `bad`, the signature at that place of each batch is poisoned.
 */
export function wasmContestant(
  buffer: VerificationBuffer,
  handles: readonly number[],
  traffic: Traffic,
  {
    size,
    rounds,
    path,
    bad,
  }: { size: number; rounds: number; path: VerificationPath; bad?: number },
): Contestant {
  const batches = Array.from({ length: rounds }, (_, round) =>
    traffic.signed
      .slice((round * size) % traffic.signed.length)
      .slice(0, size)
      .map((one, i) => (i === bad ? poisoned(one) : one)),
  );
  return {
    count: size * rounds,
    run: () => {
      for (const batch of batches) {
        buffer.input.clear();
        for (const { key, message, signature } of batch)
          buffer.input.append(handles[key] as number, message, signature);
        const fellBack = buffer.verify(size, path);
        if (path !== 'exact' && fellBack !== (bad !== undefined)) throw new Error('fallback?');
        let valid = 0;
        for (let i = 0; i < size; i++) valid += buffer.verdicts[i] as number;
        if (valid !== size - (bad === undefined ? 0 : 1)) throw new Error('a verdict is wrong');
      }
    },
  };
}
