import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { operatorOf, readFounded } from '../onboarding/founded-network.ts';
import { OperatorClient } from '../onboarding/gateway-client.ts';
import { BadInput, EXIT } from '../platform/exit-codes.ts';
import type { Log } from '../platform/log/log.ts';
import { OPERATOR } from '../protocol/messages/operator-command.ts';
import { TELEMETRY } from '../protocol/names/topic-plan.ts';
import { openLogToRead } from '../replay/named-log.ts';
import { sandboxStore } from '../replay/named-store.ts';
import { reconcileLive } from '../replay/reconcile-live.ts';
import { firstFault, replayLog } from '../replay/replay-log.ts';

/** What a drill breaks: which processes it kills, and what of the folder is gone when they come again. */
export const BREAKS = {
  all: { kills: 'all', removes: null },
  services: { kills: 'services', removes: null },
  store: { kills: 'store', removes: null },
  snapshot: { kills: 'all', removes: 'snapshots' },
  tables: { kills: 'all', removes: 'clickhouse' },
} as const;
export type BreakName = keyof typeof BREAKS;

/** CPMI-IOSCO PFMI, principle 17, key consideration 6: critical systems go on within two hours. */
const RECOVERY_MAX_S = 7_200;

export interface DrillOptions {
  /** Starts the sandbox, which the drill owns from then on: a program and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly folder: string;
  readonly breaks: BreakName;
  /** How long it runs before it is broken, s. */
  readonly runsForSeconds: number;
  /** How long it is waited for, s. */
  readonly waitsSeconds: number;
  /** What it does next. */
  readonly tell: (phase: string) => void;
}

export interface DrillResult {
  readonly breaks: BreakName;
  /** From the kill until everything was ready again. */
  readonly recoverySeconds: number;
  readonly recoverySecondsMax: number;
  /** Records that the log had at the break, and how many of them it has not, or not as they were; null: it went on. */
  readonly log: { readonly records: number; readonly lost: number } | null;
  /** Why a replay of the log gives other events than it has; null: it gives the same. */
  readonly replayFault: string | null;
  readonly events: number;
  /** Figures of the store against the events: how many, and those that differ. */
  readonly store: { readonly figures: number; readonly different: readonly string[] };
  /** Whether the business day of each currency closed by the operator's command; else why not. */
  readonly closed: Readonly<Record<string, true | string>>;
  readonly isPassed: boolean;
}

const LOOK_MS = 50;
/** Of a probe: one that hangs is asked again, so that the drill ends when it is to. */
const PROBE_MS = 2_000;
const STOP_MS_MAX = 60_000;

/**
 * Breaks a sandbox that it starts itself, and says what became of it. Throws where it does not start or come again.
 * @param signal ends the sandbox as its Ctrl-C does, and the drill with it
 */
export async function drill(options: DrillOptions, signal?: AbortSignal): Promise<DrillResult> {
  const { folder, breaks, runsForSeconds, tell } = options;
  const { kills, removes } = BREAKS[breaks];
  tell('starting the sandbox');
  let sandbox = await start(options, signal);
  try {
    tell(`it runs for ${runsForSeconds} s`);
    await pause(runsForSeconds * 1000, undefined, { signal });
    const engines = childrenOf(sandbox.child.pid as number);
    if (kills === 'store' && engines.length === 0)
      throw new Error(
        `no process of a store was found after ${runsForSeconds} s, so nothing was broken: let it run longer, on Linux`,
      );
    tell('broken; waiting until it is ready again');
    const brokenMs = performance.now();
    let before: Written | null = null;
    let readMs = 0;
    if (kills === 'store') {
      engines.forEach(killIfThere);
      await engineAgain(sandbox, engines, options.waitsSeconds);
    } else {
      // Killed first, the engine could be missed: its process would be started again.
      sandbox.child.kill('SIGKILL');
      if (kills === 'all') engines.forEach(killIfThere);
      await sandbox.ended;
      const readingMs = performance.now();
      before = await reading(folder, (log) => written(log));
      if (removes) rmSync(join(folder, removes), { recursive: true, force: true });
      readMs = performance.now() - readingMs;
      sandbox = await start(options, signal);
    }
    await ready(sandbox, options.waitsSeconds);
    const recoverySeconds = (performance.now() - brokenMs - readMs) / 1000;
    tell('ready; closing the day');
    const closed = await closeDay(folder, sandbox.gatewayUrl);
    await stop(sandbox);
    tell('stopped; settling its log once more');
    return await judged({ folder, breaks, recoverySeconds, before, closed });
  } finally {
    if (signal?.aborted)
      await Promise.race([sandbox.ended, pause(STOP_MS_MAX, null, { ref: false })]);
    end(sandbox.child);
  }
}

