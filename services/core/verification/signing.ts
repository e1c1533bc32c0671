import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { keyRefusal } from './key-admission.ts';

/** Signs for one simulated bank. */
export interface Signer {
  /** 32 bytes, encoded as RFC 8032 says. */
  readonly publicKey: Uint8Array;
  /** The Ed25519 signature of the message, 64 bytes; deterministic. */
  sign(message: Uint8Array): Uint8Array;
}

/** DER of an Ed25519 private key around its 32 bytes (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * A key pair from its secret key. The key object is made once: signing then takes node:crypto some
 * 35 µs, thirty times faster than in JavaScript.
 * @param secretKey 32 bytes
 * @throws RangeError for another length
 */
export function createSigner(secretKey: Uint8Array): Signer {
  if (secretKey.length !== 32)
    throw new RangeError(`a secret key of ${secretKey.length} bytes, expected 32`);
  // As JWK (RFC 8037) it is read in a tenth of the time that OpenSSL takes for DER. The public half is what
  // is asked for: from an empty one node:crypto works it out.
  const key = createPrivateKey({
    key: { kty: 'OKP', crv: 'Ed25519', d: Buffer.from(secretKey).toString('base64url'), x: '' },
    format: 'jwk',
  });
  const { x } = key.export({ format: 'jwk' });
  return {
    publicKey: new Uint8Array(Buffer.from(x as string, 'base64url')),
    sign: (message) => sign(null, message, key),
  };
}

/** DER of an Ed25519 public key before its 32 bytes (RFC 8410, section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** False for a signature that does not verify, or has another length than 64. */
export interface SignatureCheck {
  (message: Uint8Array, signature: Uint8Array): boolean;
  /** The same on another thread: on this one it would take 0.2 ms, in which it does nothing else. */
  apart(message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/**
 * Checks single signatures under one key by node:crypto: for requests, of which each is answered by
 * itself. What enters a pool's log is decided by the verification core alone (verification.ts).
 * @param publicKey 32 bytes
 * @returns false too under a key that is none or that the verification core does not admit (OpenSSL takes keys
 *   of small order)
 * @throws RangeError for a key of another length
 */
export function createSignatureCheck(publicKey: Uint8Array): SignatureCheck {
  if (publicKey.length !== 32)
    throw new RangeError(`a public key of ${publicKey.length} bytes, expected 32`);
  const key = createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, publicKey]),
    format: 'der',
    type: 'spki',
  });
  let admitted: boolean | undefined; // once a signature comes: it takes a millisecond
  const isAdmitted = () => {
    admitted ??= keyRefusal(publicKey) === null;
    return admitted;
  };
  const check = (message: Uint8Array, signature: Uint8Array) =>
    signature.length === 64 && verify(null, message, key, signature) && isAdmitted();
  const apart = async (message: Uint8Array, signature: Uint8Array) =>
    signature.length === 64 && (await verifyApart(null, message, key, signature)) && isAdmitted();
  return Object.assign(check, { apart });
}
const verifyApart = promisify(verify);

/** The secret key as a PEM file (PKCS #8), which OpenSSL and most libraries read. */
export function secretKeyPem(secretKey: Uint8Array): string {
  const base64 = Buffer.concat([PKCS8_PREFIX, secretKey]).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
}

/**
 * The 32 bytes of an Ed25519 secret key from its PEM file.
 * @throws Error where it holds something else
 */
export function secretKeyFromPem(pem: string): Uint8Array {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`a key of type ${key.asymmetricKeyType}, expected Ed25519`);
  return new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }).subarray(-32));
}

/** A key in PEM, or the address of one in a token. */
const SECRET = /-----BEGIN [^-]+-----[^-]+-----END [^-]+-----|^pkcs11:.+$/gm;

/**
 * The keys of a secret key file: PEM, and `pkcs11:` addresses of keys that never leave their token, one after the other.
 * @param openToken opens the key at such an address
 * @throws Error where one is no Ed25519 key, or its token has none
 */
export function* signersIn(
  text: string,
  openToken: (address: string) => Signer,
): Generator<Signer, void> {
  for (const one of text.match(SECRET) ?? [])
    yield one.startsWith('pkcs11:') ? openToken(one.trim()) : createSigner(secretKeyFromPem(one));
}
