import { join } from 'node:path';
import { OWNER_FILE, own } from '../../services/platform/one-writer-of-a-folder.ts';
import { WholeFolder } from '../../services/platform/whole-folder.ts';
import { RunFolder } from '../../services/run/run-folder.ts';
import { CLAIM } from '../../services/sandbox/sandbox-folder.ts';

/**
 * Takes folders at the moments that its parent names, and keeps what it has until it is told to end.
 *   fork('folder-takers.child.js')
 */
export interface Taking {
  readonly use: 'study' | 'founding' | 'run' | 'export';
  readonly folder: string;
  readonly atMs: number;
}

const USES: Readonly<Record<Taking['use'], (folder: string) => unknown>> = {
  study: (folder) => own(join(folder, OWNER_FILE), '--out'),
  founding: (folder) => own(join(folder, CLAIM), '--data'),
  run: (folder) => new RunFolder(folder),
  export: (folder) => new WholeFolder(folder, { word: 'export', isOurs: () => true, mark: 'a' }),
};

process.on('message', (taking: Taking) => {
  // Busy, as a timer is late by a millisecond and more.
  while (Date.now() < taking.atMs);
  try {
    USES[taking.use](taking.folder);
    process.send?.('owner');
  } catch (error) {
    process.send?.(`${error}`);
  }
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
