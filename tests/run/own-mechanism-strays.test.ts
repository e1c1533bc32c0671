/** What a mechanism of one’s own does beside its answer: errors that nobody catches, and an end of the process. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { atLeast } from '../support/at-least.ts';
import { scenarioFile } from '../support/run.ts';
import { endWarmCorridor, warmCorridor } from '../support/warm-corridor.ts';

/** By its file's name: what it does, and what is told. */
const STRAYS = {
  'rejects.mjs': [
    "export default () => { Promise.reject(new Error('late\\nand long')); return []; };",
    'left an error that nobody catches: Error: late; expected an answer, and nothing that goes on behind it',
  ],
  'throws-later.mjs': [
    "export default () => { setTimeout(() => { throw 'x'; }); return []; };",
    "left an error that nobody catches: 'x'; expected an answer, and nothing that goes on behind it",
  ],
  'exits-later.mjs': [
    'export default () => { setImmediate(() => process.exit(0)); return []; };',
    'left an error that nobody catches: Error: process.exit(0) was called; expected an answer, and nothing that goes on behind it',
  ],
  'exits.mjs': [
    'export default () => process.exit(0);',
    'exits at 2026-03-16T08:35:00.000Z in pool main: Error: process.exit(0) was called; expected sets of queued payments',
  ],
  'exits-by-import.mjs': [
    "import { exit } from 'node:process'; export default () => exit();",
    'exits-by-import at 2026-03-16T08:35:00.000Z in pool main: Error: process.exit() was called; expected sets of queued payments',
  ],
  'exits-as-loaded.mjs': [
    'process.exit(0); export default () => [];',
    'cannot be loaded: process.exit(0) was called; expected a module with a default export',
  ],
  'rejects-as-loaded.mjs': [
    'Promise.reject(7); export default () => [];',
    'left an error that nobody catches: 7; expected an answer, and nothing that goes on behind it',
  ],
} as const;

describe('what a mechanism leaves behind', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'corridor-strays-'));
    for (const [name, [text]] of Object.entries(STRAYS)) writeFileSync(join(folder, name), text);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await endWarmCorridor();
  });
  const ring = scenarioFile('pssimpy-ring');

  for (const [name, [, fault]] of atLeast(7, Object.entries(STRAYS)))
    it(`ends its run with one line, exit code 2 and no folder: ${name}`, async () => {
      const file = join(folder, name);
      const runs = join(folder, `runs-${name}`);
      const asked = ['--results', 'summary', '--mechanism', file, '--out', join(runs, 'run')];
      const { code, stderr } = await warmCorridor('run', ring, ...asked);
      assert.equal(code, 2, stderr);
      const said = stderr.split('\n').filter((line) => line.startsWith('corridor: '));
      assert.deepEqual(said, [`corridor: --mechanism ${file}: ${fault}`]);
      assert.doesNotMatch(stderr, /^\s+at /m);
      assert.deepEqual(namesIn(runs), []);
    });

  it('fails its own cells of a study, and no other', async () => {
    const varied = ['rejects.mjs', 'throws-later.mjs', 'exits-later.mjs', 'exits.mjs'] as const;
    const study = join(folder, 'study.yaml');
    writeFileSync(
      study,
      `scenario: ${ring}\nvary: { mechanism: [${[...varied, 'scenario'].join(', ')}] }\nseeds: 2\n`,
    );
    const asked = ['--jobs', '1', '--keep-going', '--out', join(folder, 'swept')];
    const { stderr } = await warmCorridor('sweep', study, ...asked);
    const failed = stderr.split('\n').filter((line) => line.startsWith('corridor: '));
    const cells = varied.flatMap((name) => [name, name]);
    assert.deepEqual(
      failed,
      cells.map((name, at) => {
        const seed = (at % 2) + 1;
        // What is thrown at once is its own for certain.
        const orBefore = at >= 2 && name !== 'exits.mjs' ? ', or one before it' : '';
        return `corridor: cell ${at + 1} (mechanism=${name}, seed ${seed}): mechanism ${join(folder, name)}${orBefore}: ${STRAYS[name][1]}`;
      }),
    );
  });
});

const namesIn = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};
