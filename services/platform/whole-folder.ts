import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { BadInput } from './exit-codes.ts';
import { makeFolder } from './folders.ts';

/** What is written: an export, or an import. */
export interface Writing {
  readonly word: string;
  /** Whether such a writing leaves a file of this name. */
  readonly isOurs: (name: string) => boolean;
}

/**
 * Where an export or an import goes: everything is written into `<folder>.partial` and moved into the
 * folder when it is complete. An earlier one there is replaced whole: files of two are never mixed.
 */
export class WholeFolder {
  readonly path: string;
  readonly partial: string;
  readonly #isOurs: Writing['isOurs'];

  /** Throws BadInput where the folder cannot be written or holds something that is none of its kind. */
  constructor(asGiven: string, { word, isOurs }: Writing) {
    this.#isOurs = isOurs;
    const fail = (expected: string): never => {
      throw new BadInput(`--out ${asGiven}: expected ${expected}`);
    };
    if (asGiven === '') fail('the name of a folder, found nothing');
    if (asGiven === '-') fail(`the name of a folder: an ${word} is several files`);
    this.path = resolve(asGiven);
    this.partial = `${this.path}.partial`;
    for (const path of [this.path, this.partial]) {
      if (!existsSync(path)) continue;
      if (!statSync(path).isDirectory()) fail(`a folder, ${path} is a file`);
      const foreign = readdirSync(path).find((name) => !isOurs(name));
      if (foreign !== undefined)
        fail(`an empty folder, an earlier ${word} or a new name; ${path} holds ${foreign}`);
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

  /** Puts the files in their place and returns them, as they were written. */
  finish(names: readonly string[]): void {
    makeFolder(this.path);
    for (const name of readdirSync(this.path))
      if (this.#isOurs(name) && !names.includes(name)) rmSync(join(this.path, name));
    for (const name of names) renameSync(this.file(name), join(this.path, name));
    rmSync(this.partial, { recursive: true });
  }

  /** Leaves nothing of an unfinished writing behind. */
  discard(): void {
    rmSync(this.partial, { recursive: true, force: true });
  }
}
