import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import { ScenarioError } from '../../services/scenario/scenario-error.ts';
import { type ScenarioDocument, ScenarioSchema } from '../../services/scenario/schema.ts';
import {
  checkYaml,
  compileSchema,
  scenarioCheck,
} from '../../services/scenario/yaml-against-schema.ts';
import { atLeast } from '../support/at-least.ts';
import { scenarioFile } from '../support/run.ts';

type Members = Record<string, unknown>;

/** What takes the place of a value. */
const OTHERS: readonly unknown[] = [
  ...[null, true, -1, 0, 1.5, 1e9, '', 'x', 'EUR', '12.50', '08:00', 'OneTime', [], [{}], ['x']],
  ...[{}, { x: 1 }, { EUR: {} }, [{ bic: 'AAAADE00' }], { type: 'x' }, { csv: 'x' }],
];

/** Lists and mappings of a document, with itself. */
function places(of: unknown, found: Members[] = []): Members[] {
  if (typeof of !== 'object' || of === null) return found;
  found.push(of as Members);
  for (const one of Object.values(of)) places(one, found);
  return found;
}

test('the check that the build compiled says the same as the schema itself', () => {
  const plain = compileSchema<ScenarioDocument>(ScenarioSchema);
  const stream = new SeededStream(1, 'documents');
  const below = (count: number) => Math.floor(stream.uniform() * count);
  const outcome = (check: typeof plain, text: string, document: unknown) => {
    const change = () => ({ document: structuredClone(document), applied: [] });
    try {
      return checkYaml('a.yaml', text, check, change).document;
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      return error.message;
    }
  };
  const names = [
    ...['smoke', 'agora-chains', 'four-corridors', 'two-layer', 'two-pools', 'insurance-burst'],
    ...['conditional', 'metering', 'limits-hybrid', 'securities'],
  ];
  const messages = new Set<unknown>();
  for (const name of atLeast(10, names)) {
    const text = readFileSync(scenarioFile(name), 'utf8');
    const written = parse(text) as Members;
    for (let round = 0; round < 60; round++) {
      const document = structuredClone(written);
      const all = places(document);
      for (let change = round === 0 ? 0 : 1 + below(2); change > 0; change--) {
        const place = all[below(all.length)] as Members;
        const keys = Object.keys(place);
        const key = keys.length > 0 && below(5) > 0 ? keys[below(keys.length)] : 'added';
        if (below(3) === 0) delete place[key as string];
        else place[key as string] = OTHERS[below(OTHERS.length)];
      }
      const found = outcome(scenarioCheck, text, document);
      assert.deepEqual(found, outcome(plain, text, document), `${name}, round ${round}`);
      if (typeof found === 'string') messages.add(found.replace(/^\S+ /, ''));
      else assert.ok(found.tickMs > 0);
    }
  }
  assert.ok(messages.size > 100, `${messages.size} messages`);
});
