import { existsSync, statSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BadInput } from '../platform/exit-codes.ts';
import { PROPOSER_PATTERN } from '../protocol/records/control-record.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Proposer } from '../simulator/own-mechanism.ts';

const TYPESCRIPT = ['.ts', '.mts'];
const JAVASCRIPT = ['.js', '.mjs'];
const EXPECTED =
  'a default export: a function of the pool, or an object with name and propose (docs/scenarios.md)';

/**
 * Loads a mechanism of one's own: the default export of a module of TypeScript or JavaScript. A function
 * goes by its file's name.
 * @param named what messages call it
 * @throws BadInput with one line: the option, the file, what is wrong, what was expected
 */
export async function loadMechanism(
  file: string,
  named = `--mechanism ${file}`,
): Promise<Proposer> {
  const fail = (fault: string): never => {
    throw new BadInput(`${named}: ${fault}`);
  };
  const kind = extname(file);
  if (![...TYPESCRIPT, ...JAVASCRIPT].includes(kind))
    fail(`expected a file that ends in ${[...TYPESCRIPT, ...JAVASCRIPT].join(', ')}`);
  if (!existsSync(file)) fail('there is no such file; expected a module with a default export');
  if (!statSync(file).isFile()) fail('it is no file; expected a module with a default export');
  let exported: unknown;
  try {
    const module = await import(TYPESCRIPT.includes(kind) ? await compiled(file) : urlOf(file));
    exported = module.default;
  } catch (error) {
    fail(`cannot be loaded: ${firstLine(error)}; expected a module with a default export`);
  }
  if (exported === undefined) fail(`has no default export; expected ${EXPECTED}`);
  const own = (
    typeof exported === 'function' ? { name: basename(file, kind), propose: exported } : exported
  ) as Partial<Proposer> | null;
  if (typeof own?.propose !== 'function') return fail(`expected ${EXPECTED}`);
  if (typeof own.name !== 'string' || !new RegExp(PROPOSER_PATTERN).test(own.name))
    return fail(
      `its name is ${JSON.stringify(own.name)}; expected up to 32 lower-case letters, digits and hyphens, a letter first, and no mechanism's of Corridor`,
    );
  return own as Proposer;
}

/** @throws BadInput where the scenario has no use for a mechanism */
export function needsMechanism({ file, settlement }: Scenario, named: string): void {
  if (settlement.rules.every(({ cycleMechanism }) => cycleMechanism !== 'proposed'))
    throw new BadInput(
      `${named}: ${file} has cycles of netting alone; expected a currency that settles by rtgs`,
    );
}

const urlOf = (file: string): string => pathToFileURL(resolve(file)).href;

/** With all that it imports, as one module; without esbuild, as Node itself reads it where it can. */
async function compiled(file: string): Promise<string> {
  const esbuild = await import('esbuild').catch(() => null);
  if (esbuild === null) return urlOf(file);
  const { outputFiles } = await esbuild.build({
    entryPoints: [resolve(file)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: false,
    logLevel: 'silent',
  });
  const [module] = outputFiles;
  return `data:text/javascript;base64,${Buffer.from(module?.contents ?? []).toString('base64')}`;
}

const firstLine = (error: unknown): string => {
  const [line, ...more] = `${error instanceof Error ? error.message : error}`.split('\n');
  // esbuild counts its errors first, and names them in the lines behind it.
  return line?.startsWith('Build failed') && more[0] ? more[0] : (line ?? '');
};
