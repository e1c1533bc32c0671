import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import type { BuildFailure, BuildOptions, Loader, Plugin } from 'esbuild';
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
 * @throws BadInput with one line: the option, the file, what is wrong, what was expected
 */
export function loadMechanism(file: string): Promise<Proposer> {
  return proposerIn(file, `--mechanism ${file}`, async () => {
    const url = (isTypeScript(file) ? await dataUrl(file) : null) ?? urlOf(file);
    return evaluatedDrawless(() => import(url));
  });
}

/**
 * For runs that follow each other in one process: the module, and the local ones that it imports, are read once and
 * evaluated anew for each, so that none finds what another left in them.
 * @param named what messages call it
 * @returns gives a mechanism in which nothing has run, and throws as loadMechanism does
 */
export function mechanismAnew(file: string, named: string): () => Promise<Proposer> {
  let evaluated: ReturnType<typeof evaluation> | undefined;
  return () =>
    proposerIn(file, named, async () => {
      evaluated ??= evaluation(file);
      return (await evaluated)();
    });
}

interface LoadedModule {
  readonly default?: unknown;
}

async function proposerIn(
  file: string,
  named: string,
  evaluate: () => Promise<LoadedModule>,
): Promise<Proposer> {
  const fail = failure(named);
  checkFile(file, fail);
  const module = await evaluate().catch((error) =>
    fail(`cannot be loaded: ${firstLine(error)}; expected a module with a default export`),
  );
  const exported = module.default;
  if (exported === undefined) fail(`has no default export; expected ${EXPECTED}`);
  const own = (
    typeof exported === 'function'
      ? { name: basename(file, extname(file)), propose: exported }
      : exported
  ) as Partial<Proposer> | null;
  if (typeof own?.propose !== 'function') return fail(`expected ${EXPECTED}`);
  if (typeof own.name !== 'string' || !new RegExp(PROPOSER_PATTERN).test(own.name))
    return fail(
      `its name is ${JSON.stringify(own.name)}; expected up to 32 lower-case letters, digits and hyphens, a letter first, and no mechanism's of Corridor`,
    );
  const { name } = own;
  const propose = own.propose.bind(own);
  return { name, propose: (view) => drawingNothing(() => propose(view)) };
}

/** What is drawn by `Math.random` no seed gives: the same scenario would come out otherwise the next time. */
const refusedDraw = (): never => {
  throw new Error(
    'Math.random was called, which no seed gives: draw by a generator of your own with a fixed seed',
  );
};

/** @returns puts back what stood there; what is refused by another already is left to that one */
function refuseDraws(): () => void {
  const { random } = Math;
  if (random === refusedDraw) return () => undefined;
  Math.random = refusedDraw;
  return () => {
    Math.random = random;
  };
}

function drawingNothing<Result>(use: () => Result): Result {
  const putBack = refuseDraws();
  try {
    return use();
  } finally {
    putBack();
  }
}

/** A module draws nothing while it is evaluated either, nor keeps `Math.random` under a name of its own. */
async function evaluatedDrawless(evaluate: () => Promise<LoadedModule>): Promise<LoadedModule> {
  const putBack = refuseDraws();
  try {
    return await evaluate();
  } finally {
    putBack();
  }
}

function checkFile(file: string, fail: (fault: string) => never): void {
  if (![...TYPESCRIPT, ...JAVASCRIPT].includes(extname(file)))
    fail(`expected a file that ends in ${[...TYPESCRIPT, ...JAVASCRIPT].join(', ')}`);
  if (!existsSync(file)) fail('there is no such file; expected a module with a default export');
  if (!statSync(file).isFile()) fail('it is no file; expected a module with a default export');
}

const failure =
  (named: string) =>
  (fault: string): never => {
    throw new BadInput(`${named}: ${fault}`);
  };

const isTypeScript = (file: string): boolean => TYPESCRIPT.includes(extname(file));

/** @throws BadInput where the scenario has no use for a mechanism */
export function needsMechanism({ file, settlement }: Scenario, named: string): void {
  if (settlement.rules.every(({ cycleMechanism }) => cycleMechanism !== 'proposed'))
    throw new BadInput(
      `${named}: ${file} has cycles of netting alone; expected a currency that settles by rtgs`,
    );
}

const urlOf = (file: string): string => pathToFileURL(resolve(file)).href;

/** An address that was imported is not evaluated again: another is another module. */
let addresses = 0;

