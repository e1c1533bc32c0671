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
  C_CloseSession(session: Handle): void;
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

const SIGNATURE_BYTES = 64;
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

const sessionName = ({ modulePath, token }: TokenAddress): string => `${modulePath} ${token}`;

function sessionOf(module: Module, address: TokenAddress): Handle {
  const { modulePath, token, pinSource } = address;
  const name = sessionName(address);
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
    module.C_CloseSession(session);
    throw new TokenFault(`token ${token}: it does not take the PIN (${(error as Error).message})`);
  }
  sessions.set(name, session);
  return session;
}

/** What fails leaves a session in the middle of something: the next that signs begins another. */
function closeSession(module: Module, address: TokenAddress): void {
  const name = sessionName(address);
  const session = sessions.get(name);
  sessions.delete(name);
  try {
    if (session) module.C_CloseSession(session);
  } catch {
    // A token that was taken out has closed it.
  }
}

/** Some tokens have the 32 bytes as they are, some as an octet string in DER. Null: they are neither. */
function pointIn(value: Buffer): Uint8Array | null {
  const isWrapped = value.length === 34 && value[0] === 4 && value[1] === 32;
  const bytes = isWrapped ? value.subarray(2) : value;
  return bytes.length === 32 ? new Uint8Array(bytes) : null;
}

/** The one key of that kind and name. */
function keyIn(
  module: Module,
  session: Handle,
  { token, object }: TokenAddress,
  kind: 'private' | 'public',
): Handle {
  module.C_FindObjectsInit(session, [
    { type: CK.CKA_CLASS, value: kind === 'private' ? CK.CKO_PRIVATE_KEY : CK.CKO_PUBLIC_KEY },
    { type: CK.CKA_LABEL, value: object },
  ]);
  const found = module.C_FindObjects(session, 2);
  module.C_FindObjectsFinal(session);
  const [one, other] = found;
  if (one && !other) return one;
  throw new TokenFault(
    `token ${token}: ${one ? 'more than one' : 'no'} ${kind} key is called ${object}`,
  );
}

/**
 * @param address pkcs11:token=<label>;object=<label>?module-path=<library>&pin-source=<file with the PIN> (RFC 7512)
 * @throws TokenFault in one line
 */
export function openTokenKey(address: string): TokenKey {
  const parsed = parseAddress(address);
  const { token, object } = parsed;
  const module = moduleAt(parsed.modulePath);
  const open = () => {
    const session = sessionOf(module, parsed);
    return { session, secret: keyIn(module, session, parsed, 'private') };
  };
  let held = open();
  const [point] = module.C_GetAttributeValue(
    held.session,
    keyIn(module, held.session, parsed, 'public'),
    [{ type: CK.CKA_EC_POINT }],
  );
  const publicKey = pointIn(point?.value ?? Buffer.alloc(0));
  if (!publicKey) throw new TokenFault(`token ${token}: the key ${object} is none of Ed25519`);
  return {
    publicKey,
    sign(message) {
      try {
        if (held.session !== sessionOf(module, parsed)) held = open();
        module.C_SignInit(held.session, { mechanism: CK.CKM_EDDSA }, held.secret);
        return module.C_Sign(held.session, Buffer.from(message), Buffer.alloc(SIGNATURE_BYTES));
      } catch (error) {
        closeSession(module, parsed);
        throw new TokenFault(`token ${token}: it does not sign (${(error as Error).message})`);
      }
    },
  };
}
