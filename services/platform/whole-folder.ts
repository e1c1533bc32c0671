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
import { makeFolder } from './folders-and-whole-files.ts';

/** What is written: an export, or an import. */
export interface Writing {
  readonly word: string;
  /** Whether such a writing leaves a file of this name. */
  readonly isOurs: (name: string) => boolean;
  /** A file that every such writing leaves: a folder without it is none, whatever else its files are called. */
  readonly mark?: string;
}

/**
 * Where an export or an import goes: everything is written into `<folder>.partial`, which takes the
 * folder's place when it is complete. An earlier one is set aside until then: files of two are never mixed,
 * however the process ends.
 */
export class WholeFolder {
  readonly path: string;
  readonly partial: string;
  readonly #earlier: string;

  /** Throws BadInput where the folder cannot be written or holds something that is none of its kind. */
  constructor(asGiven: string, { word, isOurs, mark }: Writing) {
    const fail = (expected: string): never => {
      throw new BadInput(`--out ${asGiven}: expected ${expected}`);
    };
    if (asGiven === '') fail('the name of a folder, found nothing');
    if (asGiven === '-') fail(`the name of a folder: an ${word} is several files`);
    this.path = existsSync(asGiven) ? realpathSync(asGiven) : resolve(asGiven);
    this.partial = `${this.path}.partial`;
    this.#earlier = `${this.path}.earlier`;
    // Of a process that was killed while one took the other's place.
    if (!existsSync(this.path) && existsSync(this.#earlier)) renameSync(this.#earlier, this.path);
    for (const path of [this.path, this.partial]) {
      if (!existsSync(path)) continue;
      if (!statSync(path).isDirectory()) fail(`a folder, ${path} is a file`);
      const names = readdirSync(path);
      const foreign = names.find((name) => !isOurs(name));
      if (foreign !== undefined)
        fail(`an empty folder, an earlier ${word} or a new name; ${path} holds ${foreign}`);
      if (path === this.path && mark !== undefined && names.length > 0 && !names.includes(mark))
        fail(
          `an empty folder, an earlier ${word} or a new name; ${path} holds ${names[0]} and no ${mark}`,
        );
    }
    try {
      // An ancestor that refuses does so here: mkdir with `recursive` never returns on some.
      makeFolder(dirname(this.path));
      accessSync(existsSync(this.path) ? this.path : dirname(this.path), constants.W_OK);
      rmSync(this.partial, { recursive: true, force: true });
      mkdirSync(this.partial);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      fail(`a folder that can be written (${code ?? message})`);
    }
  }

  /** Of a file that is being written. */
  file(name: string): string {
    return join(this.partial, name);
  }

  /** Puts the folder in its place; everything in it is written. */
  finish(): void {
    rmSync(this.#earlier, { recursive: true, force: true });
    if (existsSync(this.path)) renameSync(this.path, this.#earlier);
    renameSync(this.partial, this.path);
    rmSync(this.#earlier, { recursive: true, force: true });
  }

  /** Leaves nothing of an unfinished writing behind. */
  discard(): void {
    rmSync(this.partial, { recursive: true, force: true });
  }
}