/** With its engine, where it is there still. */
function end(child: ChildProcess): void {
  const engines = childrenOf(child.pid as number);
  if (child.kill('SIGKILL')) engines.forEach(killIfThere);
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
  /** How it ended; null: it runs. */
  readonly end: () => string | null;
  readonly gatewayUrl: string;
  readonly probesUrl: string;
}

/** Resolves when it says how it is to be ended: `corridor up` then serves. */
async function start(
  { command, waitsSeconds }: DrillOptions,
  signal?: AbortSignal,
): Promise<Started> {
  signal?.throwIfAborted();
  const [program, ...args] = command;
  // A process group of its own: Ctrl-C on a terminal is for the drill, which ends the sandbox.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  signal?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  let [said, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('close', (code, signal) => resolve(`it ended with ${signal ?? code}: ${errors}`));
  });
  let how: string | null = null;
  void ended.then((text) => {
    how = text;
  });
  try {
    await until(waitsSeconds, 'the sandbox did not start', () => {
      if (how !== null && child.exitCode === EXIT.badInput)
        throw new BadInput(errors.trim().replace(/^corridor: /, ''));
      if (how !== null) throw new Error(`the sandbox did not start: ${how.trim()}`);
      return said.includes('Ctrl-C ends it');
    });
  } catch (error) {
    end(child);
    throw error;
  }
  const url = (name: string) =>
    new RegExp(`^ +${name} +(http://[^/\\s]+)`, 'm').exec(said)?.[1] ?? '';
  return { child, ended, end: () => how, gatewayUrl: url('gateway'), probesUrl: url('probes') };
}

async function until(
  seconds: number,
  otherwise: string,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const giveUpMs = performance.now() + seconds * 1000;
  while (!(await isSo())) {
    if (performance.now() > giveUpMs) throw new Error(`${otherwise} within ${seconds} s`);
    await pause(LOOK_MS);
  }
}

/** Throws where it ended by itself meanwhile. */
function stillRuns({ end }: Started): void {
  const how = end();
  if (how !== null) throw new Error(`the sandbox did not recover: ${how.trim()}`);
}

const ready = (sandbox: Started, seconds: number) =>
  until(seconds, 'it was not ready again', async () => {
    stillRuns(sandbox);
    const { probesUrl } = sandbox;
    const signal = AbortSignal.timeout(PROBE_MS);
    const answer = await fetch(`${probesUrl}/readyz`, { signal }).catch(() => null);
    return answer?.ok === true;
  });

const engineAgain = (sandbox: Started, killed: readonly number[], seconds: number) =>
  until(seconds, 'the store did not come again', () => {
    stillRuns(sandbox);
    return childrenOf(sandbox.child.pid as number).some((pid) => !killed.includes(pid));
  });

