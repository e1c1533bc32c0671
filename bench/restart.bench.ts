/**
 * How long a pool's clearing takes to be where it was, from the log alone and from a snapshot, over
 * the embedded log: a state of RESTART_PAYMENTS settled payments (default 1,000,000). And how long a
 * sandbox's user waits after RESTART_SANDBOX_PAYMENTS (default 100,000), with its snapshots and without.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSigner } from '../services/core/verification/signing.ts';
import { createTopics } from '../services/live/network-against-log.ts';
import { openEmbeddedLog } from '../services/platform/log/embedded/embedded.ts';
import type { Log } from '../services/platform/log/log.ts';
import {
  createLogger,
  createServiceProcess,
} from '../services/platform/service/service-process.ts';
import { coreModule } from '../services/platform/service/shipped-files.ts';
import { openSnapshotFiles } from '../services/platform/service/snapshot-files.ts';
import type { Bic } from '../services/protocol/names/bic-and-uetr.ts';
import { poolEvents, poolInput } from '../services/protocol/names/topic-plan.ts';
import { writeControl } from '../services/protocol/records/input-record.ts';
import { writeGenesis } from '../services/sandbox/genesis.ts';
import { networkOf } from '../services/sandbox/sandbox-folder.ts';
import { startServices } from '../services/sandbox/start-services.ts';
import { simulatedSecretKey } from '../services/simulator/keys-and-genesis.ts';
import { load } from '../tests/support/run.ts';
import { lineFrom } from './sandbox/messages.ts';
import { Meter } from './sandbox/meter.ts';
import { type SandboxProcess, startSandboxProcess } from './sandbox/sandbox-process.ts';
import { verifiedPayment } from './verified-payment.ts';

const PAYMENTS = Number(process.env.RESTART_PAYMENTS ?? 1_000_000);
const SANDBOX_PAYMENTS = Number(process.env.RESTART_SANDBOX_PAYMENTS ?? 100_000);
const CHUNK = 5_000;
/** Signed at once: within the time in which a signature counts as one of now. */
const LINE = 50_000;
const LINE_PER_SECOND = 2_000;
const scenario = load('smoke');
const network = networkOf(scenario);
const pool = 'main';
const publicKeyOf = (bic: string) => createSigner(simulatedSecretKey(scenario.seed, bic)).publicKey;
const day = Math.floor(Date.now() / 86_400_000);

/** A payment of one cent, forth and back between two banks. */
function record(index: number, timeMs: number): Uint8Array {
  const [from, to] = (index % 2 === 0 ? ['ALFADE00', 'BETASG00'] : ['BETASG00', 'ALFADE00']) as [
    Bic,
    Bic,
  ];
  const id = createHash('sha256').update(String(index)).digest().subarray(0, 16);
  const publicKey = publicKeys.get(from) as Uint8Array;
  return verifiedPayment({ id, from, to, currency: 'EUR', publicKey, timeMs, index });
}
const publicKeys = new Map(scenario.participants.map(({ bic }) => [bic, publicKeyOf(bic)]));

async function fill(log: Log): Promise<void> {
  await createTopics(log, network);
  const timeMs = Date.now();
  await writeGenesis(log, scenario, { timeMs, publicKeyOf, operatorKey: new Uint8Array(32) });
  const open = {
    kind: 'open' as const,
    timeMs,
    currency: 'EUR',
    date: new Date(day * 86_400_000).toISOString().slice(0, 10),
    closesAtMs: (day + 1) * 86_400_000,
  };
  await log.produce(poolInput(pool), [{ key: pool, value: writeControl(open), headers: {} }]);
  for (let from = 0; from < PAYMENTS; from += CHUNK) {
    const count = Math.min(CHUNK, PAYMENTS - from);
    const messages = Array.from({ length: count }, (_, i) => ({
      key: pool,
      value: record(from + i, timeMs),
      headers: {},
    }));
    await log.produce(poolInput(pool), messages);
  }
}

