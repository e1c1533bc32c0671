/** The variables by which a process comes to its log, and the log that they name. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedLog } from '../log/embedded/embedded.ts';
import { certificateIn } from '../log/kafka/certificate-in-pem.ts';
import type { KafkaLogOptions } from '../log/kafka/connection-tls-and-timeouts.ts';
import type { Log } from '../log/log.ts';
import type { CommonConfig } from './common-variables.ts';
import { ConfigError } from './environment-variables.ts';
import { readSecretFile } from './secret-files.ts';

const KAFKA_VARIABLES = [
  'CORRIDOR_KAFKA_CA_FILE',
  'CORRIDOR_KAFKA_CERT_FILE',
  'CORRIDOR_KAFKA_KEY_FILE',
  'CORRIDOR_KAFKA_SASL_MECHANISM',
  'CORRIDOR_KAFKA_SASL_USERNAME',
  'CORRIDOR_KAFKA_SASL_PASSWORD_FILE',
] as const satisfies readonly (keyof CommonConfig)[];

export type KafkaVariables = Pick<CommonConfig, (typeof KAFKA_VARIABLES)[number]>;
export type LogConfig = Pick<CommonConfig, 'CORRIDOR_LOG'> & KafkaVariables;

/** What an environment says of how a process comes to Kafka; for commands, which check no others. */
export const kafkaVariables = (environment: NodeJS.ProcessEnv): KafkaVariables =>
  Object.fromEntries(
    KAFKA_VARIABLES.flatMap((name) => {
      const value = environment[name];
      return value ? [[name, value] as const] : [];
    }),
  );

/** How a process comes to Kafka. Throws ConfigError in one line where a file or a variable is wrong. */
export function kafkaIdentity(config: KafkaVariables): Pick<KafkaLogOptions, 'tls' | 'sasl'> {
  const [tls, sasl] = [tlsOf(config), saslOf(config)];
  if (sasl && !tls && IN_THE_CLEAR.has(sasl.mechanism))
    throw new ConfigError(
      `CORRIDOR_KAFKA_SASL_MECHANISM=${sasl.mechanism}: it would send ${sasl.mechanism === 'plain' ? 'the password' : 'the token'} unencrypted; expected CORRIDOR_KAFKA_CA_FILE with it (TLS), or scram-sha-512`,
    );
  return { ...(tls && { tls }), ...(sasl && { sasl }) };
}

function saslOf(config: KafkaVariables): KafkaLogOptions['sasl'] {
  const {
    CORRIDOR_KAFKA_SASL_MECHANISM: mechanism,
    CORRIDOR_KAFKA_SASL_USERNAME: username,
    CORRIDOR_KAFKA_SASL_PASSWORD_FILE: passwordFile,
  } = config;
  if (mechanism === undefined) {
    const given = username ?? passwordFile;
    if (given === undefined) return undefined;
    throw new ConfigError(
      `CORRIDOR_KAFKA_SASL_MECHANISM: expected ${SASL_MECHANISMS.join(', ')}, found nothing`,
    );
  }
  // A command's environment is not checked before.
  if (!(SASL_MECHANISMS as readonly string[]).includes(mechanism))
    throw new ConfigError(
      `CORRIDOR_KAFKA_SASL_MECHANISM=${mechanism}: expected one of ${SASL_MECHANISMS.join(', ')}`,
    );
  if (passwordFile === undefined)
    throw new ConfigError('CORRIDOR_KAFKA_SASL_PASSWORD_FILE: expected a file, found nothing');
  checkReadable('CORRIDOR_KAFKA_SASL_PASSWORD_FILE', passwordFile);
  if (mechanism === 'oauthbearer') return { mechanism, tokenFile: passwordFile };
  if (username === undefined)
    throw new ConfigError('CORRIDOR_KAFKA_SASL_USERNAME: expected a name, found nothing');
  return { mechanism, username, passwordFile };
}

