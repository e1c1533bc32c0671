/** A network's services, each a process over a real Kafka, as `docs/live.md` starts them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSigner } from '../../services/core/verification/signing.ts';
import { type LoadMessage, loadMessages } from '../../services/drive/loadgen.ts';
import { startBusinessDays } from '../../services/gateway/sandbox-business-days.ts';
import { poolNames } from '../../services/live/network.ts';
import { createTopics } from '../../services/live/network-against-log.ts';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import type { Log } from '../../services/platform/log/log.ts';
import {
  createLogger,
  createServiceProcess,
} from '../../services/platform/service/service-process.ts';
import { poolInput } from '../../services/protocol/names/topic-plan.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { writeGenesis } from '../../services/sandbox/genesis.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { simulatedSecretKey } from '../../services/simulator/keys-and-genesis.ts';
import { scenarioFile } from '../../tests/support/run.ts';
import { BANKS, type Path } from './load.ts';
import { PreparedLoad } from './prepared.ts';

export interface ProcessesOptions {
  readonly brokers: string;
  /** For `network.json`. */
  readonly folder: string;
  readonly verifiers: number;
  readonly pools: number;
}

export interface Processes extends Path {
  readonly log: Log;
  readonly scenario: Scenario;
  stop(): Promise<void>;
}

const CURRENCIES = ['EUR', 'USD', 'GBP'];
const TICK_MS = 100;

/** The scenario `load` with a currency a pool, in which every bank has its liquidity. */
function scenarioOf(pools: number): Scenario {
  const codes = CURRENCIES.slice(0, pools);
  const hours = 'opens: "00:00", closes: "24:00", zone: UTC';
  const text = readFileSync(scenarioFile('load'), 'utf8')
    .replace(/^ {2}EUR: .*$/m, codes.map((code) => `  ${code}: { ${hours} }`).join('\n'))
    .replaceAll(
      /accounts: \{ EUR: (\{[^}]*\}) \}/g,
      (_, account) => `accounts: { ${codes.map((code) => `${code}: ${account}`).join(', ')} }`,
    );
  const list = codes.map((code) => `  ${code.toLowerCase()}: [${code}]`).join('\n');
  const whole = pools === 1 ? text : `${text}\npools:\n${list}\n`;
  return loadScenario('load.yaml', { readFile: () => whole });
}

/** In turn from each pool's payments, so that all pools are busy together. */
export function prepareAcross(
  { scenario, secretKeyOf }: Processes,
  payments: number,
  seed: number,
): PreparedLoad {
  const loads = scenario.currencies.map((_, currency) => [
    ...loadMessages({
      scenario: {
        ...scenario,
        participants: scenario.participants.map((one) => ({
          ...one,
          accounts: one.accounts.filter((account) => account.currency === currency),
        })),
      },
      payments: Math.ceil(payments / scenario.currencies.length),
      banks: BANKS,
      seed: seed * CURRENCIES.length + currency,
      startMs: Date.now(),
      rate: 0,
      reads: false,
      secretKeyOf,
    }),
  ]);
  const [first = []] = loads;
  return new PreparedLoad(
    first.flatMap((_, index) => loads.map((load) => load[index] as LoadMessage)),
  );
}

/** Starts a service and resolves with where its probes are. */
async function startService(
  name: string,
  env: Record<string, string>,
  children: ChildProcess[],
): Promise<string> {
  const main = fileURLToPath(new URL(`../../services/${name}/main.js`, import.meta.url));
  const child = spawn(process.execPath, ['--max-semi-space-size=64', main], {
    env: { ...env, PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const url = await new Promise<string>((resolve, reject) => {
    let lines = '';
    child.once('exit', (code) => reject(new Error(`${name} ended with exit code ${code}`)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (lines.length < 10_000) lines += text;
      const probes = /"probes":"(http:[^"]+)"/.exec(lines)?.[1];
      if (probes) resolve(probes);
    });
  });
  return url;
}

async function untilReady(urls: readonly string[]): Promise<void> {
  for (const url of urls)
    while (!(await fetch(`${url}/readyz`)).ok) await new Promise((end) => setTimeout(end, 100));
}

/** Messages of a notifier that are about payments. */
async function notifications(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const counted = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}\\{.*\\} (\\d+)`, 'gm'))].reduce(
      (sum, [, value]) => sum + Number(value),
      0,
    );
  return counted('corridor_notifications_total') - counted('corridor_statements_total');
}

export async function startProcesses(options: ProcessesOptions): Promise<Processes> {
  const scenario = scenarioOf(options.pools);
  const network = networkOf(scenario);
  const secretKeyOf = (bic: string) => simulatedSecretKey(scenario.seed, bic);
  const log = await openKafkaLog({ brokers: [options.brokers] });
  const shared = createServiceProcess({ log, logger: createLogger('error'), stallMs: 60_000 });
  await createTopics(log, network);
  await writeGenesis(log, scenario, {
    timeMs: Date.now(),
    publicKeyOf: (bic) => createSigner(secretKeyOf(bic)).publicKey,
    operatorKey: new Uint8Array(32),
  });
  const days = await startBusinessDays(shared.context('operator'), network);
  const networkFile = join(options.folder, 'network.json');
  writeFileSync(networkFile, JSON.stringify(network));
  const env = {
    CORRIDOR_LOG: `kafka:${options.brokers}`,
    CORRIDOR_NETWORK_FILE: networkFile,
    CORRIDOR_THREADS: '0',
    CORRIDOR_TAKEOVER_MS: '0',
  };
  const children: ChildProcess[] = [];
  const start = (name: string, more = {}) => startService(name, { ...env, ...more }, children);
  const pools = poolNames(network);
  const clearing = await Promise.all(
    pools.map((pool) => start('clearing', { CORRIDOR_POOL: pool })),
  );
  const notifier = await start('notifier');
  const verifiers = await Promise.all(
    Array.from({ length: options.verifiers }, () => start('verifier')),
  );
  const ticks = setInterval(() => {
    for (const pool of pools) {
      const value = writeControl({ kind: 'tick', timeMs: Date.now() });
      log.produce(poolInput(pool), [{ key: pool, value, headers: {} }]).catch(() => {});
    }
  }, TICK_MS);
  await untilReady([...clearing, notifier, ...verifiers]);
  return {
    log,
    scenario,
    secretKeyOf,
    // A settled payment has a status and a delivery; the keys of the genesis are there from the start.
    statusesOut: async () => (await notifications(notifier)) / 2,
    async stop() {
      clearInterval(ticks);
      const ends = children.map((child) => {
        child.removeAllListeners('exit');
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        return ended;
      });
      await Promise.all([...ends, days.stop()]);
      await log.close();
    },
  };
}
