import assert from 'node:assert/strict';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import {
  type At,
  type Explanation,
  explainPayment,
} from '../../services/explain/explain-payment.ts';
import { tracePayment } from '../../services/explain/payment-trace.ts';
import { compiledCore, version } from '../../services/platform/service/build-info.ts';
import type { Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { payloadDigestHex } from '../../services/protocol/names/signing-text.ts';
import { logInputs, runInputs } from '../../services/replay/recorded-inputs.ts';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { InputLogWriter } from '../../services/run/input-log-writer.ts';
import { writePaymentsCsv } from '../../services/run/write-payments-csv.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import type { LoggedSlice } from '../../services/simulator/simulated-run.ts';
import { runScenario } from './run.ts';

const wasm = compiledCore();

/**
 * Runs a scenario's file here and leaves in the folder `run` what `corridor explain` and `compare` read of
 * a run. `corridor run` also starts the analysis store and writes the report.
 */
export async function recordRun(
  file: string,
  run: string,
  { set = [], signatures = false }: { set?: readonly string[]; signatures?: boolean } = {},
): Promise<string> {
  const readFile = (path: string) => readFileSync(path, 'utf8');
  const scenario = loadScenario(file, { readFile, set });
  const options = { signatures, overrides: set };
  await recordFolder(run, scenario, signatures, (onSlice) =>
    runScenario(scenario, { ...options, onSlice }),
  );
  return run;
}

/** The same of any run that is followed here. */
export async function recordFolder(
  run: string,
  scenario: Scenario,
  signatures: boolean,
  follow: (
    onSlice: (slice: LoggedSlice) => Promise<void>,
  ) => Promise<{ readonly summary: Summary; readonly rows: readonly PaymentRow[] }>,
): Promise<Summary> {
  mkdirSync(run, { recursive: true });
  const stream = createWriteStream(join(run, 'input.log'));
  const inputLog = new InputLogWriter(stream, { scenario, version, signatures });
  const { rows, summary } = await follow(async ({ steps }) => {
    for (const [pool, { inputs }] of steps.entries()) await inputLog.write(pool, inputs);
  });
  const text = JSON.stringify({ ...summary, version });
  const summaryDigest = payloadDigestHex(Buffer.from(text));
  await inputLog.end({ eventsHash: summary.eventsHash, summaryDigest });
  await writePaymentsCsv(join(run, 'payments.csv'), scenario, rows);
  writeFileSync(join(run, 'summary.json'), text);
  writeFileSync(join(run, 'scenario.json'), JSON.stringify(scenario.document));
  return summary;
}

export type Row = Readonly<Record<string, string>>;
/** The rows of a run's payments.csv. */
export const rowsOf = (run: string): Row[] =>
  parseCsv(readFileSync(join(run, 'payments.csv')), { columns: true });

/** What is said of a run's payment, or of a log's (`embedded:`). */
export async function explainInRun(
  run: string,
  uetr: string,
  at: At = null,
  minimumSeconds: number | null = null,
): Promise<Explanation> {
  const inputs = run.startsWith('embedded:') ? logInputs(run) : runInputs(run);
  const traced = await tracePayment(inputs, wasm, uetr as Uetr, null);
  const [trace] = traced.payments;
  assert.ok(trace, uetr);
  return explainPayment(inputs, wasm, traced, trace, at, minimumSeconds);
}
