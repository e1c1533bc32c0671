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
  readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
);
const linesOf = (document: string) => readFileSync(join(root, document), 'utf8').split('\n');

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
    return [...links, ...named]
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${document}: ${path}`);
  });
  assert.deepEqual(broken, []);
});

test('every file of services that a benchmark or a script names is there', () => {
  const programs = ['bench', 'scripts'].flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[])
      .filter((name) => /\.(ts|mjs)$/.test(name) && !name.endsWith('.test.ts'))
      .map((name) => `${folder}/${name}`),
  );
  const named = programs.flatMap((program) =>
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
  const folders = ['assembly', 'services', 'tests', 'bench', 'infra', 'scripts'];
  const all = folders.flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[]).map(
      (name) => `/${folder}/${name}`,
    ),
  );
  const programs = all.filter((name) => /\.(tsx?|mjs)$/.test(name));
  const named = programs.flatMap((program) =>
    [...readFileSync(join(root, program), 'utf8').matchAll(/^\s*(?:\/\/|\/?\*\*?) .*$/gm)]
      .flatMap(([line]) => [
        ...line.matchAll(/(?<![\w./$*<-])((?:[\w-]+\/)*[a-z][\w.-]*\.tsx?)\b/g),
      ])
      .map(([, name]) => ({ program, name: name as string })),
  );
  assert.ok(named.length > 100, `${named.length} are named`);
  // What is generated stands there only after a build.
  const isThere = (name: string) =>
    all.some((file) => file.endsWith(`/${name}`)) || /^generated\/|^src\/types\//.test(name);
  assert.deepEqual(
    named.filter(({ name }) => !isThere(name)),
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
