/** The log that a configuration names. */
import { openEmbeddedLog } from '../log/embedded.ts';
import type { Log } from '../log/log.ts';
import { ConfigError } from './config.ts';
import { type CommonConfig, readSecretFile } from './settings.ts';

export interface KafkaAddress {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** PEM texts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

type LogConfig = Pick<
  CommonConfig,
  'CORRIDOR_LOG' | 'CORRIDOR_KAFKA_CA_FILE' | 'CORRIDOR_KAFKA_CERT_FILE' | 'CORRIDOR_KAFKA_KEY_FILE'
>;

const BROKER = /^[A-Za-z0-9.-]+:[0-9]{1,5}$/;

function tlsOf(config: LogConfig): KafkaAddress['tls'] {
  const files = {
    ca: 'CORRIDOR_KAFKA_CA_FILE',
    cert: 'CORRIDOR_KAFKA_CERT_FILE',
    key: 'CORRIDOR_KAFKA_KEY_FILE',
  } as const;
  const given = Object.entries(files).flatMap(([part, variable]) => {
    const file = config[variable];
    return file === undefined ? [] : [[part, readSecretFile(variable, file)] as const];
  });
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/**
 * Opens it; throws ConfigError where the words are wrong and LogError where the log is in use, of
 * another format, or cannot be reached.
 * @param clientId how the brokers' logs name this process
 */
export async function openConfiguredLog(config: LogConfig, clientId: string): Promise<Log> {
  const [kind, ...rest] = config.CORRIDOR_LOG.split(':');
  const place = rest.join(':');
  if (kind === 'embedded') return openEmbeddedLog({ folder: place });
  const brokers = place.split(',');
  const wrong = brokers.find((broker) => !BROKER.test(broker));
  if (kind !== 'kafka' || wrong !== undefined)
    throw new ConfigError(
      `CORRIDOR_LOG=${config.CORRIDOR_LOG}: expected embedded:<folder> or kafka:<host:port>[,...]`,
    );
  const tls = tlsOf(config);
  const { openKafkaLog } = await kafkaModule();
  return openKafkaLog({ brokers, clientId, ...(tls && { tls }) });
}

interface KafkaModule {
  openKafkaLog(address: KafkaAddress): Log | Promise<Log>;
}

/** Loaded when it is wanted: the client takes half a second that an embedded start saves. */
const kafkaModule = (): Promise<KafkaModule> =>
  import(new URL('../log/kafka.js', import.meta.url).href);
