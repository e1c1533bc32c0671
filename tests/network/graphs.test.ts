/** Network statistics against networkx's answers, and against what is obviously right on small graphs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { corePeriphery } from '../../services/analysis/graphs/core-numbers.ts';
import { digraphOf } from '../../services/analysis/graphs/digraph.ts';
import { concentrationOf } from '../../services/network/share-of-largest-banks.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import { atLeast } from '../support/at-least.ts';
import {
  assertSameAnswers,
  type GraphAnswer,
  type GraphCase,
  graphAnswer,
  graphOf,
} from './graph-answers.ts';

const known = JSON.parse(
  readFileSync(join(packageFolder, 'tests/network/fixtures/networkx.json'), 'utf8'),
) as (GraphCase & { readonly answer: GraphAnswer })[];

test('figures are those of networkx, to 1e-9', () => {
  for (const [at, { answer, ...graph }] of atLeast(20, known).entries())
    assertSameAnswers(graphAnswer(graph), answer, `graph ${at}`);
});

test('links must ascend, and lead to another node', () => {
  const make = (from: number[], to: number[]) => () =>
    digraphOf(3, Int32Array.from(from), Int32Array.from(to));
  assert.throws(make([1], [1]), /link 0: expected ascending links/);
  assert.throws(make([1, 0], [0, 1]), /link 1:/);
  assert.throws(make([0, 0], [1, 1]), /link 1:/);
});

/** Errors of a split, pair by pair. */
function errorsOf({ nodes, links }: GraphCase, core: number): number {
  const isIn = (node: number) => (core >> node) & 1;
  let errors = 0;
  for (let a = 0; a < nodes; a++)
    for (let b = 0; b < nodes; b++) {
      if (a === b) continue;
      const isLinked = links.some(([from, to]) => from === a && to === b);
      if (isIn(a) && isIn(b) && !isLinked) errors += 1;
      if (!isIn(a) && !isIn(b) && isLinked) errors += 1;
    }
  return errors;
}

test('the split into core and periphery has the fewest errors of all splits, and the smallest core of those', () => {
  const stream = new SeededStream(5, 'splits');
  for (let round = 0; round < 60; round++) {
    const nodes = 1 + Math.floor(stream.uniform() * 7);
    const density = stream.uniform();
    const links: [number, number, number][] = [];
    for (let a = 0; a < nodes; a++)
      for (let b = 0; b < nodes; b++)
        if (a !== b && stream.uniform() < density) links.push([a, b, 1]);
    const graph = { nodes, links };
    const split = corePeriphery(graphOf(graph));
    const all = Array.from({ length: 1 << nodes }, (_, core) => errorsOf(graph, core));
    const fewest = Math.min(...all);
    const sizeOf = (core: number) => core.toString(2).replaceAll('0', '').length;
    const smallest = Math.min(
      ...all.flatMap((errors, core) => (errors === fewest ? [sizeOf(core)] : [])),
    );
    assert.equal(split.errors, fewest, `round ${round}`);
    assert.equal(split.size, smallest, `round ${round}`);
    const chosen = split.isCore.reduce((bits, isCore, node) => bits | (isCore << node), 0);
    assert.equal(errorsOf(graph, chosen), fewest, `round ${round}`);
    const { coreToCore, peripheryToPeriphery } = split.densities;
    const [k, p] = [split.size, nodes - split.size];
    const told = (1 - (coreToCore ?? 1)) * k * (k - 1) + (peripheryToPeriphery ?? 0) * p * (p - 1);
    assert.ok(Math.abs(told - fewest) < 1e-9, `round ${round}`);
  }
});

test('concentration', () => {
  assert.equal(concentrationOf([0, 0]), null);
  assert.deepEqual(concentrationOf([1, 1, 1, 1]), {
    ...{ herfindahl: 0.25, largest1: 0.25, largest5: 1, largest10: 1, banksOf75Percent: 3 },
  });
  assert.deepEqual(concentrationOf([4, 0, 8, 4]), {
    ...{ herfindahl: 0.375, largest1: 0.5, largest5: 1, largest10: 1, banksOf75Percent: 2 },
  });
});
