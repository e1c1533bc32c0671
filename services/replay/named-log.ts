import { type Log, LogError } from '../platform/log/log.ts';
import { ConfigError } from '../platform/service/config.ts';
import { BadInput } from '../platform/service/exit.ts';
import { type LogConfig, openConfiguredLog } from '../platform/service/open-log.ts';

/**
 * The log that `--log` names.
 * @param clientId how the brokers' logs name this process
 * @throws BadInput where it cannot be opened or reached
 */
export async function openNamedLog(config: LogConfig, clientId: string): Promise<Log> {
  try {
    return await openConfiguredLog(config, clientId);
  } catch (error) {
    if (error instanceof ConfigError) throw new BadInput(error.message);
    if (error instanceof LogError)
      throw new BadInput(`--log ${config.CORRIDOR_LOG}: ${error.message}`);
    throw error;
  }
}
