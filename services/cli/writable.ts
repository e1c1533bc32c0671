import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { BadInput } from './exit.ts';

/**
 * Creates a folder level by level: mkdir with `recursive` never returns on some file systems that
 * refuse it (Node 20, /proc).
 * @throws what the file system says where it refuses
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  accessSync(dirname(path), constants.W_OK | constants.X_OK);
  mkdirSync(path);
}

/** @throws BadInput where the folder that an option names is not there and cannot be made */
export function makeNamedFolder(option: string, folder: string): void {
  inWords(option, folder, 'a folder that can be written', () => {
    makeFolder(resolve(folder));
    accessSync(folder, constants.W_OK | constants.X_OK);
  });
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
