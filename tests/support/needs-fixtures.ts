import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.CORRIDOR_FIXTURES;

/**
 * For `skip` of a test on vectors and messages of others: why it cannot run, or false. This is the
 * only skip that a run with `CI=true` excuses, and only where CORRIDOR_FIXTURES is not set.
 */
export const needsFixtures: string | false =
  folder === undefined
    ? (process.env.CORRIDOR_EXCUSE ?? 'CORRIDOR_FIXTURES is not set') // the runner knows its own
    : false;

/** The path of a file below the folder that CORRIDOR_FIXTURES names; throws where it is not there. */
export function fixture(path: string): string {
  const file = join(folder ?? '', path);
  if (folder === undefined || !existsSync(file))
    throw new Error(`CORRIDOR_FIXTURES=${folder ?? ''} has no ${path}`);
  return file;
}
