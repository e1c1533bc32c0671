/**
 * What floods at the gateway's door cost the others: sixteen banks send steadily over HTTP to a sandbox,
 * alone, beside large bodies with bogus signatures under another bank's BIC, and beside a bank that
 * sends as fast as it is answered. FLOODS_SECONDS (default 15) each; the flood comes from a process of
 * its own and ends by itself.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printer, quantile } from './measure.ts';
import { type FloodReport, lineFrom, type Prepared } from './sandbox/messages.ts';
import { Meter } from './sandbox/meter.ts';
import { startSandboxProcess } from './sandbox/sandbox-process.ts';

const SECONDS = Number(process.env.FLOODS_SECONDS ?? 15);
/** Payments a second of the honest banks together. */
const RATE = 80;
const HONEST_BANKS = 16;
const FLOODS = ['none', 'bogus signatures', 'valid payments'] as const;

const print = printer('floods');
const folder = mkdtempSync(join(tmpdir(), 'corridor-floods-'));
const sandbox = await startSandboxProcess(folder);
try {
  await sandbox.served;
  const p99: number[] = [];
  for (const [index, flood] of FLOODS.entries()) p99.push(await measure(flood, index));
  const [alone = Number.NaN, ...beside] = p99;
  print({
    ...{ case: 'fair-p99', value: Math.max(...beside), unit: 'ms' },
    ...{ vs: 'no flood', ratio: Math.max(...beside) / alone },
  });
} finally {
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** @returns the 99th percentile of the others' time to a final status, ms */
async function measure(flood: (typeof FLOODS)[number], seed: number): Promise<number> {
  const honest = lineFrom(sandbox.folder, {
    banks: HONEST_BANKS + 2,
    senders: 'others',
    seed: seed + 1,
    count: RATE * SECONDS,
  });
  const before = sandbox.logBytes();
  const flooding = flood === 'none' ? null : startFlood(flood, seed);
  await flooding?.ready;
  const meter = new Meter(sandbox.url, sandbox.folder, honest);
  const [took, report] = await Promise.all([meter.run(RATE), flooding?.report]);
  const at = (values: readonly number[], name: string) => {
    for (const q of [0.5, 0.99])
      print({
        case: `${flood}: ${name} p${q * 100}`,
        value: quantile(values, q),
        unit: 'ms',
        vs: null,
        ratio: null,
      });
  };
  at(took.accepted, 'accepted');
  at(took.final, 'final');
  const plain = { vs: null, ratio: null };
  if (report)
    for (const [status, count] of Object.entries(report.statuses))
      print({ case: `${flood}: ${status}`, value: count / SECONDS, unit: 'answers/s', ...plain });
  const grown = (sandbox.logBytes() - before) / 1e6;
  print({ case: `${flood}: log grew`, value: grown, unit: 'MB', ...plain });
  return quantile(took.final, 0.99);
}

/** `ready` when it has prepared what it sends; it begins then. */
function startFlood(kind: string, seed: number) {
  const child = fork(fileURLToPath(new URL('./floods/flood.child.js', import.meta.url)), [
    sandbox.url,
    sandbox.folder,
    kind,
    String(seed),
    String(SECONDS),
  ]);
  const messages = new Promise<FloodReport>((resolve, reject) => {
    child.on('message', (message: Prepared | FloodReport) => {
      if ('statuses' in message) resolve(message);
    });
    child.once('exit', (code) => code !== 0 && reject(new Error(`the flood ended with ${code}`)));
  });
  return {
    ready: new Promise<void>((resolve) => child.once('message', () => resolve())),
    report: messages,
  };
}
