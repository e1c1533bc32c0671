import { ed25519 } from '@noble/curves/ed25519.js';
import { keyRefusal } from './key-admission.ts';

/**
 * Checks one signature where clearing decides by it: in JavaScript, since what clearing takes must not
 * depend on a version of OpenSSL, and keys are registered a few times a day. Takes a few milliseconds.
 * The key must be admitted, and R and S be canonical (RFC 8032, section 5.1.7).
 */
export function verifiesAlone(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64 || keyRefusal(publicKey) !== null) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