/** Seconds from opening the log until the pool's clearing has applied and written everything. */
async function start(folder: string, snapshots: string | null, stopWell: boolean): Promise<number> {
  const startedMs = performance.now();
  const log = openEmbeddedLog({ folder });
  const shared = createServiceProcess({
    log,
    logger: createLogger(process.env.RESTART_LOG ?? 'fatal'),
    stallMs: 60_000,
  });
  const services = await startServices({
    network,
    core: coreModule(),
    contextOf: (service, of) => shared.context(service, of),
    threads: 0,
    takeoverMs: 0,
    services: ['clearing'],
    ...(snapshots !== null && {
      snapshotsOf: () => openSnapshotFiles(snapshots),
      snapshotRecords: stopWell ? Number.MAX_SAFE_INTEGER : 100_000,
    }),
  });
  while (shared.health.faults().length > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  const seconds = (performance.now() - startedMs) / 1000;
  await services.stop();
  await log.close();
  return seconds;
}

const folder = mkdtempSync(join(tmpdir(), 'corridor-restart-'));
const say = (name: string, value: number) =>
  process.stdout.write(
    `${JSON.stringify({ bench: 'restart', case: name, value, unit: 's', vs: null, ratio: null })}\n`,
  );
/** Fills a sandbox over HTTP, as banks do. */
async function fillSandbox(sandboxFolder: string): Promise<void> {
  await withSandbox(sandboxFolder, async ({ url, served }) => {
    await served;
    for (let sent = 0; sent < SANDBOX_PAYMENTS; sent += LINE) {
      const count = Math.min(LINE, SANDBOX_PAYMENTS - sent);
      const lines = lineFrom(sandboxFolder, { ...LINES, seed: 1 + sent, count });
      await new Meter(url, sandboxFolder, lines).run(LINE_PER_SECOND);
    }
  });
}
const LINES = { banks: 18, senders: 'others' } as const;

/** Seconds since the command was given. */
async function startSandbox(sandboxFolder: string, seed: number) {
  const lines = lineFrom(sandboxFolder, { ...LINES, seed, count: 1 });
  const startedMs = performance.now();
  const since = (ms: number) => (ms - startedMs) / 1000;
  return withSandbox(sandboxFolder, async ({ url, served }) => {
    const ready = served.then(() => since(performance.now()));
    const { startMs, accepted, final } = await new Meter(url, sandboxFolder, lines).run(1);
    return {
      'first-202': since(startMs + (accepted[0] as number)),
      'first-settled': since(startMs + (final[0] as number)),
      ready: await ready,
    };
  });
}

/** It is stopped however `use` ends. */
async function withSandbox<T>(at: string, use: (sandbox: SandboxProcess) => Promise<T>) {
  const sandbox = await startSandboxProcess(at);
  try {
    return await use(sandbox);
  } finally {
    await sandbox.stop();
  }
}

try {
  const logFolder = join(folder, 'log');
  const log = openEmbeddedLog({ folder: logFolder });
  await fill(log);
  await log.close();
  say('first-clearing', await start(logFolder, null, true));
  const check = openEmbeddedLog({ folder: logFolder });
  process.stderr.write(
    `${await check.endOffset(poolInput(pool), 0)} input records, ${await check.endOffset(poolEvents(pool), 0)} messages of events\n`,
  );
  await check.close();
  say('from-log', await start(logFolder, null, true));
  say('from-log-writing-snapshots', await start(logFolder, join(folder, 'snapshots'), true));
  say('from-snapshot', await start(logFolder, join(folder, 'snapshots'), true));
  const sandboxFolder = join(folder, 'sandbox');
  await fillSandbox(sandboxFolder);
  const from = async (snapshots: string, seed: number) => {
    for (const [name, seconds] of Object.entries(await startSandbox(sandboxFolder, seed)))
      say(`sandbox-${snapshots}-${name}`, seconds);
  };
  await from('with-snapshots', 101);
  rmSync(join(sandboxFolder, 'snapshots'), { recursive: true });
  await from('without-snapshots', 102);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
