/** What tests of a service's start share: every main as a process, over logs made for it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { secretKeyPem } from '../../services/core/verification/signing.ts';
import type { LogPort } from '../../services/live/service-context.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { topicPlan } from '../../services/protocol/names/topic-plan.ts';
import { writeGenesis } from '../../services/sandbox/genesis.ts';
import { signerOf } from '../faults/traffic.ts';
import { liveNetwork, POOL, scenario } from './live.ts';

export const STARTED_SERVICES = [
  'clearing',
  'verifier',
  'notifier',
  'metrics',
  'gateway',
  'bank',
] as const;
/** What a network of two pools has too is started by itself. */
export type StartedService = (typeof STARTED_SERVICES)[number] | 'synchronisation';
export type Env = Record<string, string>;

export function spawnService(
  service: StartedService,
  env: Env,
  stdio: ('ignore' | 'pipe')[],
): ChildProcess {
  const main = fileURLToPath(new URL(`../../services/${service}/main.js`, import.meta.url));
  return spawn(process.execPath, [main], {
    env,
    stdio,
    timeout: 180_000,
    killSignal: 'SIGKILL',
  });
}

function run(service: StartedService, env: Env): Promise<{ code: number | null; stderr: string }> {
  const child = spawnService(service, env, ['ignore', 'ignore', 'pipe']);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}

/** A network's topics and genesis, whose banks no notifier has announced. */
export async function founded(log: LogPort): Promise<void> {
  await log.createTopics(topicPlan([POOL], [], liveNetwork.paymentPartitions));
  await writeGenesis(log, scenario, {
    timeMs: Date.now(),
    publicKeyOf: (bic) => signerOf(scenario, bic).publicKey,
    operatorKey: new Uint8Array(32),
  });
}

/** What topics there are, and how far each goes. */
export async function contents(log: Log): Promise<string> {
  const topics = await log.topics();
  const ends = await Promise.all(
    topics.map(async ({ name }) => [name, await log.endOffset(name, 0)] as const),
  );
  return JSON.stringify([topics, ends]);
}

/**
 * One line, which begins with the service's name and tells no secret.
 * @param together whether they run side by side: not where a log has one process
 * @param exitCode 2 where the user has to mend it, 1 where a later start may pass
 */
async function refuse(
  env: Env,
  line: RegExp,
  services: readonly StartedService[] = STARTED_SERVICES,
  together = false,
  exitCode: 1 | 2 = 2,
): Promise<void> {
  const check = async (service: StartedService) => {
    const { code, stderr } = await run(service, env);
    assert.equal(code, exitCode, `${service}: ${stderr}`);
    assert.ok(stderr.startsWith(`${service}: `), stderr);
    assert.match(stderr, line, service);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    assert.doesNotMatch(stderr, /hushhush|PRIVATE KEY/);
  };
  if (together) await Promise.all(services.map(check));
  else for (const service of services) await check(service);
}

/** A folder of files and logs, and an environment with which every service would start. */
export function createStartWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-startup-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  let folders = 0;
  const newFolder = () => join(folder, `log-${folders++}`);
  const good = (log: string): Env => ({
    CORRIDOR_LOG: log,
    CORRIDOR_NETWORK_FILE: file('network.json', JSON.stringify(liveNetwork)),
    CORRIDOR_POOL: POOL,
    CORRIDOR_THREADS: '0',
    CORRIDOR_CLICKHOUSE_URL: 'http://127.0.0.1:1',
    CORRIDOR_CLICKHOUSE_USER: 'corridor',
    CORRIDOR_CLICKHOUSE_PASSWORD_FILE: file('password', 'hushhush\n'),
    CORRIDOR_GATEWAY_PORT: '0',
    CORRIDOR_BIC: 'ALFADE00',
    CORRIDOR_SECRET_KEY_FILE: file('key.pem', secretKeyPem(new Uint8Array(32).fill(7))),
  });
  return {
    folder,
    file,
    newFolder,
    good,
    refuse,
    /** An embedded log's folder, with what `prepare` wrote. */
    async prepared(prepare: (log: Log) => Promise<void>): Promise<string> {
      const place = newFolder();
      const log = openEmbeddedLog({ folder: place });
      await prepare(log);
      await log.close();
      return place;
    },
    async contentsOf(place: string): Promise<string> {
      const log = openEmbeddedLog({ folder: place });
      try {
        return await contents(log);
      } finally {
        await log.close();
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
