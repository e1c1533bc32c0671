/** Alone in its file: the build asks for it at each start of a command. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export const packageIn = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Package;

/**
 * The package.json of the engine and of those of its binaries that are installed: one that is installed later makes an empty
 * store of its own.
 */
export function enginePackages(): readonly string[] {
  const main = createRequire(import.meta.url).resolve('chdb/package.json');
  const beside = createRequire(main);
  const binaries = Object.keys(packageIn(main).optionalDependencies ?? {}).flatMap((name) => {
    try {
      return [beside.resolve(`${name}/package.json`)];
    } catch {
      // Of another platform, or left out.
      return [];
    }
  });
  return [main, ...binaries];
}
