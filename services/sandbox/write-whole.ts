import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Appears under its name when it is complete. */
export function writeWhole(folder: string, name: string, text: string, mode: number): void {
  const partial = join(folder, `.${name}`);
  writeFileSync(partial, text, { mode, flush: true });
  renameSync(partial, join(folder, name));
}
