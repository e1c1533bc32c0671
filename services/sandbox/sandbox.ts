import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { WatchModel } from '../analysis/watch/watch-model.ts';
import { startBank } from '../bank/bank-service.ts';
import { RANDOM_AMOUNT_MAX, randomOrders } from '../bank/random-orders.ts';
import { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { createSigner } from '../core/verification/signing.ts';
import { NETWORK_POLICY_FILE } from '../gateway/evidence-policy-check.ts';
import { startGateway } from '../gateway/gateway-service.ts';
import { startBusinessDays } from '../gateway/sandbox-business-days.ts';
import type { DrivePort } from '../live/drive-port.ts';
import { currenciesOf } from '../live/network.ts';
import { checkNetwork, createTopics } from '../live/network-against-log.ts';
import { isPassing } from '../live/passing-faults.ts';
import { inOrder, together } from '../live/retry-loop.ts';
import type { RunningService, ServiceContext } from '../live/service-context.ts';
import { reporting } from '../live/service-telemetry.ts';
import { readAlertRules } from '../metrics/ask-alert-rules.ts';
import { openComparedSeal, type SealedBy } from '../notifier/notifier-service.ts';
import { FINAL_SEAL_MS, SEAL_MS } from '../notifier/seal-loop.ts';
import { createStore } from '../platform/clickhouse/reconnecting-store.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { takesAwayNew } from '../platform/folders-and-whole-files.ts';
import { openEmbeddedLog } from '../platform/log/embedded/embedded.ts';
import { LogError } from '../platform/log/log.ts';
import { compiledCore, version } from '../platform/service/build-info.ts';
import { ConfigError } from '../platform/service/environment-variables.ts';
import {
  ENDED_OVER_FAULT,
  openLogFile,
  sayOnStderr,
  unwrittenText,
} from '../platform/service/log-file.ts';
import { logReader, openLogFolders } from '../platform/service/seal-folders.ts';
import { createServiceProcess, type ServiceProcess } from '../platform/service/service-process.ts';
import { alertRulesText, coreModule, schemaFolder } from '../platform/service/shipped-files.ts';
import { openSnapshotFiles } from '../platform/service/snapshot-files.ts';
import { verificationThreads } from '../platform/service/verification-threads.ts';
import { OPERATOR } from '../protocol/messages/operator-command.ts';
import type { Bic, Uetr } from '../protocol/names/bic-and-uetr.ts';
import { OPERATOR_ROLE } from '../protocol/names/participant-roles.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { KEY_ID } from '../simulator/keys-and-genesis.ts';
import { type LiveView, startLiveView } from '../view/view-service.ts';
import {
  auditorsGroup,
  FINALITY_POLICY_FILE,
  finalityPolicyOf,
  madeAuditors,
  makeFinalityPolicy,
  ownAuditors,
  startAuditors,
} from './auditors.ts';
import { balancedRates, holdersOf } from './balanced-traffic.ts';
import { VIEW_PORT } from './default-ports.ts';
import { refuseOtherScenario, writeGenesis } from './genesis.ts';
import { refuseOtherBankKeys, refuseOtherLogKey } from './keys-check.ts';
import { openSandboxFolder, type SandboxFolder } from './sandbox-folder.ts';
import { createSandboxStore, type SandboxStore } from './sandbox-store.ts';
import { logKeyFile, logKeysFolder, logsFolder, makeNodeKey, nodeKeyFile } from './secret-keys.ts';
import { startServices } from './start-services.ts';
import { storeRemedy } from './store-fault-line.ts';
import { viewFiles } from './view-files.ts';
import {
  makeWitnesses,
  networkPolicyOf,
  ownWitnesses,
  refuseTooManyWitnesses,
  startWitnesses,
  witnessesIn,
  witnessMajority,
} from './witness-keys-and-majority.ts';

export interface SandboxOptions {
  readonly scenario: Scenario;
  readonly folder: string;
  /** Of the probes: /healthz, /readyz, /metrics. */
  readonly probesHost: string;
  readonly probesPort: number;
  /** Of the gateway: payments, statuses and commands over HTTP, on the loopback address. */
  readonly gatewayPort: number;
  /** Of the live view, on the loopback address; null: VIEW_PORT, or one that is free. */
  readonly viewPort: number | null;
  /** Of all its banks together; 0: they send nothing by themselves. */
  readonly paymentsPerSecond: number;
  /** So many of its banks witness the logs: as many as its policy names, where it has one; default: those. */
  readonly witnesses?: number;
  /**
   * So many processes settle all of it again, and banks are told what is final once more than half of them agree: as many
   * as its policy names by keys that are in the folder, where it has one; default: those.
   */
  readonly auditors?: number;
  /** By which payments are scored as they come in; default: none is. */
  readonly watch?: WatchModel;
  /** Told the gateway's address once it takes payments, which is before the rest has started. */
  readonly onGateway?: (url: string) => void;
}

export interface Sandbox extends RunningService {
  readonly folder: SandboxFolder;
  readonly probesUrl: string;
  readonly gatewayUrl: string;
  /** Of the live view, with its access token: who has it sees every bank's payments. */
  readonly viewUrl: string;
  /** Why there are no tables and dashboards, in one line; null: the analysis store runs. */
  storeFault(): string | null;
  /** Its banks that witness the logs. */
  readonly witnesses: readonly string[];
  /** Its auditors, by number. */
  readonly auditors: readonly string[];
  /** Shows a scenario that is driven through the network, and gives the view the hand on it. */
  showDrive(port: DrivePort): void;
  /** Of one more service in this process, over the sandbox's log. */
  context(service: string): ServiceContext;
}

const STALL_MS = 10_000;
const READY_LOOK_MS = 20;
/** An analysis store that has not answered by then is left behind: it fills when it does. */
const STORE_WAIT_MS = 10_000;
/** A line of /readyz. */
const isOfStore = (fault: string) => /^(store|metrics)\b/.test(fault);

/**
 * A live network on one machine and in one process: the services over the embedded log and an embedded ClickHouse.
 * What is in the folder goes on where it was. Throws BadInput in one line where the folder or a port cannot be
 * used; a folder that it made is gone then. Which services it starts: start-services.ts.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { scenario } = options;
  const takeAway = takesAwayNew(options.folder);
  refuseTooManyWitnesses('--witnesses', options.witnesses ?? 0, scenario);
  const folder = openSandboxFolder(options.folder, scenario, true);
  const witnessed = witnessedBy(folder, options);
  const log = openLog(folder);
  const { logger, close: closeLogFile } = openLogFile(folder.file('corridor.log'), (reason) =>
    sayOnStderr(`corridor: ${unwrittenText(folder.file('corridor.log'), reason)}`),
  );
  const shared = createServiceProcess({ log, logger, stallMs: STALL_MS });
  const clickHouse = createSandboxStore(folder.file('clickhouse'), (fault) => {
    if (fault === null) logger.info({ service: 'store' }, 'the analysis store goes on');
    else logger.error({ service: 'store', reason: fault }, 'the analysis store does not start');
  });
  shared.health.of('store').readiness('engine', clickHouse.fault);
  const remedy = storeRemedy(folder.file('clickhouse'));
  const store = { ...createStore(clickHouse.address, schemaFolder()), remedy };
  const close = async () => {
    await shared.close();
    await store.close();
    await clickHouse.stop();
    await log.close();
    await closeLogFile();
  };
  const started: RunningService[] = [];
  const begin = async <Service extends RunningService>(start: () => Promise<Service>) => {
    const service = await start();
    started.push(service);
    return service;
  };
  try {
    // Ready means that all of it serves: until then what has started says what it lacks.
    const { probes } = shared.context('sandbox');
    const hasStarted = probes.readiness('start', () => 'has not started yet');
    const probesUrl = await listenForProbes(shared, options);
    const isFounded = await checkNetwork(shared.context('topics').log, folder.network);
    await refuseOtherScenario(shared.context('topics').log, scenario);
    await found(shared, folder, scenario, isFounded);
    await refuseOtherBankKeys(shared.context('topics'), folder, scenario);
    // Before anybody can pay: what is taken behind a log of an earlier time is settled twice under one number.
    for (const { name } of folder.network.pools) {
      const seal = sealOf(folder, name, SEAL_MS);
      if (seal) await openComparedSeal(shared.context('notifier', name), seal);
    }
    // They read the log, which closes last.
    const auditors = await begin(async () =>
      startAuditors(shared.context('auditors'), folder, log, witnessed.auditors),
    );
    const gateway = await begin(() =>
      startSandboxGateway(shared, folder, options.gatewayPort, witnessed.policy),
    );
    options.onGateway?.(gateway.url);
    const services = await begin(() =>
      startAll(shared, folder, options, store, witnessed.finality),
    );
    const witnesses = await begin(() =>
      startWitnesses((name) => shared.context(name), folder, witnessed.banks, treeHashing()),
    );
    await caughtUp(shared, together([services, witnesses]), clickHouse);
    const view = await begin(() => startSandboxView(shared, folder, options.viewPort));
    const banks = await begin(() =>
      startTraffic(shared, folder, scenario, options.paymentsPerSecond),
    );
    const running = together([witnesses, banks, services, gateway, view]);
    running.done.catch((error: Error) => logger.error({ reason: error.message }, ENDED_OVER_FAULT));
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= stopAll([witnesses, banks, view, gateway, services, auditors])
        .catch((error: unknown) => {
          if (!isPassing(error)) throw error;
          logger.warn({ reason: error.message }, 'the batch in hand is left to the next start');
        })
        .finally(close);
      return stopped;
    };
    hasStarted();
    return {
      folder,
      probesUrl,
      gatewayUrl: gateway.url,
      viewUrl: `${view.url}/#token=${folder.viewToken()}`,
      storeFault: () =>
        clickHouse.fault() ?? shared.health.faults().find((fault) => isOfStore(fault)) ?? null,
      witnesses: witnessed.banks,
      auditors: witnessed.auditors,
      showDrive: (port) => view.drive(port),
      context: (service) => shared.context(service),
      stop,
      done: running.done,
    };
  } catch (error) {
    logger.error({ reason: (error as Error).message }, ENDED_OVER_FAULT);
    await stopAll([...started].reverse()).catch(() => {});
    await close();
    // Nothing was sent to it, as nobody had its keys. What else fails may be looked into.
    if (error instanceof BadInput) takeAway();
    throw error;
  }
}

interface WitnessedBy {
  /** Of receipts; null: they wait for nobody. */
  readonly policy: string | null;
  readonly banks: readonly string[];
  /** Of what is told as final; null: that waits for nobody. */
  readonly finality: string | null;
  readonly auditors: readonly string[];
}

