/**
 * The folder of a store that has its tables and no rows, as the build leaves it (make-empty-store.ts). An engine opens a copy in
 * a quarter of the time that it takes to make them: of tables that migrations change, each change is made anew.
 */
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { packageFolder } from '../service/build-info.ts';
import { enginePackages, packageIn } from './engine-packages.ts';

export interface EmptyStore {
  /** Of what it was made of, and of the engine that made it. */
  readonly digest: string;
  /** In their order: one stands behind the one that it is in. */
  readonly folders: readonly string[];
  /** What each leads to. */
  readonly links: Readonly<Record<string, string>>;
  /** Small texts, all of them. */
  readonly files: Readonly<Record<string, string>>;
}

export const EMPTY_STORE_FILE = join(packageFolder, 'dist/empty-store.json');

/** @param tables the statements that make them in an empty database */
export function storeDigest(database: string, tables: string): string {
  const engine = enginePackages().map((file) => {
    const { name, version } = packageIn(file);
    return `${name}@${version}`;
  });
  const made = JSON.stringify([engine, database, tables]);
  return createHash('sha256').update(made).digest('hex');
}

/**
 * Of a folder whose engine has ended.
 * @throws where it holds what would not be the same elsewhere, or what is no text
 */
export function packStore(folder: string, digest: string): EmptyStore {
  const folders: string[] = [];
  const links: Record<string, string> = {};
  const files: Record<string, string> = {};
  const pack = (within: string) => {
    for (const entry of readdirSync(join(folder, within), { withFileTypes: true })) {
      const path = join(within, entry.name);
      if (entry.isSymbolicLink()) links[path] = relativeLink(join(folder, path));
      else if (entry.isFile()) files[path] = textOf(join(folder, path));
      else {
        folders.push(path);
        pack(path);
      }
    }
  };
  pack('');
  return { digest, folders, links, files };
}

function relativeLink(path: string): string {
  const to = readlinkSync(path);
  if (isAbsolute(to)) throw new Error(`${path} leads to ${to}: expected a place in its folder`);
  return to;
}

function textOf(path: string): string {
  const bytes = readFileSync(path);
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes)) throw new Error(`${path}: expected text in UTF-8`);
  return text;
}

/** What the build left; null: it left none, as where the engine cannot be loaded. */
function builtStore(): EmptyStore | null {
  try {
    return JSON.parse(readFileSync(EMPTY_STORE_FILE, 'utf8')) as EmptyStore | null;
  } catch {
    return null;
  }
}

/**
 * Puts the store of such a digest into a folder that holds nothing, before an engine opens it.
 * @returns whether it did: there may be none of that digest
 */
export function layEmptyStore(folder: string, digest: string): boolean {
  const store = builtStore();
  if (store?.digest !== digest || readdirSync(folder).length > 0) return false;
  for (const path of store.folders) mkdirSync(join(folder, path));
  for (const [path, to] of Object.entries(store.links)) symlinkSync(to, join(folder, path));
  for (const [path, text] of Object.entries(store.files)) writeFileSync(join(folder, path), text);
  return true;
}
