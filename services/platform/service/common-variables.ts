/** The variables that every service has. */
import { hostname } from 'node:os';
import { type Static, Type } from '@sinclair/typebox';

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
