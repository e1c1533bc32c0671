/**
 * The life of a service's process: configuration, log, probes, work, and a clean end. Exit codes: 0
 * stopped by a signal, 1 it could not go on, 2 bad configuration.
 */
import type { Static, TObject, TProperties } from '@sinclair/typebox';
import { type Log, LogError } from '../log/log.ts';
import { ConfigError, configSchema, helpText, readConfig } from './config.ts';
import { openConfiguredLog } from './open-log.ts';
import { createLogger, createServiceProcess, type ServiceProcess } from './process.ts';
import { COMMON, type CommonConfig, type Network, readNetworkFile } from './settings.ts';

interface Running {
  stop(): Promise<void>;
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
    network: Network,
  ): Promise<Running>;
}

/** The kinds of errors that the user can mend: one line, exit 2. */
const MENDABLE = new Set<unknown>([
  'topicDiffers',
  'topicInvalid',
  'locked',
  'optionsInvalid',
  'networkDiffers',
  'ownerDiffers',
  'schemaDiffers',
]);
const isMendable = (error: unknown) =>
  error instanceof ConfigError ||
  (error instanceof Error && MENDABLE.has((error as LogError).kind));

/** Nothing has begun yet: whatever keeps the log from being opened is the user's to mend. */
async function openLog(config: CommonConfig, clientId: string): Promise<Log> {
  try {
    return await openConfiguredLog(config, clientId);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    throw new ConfigError(`CORRIDOR_LOG=${config.CORRIDOR_LOG}: ${error.message}`);
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
    process.stdout.write(helpText(`${definition.name}: ${definition.description}`, schema));
    return;
  }
  try {
    const config = readConfig<Static<TObject<T>> & CommonConfig>(schema, process.env);
    await runConfigured(definition, config);
  } catch (error) {
    const { message, stack } = error as Error;
    process.stderr.write(`${definition.name}: ${message}\n`);
    if (process.env.CORRIDOR_DEBUG) process.stderr.write(`${stack}\n`);
    process.exitCode = isMendable(error) ? 2 : 1;
  }
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
    const url = await listen(shared, config);
    logger.info({ service: definition.name, probes: url }, 'starting');
    const running = await definition.start(shared, config, network);
    const signal = await Promise.race([stopRequest.requested, running.done]);
    if (signal !== undefined) logger.info({ signal }, 'stopping after the batch in hand');
    await running.stop();
    logger.info({}, 'stopped');
  } finally {
    stopRequest.release();
    await shared.close();
    await log.close();
  }
}

/** Resolves with the first SIGTERM or SIGINT; a second one ends the process at once. */
export function stopSignal(): { readonly requested: Promise<string>; release(): void } {
  let release = () => {};
  const requested = new Promise<string>((resolve) => {
    let asked = false;
    const onSignal = (signal: string) => {
      if (asked) process.exit(130);
      asked = true;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
    release = () => void process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
  });
  return { requested, release: () => release() };
}
