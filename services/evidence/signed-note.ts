import {
  createSignatureCheck,
  type SignatureCheck,
  type Signer,
} from '../core/verification/signing.ts';
import { sha256 } from './merkle-tree.ts';

/**
 * Signed notes (c2sp.org/signed-note): a text of lines, an empty line, and a line for each signature, as the log's own
 * (type 1) and witnesses' (type 4, c2sp.org/tlog-cosignature) stand on a checkpoint.
 */
export interface SignedNote {
  /** With its last line's end. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  /** Of the key. */
  readonly name: string;
  /** Big-endian. */
  readonly keyId: number;
  /** What stands behind the key's id. */
  readonly signature: Uint8Array;
}

/** What a note, checkpoint, proof or policy is not. */
export class EvidenceFault extends Error {
  override readonly name = 'EvidenceFault';
}

export const KEY_TYPE = { log: 0x01, cosignature: 0x04 } as const;
export type KeyType = (typeof KEY_TYPE)[keyof typeof KEY_TYPE];

export interface NoteKey {
  readonly name: string;
  readonly id: number;
  readonly type: KeyType;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

const DASH = '— ';
export const NOTE_BYTES_MAX = 1_000_000;
const SIGNATURES_MAX = 100;
const KEY_ID_BYTES = 4;
const TIME_BYTES = 8;

/** Standard base64 in its one form; null: it is none. Bits that no byte takes are zero. */
export function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

const isKeyName = (name: string): boolean => name !== '' && !/[\s+\p{Z}]/u.test(name);

const keyIdOf = (name: string, type: KeyType, publicKey: Uint8Array): number =>
  sha256(Buffer.from(`${name}\n`), Uint8Array.of(type), publicKey).readUInt32BE(0);

/** @throws RangeError for a name that is none */
export function noteKey(name: string, type: KeyType, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name)) throw new RangeError(`a key's name ${JSON.stringify(name)}`);
  return { name, type, publicKey, id: keyIdOf(name, type, publicKey) };
}

/** As policies and configurations have it: `<name>+<id>+<type and key>`. */
export function verifierKey({ name, id, type, publicKey }: NoteKey): string {
  const key = Buffer.concat([Uint8Array.of(type), publicKey]).toString('base64');
  return `${name}+${id.toString(16).padStart(8, '0')}+${key}`;
}

/** @throws EvidenceFault */
export function parseVerifierKey(text: string): NoteKey {
  const [name = '', id = '', ...rest] = text.split('+');
  const bytes = fromBase64(rest.join('+'));
  const fail = (found: string): never => {
    throw new EvidenceFault(
      `key ${JSON.stringify(text)}: ${found}; expected <name>+<8 hex digits>+<base64 of an Ed25519 key>`,
    );
  };
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(id)) fail('its name or id is none');
  if (bytes?.length !== 33) return fail('its key has another length');
  const type = bytes[0] as KeyType;
  if (type !== KEY_TYPE.log && type !== KEY_TYPE.cosignature)
    fail(`its type is ${type}, expected 1 (a log) or 4 (a witness)`);
  const key = noteKey(name, type, bytes.subarray(1));
  if (key.id !== Number.parseInt(id, 16)) fail('its id is not that of its name and key');
  return key;
}

/** Whether the text may be that of a note. */
const isNoteText = (text: string): boolean => text.endsWith('\n') && !/[^\P{Cc}\n]/u.test(text);

/** Whether a text wants to be a signed note, and nothing that ends with one. */
export const isNote = (text: string): boolean =>
  text.startsWith(`\n\n${DASH}`, text.indexOf('\n\n'));