/** Of Linux: elsewhere a drill knows of none. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
        .split(' ')
        .filter((text) => text.trim() !== '')
        .map(Number),
    );
  } catch {
    return [];
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {}
}

async function stop({ child, ended }: Started): Promise<void> {
  child.kill('SIGTERM');
  const isStopped = await Promise.race([
    ended.then(() => true),
    pause(STOP_MS_MAX, false, { ref: false }),
  ]);
  if (!isStopped) throw new Error(`the sandbox did not stop within ${STOP_MS_MAX / 1000} s`);
}

/** Commands the close of each currency's date, and says which was done. */
async function closeDay(folder: string, url: string): Promise<Record<string, true | string>> {
  const network = readFounded(folder);
  const client = new OperatorClient({
    ...{ url, network: network.network },
    ...operatorOf(folder, OPERATOR),
  });
  const date = new Date().toISOString().slice(0, 10);
  const closed: Record<string, true | string> = {};
  for (const { name, currencies } of network.pools)
    for (const { code: currency } of currencies) {
      const { id } = await client.give(name, { kind: 'close', currency, date });
      const { outcome, detail } = await client.outcome(name, id);
      closed[currency] = outcome === 'done' || (detail ?? outcome);
    }
  return closed;
}

/** Digests of records in their order, by topic and partition. */
export type Written = ReadonlyMap<string, readonly string[]>;

async function reading<T>(folder: string, use: (log: Log) => Promise<T>): Promise<T> {
  const log = await openLogToRead(`embedded:${join(folder, 'log')}`, 'corridor-drill');
  try {
    return await use(log);
  } finally {
    await log.close();
  }
}

const READ_RECORDS = 4096;

/** Each record of the log by its digest: telemetry is forgotten by itself, and is no record of the network. */
async function written(log: Log): Promise<Written> {
  const all = new Map<string, readonly string[]>();
  for (const { name, partitions } of await log.topics())
    for (let partition = 0; partition < partitions && name !== TELEMETRY; partition++) {
      const digests: string[] = [];
      const end = await log.endOffset(name, partition);
      for (let next = await log.startOffset(name, partition); next < end; ) {
        const records = await log.read(name, partition, next, READ_RECORDS);
        for (const { value } of records)
          digests.push(createHash('sha256').update(value).digest('base64'));
        const last = records.at(-1);
        if (!last) break;
        next = last.logOffset + 1;
      }
      all.set(`${name}/${partition}`, digests);
    }
  return all;
}

/** How many records of what was written the log has not any more, or not as they were. */
export function lostOf(before: Written, after: Written): { records: number; lost: number } {
  let [records, lost] = [0, 0];
  for (const [place, digests] of before) {
    const now = after.get(place) ?? [];
    records += digests.length;
    digests.forEach((digest, index) => {
      if (now[index] !== digest) lost += 1;
    });
  }
  return { records, lost };
}

async function judged({
  folder,
  breaks,
  recoverySeconds,
  before,
  closed,
}: Pick<DrillResult, 'breaks' | 'recoverySeconds' | 'closed'> & {
  readonly folder: string;
  readonly before: Written | null;
}): Promise<DrillResult> {
  const log = before && lostOf(before, await reading(folder, (opened) => written(opened)));
  const replay = await replayLog(`embedded:${join(folder, 'log')}`, undefined);
  const { place, run } = sandboxStore(folder);
  const pools = await reconcileLive({
    ...{ log: `embedded:${join(folder, 'log')}`, clickHouse: place, run },
  });
  const checks = pools.flatMap((pool) => pool.checks);
  const store = {
    figures: checks.length,
    different: checks.filter(({ agrees }) => !agrees).map(({ figure }) => figure),
  };
  const replayFault = firstFault(replay);
  return {
    ...{ breaks, recoverySeconds, recoverySecondsMax: RECOVERY_MAX_S, log, replayFault },
    ...{ events: replay.pools.reduce((sum, { events }) => sum + events, 0), store, closed },
    isPassed:
      recoverySeconds <= RECOVERY_MAX_S &&
      (log?.lost ?? 0) === 0 &&
      replayFault === null &&
      store.different.length === 0 &&
      Object.values(closed).every((isClosed) => isClosed === true),
  };
}
