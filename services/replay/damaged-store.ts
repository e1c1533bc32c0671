import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What the engine says of a part that is not as it wrote it. */
const DAMAGE = /Checksum doesn't match|CORRUPTED_DATA|CANNOT_READ_ALL_DATA|Cannot read all data/i;
/** The part's file, where the engine names it. */
const FILE = /\/?(store\/[\w./-]+)/;

/**
 * The error of a command that reads the tables of a run or of a sandbox: of a damaged part one line that
 * says what to do, in place of the engine's dump.
 * @param folder of the engine, inside that of the run or of the sandbox
 */
export function storeError(folder: string, error: unknown): unknown {
  const { message } = error as Error;
  if (!DAMAGE.test(message)) return error;
  const [, file] = FILE.exec(message) ?? [];
  const what = file === undefined ? `a table in ${folder}` : join(folder, file);
  const owner = dirname(folder);
  const wayOut = existsSync(join(owner, 'network.json'))
    ? `move ${folder} away and start the sandbox again, which fills new tables from the log`
    : 'run the scenario again';
  return new Error(`${what} is damaged: ${wayOut}`);
}
