/**
 * Run by the build: `make-empty-store.js FILE` makes the tables of a run's store in a folder of its own, and writes into the file
 * what the folder then holds (empty-store.ts).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { writeWhole } from '../folders-and-whole-files.ts';
import { packageFolder } from '../service/build-info.ts';
import { openEngine } from './chdb-engine.ts';
import { DATABASE } from './embedded.ts';
import { packStore, storeDigest } from './empty-store.ts';
import { wholeSchema } from './migrate.ts';

/** Else what is dropped stays in the folder for minutes. */
const DROPPED_AT_ONCE = 'SET database_atomic_wait_for_drop_and_detach_synchronously = 1';

const [file = ''] = process.argv.slice(2);
const { tables } = wholeSchema(join(packageFolder, 'infra/clickhouse'));
const folder = mkdtempSync(join(tmpdir(), 'corridor-empty-store-'));
try {
  const engine = await openEngine(folder, DATABASE, `${DROPPED_AT_ONCE};\n${tables}`);
  engine.close();
  const store = packStore(folder, storeDigest(DATABASE, tables));
  writeWhole(dirname(file), basename(file), JSON.stringify(store));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// All is written. An orderly exit runs chDB's destructors, which hang once in a while.
process.kill(process.pid, 'SIGKILL');
