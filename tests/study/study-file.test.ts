import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { ScenarioError } from '../../services/scenario/scenario-error.ts';
import { cellCount } from '../../services/study/grid.ts';
import { readStudy } from '../../services/study/study-file.ts';
import { StudySchema } from '../../services/study/study-schema.ts';
import { TEST_YAML } from '../support/scenario.ts';

const readFile = (path: string): string => {
  if (path === 'pilots/test.yaml') return TEST_YAML;
  throw Object.assign(new Error(path), { code: 'ENOENT' });
};
const read = (text: string) => readStudy('pilots/study.yaml', text, readFile).study;

test('a study has its dimensions in the order of its file, scales last, and seeds from the scenario’s on', () => {
  const study = read(`scenario: test.yaml
vary:
  settlement.cycle: [off, gridlockResolution]
  rules:
    gross: { settlement.mechanism: rtgs, settlement.queue: fifo }
    netted: { settlement.mechanism: dns }
scale:
  liquidity: { factors: [0.5, 1], participants: [AAAADE00] }
seeds: 3
`);
  assert.equal(study.name, 'study');
  assert.deepEqual(study.seeds, [42, 43, 44]);
  assert.deepEqual(
    study.dimensions.map(({ name, options }) => [name, options.map(({ label }) => label)]),
    [
      ['settlement.cycle', ['off', 'gridlockResolution']],
      ['rules', ['gross', 'netted']],
      ['scale.liquidity', ['0.5', '1']],
    ],
  );
  assert.deepEqual(study.dimensions[1]?.options[0]?.set, [
    'settlement.mechanism=rtgs',
    'settlement.queue=fifo',
  ]);
  assert.deepEqual(study.dimensions[2]?.options[0]?.scale, {
    ...{ kind: 'liquidity', factor: '0.5' },
    ...{ participants: ['AAAADE00'], currencies: [], flows: [] },
  });
});

test('a value is written as --set reads it', () => {
  const [dimension] = read(
    'scenario: test.yaml\nvary: { p: [off, "1.50", 2, true, "false", [], {a: b}, "a\\nb", ""] }',
  ).dimensions;
  assert.deepEqual(
    dimension?.options.map(({ set }) => set[0]),
    [
      ...['p=off', 'p="1.50"', 'p=2', 'p=true', 'p="false"', 'p=[]', 'p={"a":"b"}'],
      ...['p="a\\nb"', 'p=""'],
    ],
  );
  // Tables and the page have it without the quotes.
  assert.deepEqual(
    dimension?.options.map(({ label }) => label),
    ['off', '1.50', '2', 'true', 'false', '[]', '{"a":"b"}', '"a\\nb"', '""'],
  );
});

