/**
 * Quotas of principals on the broker: AlterClientQuotas (key 49, version 0), which kafkajs does not have.
 *
 *   request    array of entries, i8 (0: it is done, 1: it is only checked)
 *   entry      array of: string type (`user`), string name; array of: string key, f64 value, i8 removed
 *   response   i32 throttled, ms; array of: i16 error, string message (null: none), entity as above
 *
 * https://kafka.apache.org/protocol#The_Messages_AlterClientQuotas
 */
import { createRequire } from 'node:module';
import type { Cluster } from 'kafkajs';

const load = createRequire(import.meta.url);

interface Encoder {
  writeArray(items: readonly Encoder[]): Encoder;
  writeString(text: string): Encoder;
  writeDouble(value: number): Encoder;
  writeBoolean(value: boolean): Encoder;
}
interface Decoder {
  readInt16(): number;
  readInt32(): number;
  readString(): string | null;
  readArray<T>(read: (decoder: Decoder) => T): T[];
}

/** A value of one principal; null: none from now on. */
export interface QuotaChange {
  readonly principal: string;
  /** By Kafka's names: `producer_byte_rate`, `consumer_byte_rate`, `request_percentage`. */
  readonly values: Readonly<Record<string, number | null>>;
}

interface Refused {
  readonly code: number;
  readonly message: string | null;
}

interface SendingBroker {
  readonly connectionPool: {
    send(exchange: {
      readonly request: object;
      readonly response: {
        decode(bytes: Buffer): Promise<readonly Refused[]>;
        parse(data: readonly Refused[]): Promise<readonly Refused[]>;
      };
    }): Promise<readonly Refused[]>;
  };
}

/** @throws Error where the broker refuses one of them, in its words */
export async function alterClientQuotas(
  cluster: Cluster,
  changes: readonly QuotaChange[],
): Promise<void> {
  const broker = (await (
    cluster as unknown as { findControllerBroker(): Promise<SendingBroker> }
  ).findControllerBroker()) as SendingBroker;
  const results = await broker.connectionPool.send({
    request: {
      ...{ apiKey: 49, apiVersion: 0, apiName: 'AlterClientQuotas' },
      encode: async () => encode(changes),
    },
    response: { decode: async (bytes) => decode(bytes), parse: async (data) => data },
  });
  const refused = results.find(({ code }) => code !== 0);
  if (refused) throw new Error(refused.message ?? `error ${refused.code} of Kafka's protocol`);
}

function encode(changes: readonly QuotaChange[]): Encoder {
  const Bytes = load('kafkajs/src/protocol/encoder') as new () => Encoder;
  return new Bytes()
    .writeArray(
      changes.map(({ principal, values }) =>
        new Bytes().writeArray([new Bytes().writeString('user').writeString(principal)]).writeArray(
          Object.entries(values).map(([key, value]) =>
            new Bytes()
              .writeString(key)
              .writeDouble(value ?? 0)
              .writeBoolean(value === null),
          ),
        ),
      ),
    )
    .writeBoolean(false);
}

function decode(bytes: Buffer): Refused[] {
  const Reading = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder;
  const decoder = new Reading(bytes);
  decoder.readInt32();
  return decoder.readArray((entry) => {
    const refused = { code: entry.readInt16(), message: entry.readString() };
    entry.readArray((entity) => [entity.readString(), entity.readString()]);
    return refused;
  });
}
