import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChildOrders, CrashOrder } from './child-orders.ts';
import { RARE_POINTS } from './crash-points.ts';

const CHILD = fileURLToPath(new URL('./live.child.js', import.meta.url));

export interface Life {
  readonly child: ChildProcess;
  /** The signal or code that ended it, and what it wrote to stderr. */
  readonly over: Promise<{ how: string; stderr: string }>;
}

/** Starts a process of a fault test. It ends at the latest when this process does. */
export function live(orders: ChildOrders): Life {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(orders)], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const over = new Promise<{ how: string; stderr: string }>((resolve) =>
    child.on('close', (code, signal) => resolve({ how: signal ?? String(code), stderr })),
  );
  return { child, over };
}

/** The points in an order, and how often each is reached before the end, that follow from the seed. */
export function plan(points: readonly string[], seed: number): CrashOrder[] {
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % below;
  };
  const rest = [...points];
  return points.map(() => {
    const point = rest.splice(next(rest.length), 1)[0] as string;
    // The others are reached twice in a life at least.
    return { point, times: RARE_POINTS.has(point) ? 1 : 1 + next(2) };
  });
}
