/** What the Kafka log is opened with, and what kafkajs is told of it. */
import { readFileSync } from 'node:fs';
import {
  type ISocketFactory,
  Kafka,
  type KafkaConfig,
  type logCreator,
  logLevel,
  type SASLOptions,
} from 'kafkajs';
import { LogError } from '../log.ts';
import { certificateIn } from './certificate-in-pem.ts';
import { repairKafkajs } from './wire/kafkajs-repairs.ts';
import { socketInto } from './wire/response-frames.ts';

/** Where the log reports what happens to connections and groups: as pino takes it. No payloads. */
interface KafkaLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface KafkaLogOptions {
  /** `host:port`, one or more. */
  readonly brokers: readonly string[];
  /** Names this process in the broker's log and quotas; default `corridor`. */
  readonly clientId?: string;
  /**
   * Stands before the name of every topic and group on the broker, so that several networks share a
   * cluster and nobody sees the others' topics; default none.
   */
  readonly prefix?: string;
  /** Copies of each topic; default the broker's `default.replication.factor`. */
  readonly replicationFactor?: number;
  /** PEM files. Without a certificate the client is not authenticated by TLS. */
  readonly tls?: {
    readonly caFile?: string;
    readonly certificateFile?: string;
    readonly keyFile?: string;
  };
  /** Password and token are the file's first line; a token is read again for each connection. */
  readonly sasl?:
    | {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
        readonly username: string;
        readonly passwordFile: string;
      }
    | { readonly mechanism: 'oauthbearer'; readonly tokenFile: string };
  /**
   * How long each call tries while no broker answers, before it fails as `unavailable`; default 2
   * minutes, so that a restart of the broker goes by unnoticed. An intake that has to answer its
   * callers takes less, and so do services (platform/service/log-variables.ts). Subscriptions try for ever.
   */
  readonly patienceMs?: number;
  /** The same for `openKafkaLog`; default 10 s. */
  readonly openPatienceMs?: number;
  readonly logger?: KafkaLogger;
}

const PATIENCE_MS = 120_000;
const OPEN_PATIENCE_MS = 10_000;
/**
 * Where records come all the time, what waits for them asks so often: a request costs a broker as much as some dozens of
 * records, whatever it brings. What comes after a longer silence is had at once.
 */
export const PACE_MS = 25;
/** After so long without a response a request is sent again, over a new connection. */
export const REQUEST_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** The options with their defaults, files read. */
export interface KafkaSettings {
  readonly brokers: string;
  /** How brokers know this client, such as `with the certificate CN=verifier`. */
  readonly identity: string;
  readonly prefix: string;
  readonly replicationFactor: number;
  readonly patienceMs: number;
  readonly openPatienceMs: number;
  /** At least so long between two requests of a reader for what comes all the time. */
  readonly paceMs: number;
  readonly logger: KafkaLogger | undefined;
  /** kafkajs, with `retries` of its own; one for each consumer, since it keeps offsets by group. */
  kafka(retries: number): Kafka;
}

const invalid = (message: string) => new LogError('optionsInvalid', message);

function readOption(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(`${name}: cannot read ${path} (${(error as NodeJS.ErrnoException).code})`);
  }
}

function readTls(tls: NonNullable<KafkaLogOptions['tls']>): NonNullable<KafkaConfig['ssl']> {
  const { caFile, certificateFile, keyFile } = tls;
  if ((certificateFile === undefined) !== (keyFile === undefined))
    throw invalid('tls: a client certificate needs both certificateFile and keyFile');
  return {
    ...(caFile === undefined ? {} : { ca: readOption('tls.caFile', caFile) }),
    ...(certificateFile === undefined || keyFile === undefined
      ? {}
      : {
          cert: readOption('tls.certificateFile', certificateFile),
          key: readOption('tls.keyFile', keyFile),
        }),
  };
}

