import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { BadInput } from './exit-codes.ts';
import { type FolderClaim, OWNER_FILE, own } from './one-writer-of-a-folder.ts';

/** What is written: a run, an export, or an import. */
export interface Writing {
  readonly word: string;
  /** Whether such a writing leaves a file of this name. */
  readonly isOurs: (name: string) => boolean;
  /** A file that every such writing leaves: a folder without it is none, whatever else its files are called. */
  readonly mark: string;
  /** Whether that file is one of such a writing, where another may have its name. */
  readonly isMark?: (file: string) => boolean;
}

/**
 * Where a run, an export or an import goes: everything is written into `<folder>.partial`, which takes the
 * folder's place when it is complete. An earlier one is set aside until then: files of two are never mixed,
 * however the process ends. The three are one process' at a time, which `<folder>.writing` names.
 */
export class WholeFolder {
  readonly path: string;
  readonly partial: string;
  readonly #earlier: string;
  readonly #claim: FolderClaim;

  /** Throws BadInput where the folder cannot be written, is another's, or holds something that is none of its kind. */
  constructor(asGiven: string, writing: Writing) {
    const fail = (expected: string): never => {
      throw new BadInput(`--out ${asGiven}: expected ${expected}`);
    };
    if (asGiven === '') fail('the name of a folder, found nothing');
    if (asGiven === '-') fail(`the name of a folder: ${writing.word}s are several files each`);
    this.path = existsSync(asGiven) ? realpathSync(asGiven) : resolve(asGiven);
    this.partial = `${this.path}.partial`;
    this.#earlier = `${this.path}.earlier`;
    this.#claim = own(`${this.path}${OWNER_FILE}`, `--out ${asGiven}`);
    try {
      // Of a process that was killed while one took the other's place.
      if (this.#claim.isTakenOver && !existsSync(this.path) && existsSync(this.#earlier))
        renameSync(this.#earlier, this.path);
      this.#refuseForeign(writing, fail);
      accessSync(existsSync(this.path) ? this.path : dirname(this.path), constants.W_OK);
      rmSync(this.partial, { recursive: true, force: true });
      mkdirSync(this.partial);
    } catch (error) {
      this.#claim.release();
      if (error instanceof BadInput) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      fail(`a folder that can be written (${code ?? message})`);
    }
  }

  #refuseForeign({ word, isOurs, mark, isMark }: Writing, fail: (expected: string) => void) {
    for (const path of [this.path, this.partial])
      if (existsSync(path) && !statSync(path).isDirectory()) fail(`a folder, ${path} is a file`);
    const namesIn = (path: string) => (existsSync(path) ? readdirSync(path) : []);
    const names = namesIn(this.path);
    const refuse = (what: string | undefined) =>
      fail(`an empty folder, an earlier ${word} or a new name; ${this.path} holds ${what}`);
    const foreign = names.find((name) => !isOurs(name));
    if (foreign !== undefined) refuse(foreign);
    const isOne = names.includes(mark) && (isMark?.(join(this.path, mark)) ?? true);
    if (names.length > 0 && !isOne) refuse(`${names[0]} and is no ${word}`);
    // Without a claim that was left nobody knows whose it is.
    if (!this.#claim.isTakenOver && namesIn(this.partial).length > 0)
      fail(`another name: ${this.partial} is there, and no ${word} has begun it; or move it away`);
  }

  /**
   * Of a file that is being written.
   * @throws Error where another process has taken the folder
   */
  file(name: string): string {
    this.#claim.check();
    return join(this.partial, name);
  }

  /**
   * Puts the folder in its place; everything in it is written and closed.
   * @throws Error where another process has taken the folder
   */
  finish(): void {
    this.#claim.check();
    rmSync(this.#earlier, { recursive: true, force: true });
    if (existsSync(this.path)) renameSync(this.path, this.#earlier);
    renameSync(this.partial, this.path);
    rmSync(this.#earlier, { recursive: true, force: true });
    this.#claim.release();
  }

  /** Leaves nothing of an unfinished writing behind. */
  discard(): void {
    if (this.#claim.isHeld()) rmSync(this.partial, { recursive: true, force: true });
    this.#claim.release();
  }
}
