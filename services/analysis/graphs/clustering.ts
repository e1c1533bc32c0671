import { type Digraph, degreeOf } from './digraph.ts';

/** Neighbours of each node whatever the direction, ascending. */
interface Neighbours {
  readonly first: Int32Array;
  readonly end: Int32Array;
  /** Sum of the weights of the one or two links between the nodes. */
  readonly weight: Float64Array;
  /** Of each node how many neighbours have links both ways with it. */
  readonly mutual: Int32Array;
}

/**
 * Clustering of each node: of the directed triangles that it could be in, those that it is in (Fagiolo,
 * Clustering in complex directed networks, Phys. Rev. E 76 (2007) 026107); 0 where there could be none.
 * With weights a triangle counts the geometric mean of its links' weights, each over the largest.
 * @param weights by link in the order of `out`, each above 0; left out: all 1
 */
export function clustering(graph: Digraph, weights?: Float64Array): Float64Array {
  const { nodes, links, out, in: back } = graph;
  const all = weights ?? new Float64Array(links).fill(1);
  const most = all.reduce((a, b) => Math.max(a, b), 0);
  const roots = all.map((weight) => Math.cbrt(weight / most));
  const { first, end, weight, mutual } = neighboursOf(graph, roots);
  const triangles = trianglesOf(nodes, first, end, weight);
  return triangles.map((twice, node) => {
    const degree = degreeOf(out, node) + degreeOf(back, node);
    const possible = degree * (degree - 1) - 2 * mutual[node]!;
    return possible === 0 ? 0 : twice / (2 * possible);
  });
}

function neighboursOf({ nodes, links, out, in: back }: Digraph, weights: Float64Array): Neighbours {
  // Of a link that comes in, its number among those that go out.
  const linkIn = new Int32Array(links);
  const nextIn = back.first.slice(0, nodes);
  for (let link = 0; link < links; link++) linkIn[nextIn[out.end[link]!]!++] = link;
  const first = new Int32Array(nodes + 1);
  const end = new Int32Array(2 * links);
  const weight = new Float64Array(2 * links);
  const mutual = new Int32Array(nodes);
  let size = 0;
  for (let node = 0; node < nodes; node++) {
    let [leaving, coming] = [out.first[node]!, back.first[node]!];
    const [lastLeaving, lastComing] = [out.first[node + 1]!, back.first[node + 1]!];
    while (leaving < lastLeaving || coming < lastComing) {
      const to = leaving < lastLeaving ? out.end[leaving]! : nodes;
      const from = coming < lastComing ? back.end[coming]! : nodes;
      if (to === from) mutual[node]! += 1;
      if (to <= from) weight[size]! += weights[leaving++]!;
      if (from <= to) weight[size]! += weights[linkIn[coming++]!]!;
      end[size++] = Math.min(to, from);
    }
    first[node + 1] = size;
  }
  return { first, end, weight, mutual };
}

/**
 * (A + A')^3 on the diagonal, A the weights; each three nodes once, the lowest first. Without a branch on
 * whether the third link is there.
 */
function trianglesOf(
  nodes: number,
  first: Int32Array,
  end: Int32Array,
  weights: Float64Array,
): Float64Array {
  const triangles = new Float64Array(nodes);
  /** From the lowest to each other, 0 where there is no link. */
  const row = new Float64Array(nodes);
  for (let low = 0; low < nodes; low++) {
    const [begin, stop] = [first[low]!, first[low + 1]!];
    for (let at = begin; at < stop; at++) row[end[at]!] = weights[at]!;
    let ofLow = 0;
    for (let at = begin; at < stop; at++) {
      const middle = end[at]!;
      if (middle < low) continue;
      const twice = 2 * weights[at]!;
      let ofMiddle = 0;
      for (let across = first[middle + 1]! - 1; across >= first[middle]!; across--) {
        const high = end[across]!;
        if (high <= middle) break;
        const both = twice * weights[across]! * row[high]!;
        ofMiddle += both;
        triangles[high]! += both;
      }
      triangles[middle]! += ofMiddle;
      ofLow += ofMiddle;
    }
    triangles[low]! += ofLow;
    for (let at = begin; at < stop; at++) row[end[at]!] = 0;
  }
  return triangles;
}
