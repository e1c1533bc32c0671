/** Folders that a service or a command writes into. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Writes a file that appears under its name when it is complete. */
export function writeWhole(
  folder: string,
  name: string,
  content: string | Uint8Array,
  mode = 0o666,
): void {
  const partial = join(folder, `.${name}`);
  writeFileSync(partial, content, { mode, flush: true });
  renameSync(partial, join(folder, name));
}

/** Returns when the names in a folder are on the disk. */
export function syncNames(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Creates a folder level by level: mkdir with `recursive` never returns on some file systems that
 * refuse it (Node 20, /proc).
 * @param mode of the levels that it creates
 * @throws what the file system says where it refuses
 */
export function makeFolder(path: string, mode = 0o777): void {
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) return;
    throw Object.assign(new Error(`ENOTDIR: not a directory, '${path}'`), { code: 'ENOTDIR' });
  }
  const parent = dirname(resolve(path));
  makeFolder(parent, mode);
  accessSync(parent, constants.W_OK | constants.X_OK);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process was faster.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/**
 * Asked before a folder is made: takes it away again with all that is in it, and the levels above that were made
 * for it and hold nothing else. A folder that was there stays as it is.
 */
export function takesAwayNew(path: string): () => void {
  const made: string[] = [];
  for (let level = resolve(path); !existsSync(level); level = dirname(level)) made.push(level);
  return () => {
    const [own, ...above] = made;
    if (own === undefined) return;
    rmSync(own, { recursive: true, force: true });
    for (const level of above) {
      if (!existsSync(level) || readdirSync(level).length > 0) return;
      rmdirSync(level);
    }
  };
}

/**
 * Creates a folder where it is missing, and a file in it: what a mount or a file system refuses, no
 * permission tells.
 * @throws what the file system says where it refuses
 */
export function makeWritableFolder(path: string): void {
  makeFolder(path);
  const probe = join(path, `.try-${process.pid}`);
  writeFileSync(probe, '');
  rmSync(probe);
}