/** @throws EvidenceFault */
export function parseNote(note: string): SignedNote {
  const fail = (message: string): never => {
    throw new EvidenceFault(`the note ${message}`);
  };
  if (note.length > NOTE_BYTES_MAX) fail(`has more than ${NOTE_BYTES_MAX} characters`);
  if (!isNoteText(note)) fail('has control characters, or its last line has no end');
  const split = note.lastIndexOf('\n\n');
  if (split < 0) fail('has no empty line before its signatures');
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split('\n');
  if (note.length === split + 2) fail('has no signature');
  if (lines.length > SIGNATURES_MAX) fail(`has more than ${SIGNATURES_MAX} signatures`);
  const signatures = lines.map((line): NoteSignature => {
    const [name = '', base64 = '', ...rest] = line.slice(DASH.length).split(' ');
    const bytes = fromBase64(base64);
    if (!line.startsWith(DASH) || !isKeyName(name) || rest.length > 0 || bytes === null)
      return fail(`has a line ${JSON.stringify(line.slice(0, 40))} that is no signature`);
    if (bytes.length <= KEY_ID_BYTES) return fail(`has an empty signature of ${name}`);
    const keyId = bytes.readUInt32BE(0);
    return { name, keyId, signature: bytes.subarray(KEY_ID_BYTES) };
  });
  return { text, signatures };
}

export const formatNote = ({ text, signatures }: SignedNote): string =>
  `${text}\n${signatures.map(signatureLine).join('')}`;

/** As it stands in a note, and alone where a cosignature travels without it. */
export function signatureLine({ name, keyId, signature }: NoteSignature): string {
  const id = Buffer.alloc(KEY_ID_BYTES);
  id.writeUInt32BE(keyId);
  return `${DASH}${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
}

/** What a witness signs: that it saw this checkpoint at this time, in seconds since 1970, and none that contradicts it. */
const cosigned = (text: string, seconds: bigint): Buffer =>
  Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);

/** A log's signature over the text. @throws RangeError for a text that is none of a note */
export function signNote(text: string, name: string, signer: Signer): NoteSignature {
  if (!isNoteText(text)) throw new RangeError('a text that is none of a note');
  const { id } = noteKey(name, KEY_TYPE.log, signer.publicKey);
  return { name, keyId: id, signature: signer.sign(Buffer.from(text)) };
}

/** A witness's. */
export function cosignNote(
  text: string,
  name: string,
  signer: Signer,
  seconds: bigint,
): NoteSignature {
  if (!isNoteText(text)) throw new RangeError('a text that is none of a note');
  const { id } = noteKey(name, KEY_TYPE.cosignature, signer.publicKey);
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(seconds);
  const signature = Buffer.concat([time, signer.sign(cosigned(text, seconds))]);
  return { name, keyId: id, signature };
}

/** To make one takes a millisecond, ten times what a signature takes. */
const checks = new WeakMap<NoteKey, SignatureCheck>();

function checkOf(key: NoteKey): SignatureCheck {
  const check = checks.get(key) ?? createSignatureCheck(key.publicKey);
  checks.set(key, check);
  return check;
}

/**
 * Whether the key signed the note.
 * @returns false: there is no signature of that name and id
 * @throws EvidenceFault where one of it does not verify: the note is refused as a whole
 */
export function isSignedBy({ text, signatures }: SignedNote, key: NoteKey): boolean {
  const own = signatures.filter(({ name, keyId }) => name === key.name && keyId === key.id);
  const check = own.length > 0 ? checkOf(key) : null;
  for (const [at, { signature }] of own.entries()) {
    // Each costs a verification, and whoever sends a note chooses how often a line stands in it.
    if (own.slice(0, at).some((one) => Buffer.compare(one.signature, signature) === 0)) continue;
    const isTimed = key.type === KEY_TYPE.cosignature;
    const bare = isTimed ? signature.subarray(TIME_BYTES) : signature;
    const message = isTimed
      ? cosigned(
          text,
          signature.length < TIME_BYTES ? 0n : Buffer.from(signature).readBigUInt64BE(0),
        )
      : Buffer.from(text);
    if (!check?.(message, bare))
      throw new EvidenceFault(`the signature of ${key.name} does not verify`);
  }
  return own.length > 0;
}
