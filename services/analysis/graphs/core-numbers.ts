import { type Digraph, degreeOf } from './digraph.ts';

/**
 * Core number of each node: the largest k for which it lies in a part of the graph whose nodes all have
 * degree k or more inside it. A degree counts links in and out, so a pair with both links counts twice.
 * Batagelj and Zaversnik, An O(m) algorithm for cores decomposition of networks (2003).
 */
export function coreNumbers({ nodes, out, in: back }: Digraph): Int32Array {
  const core = Int32Array.from(
    { length: nodes },
    (_, node) => degreeOf(out, node) + degreeOf(back, node),
  );
  const most = core.reduce((a, b) => Math.max(a, b), 0);
  /** Of each degree where its nodes begin among those in order of degree. */
  const begin = new Int32Array(most + 2);
  for (const degree of core) begin[degree + 1]! += 1;
  for (let degree = 0; degree <= most; degree++) begin[degree + 1]! += begin[degree]!;
  const next = begin.slice();
  const ordered = new Int32Array(nodes);
  const place = new Int32Array(nodes);
  for (let node = 0; node < nodes; node++) {
    place[node] = next[core[node]!]!++;
    ordered[place[node]!] = node;
  }
  for (let at = 0; at < nodes; at++) {
    const node = ordered[at]!;
    for (const { first, end } of [out, back])
      for (let link = first[node]!; link < first[node + 1]!; link++) {
        const other = end[link]!;
        const degree = core[other]!;
        if (degree <= core[node]!) continue;
        // The first of its degree changes places with it, and its degree begins one later.
        const to = Math.max(begin[degree]!, at + 1);
        const swapped = ordered[to]!;
        ordered[place[other]!] = swapped;
        place[swapped] = place[other]!;
        ordered[to] = other;
        place[other] = to;
        begin[degree] = to + 1;
        core[other] = degree - 1;
      }
  }
  return core;
}

/** A core in which all are linked both ways, a periphery in which nobody is, and what differs from that. */
export interface CorePeriphery {
  readonly isCore: Uint8Array;
  readonly size: number;
  /** Ordered pairs: links that lack inside the core, and links inside the periphery. */
  readonly errors: number;
  /** Share of the ordered pairs that are linked; null where there are none. */
  readonly densities: {
    readonly coreToCore: number | null;
    readonly coreToPeriphery: number | null;
    readonly peripheryToCore: number | null;
    readonly peripheryToPeriphery: number | null;
  };
}

/**
 * The split with the fewest errors, and of those with as few the smallest core. Links between core and
 * periphery are free, as in the discrete model of Borgatti and Everett (2000) with such blocks left out.
 * With m links, and k nodes of degrees d in the core, the errors are k (k - 1) + m minus the sum of the
 * d. So the best core of k nodes has the k largest degrees (Lip, A fast algorithm for the discrete
 * core/periphery bipartitioning problem, 2011). Of equal degrees the first node counts as larger.
 */
export function corePeriphery(graph: Digraph): CorePeriphery {
  const { nodes, links, out, in: back } = graph;
  const degree = (node: number) => degreeOf(out, node) + degreeOf(back, node);
  const byDegree = Array.from({ length: nodes }, (_, node) => node).sort(
    (a, b) => degree(b) - degree(a) || a - b,
  );
  let size = 0;
  let errors = links;
  let sum = 0;
  for (const [index, node] of byDegree.entries()) {
    sum += degree(node);
    const withIt = (index + 1) * index + links - sum;
    if (withIt < errors) [size, errors] = [index + 1, withIt];
  }
  const isCore = new Uint8Array(nodes);
  for (const node of byDegree.slice(0, size)) isCore[node] = 1;
  return { isCore, size, errors, densities: blockDensities(graph, isCore, size) };
}

function blockDensities({ nodes, out }: Digraph, isCore: Uint8Array, size: number) {
  const counts = [0, 0, 0, 0] as [number, number, number, number];
  for (let node = 0; node < nodes; node++)
    for (let at = out.first[node]!; at < out.first[node + 1]!; at++)
      counts[2 * isCore[node]! + isCore[out.end[at]!]!]! += 1;
  const others = nodes - size;
  const share = (count: number, pairs: number) => (pairs === 0 ? null : count / pairs);
  return {
    coreToCore: share(counts[3], size * (size - 1)),
    coreToPeriphery: share(counts[2], size * others),
    peripheryToCore: share(counts[1], size * others),
    peripheryToPeriphery: share(counts[0], others * (others - 1)),
  };
}
