/** Processes that take one folder at the same instant: one has it, whatever a dead one left there. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Taking } from './folder-takers.child.ts';

const TAKERS = 4;
const ROUNDS = 12;
/** No process of Linux has a number as large. */
const DEAD = `${hostname()} 4194305 0123 2026-03-16T09:00:00.000Z`;

/** Where the claim is, by use; and what is there before: nothing, a dead owner's claim, and a dead taker's upon it. */
const CLAIMS: Readonly<Record<Taking['use'], (folder: string) => string>> = {
  study: (folder) => join(folder, '.writing'),
  founding: (folder) => join(folder, '.founding'),
  run: (folder) => `${folder}.writing`,
  export: (folder) => `${folder}.writing`,
};
const LEFT: readonly ((file: string) => void)[] = [
  () => {},
  (file) => writeFileSync(file, DEAD),
  (file) => {
    writeFileSync(file, DEAD);
    const upon = createHash('sha256').update(DEAD).digest('hex').slice(0, 16);
    writeFileSync(`${file}-${upon}`, DEAD.replace('0123', '4567'));
  },
];

async function answer(child: ChildProcess): Promise<string> {
  const [text] = await once(child, 'message');
  return text as string;
}

for (const use of Object.keys(CLAIMS) as Taking['use'][])
  test(`of ${TAKERS} that take a folder at once one has it: ${use}`, async (t) => {
    const root = mkdtempSync(join(tmpdir(), 'corridor-takers-'));
    const script = fileURLToPath(new URL('./folder-takers.child.js', import.meta.url));
    const takers = Array.from({ length: TAKERS }, () => fork(script));
    t.after(() => {
      for (const taker of takers) taker.disconnect();
      rmSync(root, { recursive: true, force: true });
    });
    await Promise.all(takers.map(answer));
    for (let round = 0; round < ROUNDS; round++)
      for (const [left, leave] of LEFT.entries()) {
        const folder = join(root, `${round}-${left}`);
        mkdirSync(folder);
        leave(CLAIMS[use](folder));
        const answers = takers.map(answer);
        const atMs = Date.now() + 10;
        for (const taker of takers) taker.send({ use, folder, atMs } satisfies Taking);
        const told = await Promise.all(answers);
        const where = `round ${round}, ${left}: ${told.join('\n')}`;
        assert.equal(told.filter((one) => one === 'owner').length, 1, where);
        for (const one of told) assert.match(one, /^owner$|: process \d+ writes into it; /, where);
      }
  });
