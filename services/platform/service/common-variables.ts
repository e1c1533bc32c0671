/** The variables that every service has. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type Static, type TProperties, type TSchema, Type } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { ConfigError } from './environment-variables.ts';

export const COMMON = {
  CORRIDOR_LOG: Type.String({
    pattern: '^(embedded:.+|kafka:[^ ]+)$',
    description: 'the log: embedded:<folder>, or kafka:<host:port>[,<host:port>...]',
    sample: 'kafka:127.0.0.1:9092',
  }),
  CORRIDOR_NETWORK_FILE: Type.String({
    minLength: 1,
    description: 'a JSON file that says which pools and currencies the network has',
    sample: '/etc/corridor/network.json',
  }),
  CORRIDOR_KAFKA_CA_FILE: Type.Optional(
    Type.String({ description: 'PEM file of the authority that signed the brokers’ certificates' }),
  ),
  CORRIDOR_KAFKA_CERT_FILE: Type.Optional(
    Type.String({ description: 'PEM file of this service’s own certificate, for the brokers' }),
  ),
  CORRIDOR_KAFKA_KEY_FILE: Type.Optional(
    Type.String({ description: 'PEM file of that certificate’s secret key' }),
  ),
  CORRIDOR_KAFKA_SASL_MECHANISM: Type.Optional(
    Type.Union(
      [
        Type.Literal('scram-sha-512'),
        Type.Literal('scram-sha-256'),
        Type.Literal('plain'),
        Type.Literal('oauthbearer'),
      ],
      {
        description:
          'how this service says who it is, where Kafka asks by SASL: scram-sha-512, scram-sha-256, plain or oauthbearer',
      },
    ),
  ),
  CORRIDOR_KAFKA_SASL_USERNAME: Type.Optional(
    Type.String({ description: 'its name there; not of oauthbearer, whose token says it' }),
  ),
  CORRIDOR_KAFKA_SASL_PASSWORD_FILE: Type.Optional(
    Type.String({
      description:
        'a file whose first line is its password; of oauthbearer the token, read again for each connection',
    }),
  ),
  CORRIDOR_HTTP_HOST: Type.String({
    default: '127.0.0.1',
    description: 'the address on which /healthz, /readyz and /metrics are served',
  }),
  CORRIDOR_HTTP_PORT: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 65_535,
    description: 'their port; 0: one that is free, told in the first log lines',
  }),
  CORRIDOR_INSTANCE: Type.String({
    default: `${hostname()}-${process.pid}`,
    maxLength: 100,
    description: 'a name of this process in telemetry',
  }),
  CORRIDOR_LOG_LEVEL: Type.Union(
    [Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error')],
    {
      default: 'info',
      description: 'the least severe lines that are written: debug, info, warn, error',
    },
  ),
  CORRIDOR_STALL_SECONDS: Type.Integer({
    default: 10,
    minimum: 1,
    description: 'a reader that makes no progress for so long while its log grows has stalled',
  }),
};

const CommonSchema = Type.Object(COMMON);
export type CommonConfig = Static<typeof CommonSchema>;

const closed = <T extends TProperties>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });
const atLeastOne = <T extends TSchema>(item: T) => Type.Array(item, { minItems: 1 });

/** `network.json`: what no message says and every service must know. */
export const NetworkFileSchema = closed({
  network: Type.String({ pattern: '^[A-Za-z0-9._:-]{1,64}$' }),
  /** The name under which this network's rows stand in the analysis store. */
  run: Type.String({ minLength: 1, maxLength: 100 }),
  paymentPartitions: Type.Integer({ minimum: 1 }),
  /** The first takes what names no currency. */
  pools: atLeastOne(
    closed({
      name: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
      currencies: atLeastOne(
        closed({
          // A currency (ISO 4217) or a security (ISO 6166).
          code: Type.String({ pattern: '^(?:[A-Z]{3}|[A-Z]{2}[A-Z0-9]{9}[0-9])$' }),
          minorUnits: Type.Integer({ minimum: 0, maximum: 5 }),
          // The most that one payment may have.
          maximumMinor: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,18}$' })),
        }),
      ),
      // Of the pool's transparency log, as a policy has it.
      logKey: Type.Optional(
        Type.String({ pattern: '^[^+\\s]+\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]{44}$' }),
      ),
    }),
  ),
  /** For analysts; what a network was founded with says it. */
  scenario: Type.Optional(
    closed({
      name: Type.String({ minLength: 1, maxLength: 100 }),
      seed: Type.Integer({ minimum: 0 }),
      referenceRates: Type.Array(
        closed({
          currency: Type.String({ pattern: '^[A-Z]{3}$' }),
          currency2: Type.String({ pattern: '^[A-Z]{3}$' }),
          rate: Type.Number({ exclusiveMinimum: 0 }),
          source: Type.String({ maxLength: 1_000 }),
          date: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }),
        }),
      ),
    }),
  ),
});
export type NetworkFile = Static<typeof NetworkFileSchema>;

/** Throws ConfigError in one line where the file cannot be read or is something else. */
export function readNetworkFile(file: string): NetworkFile {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(`CORRIDOR_NETWORK_FILE=${file}: ${(error as Error).message}`);
  }
  const validate = new Ajv({ strict: true, validateSchema: false }).compile<NetworkFile>(
    NetworkFileSchema as TSchema,
  );
  if (validate(value)) return value;
  const [first] = validate.errors ?? [];
  throw new ConfigError(
    `CORRIDOR_NETWORK_FILE=${file}: ${first?.instancePath || '/'} ${first?.message}`,
  );
}

/** A secret from the file that a variable names; throws ConfigError where there is none. */
export function readSecretFile(variable: string, file: string): string {
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(`${variable}=${file}: ${(error as Error).message}`);
  }
  if (secret === '') throw new ConfigError(`${variable}=${file}: expected a secret, found nothing`);
  return secret;
}

/**
 * The key with which a service signs, from the PEM file that a variable names; throws ConfigError where there is none.
 * @param fromPem throws where a text holds something else
 */
export function readSecretKeyFile<Key>(
  variable: string,
  file: string,
  fromPem: (pem: string) => Key,
): Key {
  const pem = readSecretFile(variable, file);
  try {
    return fromPem(pem);
  } catch (error) {
    throw new ConfigError(
      `${variable}=${file}: expected a PEM file of an Ed25519 key (${(error as Error).message})`,
    );
  }
}
