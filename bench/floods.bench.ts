/**
 * What floods at the gateway's door cost the others: sixteen banks send steadily over HTTP to a sandbox,
 * alone, beside large bodies with bogus signatures under another bank's BIC, and beside a bank that sends as
 * fast as it is answered. FLOODS_ROUNDS (default 8) of blocks of FLOODS_SECONDS (default 5), as
 * `floods/blocks.ts` has them. The flood comes from a process of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Block, CONTROL, fairness, inBlocks, NO_FLOOD } from './floods/blocks.ts';
import { FloodProcess, type FloodReport } from './floods/flood-process.ts';
import { cpuUs, printer, quantile } from './measure.ts';
import { lineFrom } from './sandbox/messages.ts';
import { Meter } from './sandbox/meter.ts';
import { startSandboxProcess } from './sandbox/sandbox-process.ts';

const SECONDS = Number(process.env.FLOODS_SECONDS ?? 5);
const ROUNDS = Number(process.env.FLOODS_ROUNDS ?? 8);
const FLOOD_AFTER_MS = 250;
const FLOOD_SECONDS = SECONDS - FLOOD_AFTER_MS / 1000;
/** Payments a second of the honest banks together. */
const RATE = 80;
const HONEST_BANKS = 16;
const CASES = {
  [NO_FLOOD]: null,
  'valid payments': 'valid',
  [CONTROL]: null,
  'bogus signatures': 'bogus',
} as const;
type Case = keyof typeof CASES;

const print = printer('floods');
const folder = mkdtempSync(join(tmpdir(), 'corridor-floods-'));
const sandbox = await startSandboxProcess(folder);
const script = fileURLToPath(new URL('./floods/flood.child.js', import.meta.url));
const flooder = new FloodProcess(script, { url: sandbox.url, folder });
try {
  await sandbox.served;
  const blocks = await inBlocks(Object.keys(CASES) as Case[], ROUNDS, measure);
  for (const line of fairness('fair-p99', blocks)) print(line);
  // What the limits are a part of.
  const seed = (ROUNDS + 1) * Object.keys(CASES).length + 1;
  const flood = await flooder.prepare({ kind: 'valid', seed, seconds: SECONDS });
  const value = ((await flood())['202'] ?? 0) / SECONDS;
  print({ case: 'a bank alone: 202', value, unit: 'answers/s', vs: null, ratio: null });
} finally {
  flooder.stop();
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** What the others' payments took, and what the flood got. */
async function measure(name: Case, seed: number): Promise<Block> {
  const kind = CASES[name];
  const honest = lineFrom(folder, {
    ...{ banks: HONEST_BANKS + 2, senders: 'others', seed, count: RATE * SECONDS },
  });
  const begin = kind && (await flooder.prepare({ kind, seed, seconds: FLOOD_SECONDS }));
  const before = { bytes: sandbox.logBytes(), us: cpuUs(sandbox.pid), atMs: performance.now() };
  const meter = new Meter(sandbox.url, folder, honest);
  let flooded: Promise<FloodReport> | undefined;
  const { accepted, final } = await meter.run(RATE, () => {
    // A bank that sends alone has no limits: the others send already.
    setTimeout(() => {
      flooded = begin?.();
    }, FLOOD_AFTER_MS);
  });
  const answers = await flooded;
  const cpu = (cpuUs(sandbox.pid) - before.us) / 1000 / (performance.now() - before.atMs);
  const grown = (sandbox.logBytes() - before.bytes) / 1e6;
  return {
    final,
    figures: [
      { name: 'accepted p50', value: quantile(accepted, 0.5), unit: 'ms' },
      { name: 'accepted p99', value: quantile(accepted, 0.99), unit: 'ms' },
      ...Object.entries(answers ?? {}).map(([status, count]) => ({
        ...{ name: status, value: count / FLOOD_SECONDS, unit: 'answers/s' },
      })),
      { name: 'sandbox', value: cpu, unit: 'processors' },
      { name: 'log grew', value: grown, unit: 'MB' },
    ],
  };
}
