/** Parts of a directed graph in which all nodes reach each other: along links, or whatever their direction. */
import type { Digraph } from './digraph.ts';

export interface Components {
  /** Of each node the number of its component. */
  readonly of: Int32Array;
  readonly sizes: readonly number[];
  /** The largest; of several as large the one with the first node. */
  readonly largest: number;
}

/** Tarjan, Depth-first search and linear graph algorithms, SIAM J. Comput. 1 (1972), without recursion. */
export function strongComponents({ nodes, out }: Digraph): Components {
  const order = new Int32Array(nodes).fill(-1);
  const low = new Int32Array(nodes);
  const next = out.first.slice(0, nodes);
  const component = new Int32Array(nodes).fill(-1);
  const open: number[] = [];
  const path: number[] = [];
  let visited = 0;
  let count = 0;
  const enter = (node: number) => {
    order[node] = low[node] = visited++;
    open.push(node);
    path.push(node);
  };
  const leave = (node: number) => {
    path.pop();
    const before = path[path.length - 1];
    if (before !== undefined) low[before] = Math.min(low[before]!, low[node]!);
    if (low[node] !== order[node]) return;
    for (let member = -1; member !== node; ) {
      member = open.pop() as number;
      component[member] = count;
    }
    count += 1;
  };
  for (let root = 0; root < nodes; root++) {
    if (order[root] !== -1) continue;
    enter(root);
    while (path.length > 0) {
      const node = path[path.length - 1] as number;
      if (next[node] === out.first[node + 1]) {
        leave(node);
        continue;
      }
      const end = out.end[next[node]!++]!;
      if (order[end] === -1) enter(end);
      else if (component[end] === -1) low[node] = Math.min(low[node]!, order[end]!);
    }
  }
  return measured(component, count);
}

export function weakComponents({ nodes, out, in: back }: Digraph): Components {
  const component = new Int32Array(nodes).fill(-1);
  let count = 0;
  for (let root = 0; root < nodes; root++) {
    if (component[root] !== -1) continue;
    component[root] = count;
    const waiting = [root];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop())
      for (const { first, end } of [out, back])
        for (let at = first[node]!; at < first[node + 1]!; at++) {
          if (component[end[at]!] !== -1) continue;
          component[end[at]!] = count;
          waiting.push(end[at]!);
        }
    count += 1;
  }
  return measured(component, count);
}

function measured(component: Int32Array, count: number): Components {
  const sizes = new Array<number>(count).fill(0);
  for (const one of component) sizes[one]! += 1;
  const most = sizes.reduce((a, b) => Math.max(a, b), 0);
  const largest = component.find((one) => sizes[one] === most) ?? -1;
  return { of: component, sizes, largest };
}