/** What shows the secret itself to whoever is asked, and to whoever listens. */
const IN_THE_CLEAR: ReadonlySet<string> = new Set(['plain', 'oauthbearer']);
const SASL_MECHANISMS = ['scram-sha-512', 'scram-sha-256', 'plain', 'oauthbearer'] as const;

/** A call gives up after so long without a broker; the services try again, and say that they wait. */
const PATIENCE_MS = 5_000;
const BROKER = /^[A-Za-z0-9.-]+:[0-9]{1,5}$/;

function tlsOf(config: KafkaVariables): KafkaLogOptions['tls'] {
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
  if (certificateFile !== undefined && keyFile !== undefined)
    checkCertificate(certificateFile, keyFile);
  return {
    ...(caFile !== undefined && { caFile }),
    ...(certificateFile !== undefined && { certificateFile }),
    ...(keyFile !== undefined && { keyFile }),
  };
}

function checkReadable(variable: string, file: string | undefined): void {
  if (file !== undefined) readSecretFile(variable, file);
}

/** What a broker would refuse, in words that name no file. */
function checkCertificate(certificateFile: string, keyFile: string): void {
  const variable = `CORRIDOR_KAFKA_CERT_FILE=${certificateFile}`;
  const certificate = certificateIn(readFileSync(certificateFile));
  if (certificate === null)
    throw new ConfigError(`${variable}: expected a certificate in PEM, found something else`);
  const { validTo } = certificate;
  if (Date.parse(validTo) < Date.now())
    throw new ConfigError(`${variable}: it expired at ${validTo}; expected one that is valid now`);
  const key = readSecretKeyOf(keyFile);
  if (!certificate.checkPrivateKey(key))
    throw new ConfigError(
      `CORRIDOR_KAFKA_KEY_FILE=${keyFile}: it is the key of another certificate than CORRIDOR_KAFKA_CERT_FILE=${certificateFile}; expected the two that were made together`,
    );
}

function readSecretKeyOf(file: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(file));
  } catch (error) {
    throw new ConfigError(
      `CORRIDOR_KAFKA_KEY_FILE=${file}: expected a secret key in PEM (${(error as Error).message})`,
    );
  }
}

export interface OpenedLog {
  readonly readOnly?: boolean;
  readonly begins?: boolean;
}

/**
 * Opens it; throws ConfigError where the words are wrong and LogError where the log is in use, of
 * another format, or cannot be reached.
 * @param clientId how the brokers' logs name this process
 * @param options of an embedded log: `readOnly` opens it to be read alone, `begins` starts one where there is none
 */
export async function openConfiguredLog(
  config: LogConfig,
  clientId: string,
  { readOnly = false, begins = false }: OpenedLog = {},
): Promise<Log> {
  const [kind, ...rest] = config.CORRIDOR_LOG.split(':');
  const place = rest.join(':');
  if (kind === 'embedded') {
    if (!begins && !existsSync(join(place, 'log.sqlite')))
      throw new ConfigError(
        `CORRIDOR_LOG=${config.CORRIDOR_LOG}: expected a folder with log.sqlite, as a sandbox's log/, or one that \`corridor found\` made`,
      );
    return openEmbeddedLog({ folder: place, readOnly });
  }
  const brokers = place.split(',');
  const wrong = brokers.find((broker) => !BROKER.test(broker));
  if (kind !== 'kafka' || wrong !== undefined)
    throw new ConfigError(
      `CORRIDOR_LOG=${config.CORRIDOR_LOG}: expected embedded:<folder> or kafka:<host:port>[,...]`,
    );
  const identity = kafkaIdentity(config);
  // Loaded when it is wanted: an embedded start saves the time that the client takes to load.
  const { openKafkaLog } = await import('../log/kafka/kafka.ts');
  return openKafkaLog({ brokers, clientId, patienceMs: PATIENCE_MS, ...identity });
}
