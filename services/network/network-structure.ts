/** Figures of a network that depend on its links alone, and not on what was paid over them. */
import { strongComponents, weakComponents } from '../analysis/graphs/components.ts';
import { type CorePeriphery, coreNumbers, corePeriphery } from '../analysis/graphs/core-numbers.ts';
import {
  type Adjacency,
  type Digraph,
  degreeOf,
  reciprocatedLinks,
} from '../analysis/graphs/digraph.ts';
import { shortestPaths } from '../analysis/graphs/shortest-paths.ts';

/** A degree, and how many banks have it. */
export type DegreeCount = readonly [degree: number, banks: number];

export interface ComponentFigures {
  readonly count: number;
  /** Banks of the largest. */
  readonly largest: number;
}

export interface Structure {
  readonly banks: number;
  readonly links: number;
  /** Links of the n (n - 1) that there could be; null with fewer than two banks. */
  readonly density: number | null;
  /** Links a bank: the mean of the degrees in and of those out. */
  readonly meanDegree: number | null;
  /** Ascending, degrees that no bank has left out. */
  readonly inDegrees: readonly DegreeCount[];
  readonly outDegrees: readonly DegreeCount[];
  /** Share of the links whose opposite is there; null without links. */
  readonly reciprocity: number | null;
  /** In links, between the banks of the largest strong component. */
  readonly averagePathLength: number | null;
  readonly diameter: number | null;
  readonly weakComponents: ComponentFigures;
  readonly strongComponents: ComponentFigures;
  /** The largest core number, and how many banks have it. */
  readonly innermostCore: { readonly number: number; readonly banks: number };
  readonly corePeriphery: Pick<CorePeriphery, 'size' | 'errors' | 'densities'> & {
    /** Errors over links. */
    readonly errorShare: number | null;
  };
}

/** Of each bank, in the order of the graph's nodes. */
export interface NodeFigures {
  readonly betweenness: Float64Array;
  readonly coreNumber: Int32Array;
  readonly isCore: Uint8Array;
  readonly isInLargest: readonly boolean[];
}

export function structureOf(graph: Digraph): { structure: Structure; nodes: NodeFigures } {
  const { nodes, links } = graph;
  const strong = strongComponents(graph);
  const weak = weakComponents(graph);
  const paths = shortestPaths(graph, strong);
  const coreNumber = coreNumbers(graph);
  const innermost = coreNumber.reduce((a, b) => Math.max(a, b), 0);
  const { isCore, size, errors, densities } = corePeriphery(graph);
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return {
    structure: {
      banks: nodes,
      links,
      density: share(links, nodes * (nodes - 1)),
      meanDegree: share(links, nodes),
      inDegrees: degreeCounts(nodes, graph.in),
      outDegrees: degreeCounts(nodes, graph.out),
      reciprocity: share(reciprocatedLinks(graph), links),
      averagePathLength: paths.averageLength,
      diameter: paths.diameter,
      weakComponents: { count: weak.sizes.length, largest: weak.sizes[weak.largest] ?? 0 },
      strongComponents: { count: strong.sizes.length, largest: strong.sizes[strong.largest] ?? 0 },
      innermostCore: {
        number: innermost,
        banks: coreNumber.filter((number) => number === innermost).length,
      },
      corePeriphery: { size, errors, errorShare: share(errors, links), densities },
    },
    nodes: {
      betweenness: paths.betweenness,
      coreNumber,
      isCore,
      isInLargest: Array.from(strong.of, (component) => component === strong.largest),
    },
  };
}

function degreeCounts(nodes: number, adjacency: Adjacency): DegreeCount[] {
  const counts = new Map<number, number>();
  for (let node = 0; node < nodes; node++) {
    const degree = degreeOf(adjacency, node);
    counts.set(degree, (counts.get(degree) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b);
}
