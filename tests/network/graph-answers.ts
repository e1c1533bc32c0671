/** Figures of a graph in the form in which networkx_answers.py has them. */
import assert from 'node:assert/strict';
import { clustering } from '../../services/analysis/graphs/clustering.ts';
import { strongComponents, weakComponents } from '../../services/analysis/graphs/components.ts';
import { coreNumbers } from '../../services/analysis/graphs/core-numbers.ts';
import {
  type Digraph,
  degreeOf,
  digraphOf,
  reciprocatedLinks,
} from '../../services/analysis/graphs/digraph.ts';
import { shortestPaths } from '../../services/analysis/graphs/shortest-paths.ts';

export interface GraphCase {
  readonly nodes: number;
  /** From, to, weight; ascending. */
  readonly links: readonly (readonly [number, number, number])[];
}

export interface GraphAnswer {
  readonly [figure: string]: number | null | readonly number[];
}

export const graphOf = ({ nodes, links }: GraphCase): Digraph =>
  digraphOf(
    nodes,
    Int32Array.from(links, ([from]) => from),
    Int32Array.from(links, ([, to]) => to),
  );

export function graphAnswer(one: GraphCase): GraphAnswer {
  const graph = graphOf(one);
  const { nodes, links } = graph;
  const strong = strongComponents(graph);
  const paths = shortestPaths(graph, strong);
  const byNode = (of: (node: number) => number) => Array.from({ length: nodes }, (_, at) => of(at));
  const unweighted = clustering(graph);
  const ascending = (sizes: readonly number[]) => [...sizes].sort((a, b) => a - b);
  return {
    density: links / (nodes * (nodes - 1)),
    inDegree: byNode((node) => degreeOf(graph.in, node)),
    outDegree: byNode((node) => degreeOf(graph.out, node)),
    reciprocity: links === 0 ? null : reciprocatedLinks(graph) / links,
    clustering: [...unweighted],
    clusteringByWeight: [
      ...clustering(
        graph,
        Float64Array.from(one.links, ([, , weight]) => weight),
      ),
    ],
    averageClustering: unweighted.reduce((a, b) => a + b, 0) / nodes,
    betweenness: [...paths.betweenness],
    averagePathLength: paths.averageLength,
    diameter: paths.diameter,
    weakSizes: ascending(weakComponents(graph).sizes),
    strongSizes: ascending(strong.sizes),
    largestStrong: byNode((node) => node).filter((node) => strong.of[node] === strong.largest),
    coreNumber: [...coreNumbers(graph)],
  };
}

/** Equal to 1e-9, each figure and each node's. */
export function assertSameAnswers(found: GraphAnswer, expected: GraphAnswer, name: string): void {
  assert.deepEqual(Object.keys(found), Object.keys(expected), name);
  for (const figure of Object.keys(expected)) {
    const [ours, theirs] = [found[figure], expected[figure]].map((of) => [of].flat());
    assert.equal(ours?.length, theirs?.length, `${name}: ${figure}`);
    for (const [at, value] of (theirs ?? []).entries()) {
      const own = ours?.[at] ?? null;
      const isSame =
        value === null || own === null
          ? value === own
          : Math.abs((value as number) - (own as number)) <= 1e-9;
      assert.ok(isSame, `${name}: ${figure}[${at}]: ${own}, networkx ${value}`);
    }
  }
}
