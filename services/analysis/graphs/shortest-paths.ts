import type { Components } from './components.ts';
import type { Digraph } from './digraph.ts';

export interface ShortestPaths {
  /** Share of the shortest paths between two others on which a node lies, over (n - 1)(n - 2) pairs. */
  readonly betweenness: Float64Array;
  /** Mean over ordered pairs of one component; null where it has fewer than two nodes. */
  readonly averageLength: number | null;
  /** The longest of them; null as above. */
  readonly diameter: number | null;
}

/**
 * Betweenness by Brandes, A faster algorithm for betweenness centrality, J. Math. Sociol. 25 (2001);
 * each link has length 1. From the same searches the lengths inside a strong component: no shortest path
 * between two of its nodes leaves it.
 */
export function shortestPaths(graph: Digraph, within: Components): ShortestPaths {
  const { nodes } = graph;
  const { of, sizes, largest } = within;
  const search = new Search(graph);
  let sum = 0;
  let diameter = 0;
  for (let source = 0; source < nodes; source++) {
    const levels = search.from(source);
    if (of[source] !== largest) continue;
    for (const [distance, level] of levels.entries())
      for (const node of level) {
        if (of[node] !== largest) continue;
        sum += distance;
        diameter = Math.max(diameter, distance);
      }
  }
  const { betweenness } = search;
  if (nodes > 2)
    for (let node = 0; node < nodes; node++) betweenness[node]! /= (nodes - 1) * (nodes - 2);
  const size = sizes[largest] ?? 0;
  const isPath = size > 1;
  return {
    betweenness,
    averageLength: isPath ? sum / (size * (size - 1)) : null,
    diameter: isPath ? diameter : null,
  };
}

/**
 * Searches level by level. The loops over links have no branch that depends on which level a node is in:
 * in a dense graph processors guess it wrongly, and that would take most of the time.
 */
class Search {
  readonly #graph: Digraph;
  /** Sums of the dependencies so far. */
  readonly betweenness: Float64Array;
  readonly #isFound: Uint8Array;
  /** Shortest paths to a node, right when its level begins; what comes later from beside or behind is not. */
  readonly #arriving: Float64Array;
  readonly #paths: Float64Array;
  /** (1 + dependency on a node) / paths to it in the level that is next to be left, else 0. */
  readonly #share: Float64Array;
  readonly #queue: Int32Array;

  constructor(graph: Digraph) {
    this.#graph = graph;
    this.betweenness = new Float64Array(graph.nodes);
    this.#isFound = new Uint8Array(graph.nodes);
    this.#arriving = new Float64Array(graph.nodes);
    this.#paths = new Float64Array(graph.nodes);
    this.#share = new Float64Array(graph.nodes);
    this.#queue = new Int32Array(graph.nodes);
  }

  /** The nodes by distance, valid until the next search. */
  from(source: number): Int32Array[] {
    const levels = this.#forward(source);
    for (let depth = levels.length - 1; depth > 0; depth--)
      this.#back(levels[depth]!, levels[depth + 1]);
    for (const node of levels[1] ?? []) this.#share[node] = 0;
    return levels;
  }

  #forward(source: number): Int32Array[] {
    const { nodes, out } = this.#graph;
    const { first, end } = out;
    const [queue, isFound] = [this.#queue, this.#isFound];
    const [arriving, paths] = [this.#arriving, this.#paths];
    isFound.fill(0);
    arriving.fill(0);
    isFound[source] = 1;
    arriving[source] = 1;
    queue[0] = source;
    const levels: Int32Array[] = [];
    let tail = 1;
    for (let head = 0; head < tail; ) {
      const level = queue.subarray(head, tail);
      levels.push(level);
      head = tail;
      for (const node of level) paths[node] = arriving[node]!;
      // Where all are found, those of the last level lead nowhere.
      if (tail === nodes) break;
      for (const node of level) {
        const ways = paths[node]!;
        for (let at = first[node]!, last = first[node + 1]!; at < last; at++) {
          const other = end[at]!;
          arriving[other]! += ways;
          if (isFound[other] === 0) {
            isFound[other] = 1;
            queue[tail++] = other;
          }
        }
      }
    }
    return levels;
  }

  #back(level: Int32Array, next: Int32Array | undefined): void {
    const { first, end } = this.#graph.out;
    const [paths, share, betweenness] = [this.#paths, this.#share, this.betweenness];
    const onwards = this.#arriving;
    if (next !== undefined)
      for (const node of level) {
        let onward = 0;
        for (let at = first[node]!, last = first[node + 1]!; at < last; at++)
          onward += share[end[at]!]!;
        betweenness[node]! += onward * paths[node]!;
        // Its share comes when the level is done: the others in it must still find 0.
        onwards[node] = onward;
      }
    else for (const node of level) onwards[node] = 0;
    for (const node of next ?? []) share[node] = 0;
    for (const node of level) share[node] = onwards[node]! + 1 / paths[node]!;
  }
}
