import { writeFileSync } from 'node:fs';
import { BadInput } from '../exit-codes.ts';
import { makeWritableFolder } from '../folders-and-whole-files.ts';

/** @throws BadInput where the folder that an option names is not there and cannot be made */
export function makeNamedFolder(option: string, folder: string): void {
  inWords(option, folder, 'a folder that can be written', () => makeWritableFolder(folder));
}

/** @throws BadInput where the file that an option names cannot be written */
export function writeNamedFile(option: string, file: string, text: string): void {
  inWords(option, file, 'a file that can be written', () => writeFileSync(file, text));
}

function inWords(option: string, path: string, expected: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BadInput(`${option} ${path}: expected ${expected} (${code ?? message})`);
  }
}
