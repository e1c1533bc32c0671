import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../platform/folders-and-whole-files.ts';

/**
 * Passwords that a network's other servers ask for, each in a folder of its own, so that each can be a
 * volume, and a file that only its owner reads.
 */
const PASSWORDS = ['clickhouse-writer', 'clickhouse-dashboard', 'grafana-admin'];
/** 24 random bytes: more than can be guessed, and no character that a shell or SQL would read. */
const PASSWORD_BYTES = 24;

/** Those that are there stay. */
export function writePasswords(folder: string): void {
  for (const name of PASSWORDS) {
    makeFolder(join(folder, name), 0o700);
    const file = join(folder, name, 'password');
    if (!existsSync(file))
      writeFileSync(file, randomBytes(PASSWORD_BYTES).toString('hex'), { mode: 0o600 });
  }
}
