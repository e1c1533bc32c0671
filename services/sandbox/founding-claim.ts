/** Foundings of one folder come one after the other, those of several containers of one volume too. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { BadInput } from '../platform/exit-codes.ts';
import { makeFolder } from '../platform/folders-and-whole-files.ts';
import { isAlive } from '../platform/process-is-alive.ts';
import { CLAIM } from './sandbox-folder.ts';

/** The number of this process, what tells it from others of that number, and the machine or container that it runs in. */
const FOUNDER = `${process.pid} ${randomBytes(4).toString('hex')} ${hostname()}`;
/** A founding takes seconds: a claim of another machine, whose processes nobody here sees, is left after so long. */
const LEFT_AFTER_MS = 600_000;

interface FolderClaim {
  /** Whether there was nothing in the folder, of an earlier founding or of anybody. */
  readonly wasEmpty: boolean;
  end(): void;
}

/**
 * @param data folder as the user typed it
 * @throws BadInput where another process founds in the folder, or none can be made
 */
export function claimFolder(data: string): FolderClaim {
  const file = join(data, CLAIM);
  try {
    makeFolder(data);
    const claim = readIfThere(file);
    if (isLeft(claim, file)) takeLeftClaim(file, claim);
    else writeFileSync(file, FOUNDER, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR' && existsSync(data))
      throw new BadInput(`--data ${data}: expected a folder, found a file`);
    throw new BadInput(
      code === 'EEXIST'
        ? `--data ${data}: another process founds a network in it (${founderIn(readIfThere(file))}): wait until it has ended; where none does, remove ${CLAIM} there${isElsewhere(readIfThere(file)) ? ', or wait ten minutes from its begin' : ''}`
        : `--data ${data}: expected a folder that can be written (${code ?? message})`,
    );
  }
  const wasEmpty = readdirSync(data).every((name) => name.startsWith(CLAIM));
  // One that took so long that its claim was taken leaves that of the other.
  const end = () => {
    if (readIfThere(file) === FOUNDER) rmSync(file);
  };
  return { wasEmpty, end };
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

const founderIn = (claim: string): string => {
  const [processId, , host] = claim.split(' ');
  if (!processId) return 'one that has not written its number';
  return isElsewhere(claim) ? `process ${processId} on ${host}` : `process ${processId}`;
};

const isElsewhere = (claim: string): boolean => {
  const [, , host] = claim.split(' ');
  return host !== undefined && host !== hostname();
};

/**
 * Takes a claim away that is left, and makes one. Who does holds a file that this very claim names: so of several that saw it,
 * also in other containers, one takes it, and none takes the claim that then stands in its place.
 * @param claim what was read of the file
 * @throws an EEXIST of node:fs where another takes it or has taken it
 */
export function takeLeftClaim(file: string, claim: string): void {
  const taking = `${file}-${createHash('sha256').update(claim).digest('hex').slice(0, 8)}`;
  writeFileSync(taking, FOUNDER, { flag: 'wx' });
  try {
    if (readIfThere(file) === claim) rmSync(file);
    writeFileSync(file, FOUNDER, { flag: 'wx' });
  } finally {
    rmSync(taking, { force: true });
  }
}

/** Whether a claim is of a process that has died. In a container that is started again the next has the same number. */
function isLeft(claim: string, file: string): boolean {
  const processId = Number(claim.split(' ')[0]);
  if (!(processId > 0) || claim === FOUNDER) return false;
  if (isElsewhere(claim)) {
    // Who founded there may have ended since its claim was read.
    const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    return Date.now() - made > LEFT_AFTER_MS;
  }
  return processId === process.pid || !isAlive(processId);
}
