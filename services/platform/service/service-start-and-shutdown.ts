/**
 * The life of a service's process: configuration, log, probes, work, and a clean end. Exit codes: 0
 * stopped by a signal, 1 it could not go on (a later start may), 2 bad configuration.
 */
import type { Static, TObject, TProperties } from '@sinclair/typebox';
import type { Logger as PinoLogger } from 'pino';
import { isPassing } from '../../live/passing-faults.ts';
import { type Log, LogError } from '../log/log.ts';
import { COMMON, type CommonConfig } from './common-variables.ts';
import { ConfigError, configSchema, helpText, readConfig } from './environment-variables.ts';
import { ENDED_OVER_FAULT } from './log-file.ts';
import { openConfiguredLog } from './log-variables.ts';
import { type NetworkFile, readNetworkFile } from './network-file.ts';
import { createLogger, createServiceProcess, type ServiceProcess } from './service-process.ts';
import { stopSignal } from './stop-signal.ts';

interface Running {
  stop(): Promise<void>;
  /** Resolves when it has handled what its log held at the call, or does not get on with it. */
  caughtUp?(): Promise<void>;
  readonly done: Promise<void>;
}

export interface ServiceDefinition<T extends TProperties> {
  readonly name: string;
  /** One line for `--help`. */
  readonly description: string;
  /** The service's own variables. */
  readonly variables: T;
  start(
    process: ServiceProcess,
    config: Static<TObject<T>> & CommonConfig,
    network: NetworkFile,
  ): Promise<Running>;
}

/** After a fault what still can be written has so long; */
const FLUSH_MS = 5_000;
/** what is closed, whoever is at its other end; */
const CLOSE_MS = 5_000;
/** and what hangs when all is closed. */
const EXIT_MS = 2_000;

/** The kinds of errors that the user can mend: one line, exit 2. */
const MENDABLE = new Set<unknown>([
  'topicDiffers',
  'topicInvalid',
  'locked',
  'optionsInvalid',
  'unreadable',
  'damaged',
  'networkDiffers',
  'notifierRuns',
  'ownerDiffers',
  'rowsGone',
  'schemaDiffers',
  'sealDiffers',
]);
const isMendable = (error: unknown) =>
  error instanceof ConfigError ||
  (error instanceof Error && MENDABLE.has((error as LogError).kind));

/** Nothing has begun yet: what does not pass by itself is the user's to mend. */
async function openLog(config: CommonConfig, clientId: string): Promise<Log> {
  try {
    return await openConfiguredLog(config, clientId);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    const line = `CORRIDOR_LOG=${config.CORRIDOR_LOG}: ${error.message}`;
    throw isPassing(error) ? new LogError(error.kind, line) : new ConfigError(line);
  }
}

/** Also the port is the user's. */
async function listen(shared: ServiceProcess, config: CommonConfig): Promise<string> {
  const { CORRIDOR_HTTP_HOST: host, CORRIDOR_HTTP_PORT: port } = config;
  try {
    return await shared.listen(host, port);
  } catch (error) {
    throw new ConfigError(
      `CORRIDOR_HTTP_PORT=${port}: ${host} has no such port free (${(error as Error).message})`,
    );
  }
}

/** Runs a service in this process until it ends; sets the exit code. Called by a main.ts, once. */
export async function runService<T extends TProperties>(
  definition: ServiceDefinition<T>,
): Promise<void> {
  const schema = configSchema({ ...COMMON, ...definition.variables });
  if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
    process.stdout.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code === 'EPIPE') return;
      process.stderr.write(`${definition.name}: the output cannot be written: ${message}\n`);
      process.exitCode = 1;
    });
    process.stdout.write(helpText(`${definition.name}: ${definition.description}`, schema));
    return;
  }
  try {
    const config = readConfig<Static<TObject<T>> & CommonConfig>(schema, process.env);
    await runConfigured(definition, config);
  } catch (error) {
    fail(definition.name, error as Error);
  }
}

function fail(name: string, error: Error): void {
  process.stderr.write(`${name}: ${error.message}\n`);
  if (process.env.CORRIDOR_DEBUG) process.stderr.write(`${error.stack}\n`);
  process.exitCode = isMendable(error) ? 2 : 1;
}

async function runConfigured<T extends TProperties>(
  definition: ServiceDefinition<T>,
  config: Static<TObject<T>> & CommonConfig,
): Promise<void> {
  const network = readNetworkFile(config.CORRIDOR_NETWORK_FILE);
  const logger = createLogger(config.CORRIDOR_LOG_LEVEL);
  const log = await openLog(config, `corridor-${definition.name}`);
  const stallMs = config.CORRIDOR_STALL_SECONDS * 1000;
  const shared = createServiceProcess({ log, logger, stallMs });
  const stopRequest = stopSignal();
  try {
    const probes = shared.health.of(definition.name);
    const hasStarted = probes.readiness('start', () => 'has not started yet');
    const url = await listen(shared, config);
    logger.info({ service: definition.name, probes: url }, 'starting');
    const starting = definition.start(shared, config, network);
    const early = await Promise.race([stopRequest.requested, starting.then(() => null)]);
    if (early !== null) return abandon(starting, early, logger);
    hasStarted();
    await work(await starting, stopRequest.requested, logger);
  } catch (error) {
    // Before the closing, which may be cut short.
    logger.error({ service: definition.name, reason: (error as Error).message }, ENDED_OVER_FAULT);
    fail(definition.name, error as Error);
  } finally {
    stopRequest.release();
    setTimeout(() => process.exit(), CLOSE_MS).unref();
    await shared.close();
    await log.close();
    // What still hangs on a log or a store that is away has nothing more to do here.
    setTimeout(() => process.exit(), EXIT_MS).unref();
  }
}

/** Nothing is in its hand yet: with the log closed its start comes to nothing. */
function abandon(starting: Promise<Running>, signal: string, logger: PinoLogger): void {
  starting.then((running) => running.stop()).catch(() => {});
  logger.info({ signal }, 'stopped before it had started');
}

/** @throws what the service could not go on over, once what can still be written is */
async function work(running: Running, asked: Promise<string>, logger: PinoLogger): Promise<void> {
  try {
    const signal = await Promise.race([asked, running.done]);
    if (signal !== undefined) logger.info({ signal }, 'stopping after the batch in hand');
    await running.stop().catch((error: LogError) => {
      if (signal === undefined || !isPassing(error)) throw error;
      // It was asked to go, not to wait: a batch that was not remembered comes again.
      logger.warn({ reason: error.message }, 'the batch in hand is left to the next start');
    });
    logger.info({}, 'stopped');
  } catch (error) {
    await flushed(running);
    throw error;
  }
}

/** What stands for the service's other parts is handled, as far as that goes in FLUSH_MS. */
async function flushed(running: Running): Promise<void> {
  const flush = async () => {
    await running.caughtUp?.();
    await running.stop();
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FLUSH_MS);
  });
  await Promise.race([flush().catch(() => {}), late]);
  clearTimeout(timer);
}
