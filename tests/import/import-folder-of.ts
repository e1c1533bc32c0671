import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Imported, importCsv } from '../../services/import/import-csv.ts';
import { readMapping } from '../../services/import/mapping.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';

/** A folder of a test, with source files in it and what is imported from them. */
export function importFiles(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-import-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  const read = (name: string) => readFileSync(path(`out/${name}`), 'utf8');
  const readFile = (file: string) => readFileSync(file, 'utf8');
  return {
    path,
    read,
    write(name: string, content: string | Uint8Array): string {
      writeFileSync(path(name), content);
      return path(name);
    },
    /** Into `out`. */
    import(mapping: string, files: readonly string[], keepsBics = false): Imported {
      return importCsv({
        files,
        mapping: readMapping('mapping.yaml', mapping),
        mappingName: 'mapping.yaml',
        out: path('out'),
        keepsBics,
      });
    },
    names: () => readdirSync(folder).sort(),
    scenario: () => loadScenario(path('out/scenario.yaml'), { readFile }),
  };
}
