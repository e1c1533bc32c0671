/**
 * The files of a transparency log, and the keys of its days, as folders: each file is on the disk under its name when it is
 * whole, but tiles that no checkpoint covers yet.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  open,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFile,
} from 'node:fs';
import { link, mkdir, open as openFolder, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../folders-and-whole-files.ts';
import { LogError } from '../log/log.ts';
import { ConfigError } from './environment-variables.ts';
import { readSecretFile } from './secret-files.ts';

/** What is asked of a file system: tests have one that stops, and forgets what was not synchronised. */
export interface Disk {
  /** Null: it is not there. */
  read(file: string): Uint8Array | null;
  /** Resolves when the content is on the disk; its name need not be. */
  write(file: string, bytes: Uint8Array, mode: number): Promise<void>;
  /** The same of a file that is not there; where it fails a part may be. Resolves with false: it is, and is left as it is. */
  create(file: string, bytes: Uint8Array, mode: number): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name; what has that name stays, and it is left at that. */
  link(from: string, to: string): Promise<void>;
  /** One level; what is there stays. */
  makeFolder(path: string): Promise<void>;
  /** Resolves when the names in it are on the disk. */
  syncFolder(path: string): Promise<void>;
  /** A file, or a folder with all that is in it; or nothing. */
  remove(path: string): Promise<void>;
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/**
 * By callbacks, and synchronised as it is written: a log has two small files for 256 events, and each turn of the thread
 * pool, and each promise of a file handle, costs as much as hashing a dozen of them. To make a file may wait for the disk,
 * which the loop of events must not.
 */
function written(file: string, bytes: Uint8Array, mode: number, how: number): Promise<void> {
  const { O_WRONLY, O_CREAT, O_DSYNC } = constants;
  return new Promise((resolve, reject) =>
    open(file, O_WRONLY | O_CREAT | O_DSYNC | how, mode, (refused, handle) => {
      if (refused) return reject(refused);
      writeFile(handle, bytes, (failed) => {
        try {
          closeSync(handle);
        } catch (error) {
          return reject(failed ?? error);
        }
        if (failed) reject(failed);
        else resolve();
      });
    }),
  );
}

async function synced(folder: string): Promise<void> {
  const handle = await openFolder(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const nodeDisk: Disk = {
  read(file) {
    try {
      return readFileSync(file);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw error;
    }
  },
  write: (file, bytes, mode) => written(file, bytes, mode, constants.O_TRUNC),
  async create(file, bytes, mode) {
    try {
      await written(file, bytes, mode, constants.O_EXCL);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  },
  rename,
  async link(from, to) {
    await link(from, to).catch(unlessThere);
  },
  async makeFolder(path) {
    await mkdir(path, { mode: 0o755 }).catch(unlessThere);
  },
  syncFolder: synced,
  // Mostly it is not there, which takes a tenth of the time to see.
  remove: async (path) => {
    if (existsSync(path)) await rm(path, { recursive: true, force: true });
  },
};

/** So many files are open at once. */
const AT_ONCE = 32;

const PARTIAL = /^\.[0-9a-f]{12}\.partial$/;
/** What is older is nobody's who still writes it, ms. */
const PARTIAL_MS = 60_000;

/**
 * Writes a file under a name that is nobody else's, beside its own, and gives it its own. The other name is taken away
 * again, also where that fails: a day's key that is deleted must be nowhere else.
 */
async function writeThrough(
  disk: Disk,
  file: string,
  bytes: Uint8Array,
  mode: number,
  name: (partial: string) => Promise<void>,
): Promise<void> {
  const partial = join(dirname(file), `.${randomBytes(6).toString('hex')}.partial`);
  try {
    await disk.write(partial, bytes, mode);
    await name(partial);
  } catch (error) {
    await disk.remove(partial).catch(() => {});
    throw error;
  }
}

/** Takes away what processes that were killed left below a folder: what has its name, and what nobody writes any more. */
function sweepPartials(path: string): void {
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !PARTIAL.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const found = statSync(file, { throwIfNoEntry: false });
    if (found && (found.nlink > 1 || Date.now() - found.mtimeMs > PARTIAL_MS))
      rmSync(file, { force: true });
  }
}

class Folder {
  readonly #path: string;
  readonly #disk: Disk;
  readonly #made = new Set<string>();

  constructor(path: string, disk: Disk) {
    this.#path = path;
    this.#disk = disk;
  }

  file(path: string): string {
    return join(this.#path, path);
  }

  /** Makes the folder of a file. @returns the folders whose names changed by it */
  async makeFolderOf(path: string): Promise<string[]> {
    const changed: string[] = [];
    const levels = path.split('/').slice(0, -1);
    for (let depth = 0; depth <= levels.length; depth += 1) {
      const level = this.file(levels.slice(0, depth).join('/'));
      if (this.#made.has(level)) continue;
      await this.#disk.makeFolder(level);
      // Also where it was there: who made it may have been stopped before its name was on the disk.
      changed.push(dirname(level));
      this.#made.add(level);
    }
    return changed;
  }

  /** Whether it is there is looked at again; default: of all. */
  forget(path?: string): void {
    if (path === undefined) this.#made.clear();
    else this.#made.delete(this.file(path));
  }
}

/**
 * What the disk refuses passes when there is room again, or its owner has mended it: it is tried again until then.
 * @throws LogError
 */
async function asPassing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const kind = code === 'ENOSPC' || code === 'EDQUOT' ? 'diskFull' : 'unavailable';
    throw new LogError(kind, `${path}: ${message}`, { cause: error });
  }
}

const TILES = 'tile/';

/** @param path of the log's files */
export function openSealFiles(path: string, disk: Disk = nodeDisk) {
  const folder = new Folder(path, disk);
  const write = async (name: string, bytes: Uint8Array, changed: Set<string>) => {
    for (const one of await folder.makeFolderOf(name)) changed.add(one);
    const file = folder.file(name);
    // A tile is nobody's to read before a checkpoint covers it, and what was left of one is replaced then.
    const isNew = name.startsWith(TILES) && (await disk.create(file, bytes, 0o644));
    if (!isNew)
      await writeThrough(disk, file, bytes, 0o644, (partial) => disk.rename(partial, file));
    changed.add(dirname(file));
  };
  return {
    path,
    read: (name: string) => disk.read(folder.file(name)),
    write: (files: readonly { readonly path: string; readonly bytes: Uint8Array }[]) =>
      asPassing(path, async () => {
        const changed = new Set<string>();
        for (let from = 0; from < files.length; from += AT_ONCE) {
          const some = files.slice(from, from + AT_ONCE);
          const ends = await Promise.allSettled(
            some.map((file) => write(file.path, file.bytes, changed)),
          );
          for (const end of ends) if (end.status === 'rejected') throw end.reason;
        }
        for (const one of changed) await disk.syncFolder(one);
      }).catch((error: unknown) => {
        folder.forget();
        throw error;
      }),
    removeFolders: (names: readonly string[]) =>
      asPassing(path, async () => {
        for (const name of names) {
          folder.forget(name);
          await disk.remove(folder.file(name));
        }
        for (const one of new Set(names.map((name) => dirname(folder.file(name)))))
          await disk.syncFolder(one);
      }),
  };
}

const DAY_KEY_ENDING = '.key';

/** @param path of the keys of a log */
export function openDayKeyFiles(path: string, disk: Disk = nodeDisk) {
  const file = (day: string) => join(path, `${day}${DAY_KEY_ENDING}`);
  return {
    read(day: string): string | null {
      const bytes = disk.read(file(day));
      return bytes && Buffer.from(bytes).toString();
    },
    add: (day: string, text: string) =>
      asPassing(path, async () => {
        await writeThrough(disk, file(day), Buffer.from(text), 0o400, async (partial) => {
          await disk.link(partial, file(day));
          await disk.remove(partial);
        });
        await disk.syncFolder(path);
      }),
  };
}

/** Of a pool's log, in a folder of the logs that everybody may read. */
export const poolLogFolder = (logs: string, pool: string): string => join(logs, 'pool', pool);

/**
 * The files of a pool's log and its secrets, without what a killed process left half written.
 * @param logs folder of all logs
 * @param secrets folder of the secrets of all logs
 * @throws ConfigError where the log's secret key is not there
 */
export function openLogFolders(logs: string, secrets: string, pool: string) {
  const own = join(secrets, pool);
  makeFolder(poolLogFolder(logs, pool));
  if (!existsSync(join(own, 'log.pem')))
    throw new ConfigError(
      `the secret key of the log of pool ${pool} is not in CORRIDOR_EVIDENCE_KEYS_FOLDER=${secrets}: put ${pool}/log.pem back from a backup, as no other key will do, or begin another log (docs/operations.md, Keys of the logs)`,
    );
  const secretPem = readSecretFile('CORRIDOR_EVIDENCE_KEYS_FOLDER', join(own, 'log.pem'));
  for (const path of [own, poolLogFolder(logs, pool)]) sweepPartials(path);
  return {
    ...{ pool, secretPem },
    files: openSealFiles(poolLogFolder(logs, pool)),
    dayKeys: openDayKeyFiles(own),
    newDayKey: () => randomBytes(32),
  };
}

/** For who reads them: a file of a pool's log by its path there; null: it is not there. */
export const logReader =
  (logs: string) =>
  (pool: string, path: string): Uint8Array | null =>
    nodeDisk.read(join(poolLogFolder(logs, pool), path));
