import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';

export interface Outcome {
  /** What k6 would exit with. */
  readonly code: number;
  readonly error: string;
  /** Thresholds that failed. */
  readonly failed: string[];
  readonly metrics: Record<string, { samples: number; count?: number }>;
}

/**
 * Runs a k6 script (compiled) under the stand-in, as `k6 run -e NAME=VALUE...`: on a thread, which has its own
 * environment and exit code and starts in a fraction of a process's time.
 */
export async function runScript(
  script: string,
  env: Record<string, string> = {},
): Promise<Outcome> {
  const thread = new Worker(new URL('run.child.js', import.meta.url), {
    ...{ argv: [script], env: { ...process.env, ...env }, execArgv: [] },
    ...{ stdout: true, stderr: true },
  });
  const ended = new Promise<number>((resolve) => thread.once('exit', resolve));
  const [out, error, code] = await Promise.all([text(thread.stdout), text(thread.stderr), ended]);
  return { code, error, ...(out === '' ? { failed: [], metrics: {} } : JSON.parse(out)) };
}