/**
 * Makes witnesses and auditors where they are asked for, and says who they are. A folder of which more or fewer are asked
 * is refused, and stays as it was.
 */
function witnessedBy(folder: SandboxFolder, { scenario, ...options }: SandboxOptions): WitnessedBy {
  const there = cosignersOf(folder, scenario);
  const { policy, banks, finality, auditors } = there;
  refuseOtherThan(
    '--witnesses',
    options.witnesses,
    policy && `${folder.file(NETWORK_POLICY_FILE)} names ${banks.length} of its banks`,
    banks,
  );
  refuseOtherThan(
    '--auditors',
    options.auditors,
    finality && `${folder.file(FINALITY_POLICY_FILE)} names ${auditors.length} whose keys are here`,
    auditors,
  );
  const { witnesses: asked = 0, auditors: audited = 0 } = options;
  if (asked + audited === 0) return there;
  const able = witnessesIn(scenario).slice(0, asked);
  if (audited > 0) makeFinalityPolicy(folder, audited);
  // Receipts show what the auditors of a new network say.
  const beside = audited > 0 ? [auditorsGroup(madeAuditors(folder, audited))] : [];
  makeWitnesses(folder, able, witnessMajority(asked), beside);
  return cosignersOf(folder, scenario);
}

/** Who cosigns by the policies that are in the folder. */
function cosignersOf(folder: SandboxFolder, scenario: Scenario): WitnessedBy {
  const policy = networkPolicyOf(folder);
  const finality = finalityPolicyOf(folder);
  return {
    ...{ policy, banks: policy === null ? [] : ownWitnesses(folder, scenario, policy) },
    ...{ finality, auditors: finality === null ? [] : ownAuditors(folder, finality) },
  };
}

