import { readFileSync, statSync } from 'node:fs';
import { BadModel, WatchModel } from '../analysis/watch/watch-model.ts';
import { liveModel } from '../metrics/score-live-payments.ts';
import { BadInput } from '../platform/exit-codes.ts';

/** The model in a file that a flag names. @throws BadInput saying what is wrong with it */
export function namedModel(
  flag: string,
  file: string,
  read = (bytes: Uint8Array) => new WatchModel(bytes),
): WatchModel {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new BadInput(`${flag} ${file}: no such file`);
  if (found.isDirectory()) throw new BadInput(`${flag} ${file}: expected a file; it is a folder`);
  try {
    return read(readFileSync(file));
  } catch (error) {
    if (error instanceof BadModel) throw new BadInput(`${flag} ${file}: ${error.message}`);
    throw error;
  }
}

/** Of `corridor up` and `corridor drive`. */
export const WATCH_MODEL_FLAG = '--watch-model <file>';
export const WATCH_MODEL_SAYS =
  'score payments as they come in by this model of `corridor watch train` (docs/watch.md)';

export const watchModelIn = ({ watchModel }: { readonly watchModel?: string }) =>
  watchModel === undefined ? undefined : namedModel('--watch-model', watchModel, liveModel);
