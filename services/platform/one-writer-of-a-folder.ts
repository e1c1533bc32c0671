/**
 * One process at a time writes into a folder: a claim, a small file in it or beside it, names that process.
 *
 * A claim is written under another name and linked to its own, so it is whole wherever it is seen. One that is left is
 * replaced, never removed, by whoever holds a second claim that is named after it: of several that find it left one takes
 * it, and none takes what then stands in its place. A taker that dies leaves a claim that is taken in the same way.
 * An owner looks before it signs again and before it removes its claim. Between machines nobody sees whether a process
 * lives: there an owner that was silent for a minute has lost the folder, and is told so.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { BadInput } from './exit-codes.ts';
import { makeFolder } from './folders-and-whole-files.ts';
import { isAlive } from './process-is-alive.ts';

/** The claim in a folder; drafts of it and what takers hold have names that begin so. */
export const OWNER_FILE = '.writing';

/** How often an owner says that it lives, and how long one of another machine may be silent. */
const BEAT_MS = 10_000;
const SILENT_MS = 60_000;

/** Tells this process from an earlier one of its number, as each container's first has. */
const NONCE = randomBytes(8).toString('hex');
const CLAIM_TEXT = /^(?<host>\S+) (?<pid>[1-9]\d*)(?: (?<nonce>\S+) \S+)?$/;
/** Behind a claim's name: of drafts, and of claims upon claims. */
const BESIDE = /^(?:-[0-9a-f]{16})+$/;
/** A file system without links, as of many USB sticks, refuses one so. */
const WITHOUT_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

export interface FolderClaim {
  /** Whether its owner before left it: what that one began may be there. */
  readonly isTakenOver: boolean;
  /** Whether it is not released and no other process has the folder; signs too. */
  isHeld(): boolean;
  /** Signs too. @throws Error where another process has taken the folder */
  check(): void;
  /** Gives the folder up. */
  release(): void;
}

interface OwnerOptions {
  /** What the owner does, as a process that is refused is told. */
  readonly does?: string;
  /** Told once where another process has taken the folder, up to ten seconds later. */
  readonly onLost?: (error: Error) => void;
}

/**
 * Takes a folder, which is made where it is missing, until `release`.
 * @param file the claim
 * @param option with the folder as the user gave it, such as `--out <dir>`
 * @throws BadInput where another process has it, or nothing can be written there
 */
export function own(
  file: string,
  option: string,
  { does = 'writes into it', onLost }: OwnerOptions = {},
): FolderClaim {
  const claim = `${hostname()} ${process.pid} ${NONCE} ${new Date().toISOString()}`;
  let isTakenOver = false;
  let another: string | null;
  try {
    makeFolder(dirname(file));
    isTakenOver = textOf(file) !== null;
    another = take(file, claim);
    if (another === null) sweepBeside(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BadInput(`${option}: expected a folder that can be written (${code ?? message})`);
  }
  if (another !== null) {
    const free = isHere(another)
      ? `, or remove ${file} if that process is another program's`
      : ': a minute after its last sign the folder is free';
    throw new BadInput(
      `${option}: ${whose(another)} ${does}; expected another folder, or wait for it${free}`,
    );
  }
  let isReleased = false;
  const isHeld = () => !isReleased && sign(file, claim);
  const lost = () =>
    new Error(
      `${option}: ${whose(textOf(file) ?? '')} has taken the folder, as this process gave no sign for a minute; it writes no more`,
    );
  const beat = setInterval(() => {
    if (isHeld()) return;
    clearInterval(beat);
    onLost?.(lost());
  }, BEAT_MS).unref();
  return {
    isTakenOver,
    isHeld,
    check() {
      if (!isReleased && !isHeld()) throw lost();
    },
    release() {
      clearInterval(beat);
      isReleased = true;
      if (textOf(file) === claim) rmSync(file, { force: true });
    },
  };
}

/** @returns the claim of another that is in the way; null: it is taken */
function take(file: string, claim: string): string | null {
  const there = textOf(file);
  if (there === null) return link(file, claim) ? null : take(file, claim);
  if (!isLeft(file, there)) return there;
  const taking = `${file}-${createHash('sha256').update(there).digest('hex').slice(0, 16)}`;
  const taker = take(taking, claim);
  if (taker !== null) return taker;
  try {
    // Another may have taken it since it was read.
    if (textOf(file) === there && isLeft(file, there)) {
      drafted(file, claim, (draft) => renameSync(draft, file));
      return null;
    }
  } finally {
    rmSync(taking, { force: true });
  }
  return take(file, claim);
}

/** @returns false: another was faster */
function link(file: string, claim: string): boolean {
  try {
    drafted(file, claim, (draft) => {
      try {
        linkSync(draft, file);
      } catch (error) {
        if (!WITHOUT_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
        writeFileSync(file, claim, { flag: 'wx' });
      }
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

function drafted<T>(file: string, claim: string, use: (draft: string) => T): T {
  const draft = `${file}-${randomBytes(8).toString('hex')}`;
  try {
    writeFileSync(draft, claim, { flag: 'wx' });
    return use(draft);
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Says that the owner lives. The bytes that are there are written once more, so that nobody reads a part of them.
 * @returns false: the claim is another's
 */
function sign(file: string, claim: string): boolean {
  try {
    const handle = openSync(file, 'r+');
    try {
      const isOwn = readFileSync(handle, 'utf8') === claim;
      if (isOwn) writeSync(handle, claim, 0);
      return isOwn;
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return true;
  }
  try {
    return link(file, claim);
  } catch {
    return true; // a folder that is gone, or a full disk, is told by who writes what it is for
  }
}

/** Whether its owner is dead, for all that can be known: of another machine only its signs are seen. */
function isLeft(file: string, claim: string): boolean {
  const { pid, nonce } = CLAIM_TEXT.exec(claim)?.groups ?? {};
  if (isHere(claim)) return Number(pid) === process.pid ? nonce !== NONCE : !isAlive(Number(pid));
  const signedMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  // By the clock of the file system, as that of the other machine may be another.
  const nowMs = drafted(file, claim, (draft) => statSync(draft).mtimeMs);
  return nowMs - signedMs > SILENT_MS;
}

/** Removes what processes that were killed between two steps left beside a claim that is taken, as far as it can be. */
function sweepBeside(file: string): void {
  const name = basename(file);
  try {
    for (const other of readdirSync(dirname(file))) {
      if (!other.startsWith(name) || !BESIDE.test(other.slice(name.length))) continue;
      const path = join(dirname(file), other);
      const claim = textOf(path);
      if (claim !== null && isLeft(path, claim)) rmSync(path, { force: true });
    }
  } catch {}
}

const isHere = (claim: string) => CLAIM_TEXT.exec(claim)?.groups?.host === hostname();

function whose(claim: string): string {
  const { host, pid } = CLAIM_TEXT.exec(claim)?.groups ?? {};
  if (pid === undefined) return 'a process that has not written its number';
  return `process ${pid}${isHere(claim) ? '' : ` on ${host}`}`;
}

/** @returns null: there is none */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
