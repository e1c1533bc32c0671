import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DEFINITIONS, type Definition } from './definitions.ts';

const docs = readFileSync(
  fileURLToPath(new URL('../../../../docs/indicators.md', import.meta.url)),
  'utf8',
);

/** Cells of the first table of docs/indicators.md, by their first one. */
const documented = new Map(
  docs
    .slice(docs.indexOf('## Definitions'), docs.indexOf('**Which payments.**'))
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => {
      const cells = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim());
      return [cells[0] as string, cells] as const;
    })
    .filter(([name]) => !/^-+$/.test(name)),
);

test('docs/indicators.md has every definition of the report, word for word, and no other', () => {
  const all: Definition[] = Object.values(DEFINITIONS);
  for (const { name, definition, unit, rounding, source } of all)
    assert.deepEqual(
      documented.get(name),
      [name, definition, unit, rounding ?? 'none: exact', source ?? '—'],
      name,
    );
  assert.equal(documented.size, all.length);
});
