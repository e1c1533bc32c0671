/**
 * Finality under a quorum of three of four auditors, over a real Kafka: the services in this process as in the other benches of
 * the path, and each auditor a process of its own, `corridor audit --follow` as `npx corridor` starts it, with one thread
 * beside for signatures. All of it and the broker share the machine's cores.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { secretKeyPem } from '../../services/core/verification/signing.ts';
import type { SealedBy } from '../../services/notifier/notifier-service.ts';
import { FINAL_SEAL_MS, SEAL_MS } from '../../services/notifier/seal-loop.ts';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import { logKeysFolder, logsFolder } from '../../services/sandbox/secret-keys.ts';
import {
  AUDITORS,
  auditorName,
  auditorSecret,
  auditorsPolicy,
} from '../../tests/faults/auditors.ts';
import { sealIn } from '../../tests/faults/seal-check.ts';
import { startOwnBroker } from '../../tests/support/kafka-broker.ts';
import { cpuUs, type Line, median, quantile } from '../measure.ts';
import { type LivePath, startLivePath } from './live-path.ts';
import { checkAll, latencies, prepare, scenario, throughput } from './load.ts';
import { printProfile, profiled } from './profile.ts';

export const QUORUM_CASES = ['quorum-p99', 'quorum-throughput'] as const;

const RATE = Number(process.env.QUORUM_RATE ?? 2_000);
const SECONDS = Number(process.env.QUORUM_SECONDS ?? 10);
/** Of which the median is told: what else the machine does moves a single one by as much again. */
const ROUNDS = Number(process.env.QUORUM_ROUNDS ?? 3);
const PAYMENTS = Number(process.env.QUORUM_PAYMENTS ?? 20_000);
const WARM_UP = Number(process.env.QUORUM_WARM_UP ?? 20_000);
/**
 * In its first minutes a broker takes more processor time to compile what it does than to do it. A network's runs for
 * weeks; this one is compiled once, less well, and is done with that behind the warm-up.
 */
const JAVA_OPTIONS = '-XX:TieredStopAtLevel=1';
const LEAST = 3;
const CORRIDOR = fileURLToPath(new URL('../../services/cli/main.js', import.meta.url));

function startAuditors(brokers: string, folder: string, { logKey }: SealedBy): ChildProcess[] {
  const policy = join(folder, 'auditors-policy');
  writeFileSync(policy, `log ${logKey}\nquorum none\n`);
  return AUDITORS.map((who) => {
    const own = join(folder, who);
    mkdirSync(own);
    writeFileSync(join(own, 'key.pem'), secretKeyPem(auditorSecret(who)));
    const words = [
      ...['audit', '--log', `kafka:${brokers}`, '--policy', policy, '--follow'],
      ...['--day-keys', logKeysFolder(folder), '--evidence', logsFolder(folder)],
      ...['--key', join(own, 'key.pem'), '--name', auditorName(who), '--state', join(own, 'state')],
    ];
    return spawn(process.execPath, ['--max-semi-space-size=64', CORRIDOR, ...words], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  });
}

/** Processor time of processes, s. */
const spent = (processes: readonly (number | undefined)[]): number =>
  processes.reduce<number>((sum, pid) => sum + cpuUs(pid ?? 0), 0) / 1e6;

/** A network of its own, on a broker of its own. @param least of the four auditors; 0: none is asked, and none runs */
async function withNetwork<T>(
  least: number,
  measure: (path: LivePath, processes: Readonly<Record<string, readonly number[]>>) => Promise<T>,
): Promise<T> {
  const own = await startOwnBroker();
  if ('skip' in own) throw new Error(`no broker, no figure: ${own.skip}`);
  const folder = mkdtempSync(join(tmpdir(), 'corridor-quorum-'));
  const log = await openKafkaLog({ brokers: [own.brokers] });
  const network = networkOf(scenario);
  const pool = network.pools[0]?.name as string;
  const seal = sealIn(
    folder,
    network.network,
    pool,
    least > 0 ? FINAL_SEAL_MS : SEAL_MS,
  ) as SealedBy;
  const path = await startLivePath(log, undefined, {
    sealOf: () => seal,
    ...(least > 0 && { finality: auditorsPolicy(seal.logKey, least) }),
  });
  const auditors = least > 0 ? startAuditors(own.brokers, folder, seal) : [];
  try {
    return await measure(path, {
      services: [process.pid],
      broker: own.pid === undefined ? [] : [own.pid],
      auditors: auditors.flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    });
  } finally {
    for (const child of auditors) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    await path.stop();
    await log.close();
    await own.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function measureQuorum(print: (line: Line) => void): Promise<void> {
  process.env.JAVA_TOOL_OPTIONS ??= JAVA_OPTIONS;
  const sent = new Set<string>();
  const next = (path: LivePath, payments: number) => {
    const load = prepare(path, payments, sent.size + 1);
    for (const uetr of load.uetrs) sent.add(uetr);
    return load;
  };
  const final = await withNetwork(LEAST, async (path, processes) => {
    await throughput(path, next(path, WARM_UP));
    const p99s: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const load = next(path, RATE * SECONDS);
      const before = Object.entries(processes).map(([name, pids]) => [name, spent(pids)] as const);
      p99s.push(quantile(await latencies(path, load, RATE), 0.99));
      for (const [name, was] of before) {
        const seconds = spent(processes[name] ?? []) - was;
        const us = (1e6 * seconds) / load.length;
        process.stderr.write(`${name}: ${us.toFixed(0)} us a payment\n`);
      }
    }
    if (process.env.QUORUM_PROFILE) {
      const more = next(path, RATE * SECONDS);
      const profile = await profiled(async () => void (await latencies(path, more, RATE)), {});
      printProfile('quorum', profile, more.length);
    }
    const rate = await throughput(path, next(path, PAYMENTS));
    await checkAll(path.log, sent);
    return { p99: median(p99s), rate };
  });
  sent.clear();
  const bare = await withNetwork(0, async (path) => {
    await throughput(path, next(path, WARM_UP));
    await latencies(path, next(path, RATE * SECONDS), RATE);
    const rate = await throughput(path, next(path, PAYMENTS));
    await checkAll(path.log, sent);
    return rate;
  });
  print({ case: 'quorum-p99', value: final.p99, unit: 'ms', vs: null, ratio: null });
  print({
    case: 'quorum-throughput',
    value: final.rate,
    unit: 'payments/s',
    vs: 'sealed, no quorum',
    ratio: final.rate / bare,
  });
}
