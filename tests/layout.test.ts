import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/**
 * What the house holds to: who may import whom, no circles, one name one place, no clock where results are
 * made. Files and headings that documents and comments name: documents.test.ts.
 *
 * Dependencies point one way, so that the deterministic core can be read, tested and replayed
 * without Kafka, ClickHouse or a clock:
 *
 *   cli -> study, network -> run, compare, export, import, sandbox, drive -> report, explain, replay -> simulator
 *     -> service -> protocol -> core -> assembly
 *
 * A service's main.ts alone imports platform/ and passes it in; platform/ takes two files of live/, below. Services never import each other: they
 * meet at topics; what every live service is made of (its ports, the reading of a pool's history) is in
 * live/, without I/O. The simulator drives the pure modules of the services it simulates. What a command
 * does stands in a room of its own; cli/ has flags and words. Tests that need more than their own room
 * stand in tests/, which may import everything and which nobody imports.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const SERVICES = [
  ...['bank', 'verifier', 'clearing', 'notifier', 'synchronisation'],
  ...['gateway', 'metrics', 'view'],
];
const PURE = ['core', 'protocol', 'live', 'scenario', 'analysis', 'evidence'];
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: ['assembly'],
  protocol: ['core'],
  platform: ['live'],
  live: ['core', 'protocol'],
  contracts: ['core', 'protocol'],
  scenario: ['protocol'],
  analysis: ['core', 'protocol'],
  evidence: ['core', 'protocol', 'analysis', 'live'],
  ...Object.fromEntries(SERVICES.map((service) => [service, ['core', 'protocol', 'live']])),
  bank: ['core', 'protocol', 'live', 'evidence'],
  gateway: ['core', 'protocol', 'live', 'analysis', 'contracts', 'evidence'],
  metrics: ['core', 'protocol', 'live', 'analysis'],
  notifier: ['core', 'protocol', 'live', 'analysis', 'evidence'],
  view: ['core', 'protocol', 'live', 'analysis', 'evidence'],
  simulator: [
    ...['core', 'protocol', 'scenario', 'bank', 'verifier', 'clearing', 'notifier'],
    'synchronisation',
  ],
  report: [...PURE, 'metrics', 'simulator'],
  replay: [...PURE, 'platform', 'clearing', 'verifier', 'metrics', 'report'],
  explain: [...PURE, 'platform', 'replay'],
  run: [...PURE, 'platform', 'metrics', 'simulator', 'report', 'replay', 'export'],
  compare: [...PURE, 'platform', 'simulator', 'report', 'replay', 'explain'],
  network: [...PURE, 'platform', 'report', 'replay', 'compare'],
  study: [...PURE, 'platform', 'simulator', 'report', 'run'],
  watch: [...PURE, 'platform', 'metrics', 'replay', 'study', 'view'],
  validation: [...PURE, 'platform', 'simulator', 'report', 'run', 'study'],
  export: ['platform', 'protocol', 'scenario'],
  import: ['protocol', 'scenario', 'platform', 'analysis', 'report', 'explain'],
  sandbox: [...PURE, 'platform', 'simulator', 'report', ...SERVICES],
  onboarding: [...PURE, 'platform'],
  drive: [
    ...PURE,
    'platform',
    'simulator',
    'report',
    'replay',
    'onboarding',
    'sandbox',
    ...SERVICES,
  ],
};
const COMMANDS = [
  'cli',
  'compare',
  'drive',
  'explain',
  'export',
  'import',
  'network',
  'onboarding',
  'replay',
  'run',
  'sandbox',
  'study',
  'validation',
  'watch',
];
const ALL: Readonly<Record<string, readonly string[]>> = {
  ...MAY_IMPORT,
  cli: Object.keys(MAY_IMPORT),
};
/** Modules of Node that reach outside the process, or carry time into it. */
const IO =
  /^node:(fs|net|http|https|http2|tls|dgram|child_process|worker_threads|cluster|os|process|timers|readline|perf_hooks)/;
