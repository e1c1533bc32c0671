import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Outcome {
  /** What k6 would exit with. */
  readonly code: number | null;
  readonly error: string;
  /** Thresholds that failed. */
  readonly failed: string[];
  readonly metrics: Record<string, { samples: number; count?: number }>;
}

/** Runs a k6 script (compiled) under the stand-in, as `k6 run -e NAME=VALUE...`. */
export function runScript(script: string, env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('run.child.js', import.meta.url)), script],
    { env: { ...process.env, ...env } },
  );
  let out = '';
  let error = '';
  child.stdout.on('data', (piece) => {
    out += piece;
  });
  child.stderr.on('data', (piece) => {
    error += piece;
  });
  return new Promise((resolve) =>
    child.on('close', (code) =>
      resolve({ code, error, ...(out === '' ? { failed: [], metrics: {} } : JSON.parse(out)) }),
    ),
  );
}
