// Runs test files in turn in this process, each as a group of the name of its file. Starting a process and
// loading what is tested takes longer than most files' tests; what was loaded is compiled once.
import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { after, describe, mock } from 'node:test';
import { pathToFileURL } from 'node:url';
import { beginFile } from './test-times.mjs';

/** What a file may not leave otherwise than it was, as the next one would meet it. */
const surroundings = () => ({ env: { ...process.env }, cwd: process.cwd() });

/** @param files absolute paths; what one has set up is taken down before the next one is loaded */
export async function runInTurn(files) {
  for (const file of files) {
    beginFile(file);
    const before = surroundings();
    await describe(relative('.', file), async () => {
      await import(pathToFileURL(file).href);
      // The last of the file's hooks.
      after(() => {
        mock.reset();
        assert.deepEqual(surroundings(), before, 'a test file leaves its process as it was');
      });
    });
  }
}
