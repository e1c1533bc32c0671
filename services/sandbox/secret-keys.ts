import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createSigner,
  type Signer,
  secretKeyFromPem,
  secretKeyPem,
} from '../core/verification/signing.ts';
import { NO_DOMAIN } from '../evidence/checkpoint.ts';
import { KEY_TYPE, noteKey, verifierKey } from '../evidence/signed-note.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { makeFolder, writeWhole } from '../platform/folders-and-whole-files.ts';

/** The secret keys of a sandbox's banks and of its operator: a file each, which its owner alone reads. */
const FOLDER = 'keys';
const fileOf = (name: string) => `${name}.pem`;

/** Makes the keys that are not there. */
export function makeKeys(sandbox: string, names: readonly string[]): void {
  const folder = join(sandbox, FOLDER);
  makeFolder(folder, 0o700);
  for (const name of names)
    if (!existsSync(join(folder, fileOf(name))))
      writeWhole(folder, fileOf(name), secretKeyPem(randomBytes(32)), 0o600);
}

/** The clearing node's own: of the services the notifier alone has this folder. */
const NODE_FOLDER = 'node';
const NODE_FILE = 'node.pem';

/** PEM of the node's secret keys, one after the other; the first is that of the founding. */
export const nodeKeyFile = (sandbox: string): string => join(sandbox, NODE_FOLDER, NODE_FILE);

export const hasNodeKey = (sandbox: string): boolean => existsSync(nodeKeyFile(sandbox));

/** Makes the node's key where there is none. @returns its public key */
export function makeNodeKey(sandbox: string): Uint8Array {
  const folder = join(sandbox, NODE_FOLDER);
  makeFolder(folder, 0o700);
  if (!hasNodeKey(sandbox)) writeWhole(folder, NODE_FILE, secretKeyPem(randomBytes(32)), 0o600);
  return createSigner(secretKeyFromPem(readFileSync(nodeKeyFile(sandbox), 'utf8'))).publicKey;
}

/** Puts another key of the node behind those that are there. */
export function addNodeKey(sandbox: string): Signer {
  const pem = secretKeyPem(randomBytes(32));
  const before = hasNodeKey(sandbox) ? readFileSync(nodeKeyFile(sandbox), 'utf8') : '';
  makeFolder(join(sandbox, NODE_FOLDER), 0o700);
  writeWhole(join(sandbox, NODE_FOLDER), NODE_FILE, `${before}${pem}`, 0o600);
  return createSigner(secretKeyFromPem(pem));
}

/** Secrets of the pools' transparency logs, a folder a pool: the log's key, and behind it those of its days. */
const LOG_KEYS_FOLDER = 'evidence-keys';
const LOG_KEY_FILE = 'log.pem';
/** The logs' checkpoints and tiles, which are everybody's to read. */
const LOGS_FOLDER = 'evidence';

/** All of these that a sandbox may have. */
export const KEY_FOLDERS = [FOLDER, NODE_FOLDER, LOG_KEYS_FOLDER, LOGS_FOLDER] as const;

export const logKeysFolder = (sandbox: string): string => join(sandbox, LOG_KEYS_FOLDER);
export const logsFolder = (sandbox: string): string => join(sandbox, LOGS_FOLDER);

export const logKeyFile = (sandbox: string, pool: string): string =>
  join(logKeysFolder(sandbox), pool, LOG_KEY_FILE);

/**
 * Makes the key of a pool's log where there is none. Its name has digits of the key, so that the log of another
 * founding has another name.
 * @returns its verifier key
 */
export function makeLogKey(sandbox: string, network: string, pool: string): string {
  const folder = join(logKeysFolder(sandbox), pool);
  makeFolder(folder, 0o700);
  const file = join(folder, LOG_KEY_FILE);
  if (!existsSync(file)) writeWhole(folder, LOG_KEY_FILE, secretKeyPem(randomBytes(32)), 0o400);
  const { publicKey } = createSigner(secretKeyFromPem(readFileSync(file, 'utf8')));
  const founding = Buffer.from(publicKey).toString('hex').slice(0, 8);
  const name = `${NO_DOMAIN}/${network}/${founding}/pool/${pool}`;
  return verifierKey(noteKey(name, KEY_TYPE.log, publicKey));
}

/** What the banks of a sandbox cosigned, a folder each. */
export const WITNESSES_FOLDER = 'witnesses';

/** The key with which a bank witnesses: it signs no payments. */
export const witnessKeyOf = (bic: string): string => `${bic}.witness`;

export const keyFile = (sandbox: string, name: string): string =>
  join(sandbox, FOLDER, fileOf(name));

export const hasKey = (sandbox: string, name: string): boolean =>
  existsSync(keyFile(sandbox, name));

/** 32 bytes; throws BadInput where there is none. */
export function readSecretKey(sandbox: string, name: string): Uint8Array {
  const file = keyFile(sandbox, name);
  try {
    return secretKeyFromPem(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new BadInput(`${file}: expected the key of this sandbox (${(error as Error).message})`);
  }
}
