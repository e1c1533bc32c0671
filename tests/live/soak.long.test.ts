/**
 * A sandbox under steady traffic keeps its memory: after a warm-up, in which what is remembered fills up,
 * it may grow by 5 %. The figure is the process's resident memory after forced collections, and
 * nothing is taken off it. By design it grows by what clearing must remember of each payment for
 * `identityDays`: IDENTITY_BYTES of WebAssembly memory (docs/live.md, "What is remembered"). Memory
 * follows payments that wait, too: traffic that drains no account leaves none for long.
 *
 * `npm run test:long -- live/soak`; CORRIDOR_SOAK_MINUTES and CORRIDOR_SOAK_RATE make it another one.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { scenarioFile } from '../support/run.ts';
import type { MemorySample } from './soak.child.ts';

const MINUTES = Number(process.env.CORRIDOR_SOAK_MINUTES ?? 30);
const RATE = Number(process.env.CORRIDOR_SOAK_RATE ?? 300);
/** Of the whole: until then indices, caches and the collector's young generation are full. */
const WARM_UP = 0.5;
/** Of payments settled: more that wait have been piling up. */
const WAITING_MAX = 0.01;
/** The rest is cut into so many windows; the median of the last is held against that of the first. */
const WINDOWS = 5;
const SAMPLE_MS = 5_000;
const GROWTH_MAX = 0.05;
/** The identity itself: the index over it is there from the start. */
const IDENTITY_BYTES = 56;
const MEGABYTE = 1_048_576;

const MAIN = fileURLToPath(new URL('../../services/cli/main.js', import.meta.url));
const PROBE = new URL('./soak.child.js', import.meta.url).href;

test(`${RATE} payments a second for ${MINUTES} minutes: memory keeps`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-soak-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const flags = ['--data', join(folder, 'sandbox'), '--port', '0', '--view-port', '0'];
  const node = ['--expose-gc', '--max-semi-space-size=64', '--import', PROBE, MAIN];
  const up = ['up', scenarioFile('four-corridors'), ...flags, '--traffic', String(RATE)];
  const child = spawn(process.execPath, [...node, ...up], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  t.after(() => child.kill('SIGKILL'));
  const metricsUrl = await probesOf(child);

  const samples: (MemorySample & { readonly atS: number })[] = [];
  const startedMs = Date.now();
  const elapsedS = () => (Date.now() - startedMs) / 1_000;
  while (elapsedS() < MINUTES * 60) {
    await pause(SAMPLE_MS);
    child.send('sample');
    const [sample] = (await once(child, 'message')) as [MemorySample];
    samples.push({ ...sample, atS: Math.round(elapsedS()) });
  }
  const sum = await figures(metricsUrl);
  child.kill('SIGTERM');
  await once(child, 'exit');

  const [first, last] = ends(samples);
  const payments = sum('corridor_bank_payments_settled');
  const growth = (kind: keyof MemorySample) => last[kind] / first[kind] - 1;
  const byDesign = (payments / MINUTES) * minutesBetween * IDENTITY_BYTES;
  for (const { atS, rss, heapUsed, arrayBuffers } of samples.filter((_, at) => at % 12 === 11))
    t.diagnostic(`${atS} s: ${inMegabytes({ rss, heapUsed, arrayBuffers })}`);
  t.diagnostic(`first window ${inMegabytes(first)}; last ${inMegabytes(last)}`);
  const waiting = sum('corridor_payments_waiting');
  t.diagnostic(`${waiting} payments wait, which memory follows`);
  t.diagnostic(
    `RSS grew by ${(growth('rss') * 100).toFixed(1)} %, of it by design, for identities, about ${(byDesign / MEGABYTE).toFixed(1)} MB; ${payments} payments settled`,
  );
  // A sandbox that stood still would keep its memory, too.
  assert.ok(payments > 0.5 * sum('corridor_bank_payments_sent'), `${payments} settled`);
  assert.ok(payments > 0.25 * RATE * MINUTES * 60, `${payments} settled`);
  assert.ok(waiting < WAITING_MAX * payments, `${waiting} of ${payments} wait`);
  assert.ok(growth('rss') < GROWTH_MAX, `resident: ${inMegabytes(first)} to ${inMegabytes(last)}`);
  assert.ok(growth('heapUsed') < GROWTH_MAX, `heap: ${inMegabytes(first)} to ${inMegabytes(last)}`);
});

/** Between the middles of the first and the last window. */
const minutesBetween = MINUTES * (1 - WARM_UP) * (1 - 1 / WINDOWS);

/** The address of its figures, once it says how it is to be ended. */
function probesOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const url = /(http:\S+\/metrics)/.exec(said)?.[1];
      if (url && said.includes('Ctrl-C ends it')) resolve(url);
    });
  });
}

/** Sums of a figure over all banks. */
async function figures(url: string): Promise<(name: string) => number> {
  const lines = (await (await fetch(url)).text()).split('\n');
  return (name) =>
    lines
      .filter((line) => line.startsWith(`${name}{`))
      .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
}

/** Medians of the first and the last window after the warm-up. */
function ends(samples: readonly MemorySample[]): [MemorySample, MemorySample] {
  const measured = samples.slice(Math.floor(samples.length * WARM_UP));
  const length = Math.floor(measured.length / WINDOWS);
  assert.ok(length >= 3, `${samples.length} samples are too few for ${WINDOWS} windows`);
  return [medians(measured.slice(0, length)), medians(measured.slice(-length))];
}

function medians(window: readonly MemorySample[]): MemorySample {
  const of = (kind: keyof MemorySample) =>
    window.map((one) => one[kind]).sort((a, b) => a - b)[Math.floor(window.length / 2)] as number;
  return { rss: of('rss'), heapUsed: of('heapUsed'), arrayBuffers: of('arrayBuffers') };
}

const inMegabytes = ({ rss, heapUsed, arrayBuffers }: MemorySample) => {
  const [all, heap, buffers] = [rss, heapUsed, arrayBuffers].map((one) =>
    Math.round(one / MEGABYTE),
  );
  return `${all} MB resident, ${heap} MB heap, ${buffers} MB buffers`;
};
