/** The log that a configuration names. */
import { openEmbeddedLog } from '../log/embedded/embedded.ts';
import type { KafkaLogOptions } from '../log/kafka/options.ts';
import type { Log } from '../log/log.ts';
import { type CommonConfig, readSecretFile } from './common-variables.ts';
import { ConfigError } from './environment.ts';

export type LogConfig = Pick<
  CommonConfig,
  'CORRIDOR_LOG' | 'CORRIDOR_KAFKA_CA_FILE' | 'CORRIDOR_KAFKA_CERT_FILE' | 'CORRIDOR_KAFKA_KEY_FILE'
>;

/** A call gives up after so long without a broker; the services try again, and say that they wait. */
const PATIENCE_MS = 5_000;
const BROKER = /^[A-Za-z0-9.-]+:[0-9]{1,5}$/;

function tlsOf(config: LogConfig): KafkaLogOptions['tls'] {
  const {
    CORRIDOR_KAFKA_CA_FILE: caFile,
    CORRIDOR_KAFKA_CERT_FILE: certificateFile,
    CORRIDOR_KAFKA_KEY_FILE: keyFile,
  } = config;
  if (caFile === undefined && certificateFile === undefined && keyFile === undefined)
    return undefined;
  checkReadable('CORRIDOR_KAFKA_CA_FILE', caFile);
  checkReadable('CORRIDOR_KAFKA_CERT_FILE', certificateFile);
  checkReadable('CORRIDOR_KAFKA_KEY_FILE', keyFile);
  return {
    ...(caFile !== undefined && { caFile }),
    ...(certificateFile !== undefined && { certificateFile }),
    ...(keyFile !== undefined && { keyFile }),
  };
}

function checkReadable(variable: string, file: string | undefined): void {
  if (file !== undefined) readSecretFile(variable, file);
}

/**
 * Opens it; throws ConfigError where the words are wrong and LogError where the log is in use, of
 * another format, or cannot be reached.
 * @param clientId how the brokers' logs name this process
 * @param readOnly an embedded log is opened to be read alone
 */
export async function openConfiguredLog(
  config: LogConfig,
  clientId: string,
  { readOnly = false } = {},
): Promise<Log> {
  const [kind, ...rest] = config.CORRIDOR_LOG.split(':');
  const place = rest.join(':');
  if (kind === 'embedded') return openEmbeddedLog({ folder: place, readOnly });
  const brokers = place.split(',');
  const wrong = brokers.find((broker) => !BROKER.test(broker));
  if (kind !== 'kafka' || wrong !== undefined)
    throw new ConfigError(
      `CORRIDOR_LOG=${config.CORRIDOR_LOG}: expected embedded:<folder> or kafka:<host:port>[,...]`,
    );
  const tls = tlsOf(config);
  // Loaded when it is wanted: an embedded start saves the time that the client takes to load.
  const { openKafkaLog } = await import('../log/kafka/kafka.ts');
  return openKafkaLog({ brokers, clientId, patienceMs: PATIENCE_MS, ...(tls && { tls }) });
}
