// Builds what is stale: generated AssemblyScript, the WASM module, the services, an empty store, the live view's page.
//   node scripts/build.mjs [--force]
// Run by `npm run build`; `npm start`, `npm test` and the `corridor` command call `build()` first.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { instrument, isTestCode, MARK } from './test-empty-loops.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** Every file below the given paths (relative to the root), sorted: the inputs of one build step. */
function filesBelow(paths) {
  const files = [];
  for (const path of paths) {
    const full = join(root, path);
    if (!existsSync(full)) continue;
    const entries = readdirSync(full, { withFileTypes: true, recursive: true });
    for (const entry of entries)
      if (entry.isFile()) files.push(join(entry.parentPath ?? entry.path, entry.name));
  }
  return files.filter((file) => !file.includes('/generated/')).sort();
}

/** Of a file by its path how large it is and when it was last touched: asked once, as several steps have the same. */
const touched = new Map();
function touchOf(file) {
  let line = touched.get(file);
  if (line === undefined) {
    const { size, mtimeMs, ctimeMs } = statSync(file);
    line = `${relative(root, file)} ${size} ${mtimeMs} ${ctimeMs}\n`;
    touched.set(file, line);
  }
  return line;
}

const digestOf = (files, partOf) => {
  const hash = createHash('sha256').update(process.version);
  for (const file of files) hash.update(partOf(file));
  return hash.digest('hex');
};

/**
 * Runs `step` unless the digest of its inputs is the one recorded when it last succeeded, which it did unless it says false.
 * Of inputs that nobody has touched since nothing is read: that is most of what a start takes here.
 */
export async function unlessFresh(name, inputs, outputs, force, step) {
  const stamp = join(root, 'dist', `.${name.replace(' ', '-')}.stamp`);
  const [recorded, untouched] = existsSync(stamp) ? readFileSync(stamp, 'utf8').split('\n') : [];
  // Before anything is read: what is changed from here on is seen the next time.
  const touch = digestOf(inputs, touchOf);
  const isThere = !force && outputs.every((output) => existsSync(join(root, output)));
  if (isThere && untouched === touch) return;
  // A clone that was moved is what it was.
  const named = (file) => Buffer.concat([Buffer.from(relative(root, file)), readFileSync(file)]);
  const digest = digestOf(inputs, named);
  if (!isThere || recorded !== digest) {
    process.stderr.write(`build: ${name}\n`);
    if ((await step()) === false) {
      rmSync(stamp, { force: true });
      return;
    }
    mkdirSync(join(root, 'dist'), { recursive: true });
  }
  try {
    writeFileSync(stamp, `${digest}\n${touch}`);
  } catch (error) {
    // Of another user, who built it.
    if (recorded !== digest) throw error;
  }
}

async function node(args) {
  try {
    await run(process.execPath, args, { cwd: root, maxBuffer: 1 << 26 });
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}`);
    throw new Error(`build: ${args.join(' ')} failed`);
  }
}

const packageRoot = (name) => dirname(require.resolve(`${name}/package.json`));
const asc = () => join(packageRoot('assemblyscript'), 'bin', 'asc.js');

const PAGE = 'dist/services/view/client';

/** The live view's page: one script and one style sheet, with all that they use. */
async function bundlePage() {
  const source = join(root, 'services/view/client');
  const { build: bundle } = await import('esbuild');
  await bundle({
    entryPoints: [join(source, 'main.tsx')],
    outfile: join(root, PAGE, 'view.js'),
    tsconfig: join(source, 'tsconfig.json'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
  for (const name of ['index.html', 'view.css', 'icon.svg'])
    copyFileSync(join(source, name), join(root, PAGE, name));
}

/** Written by scripts/compile-schemas.mjs. */
const SCENARIO_CHECK = 'dist/services/scenario/scenario-check.cjs';

const PROGRAMS = 'dist/programs';

/** What is started as a process or on a thread of its own and loads many modules, beside each service and the command. */
const STARTED = [
  'services/compare/replay-worker',
  'services/run/banks-worker',
  'services/run/run-seal-worker',
  'services/run/tables-worker',
  'services/study/cell-process',
  'tests/faults/live.child',
];

/** By name, the modules that processes and threads begin with. */
function programs() {
  const services = readdirSync(join(root, 'services')).map((name) => [
    name,
    `services/${name}/main`,
  ]);
  return [...services, ...STARTED.map((place) => [basename(place), place])]
    .filter(([, place]) => existsSync(join(root, `${place}.ts`)))
    .map(([name, place]) => ({
      name,
      file: join(root, 'dist', `${place}.js`),
      whole: join(root, 'dist', `${place}.whole.js`),
      // A thread's module is asked for its functions.
      lead: `export * from '../../programs/${name}.js';\n`,
    }));
}

/**
 * Each program with all that it loads, in files that they share: a process would spend half of its start on
 * finding hundreds of modules. What a program starts is found where it was compiled to, as are files beside
 * a module.
 */
async function bundlePrograms() {
  const all = programs();
  const inPlace = async ({ path }) => {
    const place = JSON.stringify(relative(join(root, PROGRAMS), path));
    const text = await readFile(path, 'utf8');
    return {
      contents: text.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`),
    };
  };
  // The compiler leaves what has not changed, and so what leads to the bundle.
  for (const { file, whole, lead } of all)
    if (!readFileSync(file, 'utf8').endsWith(lead)) copyFileSync(file, whole);
  const { build: bundle } = await import('esbuild');
  rmSync(join(root, PROGRAMS), { recursive: true, force: true });
  await bundle({
    entryPoints: Object.fromEntries(all.map(({ name, whole }) => [name, whole])),
    outdir: join(root, PROGRAMS),
    bundle: true,
    splitting: true,
    chunkNames: '[hash]',
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
    // What has binaries, files or threads of its own, or is repaired in place.
    external: [
      '@fastify/swagger',
      'chdb',
      'esbuild',
      'highs',
      'kafkajs',
      'libsql',
      'pino',
      'piscina',
      'snappy',
    ],
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    plugins: [
      {
        name: 'in place',
        setup: ({ onLoad }) => onLoad({ filter: /\/dist\/(services|tests)\/.*\.js$/ }, inPlace),
      },
    ],
  });
  for (const { file, lead } of all) writeFileSync(file, lead);
}

