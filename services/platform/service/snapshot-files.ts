/** Snapshots as files in a folder: each appears under its name when it is whole and on the disk. */
import { readdirSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeWritableFolder } from '../folders-and-whole-files.ts';

const SUFFIX = '.snapshot';
const PARTIAL = '.partial';

export interface SnapshotFiles {
  /** Their names, the newest (highest) first. */
  names(): Promise<string[]>;
  read(name: string): Promise<Uint8Array>;
  write(name: string, pieces: readonly Uint8Array[]): Promise<void>;
  remove(name: string): Promise<void>;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * @throws what the file system says where nothing can be written in the folder
 * @param reached told between the steps of a write, for tests that end the process there
 */
export function openSnapshotFiles(
  folder: string,
  reached: (point: string) => void = () => {},
): SnapshotFiles {
  makeWritableFolder(folder);
  return {
    async names() {
      return readdirSync(folder)
        .filter((name) => name.endsWith(SUFFIX))
        .sort()
        .reverse();
    },
    read: (name) => readFile(join(folder, name)),
    async write(name, pieces) {
      const partial = join(folder, `${name}${PARTIAL}`);
      const handle = await open(partial, 'w', 0o600);
      try {
        for (const piece of pieces) {
          await handle.writeFile(piece);
          reached('snapshot.inWrite');
        }
        reached('snapshot.beforeSync');
        await handle.sync();
      } finally {
        await handle.close();
      }
      reached('snapshot.beforeRename');
      await rename(partial, join(folder, name));
      reached('snapshot.afterRename');
      await syncFolder(folder);
      reached('snapshot.afterFolderSync');
      // What crashes left behind: this writer is the only one in its folder.
      for (const other of readdirSync(folder))
        if (other.endsWith(PARTIAL)) await rm(join(folder, other), { force: true });
    },
    remove: (name) => rm(join(folder, name), { force: true }),
  };
}
