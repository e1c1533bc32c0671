/** The thread of a virtual user: evaluates the script, then runs what it is told to. */
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { parentPort } from 'node:worker_threads';
import { begin, Interrupted, script, type Task, tell } from './vu.ts';

Object.assign(globalThis, {
  __ENV: { ...process.env },
  open: (file: string) => readFileSync(file, 'utf8'),
});
register('./hooks.js', import.meta.url);

try {
  const exports = (await import(script)) as Record<string, unknown>;
  parentPort?.on('message', (task: Task) => {
    try {
      begin(task);
      (exports[task.exec] as () => void)();
      tell({ kind: 'done' });
    } catch (error) {
      const { message } = error as Error;
      tell({ kind: 'done', error: message, isInterrupted: error instanceof Interrupted });
    }
  });
  tell({ kind: 'ready', options: exports.options, exports: Object.keys(exports) });
} catch (error) {
  tell({ kind: 'done', error: (error as Error).message });
}
