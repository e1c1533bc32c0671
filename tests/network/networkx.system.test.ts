/** Network statistics against the real networkx, on graphs that no fixture has. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import { atLeast } from '../support/at-least.ts';
import { pythonForTest } from '../support/python.ts';
import {
  assertSameAnswers,
  type GraphAnswer,
  type GraphCase,
  graphAnswer,
} from './graph-answers.ts';

const SCRIPT = join(packageFolder, 'tests/network/networkx_answers.py');
const { program, skip } = pythonForTest('networkx==3.4.2', 'numpy==2.2.6');

function graph(seed: number): GraphCase {
  const stream = new SeededStream(seed, 'networkx');
  const nodes = 2 + Math.floor(stream.uniform() * 38);
  const density = stream.uniform() * stream.uniform();
  const mass = Array.from({ length: nodes }, () => Math.exp(stream.normal()));
  const links: [number, number, number][] = [];
  for (let from = 0; from < nodes; from++)
    for (let to = 0; to < nodes; to++)
      if (from !== to && stream.uniform() < density * mass[from]! * mass[to]!)
        links.push([from, to, Math.exp(4 * stream.normal())]);
  return { nodes, links };
}

test('figures of 40 random graphs are those of networkx, to 1e-9', {
  skip,
}, () => {
  const cases = Array.from({ length: 40 }, (_, seed) => graph(seed));
  const ran = spawnSync(program, [SCRIPT], { input: JSON.stringify(cases) });
  const answers = JSON.parse(ran.stdout.toString()) as GraphAnswer[];
  for (const [seed, answer] of atLeast(40, answers).entries())
    assertSameAnswers(graphAnswer(cases[seed] as GraphCase), answer, `seed ${seed}`);
});
