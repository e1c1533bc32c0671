/**
 * A directed graph without loops and without parallel links, in typed arrays: of node v the links that
 * leave it are numbered from `first[v]` to `first[v + 1]`, and `end` has the other node of each.
 */
export interface Adjacency {
  /** One entry more than nodes. */
  readonly first: Int32Array;
  /** Ascending for each node. */
  readonly end: Int32Array;
}

export interface Digraph {
  readonly nodes: number;
  readonly links: number;
  readonly out: Adjacency;
  readonly in: Adjacency;
}

/**
 * @param from of each link its first node, ascending
 * @param to its second, ascending where the first is the same, and another than the first
 */
export function digraphOf(nodes: number, from: Int32Array, to: Int32Array): Digraph {
  const links = from.length;
  for (let link = 0; link < links; link++) {
    const isAfter =
      link === 0 ||
      from[link - 1]! < from[link]! ||
      (from[link - 1] === from[link] && to[link - 1]! < to[link]!);
    if (!isAfter || from[link] === to[link])
      throw new RangeError(`link ${link}: expected ascending links between two nodes each`);
  }
  return { nodes, links, out: adjacency(nodes, from, to), in: adjacency(nodes, to, from) };
}

/** Links by `near`; those of a node stay in their order, so `far` ascends where the links do. */
function adjacency(nodes: number, near: Int32Array, far: Int32Array): Adjacency {
  const first = new Int32Array(nodes + 1);
  for (let link = 0; link < near.length; link++) first[near[link]! + 1]! += 1;
  for (let node = 0; node < nodes; node++) first[node + 1]! += first[node]!;
  const next = first.slice(0, nodes);
  const end = new Int32Array(near.length);
  for (let link = 0; link < near.length; link++) end[next[near[link]!]!++] = far[link]!;
  return { first, end };
}

export const degreeOf = ({ first }: Adjacency, node: number): number =>
  first[node + 1]! - first[node]!;

/** Links whose opposite is there too. */
export function reciprocatedLinks({ nodes, out, in: back }: Digraph): number {
  const marked = new Int32Array(nodes).fill(-1);
  let found = 0;
  for (let node = 0; node < nodes; node++) {
    for (let at = out.first[node]!; at < out.first[node + 1]!; at++) marked[out.end[at]!] = node;
    for (let at = back.first[node]!; at < back.first[node + 1]!; at++)
      if (marked[back.end[at]!] === node) found += 1;
  }
  return found;
}
