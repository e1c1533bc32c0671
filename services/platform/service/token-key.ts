/**
 * Keys in a token that never leave it (PKCS#11): a hardware security module, or SoftHSM. The package pkcs11js is
 * optional, for it is compiled where it is installed.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Signs with a key of a token, as the signer of a secret key file does. */
export interface TokenKey {
  /** 32 bytes, encoded as RFC 8032 says. */
  readonly publicKey: Uint8Array;
  /** Ed25519, 64 bytes. @throws TokenFault where the token does not answer */
  sign(message: Uint8Array): Uint8Array;
}

/** A token that is not there, or has not such a key. */
export class TokenFault extends Error {
  override readonly name = 'TokenFault';
  /** As of a log that is away: who puts it right goes on. */
  readonly kind = 'unavailable';
}

/** What a `pkcs11:` address (RFC 7512) says. */
interface TokenAddress {
  readonly token: string;
  readonly object: string;
  readonly modulePath: string;
  readonly pinSource: string;
}

/** Numbers of PKCS #11 3.0. */
const CK = {
  CKA_CLASS: 0x0000,
  CKA_LABEL: 0x0003,
  CKA_EC_POINT: 0x0181,
  CKO_PUBLIC_KEY: 0x0002,
  CKO_PRIVATE_KEY: 0x0003,
  CKU_USER: 1,
  CKF_SERIAL_SESSION: 0x0004,
  CKM_EDDSA: 0x1057,
} as const;

type Handle = Buffer;
interface Attribute {
  readonly type: number;
  readonly value?: Buffer | number | string;
}

/** What is used of pkcs11js, whose types are not there where it is not. */
interface Module {
  load(path: string): void;
  C_Initialize(): void;
  C_GetSlotList(hasToken: boolean): Handle[];
  C_GetTokenInfo(slot: Handle): { readonly label: string };
  C_OpenSession(slot: Handle, flags: number): Handle;
  C_Login(session: Handle, user: number, pin: string): void;
  C_FindObjectsInit(session: Handle, template: readonly Attribute[]): void;
  C_FindObjects(session: Handle, most: number): Handle[];
  C_FindObjectsFinal(session: Handle): void;
  C_GetAttributeValue(
    session: Handle,
    object: Handle,
    template: readonly Attribute[],
  ): { readonly value: Buffer }[];
  C_SignInit(session: Handle, mechanism: { readonly mechanism: number }, key: Handle): void;
  C_Sign(session: Handle, message: Buffer, signature: Buffer): Buffer;
}

const PACKAGE = 'pkcs11js';
/** Each module is initialised once in a process, and each of its tokens logged in once. */
const modules = new Map<string, Module>();
const sessions = new Map<string, Handle>();

const EXPECTED =
  'pkcs11:token=<label>;object=<label>?module-path=<library>&pin-source=<file with the PIN>';

function parseAddress(address: string): TokenAddress {
  const [path = '', query = ''] = address.slice('pkcs11:'.length).split('?');
  const fields = new Map<string, string>();
  for (const part of [...path.split(';'), ...query.split('&')]) {
    const [name = '', ...value] = part.split('=');
    try {
      fields.set(name, decodeURIComponent(value.join('=')));
    } catch {
      throw new TokenFault(`${address}: ${name} is not percent-encoded; expected ${EXPECTED}`);
    }
  }
  const of = (name: string): string => {
    const value = fields.get(name);
    if (value) return value;
    throw new TokenFault(`${address}: it has no ${name}; expected ${EXPECTED}`);
  };
  return {
    token: of('token'),
    object: of('object'),
    modulePath: of('module-path'),
    pinSource: of('pin-source').replace(/^file:(\/\/)?/, ''),
  };
}

function moduleAt(path: string): Module {
  const known = modules.get(path);
  if (known) return known;
  let made: Module;
  try {
    const { PKCS11 } = createRequire(import.meta.url)(PACKAGE) as { PKCS11: new () => Module };
    made = new PKCS11();
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    throw new TokenFault(`the optional package ${PACKAGE} is not here (${line}): npm ci makes it`);
  }
  try {
    made.load(path);
    made.C_Initialize();
  } catch (error) {
    throw new TokenFault(
      `module-path ${path}: it is no PKCS#11 module (${(error as Error).message})`,
    );
  }
  modules.set(path, made);
  return made;
}

function sessionOf(module: Module, { modulePath, token, pinSource }: TokenAddress): Handle {
  const name = `${modulePath} ${token}`;
  const known = sessions.get(name);
  if (known) return known;
  const slots = module.C_GetSlotList(true);
  const labels = slots.map((slot) => module.C_GetTokenInfo(slot).label.trim());
  const slot = slots[labels.indexOf(token)];
  if (!slot)
    throw new TokenFault(
      `token ${token}: ${modulePath} has ${labels.filter(Boolean).join(', ') || 'none'}`,
    );
  let pin: string;
  try {
    pin = readFileSync(pinSource, 'utf8').trim();
  } catch (error) {
    throw new TokenFault(`pin-source ${pinSource}: ${(error as Error).message}`);
  }
  const session = module.C_OpenSession(slot, CK.CKF_SERIAL_SESSION);
  try {
    module.C_Login(session, CK.CKU_USER, pin);
  } catch (error) {
    throw new TokenFault(`token ${token}: it does not take the PIN (${(error as Error).message})`);
  }
  sessions.set(name, session);
  return session;
}

/**
 * @param address pkcs11:token=<label>;object=<label>?module-path=<library>&pin-source=<file with the PIN> (RFC 7512)
 * @throws TokenFault in one line
 */
export function openTokenKey(address: string): TokenKey {
  const parsed = parseAddress(address);
  const module = moduleAt(parsed.modulePath);
  const session = sessionOf(module, parsed);
  const find = (kind: number, word: string): Handle => {
    module.C_FindObjectsInit(session, [
      { type: CK.CKA_CLASS, value: kind },
      { type: CK.CKA_LABEL, value: parsed.object },
    ]);
    const found = module.C_FindObjects(session, 2);
    module.C_FindObjectsFinal(session);
    const [one, other] = found;
    if (one && !other) return one;
    throw new TokenFault(
      `token ${parsed.token}: ${found.length === 0 ? 'no' : 'more than one'} ${word} key is called ${parsed.object}`,
    );
  };
  const secret = find(CK.CKO_PRIVATE_KEY, 'private');
  const [point] = module.C_GetAttributeValue(session, find(CK.CKO_PUBLIC_KEY, 'public'), [
    { type: CK.CKA_EC_POINT },
  ]);
  // In DER: an octet string of 32 bytes.
  const der = point?.value ?? Buffer.alloc(0);
  if (der.length !== 34 || der[0] !== 4 || der[1] !== 32)
    throw new TokenFault(`token ${parsed.token}: the key ${parsed.object} is none of Ed25519`);
  return {
    publicKey: new Uint8Array(der.subarray(2)),
    sign(message) {
      try {
        module.C_SignInit(session, { mechanism: CK.CKM_EDDSA }, secret);
        return module.C_Sign(session, Buffer.from(message), Buffer.alloc(64));
      } catch (error) {
        throw new TokenFault(
          `token ${parsed.token}: it does not sign (${(error as Error).message})`,
        );
      }
    },
  };
}
