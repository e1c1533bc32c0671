import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { BadInput } from '../platform/exit-codes.ts';
import type { ProposerView } from '../simulator/own-mechanism.ts';
import { loadMechanism, mechanismAnew } from './own-mechanism-file.ts';

const VIEW: ProposerView = {
  ...{ pool: 'main', atMs: 0, currency: null },
  ...{ payments: [], accounts: [], limits: [] },
};

describe('a file with a mechanism', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'corridor-mechanism-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const written = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };

  it('is TypeScript with types and imports of its own; a function goes by the file’s name', async () => {
    written('sets.ts', 'export const one = (position: number): number[][] => [[position]];');
    const file = written(
      'one-by-one.ts',
      "import { one } from './sets.ts';\ninterface View { readonly pool: string }\nexport default (view: View): number[][] => one(view.pool.length);",
    );
    const { name, propose } = await loadMechanism(file);
    assert.equal(name, 'one-by-one');
    assert.deepEqual(propose(VIEW), [[4]]);
  });

  it('is JavaScript, or an object with a name, whose propose may use what it stands in', async () => {
    const file = written(
      'Whatever_1.mjs',
      "export default { name: 'mine-2', sets: [['u']], propose() { return this.sets; } };",
    );
    const mechanism = await loadMechanism(file);
    assert.equal(mechanism.name, 'mine-2');
    assert.deepEqual(mechanism.propose(VIEW), [['u']]);
  });

  it('is evaluated anew for each of many runs, with what it imports, and is else what one run loads', async () => {
    mkdirSync(join(folder, 'beside'));
    written('beside/count.mjs', 'let n = 0;\nexport const next = () => (n += 1);');
    written('beside/where.mjs', 'export const where = import.meta.url;');
    const counts = "import { next } from './beside/count.mjs';\nlet n = 0;\n";
    const files = [
      written('counts.ts', `${counts}export default (): unknown => [[(n += 1), next()]];`),
      written('awaits.mjs', `${counts}await null;\nexport default () => [[(n += 1), next()]];`),
      written('common.js', 'let n = 0;\nmodule.exports = () => [[(n += 1), n]];'),
    ];
    for (const file of files) {
      const anew = mechanismAnew(file, 'mine');
      for (const at of [0, 1]) {
        const { name, propose } = at === 0 ? await loadMechanism(file) : await anew();
        assert.equal(name, basename(file).split('.')[0]);
        assert.deepEqual([propose(VIEW), propose(VIEW)], [[[1, 1]], [[2, 2]]], file);
      }
      assert.deepEqual((await anew()).propose(VIEW), [[1, 1]], file);
    }
    const place = written(
      'place.mjs',
      "import { where } from './beside/where.mjs';\nexport default { name: 'place', propose: () => [[where, import.meta.url, import.meta.dirname]] };",
    );
    assert.deepEqual((await mechanismAnew(place, 'mine')()).propose(VIEW), [
      [pathToFileURL(join(folder, 'beside/where.mjs')).href, pathToFileURL(place).href, folder],
    ]);
  });

  it('has its import.meta, as has each file that it imports, and a text about it stays as it is', async () => {
    mkdirSync(join(folder, 'meta'));
    const imported = written(
      'meta/imported.mjs',
      'const { filename } = import.meta;\nexport const own = () => [filename, import . meta.url];',
    );
    written('meta/common.cjs', 'module.exports = [__dirname, __filename];');
    const text = `#!/usr/bin/env node
import common from './meta/common.cjs';
import { own } from './meta/imported.mjs';
const { dirname, filename } = import.meta;
const __dirname = 'declared';
const help = "the import.meta.url of this file"; // import.meta.dirname
const resolved = ['./meta/imported.mjs', 'fs', 'node:fs'].map((to) => import.meta.resolve(to));
export default () => [own(), [dirname, filename, import.meta.url], [help], resolved, common, [__dirname]];`;
    const url = pathToFileURL(imported).href;
    for (const name of ['meta.mjs', 'meta.ts']) {
      const file = written(name, text);
      for (const load of [loadMechanism, mechanismAnew(file, 'mine')]) {
        assert.deepEqual((await load(file)).propose(VIEW), [
          [imported, url],
          [folder, file, pathToFileURL(file).href],
          ['the import.meta.url of this file'],
          [url, 'node:fs', 'node:fs'],
          [join(folder, 'meta'), join(folder, 'meta/common.cjs')],
          ['declared'],
        ]);
      }
    }
  });

  it('is loaded by Node where it has what esbuild does not read', async () => {
    written('binary.node', '');
    written('binary.cjs', "try { require('./binary.node'); } catch {}\nmodule.exports = 'u';");
    const file = written(
      'binary.mjs',
      "import u from './binary.cjs';\nlet n = 0;\nexport default () => [[u, (n += 1)]];",
    );
    for (const anew of [mechanismAnew(file, 'mine'), mechanismAnew(file, 'mine')])
      for (const _ of [1, 2]) assert.deepEqual((await anew()).propose(VIEW), [['u', 1]]);
  });

  it('draws nothing by Math.random while it is loaded, nor by one that it keeps', async () => {
    const { random } = Math;
    const drawn = written('drawn.mjs', 'const r = Math.random();\nexport default () => [[r]];');
    const kept = written(
      'keeps.mjs',
      'const { random } = Math;\nawait null;\nexport default () => [[random()]];',
    );
    const message = /Math\.random was called, which no seed gives/;
    for (const load of [loadMechanism, mechanismAnew(drawn, 'mine')])
      await assert.rejects(load(drawn), message);
    for (const load of [loadMechanism, mechanismAnew(kept, 'mine')]) {
      const { propose } = await load(kept);
      assert.throws(() => propose(VIEW), message);
    }
    await Promise.all([loadMechanism(kept), mechanismAnew(kept, 'mine')()]);
    assert.equal(Math.random, random);
  });

  it('draws nothing by Math.random while it is asked, and leaves it as it was', async () => {
    const { random } = Math;
    const file = written('draws.mjs', 'export default () => [[Math.random()]];');
    const { propose } = await loadMechanism(file);
    assert.throws(() => propose(VIEW), /^Error: Math\.random was called, which no seed gives/);
    assert.equal(Math.random, random);
  });

  it('is refused with one line that says which file, what is wrong and what was expected', async () => {
    mkdirSync(join(folder, 'folder.ts'));
    const cases: readonly (readonly [string, string | null, RegExp])[] = [
      ['gone.ts', null, /there is no such file; expected a module with a default export$/],
      ['folder.ts', null, /it is no file; expected a module with a default export$/],
      ['mine.py', '', /expected a file that ends in \.ts, \.mts, \.js, \.mjs$/],
      [
        'none.ts',
        'export const x = 1;',
        /has no default export; expected a default export: a func/,
      ],
      ['number.ts', 'export default 7;', /: expected a default export: a function of the pool, or/],
      ['null.mjs', 'export default null;', /: expected a default export: a function of the pool/],
      ['empty.ts', "export default { name: 'x' };", /: expected a default export: a function/],
      ['syntax.ts', 'export default (;', /cannot be loaded: .*syntax\.ts:1:16: ERROR: Unexpected/],
      [
        'import.ts',
        "import './gone.ts';",
        /cannot be loaded: .*Could not resolve "\.\/gone\.ts"; ex/,
      ],
      ['throws.mjs', "throw new Error('a\\nb');", /cannot be loaded: a; expected a module/],
      [
        'partial.ts',
        'export default () => [];',
        /its name is "partial"; expected up to 32 lower-case/,
      ],
      [
        'Mine.ts',
        'export default () => [];',
        /its name is "Mine"; expected up to 32 lower-case let/,
      ],
      ['n.ts', 'export default { propose: () => [] };', /its name is undefined; expected up to 32/],
    ];
    for (const [name, text, message] of cases) {
      const file = text === null ? join(folder, name) : written(name, text);
      for (const load of [loadMechanism, mechanismAnew(file, `--mechanism ${file}`)])
        await assert.rejects(load(file), (error: Error) => {
          assert.ok(error instanceof BadInput, `${name}: ${error}`);
          assert.ok(error.message.startsWith(`--mechanism ${file}`), error.message);
          assert.match(error.message, message);
          assert.ok(!error.message.includes('\n'), error.message);
          return true;
        });
    }
    assert.equal(cases.length, 13);
  });
});
