import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { schemaFolder } from '../../services/platform/service/shipped-files.ts';

export const SCHEMA = schemaFolder();

/** Makes a folder of the schema's files as it was before one of them came. */
export function olderSchema(folder: string, before: string): string {
  const older = join(folder, 'older');
  mkdirSync(older);
  for (const file of readdirSync(SCHEMA))
    if (/^\d+_.*\.sql$/.test(file) && file < before)
      copyFileSync(join(SCHEMA, file), join(older, file));
  return older;
}
