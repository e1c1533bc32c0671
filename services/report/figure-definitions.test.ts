import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MECHANISMS } from '../core/settlement/events.ts';
import { DEFINITIONS, type Definition } from './figure-definitions.ts';

const docs = readFileSync(
  fileURLToPath(new URL('../../../docs/indicators.md', import.meta.url)),
  'utf8',
);

/** What stands below each heading of a figure, its lines joined: definition, then unit and sources. */
const documented = new Map(
  docs
    .split(/^(?=#+ )/m)
    .map((part) => part.split('\n\n').map((text) => text.trim().split('\n').join(' ')))
    .filter(([, , facts]) => facts?.startsWith('_Unit: '))
    .map(([heading = '', ...said]) => [heading.replace('### ', ''), said.slice(0, 2)] as const),
);

test('docs/indicators.md has every definition of the report, word for word, and no other', () => {
  const all: Definition[] = Object.values(DEFINITIONS);
  for (const { name, definition, unit, rounding, source } of all)
    assert.deepEqual(
      documented.get(name),
      [definition, `_Unit: ${unit}. Rounding: ${rounding}. Source: ${source}._`],
      name,
    );
  assert.equal(documented.size, all.length);
});

test('docs/indicators.md has a row for every mechanism by which a payment settles', () => {
  const rows = docs.split('### Values of settledByMechanism')[1]?.split('### ')[0] ?? '';
  const told = [...rows.matchAll(/`(\w+)`(?=[^|]*\|[^|]*\|$)/gm)].map(([, name]) => name);
  /** Told by the name of whose proposal it was. */
  const unnamed = ['none', 'proposed'];
  assert.deepEqual(told.sort(), MECHANISMS.filter((name) => !unnamed.includes(name)).sort());
});
