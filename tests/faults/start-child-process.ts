import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChildOrders } from './child-orders.ts';

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
