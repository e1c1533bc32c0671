/**
 * Small texts of which each follows the one before, in a folder. The next is linked under its number, which the file system
 * does for one process alone: whoever was slower is told so. There is no lock that a killed process leaves behind.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, makeWritableFolder, syncNames } from '../folders-and-whole-files.ts';

const SUFFIX = '.record';
const DIGITS = 12;
/** Beside the newest: those that a person may want to see. */
const EARLIER_KEPT = 2;
/** Of other texts: whoever may have them kept fills no disk. */
const OTHERS_KEPT = 16;

const numbersIn = (folder: string): number[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(SUFFIX) && /^\d+$/.test(name.slice(0, -SUFFIX.length)))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);

const nameOf = (number: number): string => `${String(number).padStart(DIGITS, '0')}${SUFFIX}`;

export class NumberedRecords {
  readonly #folder: string;
  readonly #reached: (point: string) => void;

  /**
   * @throws what the file system says where nothing can be written in the folder
   * @param reached told between the steps of a write, for tests that end the process there
   */
  constructor(folder: string, reached: (point: string) => void = () => {}) {
    makeWritableFolder(folder);
    this.#folder = folder;
    this.#reached = reached;
  }

  newest(name: string): { readonly number: number; readonly text: string } | null {
    const folder = join(this.#folder, name);
    // Another process may take it away between the two steps, once there are later ones.
    for (;;) {
      const number = numbersIn(folder).at(-1);
      if (number === undefined) return null;
      try {
        return { number, text: readFileSync(join(folder, nameOf(number)), 'utf8') };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }

  /** @returns false: there is one of that number or a later one; it is on the disk before this returns */
  put(name: string, { number, text }: { readonly number: number; readonly text: string }): boolean {
    const folder = join(this.#folder, name);
    makeFolder(folder);
    // Whoever made it may have been stopped before its name was on the disk.
    if (number === 1) syncNames(this.#folder);
    const file = join(folder, nameOf(number));
    if (!this.#linked(folder, file, text)) return false;
    this.#reached('record.linked');
    syncNames(folder);
    this.#reached('record.synced');
    const numbers = numbersIn(folder);
    // Who was away for long may have taken a number that was gone.
    if (numbers.at(-1) !== number) {
      rmSync(file, { force: true });
      return false;
    }
    for (const earlier of numbers.slice(0, -1 - EARLIER_KEPT))
      rmSync(join(folder, nameOf(earlier)), { force: true });
    return true;
  }

  /** Keeps a text beside the records, once under a file's name; sixteen of them in all. */
  keep(name: string, file: string, text: string): void {
    const folder = join(this.#folder, name);
    makeFolder(folder);
    const path = join(folder, file);
    const others = readdirSync(folder).filter(
      (one) => !one.endsWith(SUFFIX) && !one.startsWith('.'),
    );
    if (others.includes(file) || others.length >= OTHERS_KEPT) return;
    this.#linked(folder, path, text);
    syncNames(folder);
  }

  /** @returns false: another process was faster */
  #linked(folder: string, file: string, text: string): boolean {
    // Of two containers both processes may be number 1.
    const partial = join(folder, `.${randomUUID()}.partial`);
    this.#reached('record.beforeWrite');
    writeFileSync(partial, text, { flush: true });
    this.#reached('record.written');
    try {
      linkSync(partial, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return false;
    } finally {
      rmSync(partial);
    }
  }
}