/** The study's text, and what the message says after "pilots/study.yaml". */
const MISTAKES: readonly [string, string][] = [
  ['', ':1: (the whole file): null: expected a study, as a mapping'],
  [
    TEST_YAML,
    ': it is a scenario: expected a study, or what to do with the scenario by --vary, --scale, --seeds or --dates',
  ],
  ['vary: {}', ':1: scenario: missing: expected a text'],
  [
    'scenario: test.yaml\nvari: { a: [1] }',
    ':2: vari: {"a":[1]}: expected a key of the schema; did you mean "vary"?',
  ],
  [
    'scenario: test.yaml\nvary: { settlement.cycle: [] }',
    ':2: vary["settlement.cycle"]: []: expected a list of at least one value, or variants by name, each a mapping of paths to values',
  ],
  [
    'scenario: test.yaml\nvary: { settlement.cycle: off }',
    ':2: vary["settlement.cycle"]: "off": expected a list of at least one value, or variants by name, each a mapping of paths to values',
  ],
  [
    'scenario: test.yaml\nvary:\n  settlement:\n    cycle: [off]',
    ':4: vary.settlement.cycle: ["off"]: expected a variant: paths of the scenario, each with its value',
  ],
  [
    'scenario: test.yaml\nvary: { settlement.cycle: [off, off] }',
    ':2: vary["settlement.cycle"][1]: "off": expected each value once',
  ],
  [
    'scenario: test.yaml\nvary: { p: [3000, "3000"] }',
    ':2: vary.p[1]: "3000": expected each value once',
  ],
  [
    'scenario: test.yaml\nvary: { v: { "": { a: 1 } } }',
    ':2: vary.v[""]: "": expected a name of the variant',
  ],
  [
    'scenario: test.yaml\nvary: { " ": { v: { a: 1 } } }',
    ':2: vary[" "]: " ": expected a path, or a name of variants',
  ],
  [
    'scenario: test.yaml\nvary:\n  rules: { v: { a: 1 } }\n  Rules: { v: { b: 1 } }',
    ':4: vary.Rules: "Rules": expected a name that differs from the others by more than its case',
  ],
  [
    'scenario: test.yaml\nvary: { scale.liquidity: [1, 2] }',
    ':2: vary["scale.liquidity"]: "scale.liquidity": expected another name: factors stand under `scale`',
  ],
  [
    'scenario: test.yaml\nvary: { scale.liquidity: { v: { a: 1 } } }',
    ':2: vary["scale.liquidity"]: "scale.liquidity": expected another name: factors stand under `scale`',
  ],
  [
    'scenario: test.yaml\nvary: { Settled: { v: { a: 1 } } }',
    ':2: vary.Settled: "Settled": expected another name: the study\'s tables have a column of this one',
  ],
  [
    'scenario: test.yaml\nvary: { seed: [1, 2] }',
    ':2: vary.seed: [1,2]: expected another path: seeds stand under `seeds`',
  ],
  [
    'scenario: test.yaml\nvary:\n  settlement.cycle: [off]\n  other: { x: { settlement.cycle: partial } }',
    ':4: vary.other: "settlement.cycle": expected a path that settlement.cycle does not set',
  ],
  [
    'scenario: test.yaml\nscale: { liquidty: [1] }',
    ':2: scale.liquidty: [1]: expected a key of the schema; did you mean "liquidity"?',
  ],
  [
    'scenario: test.yaml\nscale: { liquidity: [-1] }',
    ':2: scale.liquidity[0]: -1: expected a factor from 0 to 1000, such as 0.5',
  ],
  [
    'scenario: test.yaml\nscale: { amounts: [0] }',
    ':2: scale.amounts[0]: 0: expected a factor above 0 and up to 1000, such as 0.5',
  ],
  [
    'scenario: test.yaml\nscale: { liquidity: { factors: [1], participants: [AAAADE01] } }',
    ':2: scale.liquidity.participants[0]: "AAAADE01": expected one of the scenario\'s participants; did you mean "AAAADE00"?',
  ],
  [
    'scenario: test.yaml\nscale: { traffic: { factors: [1], flows: [eur-jpi] } }',
    ':2: scale.traffic.flows[0]: "eur-jpi": expected one of the scenario\'s flows; did you mean "eur-jpy"?',
  ],
  [
    'scenario: test.yaml\nseeds: 0',
    ':2: seeds: 0: expected a number of seeds from 1 to 100000, or a list of seeds',
  ],
  [
    'scenario: test.yaml\nseeds: []',
    ':2: seeds: []: expected a number of seeds from 1 to 100000, or a list of seeds',
  ],
  ['scenario: test.yaml\nseeds: [4, 4]', ':2: seeds[1]: 4: expected each seed once'],
  [
    'scenario: test.yaml\nscale: { liquidity: [1, 2] }\nseeds: 50001',
    ': 100002 cells: expected at most 100000: fewer values, or fewer seeds',
  ],
];

for (const [text, expected] of MISTAKES)
  test(`refused: ${text.slice(0, 200).replaceAll('\n', ' | ') || 'an empty file'}`, () => {
    assert.throws(
      () => read(text),
      (error) => {
        assert.ok(error instanceof ScenarioError);
        assert.equal(error.message, `pilots/study.yaml${expected}`);
        return true;
      },
    );
  });

test('a scenario that is not there is named, and where the study says so', () => {
  assert.throws(() => read('seeds: 2\nscenario: tset.yaml'), {
    message:
      'pilots/study.yaml:2: scenario: pilots/tset.yaml: cannot be read: there is no such file',
  });
});

const fromDisk = (path: string) => readFileSync(path, 'utf8');
const studies = join(packageFolder, 'scenarios/studies');

test('the published studies are studies of at least 100 cells', () => {
  const files = readdirSync(studies);
  assert.deepEqual(files, ['conditional.yaml', 'linked-liquidity.yaml']);
  for (const file of files) {
    const path = join(studies, file);
    const { study } = readStudy(path, fromDisk(path), fromDisk);
    assert.equal(`${study.name}.yaml`, file);
    assert.ok(cellCount(study) >= 100);
  }
});

test('docs/studies.md names every field, and its example is a study', () => {
  const page = fromDisk(join(packageFolder, 'docs/studies.md'));
  const [, example = ''] = /```yaml\n(description[\s\S]*?)```/.exec(page) ?? [];
  const { study } = readStudy(join(studies, 'example.yaml'), example, fromDisk);
  assert.equal(cellCount(study), 2 * 2 * 3 * 10);
  const keys = new Set<string>();
  JSON.parse(JSON.stringify(StudySchema), (key, value) => {
    if (key === 'properties') for (const name of Object.keys(value)) keys.add(name);
    return value;
  });
  assert.ok(keys.size > 10);
  for (const key of keys) assert.ok(new RegExp(`\\b${key}\\b`).test(page), key);
});
