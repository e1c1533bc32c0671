/**
 * What floods at the gateway's door cost the others: sixteen banks send steadily over HTTP to a sandbox,
 * alone, beside large bodies with bogus signatures under another bank's BIC, and beside a bank that
 * sends as fast as it is answered. In turn, FLOODS_ROUNDS (default 3) times FLOODS_SECONDS (default 15) each
 * behind a round that warms up; figures are medians. The flood comes from a process of its own and ends by
 * itself.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, printer, quantile } from './measure.ts';
import { type FloodReport, lineFrom, type Prepared } from './sandbox/messages.ts';
import { Meter } from './sandbox/meter.ts';
import { startSandboxProcess } from './sandbox/sandbox-process.ts';

const SECONDS = Number(process.env.FLOODS_SECONDS ?? 15);
const ROUNDS = Number(process.env.FLOODS_ROUNDS ?? 3);
/** Payments a second of the honest banks together. */
const RATE = 80;
const HONEST_BANKS = 16;
const FLOODS = ['none', 'bogus signatures', 'valid payments'] as const;

const print = printer('floods');
const folder = mkdtempSync(join(tmpdir(), 'corridor-floods-'));
const sandbox = await startSandboxProcess(folder);
try {
  await sandbox.served;
  const rounds = new Map<string, Map<string, Figure[]>>();
  for (let round = 0; round <= ROUNDS; round++)
    for (const [index, flood] of FLOODS.entries()) {
      const figures = await measure(flood, round * FLOODS.length + index);
      if (round === 0) continue;
      const known = rounds.get(flood) ?? new Map<string, Figure[]>();
      rounds.set(flood, known);
      for (const figure of figures)
        known.set(figure.name, [...(known.get(figure.name) ?? []), figure]);
    }
  const of = (figures: readonly Figure[] = []) => median(figures.map(({ value }) => value));
  for (const [flood, figures] of rounds)
    for (const [name, all] of figures) {
      const unit = (all[0] as Figure).unit;
      print({ case: `${flood}: ${name}`, value: of(all), unit, vs: null, ratio: null });
    }
  const [alone = Number.NaN, ...beside] = FLOODS.map((flood) =>
    of(rounds.get(flood)?.get('final p99')),
  );
  print({
    ...{ case: 'fair-p99', value: Math.max(...beside), unit: 'ms' },
    ...{ vs: 'no flood', ratio: Math.max(...beside) / alone },
  });
} finally {
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
}

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** What the others' payments took, and what the flood got. */
async function measure(flood: (typeof FLOODS)[number], seed: number): Promise<Figure[]> {
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
  const at = (values: readonly number[], name: string) =>
    [0.5, 0.99].map((q) => ({
      ...{ name: `${name} p${q * 100}`, value: quantile(values, q), unit: 'ms' },
    }));
  const answers = Object.entries(report?.statuses ?? {}).map(([status, count]) => ({
    ...{ name: status, value: count / SECONDS, unit: 'answers/s' },
  }));
  const grown = (sandbox.logBytes() - before) / 1e6;
  return [
    ...at(took.accepted, 'accepted'),
    ...at(took.final, 'final'),
    ...answers,
    { name: 'log grew', value: grown, unit: 'MB' },
  ];
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
