import type { ClearingServiceOptions } from '../../services/clearing/clearing-service.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { startBusinessDays } from '../../services/gateway/sandbox-business-days.ts';
import { createTopics } from '../../services/live/network-against-log.ts';
import type { LogPort, RunningService } from '../../services/live/service-context.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type { Log } from '../../services/platform/log/log.ts';
import {
  createLogger,
  createServiceProcess,
  type ServiceProcess,
} from '../../services/platform/service/service-process.ts';
import { coreModule } from '../../services/platform/service/shipped-files.ts';
import { PAYMENTS, poolInput } from '../../services/protocol/names/topic-plan.ts';
import type { CoreLimits } from '../../services/protocol/records/control-record.ts';
import { writeGenesis } from '../../services/sandbox/genesis.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import {
  type ServiceName,
  type ServicesOptions,
  startServices,
} from '../../services/sandbox/start-services.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { FaultBanks, signerOf } from '../faults/traffic.ts';
import { load } from './run.ts';

/** A small live network for tests: the scenario `smoke`, its banks, and seeded traffic. */
export const scenario = load('smoke');
export const liveNetwork = networkOf(scenario);
export const POOL = 'main';
export const core = coreModule();
const LIMITS = { livePayments: 10_000, identities: 10_000 };

export const memoryLog = (): Log => createMemoryLog({ now: Date.now });

/** The log of a network as it is founded, without services. */
export async function foundedLog(
  timeMs: number,
  operatorKey: Uint8Array,
  founded = scenario,
): Promise<Log> {
  const log = memoryLog();
  await createTopics(log, networkOf(founded));
  await writeGenesis(log, founded, {
    ...{ timeMs, operatorKey, publicKeyOf: (bic) => signerOf(founded, bic).publicKey },
  });
  return log;
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  // What has not come soon is looked for less often: looking takes processors from what is waited for.
  for (let look = 0; look < 4_000; look++) {
    if (await isSo()) return;
    await pause(look < 200 ? 5 : 20);
  }
  // The services of a test that fails go on: they must not keep its process.
  setTimeout(() => process.exit(1), 1_000).unref();
  throw new Error(`waited in vain until ${what}`);
}

/** Rejects as the service does that ends by itself; and where it does not, after a while. */
export async function ended({ done }: RunningService): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const goesOn = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('it goes on')), 60_000);
  });
  // A timer that is left would keep the process of the test's file.
  return Promise.race([done, goesOn]).finally(() => clearTimeout(timer));
}

export function processOver(log: Log, stallMs = 10_000): ServiceProcess {
  return createServiceProcess({ log, logger: createLogger('silent'), stallMs });
}

/** One service of the network, in a process of its own over the log. */
export function serviceOver(
  log: Log,
  service: ServiceName,
  options: Pick<ServicesOptions, 'nodeKeys'> = {},
): Promise<RunningService> {
  const shared = processOver(log);
  return startServices({
    network: liveNetwork,
    core,
    contextOf: (name, pool) => shared.context(name, pool),
    threads: 0,
    takeoverMs: 0,
    services: [service],
    ...options,
  });
}

export function banksOf(seed: number): FaultBanks {
  const date = new Date().toISOString().slice(0, 10);
  return new FaultBanks({ scenario, seed, count: 0, date });
}

/** Options for one pool's clearing. */
export const clearingOptions = (
  options: Partial<ClearingServiceOptions> = {},
): ClearingServiceOptions => ({
  pool: POOL,
  createCore: (from) => createSettlement(core.module, undefined, from),
  takeoverMs: 0,
  ...options,
});

export interface LiveOptions extends Partial<ServicesOptions> {
  readonly shared?: ServiceProcess;
  /** Default: `smoke`. */
  readonly founded?: Scenario;
  readonly limits?: Partial<CoreLimits>;
  readonly operatorKey?: Uint8Array;
  /** Public key of the clearing node, for the genesis; its secret is `nodeKeys`. */
  readonly nodeKey?: Uint8Array;
  /** Ms since 1970, at the founding; default: the wall clock. */
  readonly nowMs?: () => number;
}

/** Founds the network in the log, begins its day, and starts services. */
export async function startNetwork(log: Log, options: LiveOptions = {}) {
  const shared = options.shared ?? processOver(log);
  const { founded = scenario, limits = LIMITS, nowMs = Date.now } = options;
  const { operatorKey = new Uint8Array(32) } = options;
  const live = networkOf(founded);
  const services = await startServices({
    network: live,
    core,
    contextOf: (service, pool) => shared.context(service, pool),
    threads: 0,
    takeoverMs: 0,
    ...options,
  });
  let failure: unknown;
  services.done.catch((error: unknown) => {
    failure = error;
  });
  /** What a service has ended with is said instead of what is waited for in vain. */
  const goesOn = () => {
    if (failure) throw failure;
  };
  const operator = { ...shared.context('operator'), nowMs };
  await writeGenesis(log, founded, {
    timeMs: nowMs(),
    publicKeyOf: (bic) => signerOf(founded, bic).publicKey,
    operatorKey,
    limits,
    ...(options.nodeKey && { nodeKey: options.nodeKey }),
  });
  const days = await startBusinessDays(operator, live);
  await until('the network is ready', () => shared.health.faults().length === 0);
  return {
    shared,
    goesOn,
    /** Until every reader has what there is, twice in a row. */
    async quiet() {
      let looks = 0;
      await until('all is handled', async () => {
        goesOn();
        looks = (await shared.health.outstanding()) === 0 ? looks + 1 : 0;
        if (looks > 0) await pause(50);
        return looks === 3;
      });
    },
    async stop() {
      await days.stop();
      await services.stop();
    },
  };
}

export async function send(log: LogPort, seed: number, from: number, to: number): Promise<void> {
  const banks = banksOf(seed);
  for (let index = from; index < to; index++) await log.produce(PAYMENTS, banks.messages(index));
}

/** The input of a pool after `count` payments, to be cleared again elsewhere. */
export async function recordInput(seed: number, count: number): Promise<Uint8Array[]> {
  const log = memoryLog();
  const live = await startNetwork(log);
  await send(log, seed, 0, count);
  await live.quiet();
  await live.stop();
  const values: Uint8Array[] = [];
  const end = await log.endOffset(poolInput(POOL), 0);
  while (values.length < end)
    for (const { value } of await log.read(poolInput(POOL), 0, values.length, 1_000))
      values.push(value);
  return values;
}

export async function appendInput(log: LogPort, values: readonly Uint8Array[]): Promise<void> {
  await createTopics(log, liveNetwork);
  await log.produce(
    poolInput(POOL),
    values.map((value) => ({ key: POOL, value, headers: {} })),
  );
}
