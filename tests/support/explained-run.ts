import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse as parseCsv } from 'csv-parse/sync';
import {
  type At,
  type Explanation,
  explainPayment,
} from '../../services/explain/explain-payment.ts';
import { tracePayment } from '../../services/explain/trace.ts';
import { packageFolder, wasmBytes } from '../../services/platform/service/build-info.ts';
import type { Uetr } from '../../services/protocol/names/identifiers.ts';
import { logInputs, runInputs } from '../../services/replay/inputs.ts';

const execute = promisify(execFile);
const main = join(packageFolder, 'dist/services/cli/main.js');
const wasm = new WebAssembly.Module(new Uint8Array(wasmBytes()));

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command of the build. */
export async function corridor(...args: string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await execute(process.execPath, [main, ...args], {
      cwd: packageFolder,
      maxBuffer: 1 << 28,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as Ended;
  }
}

export type Row = Readonly<Record<string, string>>;
/** The rows of a run's payments.csv. */
export const rowsOf = (run: string): Row[] =>
  parseCsv(readFileSync(join(run, 'payments.csv')), { columns: true });

/** What is said of a run's payment, or of a log's (`embedded:`). */
export async function explain(run: string, uetr: string, at: At = null): Promise<Explanation> {
  const inputs = run.startsWith('embedded:') ? logInputs(run) : runInputs(run);
  const traced = await tracePayment(inputs, wasm, uetr as Uetr, null);
  const [trace] = traced.payments;
  assert.ok(trace, uetr);
  return explainPayment(inputs, wasm, traced, trace, at, null);
}
