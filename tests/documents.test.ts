/** What documents, comments, benchmarks and scripts name is there: files, and headings that are linked to. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'infra/clickhouse/README.md',
  'infra/clickhouse/cluster/README.md',
  'infra/docker/README.md',
  'infra/grafana/README.md',
  'infra/kafka/README.md',
  'load-tests/README.md',
].concat(
  ['docs', 'docs/studies'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
);
const linesOf = (document: string) => readFileSync(join(root, document), 'utf8').split('\n');

const files = ['assembly', 'services', 'tests', 'load-tests', 'bench', 'infra', 'scripts'].flatMap(
  (folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[]).map(
      (name) => `/${folder}/${name}`,
    ),
);
const programs = files.filter((name) => /\.(tsx?|mjs)$/.test(name));

test('every file that a document links to or names is there', () => {
  const broken = documents.flatMap((document) => {
    const text = readFileSync(join(root, document), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:)([\w./-]+\.(?:md|yaml|json|ts))[)#]/g)].map(
      ([, link]) => join(dirname(document), link as string),
    );
    const named = [
      ...text.matchAll(/`((?:docs|services|tests|infra|assembly|scripts|bench)\/[\w./-]+)`/g),
    ]
      .map(([, path]) => path as string)
      .filter((path) => !path.includes('*'));
    // A program by its name alone stands in some folder.
    const bare = [...text.matchAll(/`([a-z][\w-]*\.(?:ts|mjs))`/g)]
      .map(([, name]) => name as string)
      .filter((name) => !programs.some((program) => program.endsWith(`/${name}`)));
    return [...[...links, ...named].filter((path) => !existsSync(join(root, path))), ...bare].map(
      (path) => `${document}: ${path}`,
    );
  });
  assert.deepEqual(broken, []);
});

test('every file of services that a benchmark or a script names is there', () => {
  const named = programs
    .filter((name) => /^\/(bench|scripts)\//.test(name) && !name.endsWith('.test.ts'))
    .flatMap((program) =>
      [...readFileSync(join(root, program), 'utf8').matchAll(/'(services\/[\w./-]+)'/g)].map(
        ([, path]) => ({ program, path: path as string }),
      ),
    );
  assert.ok(named.length > 10, 'the stages of the profile are among them');
  const broken = named.filter(
    ({ path }) => !existsSync(join(root, path)) && !existsSync(join(root, `${path}.ts`)),
  );
  assert.deepEqual(broken, []);
});

test('every file that a comment names is there', () => {
  const named = programs.flatMap((program) =>
    [...readFileSync(join(root, program), 'utf8').matchAll(/^\s*(?:\/\/|\/?\*\*?) .*$/gm)]
      .flatMap(([line]) => [
        ...line.matchAll(/(?<![\w./$*<-])((?:[\w-]+\/)*[a-z][\w.-]*\.tsx?)\b/g),
      ])
      .map(([, name]) => ({ program, name: name as string })),
  );
  assert.ok(named.length > 100, `${named.length} are named`);
  // What is generated stands there only after a build.
  // The core has files of the names of others (`ledger.ts`): its comments name its own, or a path.
  const isThere = (program: string, name: string) =>
    files.some(
      (file) =>
        file.endsWith(`/${name}`) &&
        (name.includes('/') || !program.startsWith('/assembly/') || file.startsWith('/assembly/')),
    ) || /^generated\/|^src\/types\//.test(name);
  assert.deepEqual(
    named.filter(({ program, name }) => !isThere(program, name)),
    [],
  );
});

/** As GitHub makes them of headings: lower case, hyphens for spaces, other signs dropped. */
const anchorsOf = (document: string) =>
  linesOf(document)
    .filter((line) => /^#+ /.test(line))
    .map((line) => line.replace(/^#+ /, '').toLowerCase())
    .map((heading) => heading.replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-'));

test('every heading that a document links to is there', () => {
  const broken = documents.flatMap((document) =>
    [
      ...linesOf(document)
        .join('\n')
        .matchAll(/\]\((?!https?:)([\w./-]*)#([^)]+)\)/g),
    ]
      .filter(([, file, anchor]) => {
        const target = file === '' ? document : join(dirname(document), file as string);
        return !anchorsOf(target).includes(anchor as string);
      })
      .map(([link]) => `${document}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

test('migrations have numbers of their own, without a gap', () => {
  const numbers = readdirSync(join(root, 'infra/clickhouse'))
    .flatMap((name) => /^(\d{3})_.*\.sql$/.exec(name)?.[1] ?? [])
    .map(Number);
  assert.deepEqual(
    numbers.sort((a, b) => a - b),
    numbers.map((_, index) => index + 1),
  );
});