const IO_ALLOWED = ['platform', ...COMMANDS];
/** What verifies and seeks releases, on threads of its own: messages in and out, nothing beyond. */
const THREADS =
  /^services\/(core\/verification|analysis\/queues)\/(verification|money-to-release)-\w+\.ts imports node:worker_threads$/;

interface Source {
  readonly path: string;
  readonly area: string;
  readonly isMain: boolean;
  readonly isTest: boolean;
  readonly imports: readonly string[];
}

function sources(): Source[] {
  return readdirSync(join(root, 'services'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => {
      const path = relative(root, file);
      const text = readFileSync(file, 'utf8');
      const imports = [...text.matchAll(/(?:from|import\(|import)\s*['"]([^'"]+)['"]/g)].map(
        ([, specifier]) => specifier as string,
      );
      const area = path.split('/').length > 2 ? (path.split('/')[1] as string) : '';
      const isTest = path.endsWith('.test.ts');
      return { path, area, isMain: path.endsWith('/main.ts'), isTest, imports };
    });
}

/** The folder of services/ (or top folder) that a relative import leads to. */
function areaOf(path: string, specifier: string): string {
  const parts = relative(root, resolve(root, dirname(path), specifier)).split('/');
  return (parts[0] === 'services' ? parts[1] : parts[0]) as string;
}

test('imports point one way: main -> service -> protocol -> core', () => {
  const broken: string[] = [];
  for (const { path, area, isMain, imports } of sources()) {
    if (area === '') continue;
    const allowed = new Set([area, ...(ALL[area] ?? [])]);
    if (isMain) allowed.add('platform');
    assert.ok(ALL[area], `services/${area} has no rule: say here what it may import`);
    for (const specifier of imports.filter((one) => one.startsWith('.'))) {
      const target = areaOf(path, specifier);
      if (!allowed.has(target)) broken.push(`${path} imports ${specifier} (${target})`);
    }
  }
  assert.deepEqual(broken, []);
});

test('of a live service platform/ knows what holds for every server and every fault, and nothing of payments', () => {
  const shared = ['http-server-bounds.ts', 'passing-faults.ts'];
  const broken = sources()
    .filter(({ area }) => area === 'platform')
    .flatMap(({ path, imports }) =>
      imports
        .filter((one) => one.startsWith('.') && areaOf(path, one) === 'live')
        .filter((one) => !shared.some((file) => one.endsWith(`/live/${file}`)))
        .map((one) => `${path} imports ${one}`),
    );
  assert.deepEqual(broken, []);
});

test('a certificate is checked by code of its own: of settlement and of the maker, only names and types', () => {
  const NAMES = /(?:\/protocol\/.*|\/settlement\/records\.ts|\/certificate-format\.ts)$/;
  const folder = join(root, 'services/analysis/certificates/check');
  const used = readdirSync(folder).flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/^import (?!type )[^;]*?'(\.\.[^']+)'/gm)]
      .map(([, specifier]) => specifier as string)
      .filter((specifier) => !NAMES.test(specifier))
      .map((specifier) => `${name} imports ${specifier}`),
  );
  assert.deepEqual(used, []);
});

/** Of a file: the files that it imports, types included. */
function importedFiles(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/(?:from|import\(|import)\s*'(\.[^']+)'/g)]
    .map(([, specifier]) => resolve(dirname(file), specifier as string))
    .map((path) => (/\.tsx?$/.test(path) ? path : `${path}.ts`))
    .filter((path) => existsSync(path));
}

