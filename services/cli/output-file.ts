import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { BadInput } from '../platform/exit-codes.ts';
import { runOfFile } from '../run/run-folder.ts';

/**
 * Asked before anything is computed: a file that an option names is written in place of what was there.
 * @param path undefined: the option is not given, and nothing is written
 * @param others what the command reads, files and folders, and what else it writes
 * @throws BadInput where the file is one of them, lies in one, or is a file of any run
 */
export function refuseOverwrite(
  option: string,
  path: string | undefined,
  others: readonly (string | undefined)[],
): void {
  if (path === undefined) return;
  const place = placeOf(path);
  for (const other of others) {
    if (other === undefined) continue;
    const taken = placeOf(other);
    if (place === taken)
      throw new BadInput(
        `${option} ${path}: the command reads or writes ${other} too; expected another file`,
      );
    if (place.startsWith(`${taken}${sep}`))
      throw new BadInput(
        `${option} ${path}: it lies in ${other}, which the command reads; expected a file beside it`,
      );
  }
  const run = runOfFile(place);
  if (run !== null)
    throw new BadInput(`${option} ${path}: it is a file of the run ${run}; expected another file`);
}

/** Where a path leads, by whatever links; its last parts need not be there. */
function placeOf(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const whole = resolve(path);
  return dirname(whole) === whole ? whole : join(placeOf(dirname(whole)), basename(whole));
}
