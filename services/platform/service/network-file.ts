/** What a network file (`network.json`) may say. */
import { readFileSync } from 'node:fs';
import { type Static, type TProperties, type TSchema, Type } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { ConfigError } from './environment-variables.ts';

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