function readSasl(sasl: NonNullable<KafkaLogOptions['sasl']>): SASLOptions {
  if (sasl.mechanism === 'oauthbearer') {
    const token = () => firstLine('sasl.tokenFile', sasl.tokenFile);
    token();
    return {
      mechanism: sasl.mechanism,
      oauthBearerProvider: async () => ({ value: token() }),
    };
  }
  const { mechanism, username, passwordFile } = sasl;
  return { mechanism, username, password: firstLine('sasl.passwordFile', passwordFile) };
}

function firstLine(name: string, file: string): string {
  const [line = ''] = readOption(name, file).split(/\r?\n/);
  if (line === '') throw invalid(`${name}: ${file} is empty`);
  return line;
}

/** The same message again within this time is not logged. */
const REPEAT_MS = 30_000;

/** kafkajs calls errors what it then tries again, and says so each time. */
function logTo(logger: KafkaLogger): logCreator {
  const loggedAtMs = new Map<string, number>();
  return () =>
    ({ namespace, log }) => {
      const { message, broker, groupId, memberId, error } = log;
      const now = Date.now();
      if (now - (loggedAtMs.get(message) ?? 0) < REPEAT_MS) return;
      if (loggedAtMs.size > 1_000) loggedAtMs.clear();
      loggedAtMs.set(message, now);
      const fields = { namespace, broker, groupId, memberId, error: error && String(error) };
      logger.info(fields, `kafkajs: ${message}`);
    };
}

/** Of connections without TLS. */
const socketFactory: ISocketFactory = ({ host, port, onConnect }) =>
  socketInto(host, port, onConnect);

function identityOf({ tls, sasl }: KafkaLogOptions): string {
  if (sasl !== undefined)
    return sasl.mechanism === 'oauthbearer' ? 'with a token' : `as the user ${sasl.username}`;
  if (tls?.certificateFile === undefined) return 'without a certificate';
  // Node gives none where the subject is empty, as where the names are elsewhere in the certificate.
  const subject: string | undefined = certificateIn(
    readOption('tls.certificateFile', tls.certificateFile),
  )?.subject;
  return subject === undefined || subject === ''
    ? 'with a certificate'
    : `with the certificate ${subject.replaceAll('\n', ', ')}`;
}

/** @throws LogError `optionsInvalid`, in one line that names the option */
export function readSettings(options: KafkaLogOptions): KafkaSettings {
  repairKafkajs();
  const { brokers, prefix = '', logger } = options;
  if (brokers.length === 0) throw invalid('brokers: expected one host:port or more, not none');
  for (const broker of brokers)
    if (!/^[^\s:,]+:\d{1,5}$/.test(broker))
      throw invalid(`brokers: expected host:port, as in 127.0.0.1:9092, not '${broker}'`);
  if (!/^[A-Za-z0-9._-]{0,100}$/.test(prefix))
    throw invalid(`prefix: expected up to 100 letters, digits, dots or dashes, not '${prefix}'`);
  const config: KafkaConfig = {
    brokers: [...brokers],
    clientId: options.clientId ?? 'corridor',
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    logLevel: logger === undefined ? logLevel.NOTHING : logLevel.WARN,
    ...(logger === undefined ? {} : { logCreator: logTo(logger) }),
    ...(options.tls === undefined ? { socketFactory } : { ssl: readTls(options.tls) }),
    ...(options.sasl === undefined ? {} : { sasl: readSasl(options.sasl) }),
  };
  return {
    brokers: brokers.join(','),
    identity: identityOf(options),
    prefix,
    replicationFactor: options.replicationFactor ?? -1,
    patienceMs: options.patienceMs ?? PATIENCE_MS,
    openPatienceMs: options.openPatienceMs ?? OPEN_PATIENCE_MS,
    paceMs: PACE_MS,
    logger,
    kafka: (retries) =>
      new Kafka({
        ...config,
        retry: { retries, initialRetryTime: 100, maxRetryTime: 1_000, multiplier: 2 },
      }),
  };
}