function refuseOtherThan(
  option: string,
  asked: number | undefined,
  said: string | null,
  { length }: readonly string[],
): void {
  if (asked !== undefined && said !== null && length !== asked)
    throw new BadInput(`${option} ${asked}: ${said}; leave the option out, or change that file`);
}

/** One after the other, each whatever became of the one before; rejects with the first failure. */
async function stopAll(services: readonly RunningService[]): Promise<void> {
  const failures: unknown[] = [];
  for (const service of services)
    await service.stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

function openLog(folder: SandboxFolder) {
  try {
    return openEmbeddedLog({ folder: folder.file('log') });
  } catch (error) {
    // Nothing has begun: what the file system refuses is the user's to mend.
    if (error instanceof LogError && ['locked', 'storeFailed'].includes(error.kind))
      throw new BadInput(error.message);
    throw error;
  }
}

async function startAll(
  shared: ServiceProcess,
  folder: SandboxFolder,
  { scenario, watch }: SandboxOptions,
  store: ReturnType<typeof createStore>,
  finality: string | null,
): Promise<RunningService> {
  const { network } = folder;
  const services = await startServices({
    network,
    core: coreModule(),
    snapshotsOf: (pool) => openSnapshotFiles(folder.file(`snapshots/${pool}`)),
    contextOf: (service, pool) => shared.context(service, pool),
    // One thread is this one.
    threads: verificationThreads(),
    // The log admits this process alone.
    takeoverMs: 0,
    nodeKeys: () => readFileSync(nodeKeyFile(folder.path), 'utf8'),
    sealOf: (pool) => sealOf(folder, pool, finality === null ? SEAL_MS : FINAL_SEAL_MS),
    ...(finality !== null && { finality }),
    synchronisation: synchronisationOf(folder, scenario),
    store,
    rules: readAlertRules(alertRulesText()),
    ...(watch && { watch }),
  });
  const operator = shared.context('operator');
  return reporting(operator, inOrder([await startBusinessDays(operator, network), services]), {
    instance: 'sandbox',
    samples: shared.health.samples,
  });
}

let hashing: TreeHashing | undefined;
/** Of all logs of this process: no call goes on into another. */
const treeHashing = (): TreeHashing => (hashing ??= new TreeHashing(compiledCore()));

/** The log of a pool; null: the sandbox was founded before pools had one. */
function sealOf({ path, network }: SandboxFolder, pool: string, everyMs: number): SealedBy | null {
  const logKey = network.pools.find(({ name }) => name === pool)?.logKey;
  if (logKey === undefined) return null;
  try {
    const folders = openLogFolders(logsFolder(path), logKeysFolder(path), pool);
    refuseOtherLogKey(logKey, folders.secretPem, logKeyFile(path, pool));
    return { logKey, hashing: treeHashing(), everyMs, logName: join(path, 'log'), ...folders };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new BadInput(error.message);
  }
}

/** The synchronisation operators of a network of several pools, each with its own key. */
const synchronisationOf = ({ secretKeyOf }: SandboxFolder, { participants, pools }: Scenario) =>
  participants.flatMap(({ bic, role }) => {
    if (pools.length < 2 || role !== OPERATOR_ROLE) return [];
    const signer = createSigner(secretKeyOf(bic));
    return [{ bic: bic as Bic, keyId: KEY_ID, sign: (text: Uint8Array) => signer.sign(text) }];
  });

/**
 * Resolves when the services have nothing behind them; rejects where one ends over an error. Settlement
 * waits for its tables as long as they may take to answer: what they lack they get from the log later.
 */
async function caughtUp(
  { health, context }: ServiceProcess,
  { done }: RunningService,
  engine: SandboxStore,
) {
  const { pause, elapsedMs } = context('operator');
  const sinceMs = elapsedMs();
  const isTried = () => engine.fault() === null && elapsedMs() - sinceMs < STORE_WAIT_MS;
  const isWaitedFor = (fault: string) =>
    // What says that it has not started is the sandbox itself.
    !fault.startsWith('sandbox ') && (!isOfStore(fault) || isTried());
  while (health.faults().some(isWaitedFor)) await Promise.race([pause(READY_LOOK_MS), done]);
}

/** Writes what the sandbox begins with, where its log has not got it. */
async function found(
  shared: ServiceProcess,
  folder: SandboxFolder,
  scenario: Scenario,
  isFounded: boolean,
): Promise<void> {
  const { log, nowMs } = shared.context('operator');
  await createTopics(log, folder.network);
  await writeGenesis(log, scenario, {
    timeMs: nowMs(),
    publicKeyOf: folder.publicKeyOf,
    operatorKey: folder.publicKeyOf(OPERATOR),
    // A network that was founded before it had one goes on without.
    ...(!isFounded && { nodeKey: makeNodeKey(folder.path) }),
  });
}

/** Its banks pay each other at random, each with its own key, where both have an account. */
async function startTraffic(
  shared: ServiceProcess,
  { network, secretKeyOf }: SandboxFolder,
  scenario: Scenario,
  paymentsPerSecond: number,
): Promise<RunningService> {
  const currencies = currenciesOf(network);
  const holders = holdersOf(scenario);
  const rates = paymentsPerSecond > 0 ? balancedRates(holders, paymentsPerSecond) : [];
  return together(
    await Promise.all(
      [...rates].map(([bic, ratePerSecond]) => {
        const signer = createSigner(secretKeyOf(bic));
        return startBank(shared.context(`bank ${bic}`), {
          bic,
          keyId: KEY_ID,
          network: network.network,
          sign: (text) => signer.sign(text),
          currencies,
          ratePerSecond,
          // What it sent before is not its own: its orders are new at each start.
          readsFrom: 'end',
          orders: randomOrders({
            bic,
            currencies,
            creditorAgents: (code) => {
              const own = holders.get(code);
              return own?.has(bic) ? [...own] : [];
            },
            newUetr: () => randomUUID() as Uetr,
            random: Math.random,
            amountMax: RANDOM_AMOUNT_MAX,
          }),
        });
      }),
    ),
  );
}

async function listenForProbes(
  shared: ServiceProcess,
  { probesHost, probesPort }: SandboxOptions,
): Promise<string> {
  try {
    return await shared.listen(probesHost, probesPort);
  } catch (error) {
    throw portFault('--probes-port', probesPort, error);
  }
}

/** A port that somebody else has is the caller's to change; all else is as it was thrown. */
const portFault = (flag: string, port: number, error: unknown): unknown =>
  isInUse(error) ? new BadInput(`${flag} ${port}: the port is in use; name another, or 0`) : error;

const isInUse = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

async function startSandboxGateway(
  shared: ServiceProcess,
  folder: SandboxFolder,
  port: number,
  policy: string | null,
) {
  try {
    return await startGateway(shared.context('gateway'), {
      network: folder.network,
      version,
      registry: shared.registry,
      host: '127.0.0.1',
      port,
      name: 'sandbox',
      logs: {
        read: logReader(logsFolder(folder.path)),
        hashing: treeHashing,
      },
      ...(policy !== null && { policy }),
      // A sandbox sleeps with its machine; that it was started again is the operator's consent.
      clockJumpMaxMs: Number.MAX_SAFE_INTEGER,
    });
  } catch (error) {
    throw portFault('--port', port, error);
  }
}

async function startSandboxView(
  shared: ServiceProcess,
  folder: SandboxFolder,
  asked: number | null,
): Promise<LiveView> {
  const start = (port: number) =>
    startLiveView(shared.context('view'), {
      network: folder.network,
      version,
      token: folder.viewToken(),
      port,
      files: viewFiles(),
      operator: createSigner(folder.secretKeyOf(OPERATOR)),
      logName: `embedded:${nearName(folder.file('log'))}`,
    });
  try {
    return await start(asked ?? VIEW_PORT);
  } catch (error) {
    if (asked === null && isInUse(error)) return start(0);
    throw portFault('--view-port', asked ?? VIEW_PORT, error);
  }
}

/** As a command is given from here, where that is shorter. */
function nearName(path: string): string {
  const near = relative('', path);
  return near.length < path.length ? near : path;
}