const EMPTY_STORE = 'dist/empty-store.json';

/**
 * What a run's engine opens in place of making its tables: what writes it says `null` where the engine cannot be loaded. Where it
 * fails otherwise runs make their tables themselves, and the next build tries again.
 * @returns whether it is there
 */
async function makeEmptyStore() {
  const file = join(root, EMPTY_STORE);
  rmSync(file, { force: true });
  const make = join(root, 'dist/services/platform/clickhouse/make-empty-store.js');
  // It ends itself the hard way: whether it did its work is seen by what it left.
  const failed = await run(process.execPath, [make, file], { cwd: root }).catch((error) => error);
  if (existsSync(file)) return true;
  const { gist } = await import('../dist/services/platform/clickhouse/engine-last-words.js');
  process.stderr.write(`build: no empty store: ${gist(failed.stderr ?? '') || failed.message}\n`);
  return false;
}

/** Of compiled tests, so that a test file needs no hook for loading modules. */
function markLoops() {
  for (const file of filesBelow(['dist']).filter(isTestCode)) {
    const text = readFileSync(file, 'utf8');
    if (!text.startsWith(MARK)) writeFileSync(file, instrument(text));
  }
}

export async function build({ force = false } = {}) {
  const manifest = ['package.json', 'package-lock.json', 'tsconfig.json', 'asconfig.json'].map(
    (file) => join(root, file),
  );
  const wasm = ['dist/assembly/corridor.wasm', 'dist/assembly/corridor.debug.wasm'];
  const globals = join(root, 'scripts/export-wasm-globals.mjs');
  const compiled = [...manifest, globals, ...filesBelow(['assembly'])];
  await unlessFresh('wasm', compiled, wasm, force, async () => {
    const generator = join(root, 'assembly/crypto/generate.mjs');
    if (existsSync(generator)) await node([generator]);
    for (const target of ['release', 'debug'])
      await node([asc(), '--config', 'asconfig.json', '--transform', globals, '--target', target]);
  });
  // A test compares layouts with those of assembly.
  const sources = filesBelow([
    'services',
    'tests',
    'bench',
    'assembly',
    'infra',
    'load-tests',
    'scenarios/mechanisms',
    'scripts',
  ]);
  await unlessFresh(
    'services',
    [...manifest, ...sources],
    ['dist/services', SCENARIO_CHECK],
    force,
    async () => {
      // Where a whole program is missing, as of a build that was ended, what leads to it must not be taken for it.
      if (!programs().every(({ whole }) => existsSync(whole)))
        rmSync(join(root, 'dist/.tsbuildinfo'), { force: true });
      await node([join(packageRoot('typescript'), 'bin', 'tsc')]);
      await node([join(root, 'scripts/compile-schemas.mjs')]);
      markLoops();
      await bundlePrograms();
    },
  );
  const { enginePackages } = await import(
    '../dist/services/platform/clickhouse/engine-packages.js'
  );
  const tables = [
    ...enginePackages(),
    ...filesBelow(['infra/clickhouse', 'services/platform/clickhouse']),
  ];
  await unlessFresh('empty store', [...manifest, ...tables], [EMPTY_STORE], force, makeEmptyStore);
  const page = filesBelow(['services/view']);
  await unlessFresh('view', [...manifest, ...page], [`${PAGE}/view.js`], force, bundlePage);
  const scripts = filesBelow(['load-tests']);
  await unlessFresh(
    'load-tests',
    [...manifest, ...scripts],
    ['dist/load-tests/smoke.js'],
    force,
    () => node([join(packageRoot('typescript'), 'bin', 'tsc'), '-p', 'load-tests']),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  build({ force: process.argv.includes('--force') }).catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
