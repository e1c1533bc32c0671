/**
 * Run by the build: `make-empty-store.js FILE` makes the tables of a run's store in a folder of its own, and writes into the file
 * what the folder then holds (empty-store.ts); `null` where there is no engine for this platform.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { writeWhole } from '../folders-and-whole-files.ts';
import { schemaFolder } from '../service/shipped-files.ts';
import { DATABASE, hasNoEngine } from './embedded.ts';
import { type EmptyStore, packStore, storeDigest } from './empty-store.ts';
import { wholeSchema } from './migrate.ts';

/** Else what is dropped stays in the folder for minutes. */
const DROPPED_AT_ONCE = 'SET database_atomic_wait_for_drop_and_detach_synchronously = 1';

/** Null: there is no engine. */
async function made(): Promise<EmptyStore | null> {
  const loaded = await import('./chdb-engine.ts').catch((error) => {
    if (hasNoEngine(error.code)) return null;
    throw error;
  });
  if (loaded === null) return null;
  const { tables } = wholeSchema(schemaFolder());
  const folder = mkdtempSync(join(tmpdir(), 'corridor-empty-store-'));
  try {
    const engine = await loaded.openEngine(folder, DATABASE, `${DROPPED_AT_ONCE};\n${tables}`);
    engine.close();
    return packStore(folder, storeDigest(DATABASE, tables));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [file = ''] = process.argv.slice(2);
try {
  writeWhole(dirname(file), basename(file), JSON.stringify(await made()));
} catch (error) {
  process.stderr.write(`${error}\n`);
}
// What is to be written is written. An orderly exit runs chDB's destructors, which hang once in a while.
process.kill(process.pid, 'SIGKILL');