/** How the module is evaluated anew. */
async function evaluation(file: string): Promise<() => Promise<LoadedModule>> {
  // No function can await at its top level.
  const text = await bundled(file, AS_FUNCTION).catch(orNull(/^Top-level await |^No loader is /));
  if (text !== null) {
    // Called again and again: what a module leaves behind is freed, which Node does not do with one that is imported.
    // A stack's lines are those of the bundle.
    const filename = `${resolve(file)} (bundled)`;
    const run = compileFunction(text, ['module', 'require'], { filename });
    const require = createRequire(urlOf(file));
    return () =>
      evaluatedDrawless(async () => {
        const module: { exports: LoadedModule } = { exports: {} };
        run(module, require);
        return module.exports;
      });
  }
  // What esbuild does not read, as a package's binaries, Node may load.
  const orByNode = orNull(isTypeScript(file) ? null : /^No loader is /);
  const url = (await dataUrl(file).catch(orByNode)) ?? urlOf(file);
  return () => {
    addresses += 1;
    const address = `${url}#${addresses}`;
    return evaluatedDrawless(() => import(address));
  };
}

/** @returns null where a message of esbuild is such; else what is wrong is wrong, and thrown */
const orNull =
  (expected: RegExp | null) =>
  (error: unknown): null => {
    const { errors = [] } = error as Partial<BuildFailure>;
    if (expected !== null && errors.some(({ text }) => expected.test(text))) return null;
    throw error;
  };

const AS_FUNCTION: BuildOptions = {
  format: 'cjs',
  // A module is strict, a function is not.
  banner: { js: '"use strict";' },
  supported: { 'dynamic-import': false },
};

/** With all that it imports, as one module; null without esbuild: as Node itself reads it where it can. */
async function dataUrl(file: string): Promise<string | null> {
  const text = await bundled(file, { format: 'esm' });
  return text === null
    ? null
    : `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`;
}

async function bundled(file: string, form: BuildOptions): Promise<string | null> {
  const esbuild = await import('esbuild').catch(() => null);
  if (esbuild === null) return null;
  // Imported by a module, as Node would, it may also be one of CommonJS.
  const stdin = {
    contents: `import * as own from ${JSON.stringify(resolve(file))}; export default own.default;`,
    ...{ sourcefile: 'mechanism.mjs', resolveDir: dirname(resolve(file)) },
  };
  const { outputFiles } = await esbuild.build({
    stdin,
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    sourcemap: false,
    logLevel: 'silent',
    define: {
      'import.meta': '__own_meta',
      // Of CommonJS; a module that declares such a name keeps its own.
      __dirname: '__own_meta.dirname',
      __filename: '__own_meta.filename',
    },
    plugins: [OWN_META],
    ...form,
  });
  return outputFiles?.[0]?.text ?? '';
}

/** In a bundle each file still knows where it stands, so that it finds what lies beside it. */
const OWN_META: Plugin = {
  name: 'own-meta',
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!/\bimport\s*\.\s*meta\b|\b__(dir|file)name\b/.test(text)) return undefined;
      // Before the first line's own text: lines keep their numbers.
      const contents = `const __own_meta = ${metaOf(path)}; ${text.replace(/^#!.*/, '')}`;
      return { contents, loader: extname(path).replace(/^\.[cm]?/, '') as Loader };
    });
  },
};

/** What Node gives a module as `import.meta`, as text. */
function metaOf(path: string): string {
  const [url, own] = [JSON.stringify(urlOf(path)), { dirname: dirname(path), filename: path }];
  return `{ ...${JSON.stringify(own)}, url: ${url}, resolve: (to) => {
    if (/^(\\.{0,2}\\/|[a-z][a-z+.-]*:)/i.test(to)) return new URL(to, ${url}).href;
    const { createRequire, isBuiltin } = process.getBuiltinModule('module');
    if (isBuiltin(to)) return 'node:' + to;
    return process.getBuiltinModule('url').pathToFileURL(createRequire(${url}).resolve(to)).href;
  } }`.replaceAll(/\n\s*/g, ' ');
}

const firstLine = (error: unknown): string => {
  const [line, ...more] = `${error instanceof Error ? error.message : error}`.split('\n');
  // esbuild counts its errors first, and names them in the lines behind it.
  return line?.startsWith('Build failed') && more[0] ? more[0] : (line ?? '');
};
