import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput } from '../platform/exit-codes.ts';
import { borrowLog, LENT_LOG } from '../platform/log/lent-log.ts';
import { type Log, LogError } from '../platform/log/log.ts';
import { ConfigError } from '../platform/service/environment-variables.ts';
import {
  kafkaVariables,
  type LogConfig,
  type OpenedLog,
  openConfiguredLog,
} from '../platform/service/log-variables.ts';

/**
 * The log that `--log` names.
 * @param clientId how the brokers' logs name this process
 * @throws BadInput where it cannot be opened or reached
 */
export async function openNamedLog(
  config: LogConfig,
  clientId: string,
  options?: OpenedLog,
): Promise<Log> {
  try {
    return await openConfiguredLog(config, clientId, options);
  } catch (error) {
    if (error instanceof ConfigError)
      throw new BadInput(error.message.replace(/^CORRIDOR_LOG=/, '--log '));
    if (error instanceof LogError)
      throw new BadInput(`--log ${config.CORRIDOR_LOG}: ${error.message}`);
    throw error;
  }
}

/** The log that `--log` names, to be read; throws BadInput where there is none that can be opened. */
export async function openLogToRead(spec: string, clientId: string): Promise<Log> {
  if (spec === LENT_LOG) return lent(spec);
  if (existsSync(join(spec, 'log.sqlite')))
    throw new BadInput(`--log ${spec}: expected embedded:${spec}`);
  return openNamedLog(logConfig(spec), clientId, { readOnly: true });
}

function lent(spec: string): Log {
  try {
    return borrowLog();
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    throw new BadInput(`--log ${spec}: ${error.message}`);
  }
}

/** Who comes to Kafka, and how, is said by the variables that services read. */
export function logConfig(spec: string): LogConfig {
  return { CORRIDOR_LOG: spec, ...kafkaVariables(process.env) };
}

const POOL_TOPIC = /^pool\.(.+)\.(input|events)$/;

/** The pools that have such a topic in a log, by name. Throws BadInput where there are none. */
export async function poolsIn(
  log: Log,
  spec: string,
  what: 'input' | 'events' = 'input',
): Promise<string[]> {
  const found = (await log.topics()).map(({ name }) => POOL_TOPIC.exec(name));
  const names = found.flatMap((one) => (one?.[2] === what ? [one[1] as string] : []));
  if (names.length === 0)
    throw new BadInput(
      `--log ${spec}: it holds no pool's ${what}${spec.startsWith('kafka:') ? ', or none that this client has a right to (infra/kafka/README.md, who may do what)' : ''}`,
    );
  return names.sort();
}