for (const folder of ['assembly', 'services', 'tests', 'bench', 'infra'])
  test(`no circle of imports in ${folder}/`, () => {
    const files = readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
    const done = new Set<string>();
    const follow = (file: string, path: readonly string[]): void => {
      const circle = path.indexOf(file);
      const names = [...path.slice(circle), file].map((one) => relative(root, one));
      assert.equal(circle, -1, names.join(' -> '));
      if (done.has(file)) return;
      for (const next of importedFiles(file)) follow(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) follow(file, []);
    assert.ok(done.size > 5);
  });

/** What the page is told, how much of it, and the words for it: none imports anything that runs. */
const TOLD = [
  '../told-to-page.ts',
  '../lengths-of-feed-lists-charts.ts',
  '../../protocol/names/vocabulary.ts',
];

test('the page of the live view is made for browsers: its own folder, what it is told, four packages', () => {
  const page = 'services/view/client/';
  const packages = /^(preact|@preact\/signals|echarts|eventsource-parser)(\/|$)/;
  const broken = sources()
    .filter(({ path }) => path.startsWith(page))
    .flatMap(({ path, imports }) =>
      imports
        .filter((one) => !/^\.\/[\w-]+\.tsx?$/.test(one) && !TOLD.includes(one))
        .filter((one) => !packages.test(one))
        .map((one) => `${path} imports ${one}`),
    );
  assert.deepEqual(broken, []);
});

test('an exported name is declared in one file, so that it means one thing', () => {
  const support = readdirSync(join(root, 'tests/support')).map((name) => `tests/support/${name}`);
  const paths = sources().flatMap(({ path, isTest }) => (isTest ? [] : [path]));
  const places = new Map<string, Set<string>>();
  for (const path of [...paths, ...support.filter((one) => one.endsWith('.ts'))])
    for (const [, name = ''] of readFileSync(join(root, path), 'utf8').matchAll(
      /^export (?:async )?(?:function\*?|const|let|class|interface|type) (\w+)/gm,
    ))
      places.set(name, (places.get(name) ?? new Set()).add(path));
  const several = [...places].filter(([, files]) => files.size > 1);
  assert.deepEqual(
    several.map(([name, files]) => `${name}: ${[...files].join(', ')}`),
    [],
  );
  assert.ok(places.size > 1_000, `${places.size} names`);
});

test('only platform, cli and main.ts reach outside the process', () => {
  const broken = sources()
    .filter(({ area, isMain, isTest }) => !isMain && !isTest && !IO_ALLOWED.includes(area))
    .flatMap(({ path, imports }) =>
      imports.filter((one) => IO.test(one)).map((one) => `${path} imports ${one}`),
    )
    .filter((one) => !THREADS.test(one));
  assert.deepEqual(broken, []);
});

test('the deterministic path uses no wall clock and no unseeded randomness', () => {
  const pure = Object.keys(MAY_IMPORT).filter((area) => !IO_ALLOWED.includes(area));
  const broken = sources()
    .filter(({ area, isTest, isMain }) => pure.includes(area) && !isTest && !isMain)
    .filter(({ path }) =>
      /Date\.now\(|Math\.random\(|performance\.now\(|\bDate\(\)|process\.hrtime|Math\.pow\(|randomBytes/.test(
        readFileSync(join(root, path), 'utf8'),
      ),
    )
    .map(({ path }) => path);
  assert.deepEqual(broken, []);
});

test('no powers in what a scenario draws: they differ between versions of Node', () => {
  const broken = sources()
    .filter(({ area, isTest }) => ['scenario', 'simulator'].includes(area) && !isTest)
    // Powers of bigints are exact.
    .filter(({ path }) => /[^n]\s\*\*\s/.test(readFileSync(join(root, path), 'utf8')))
    .map(({ path }) => path);
  assert.deepEqual(broken, []);
});

test('what scripts take from compiled files is exported there', () => {
  const scripts = readdirSync(join(root, 'scripts')).filter((name) => name.endsWith('.mjs'));
  const taken = scripts.flatMap((script) =>
    [
      ...readFileSync(join(root, 'scripts', script), 'utf8').matchAll(
        /const \{([^}]+)\} = await import\(\s*'\.\.\/dist\/([^']+)\.js'/g,
      ),
    ].flatMap(([, names, file]) =>
      (names as string).split(',').map((name) => ({ script, name: name.trim(), file })),
    ),
  );
  assert.ok(taken.length > 6, `${taken.length}`);
  const missing = taken.filter(
    ({ name, file }) =>
      !new RegExp(`export (?:async )?(?:function|const|class) ${name}\\b`).test(
        readFileSync(join(root, `${file}.ts`), 'utf8'),
      ),
  );
  assert.deepEqual(missing, []);
});
