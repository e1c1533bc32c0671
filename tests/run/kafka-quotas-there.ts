import { createRequire } from 'node:module';
import type { Cluster } from 'kafkajs';
import { readSettings } from '../../services/platform/log/kafka/connection-tls-and-timeouts.ts';
import { openLink } from '../../services/platform/log/kafka/wire/broker-retries.ts';

const load = createRequire(import.meta.url);

interface Decoder {
  readInt16(): number;
  readInt32(): number;
  readString(): string | null;
  readDouble(): number;
  readArray<T>(read: (decoder: Decoder) => T): T[];
}
interface Encoder {
  writeArray(items: readonly Encoder[]): Encoder;
  writeBoolean(value: boolean): Encoder;
}
interface Asked {
  findControllerBroker(): Promise<{ connectionPool: { send(exchange: object): Promise<unknown> } }>;
}

/** The quotas of users that a broker has, by user: DescribeClientQuotas (key 48, version 0), of all. */
export async function quotasThere(
  broker: string,
): Promise<Map<string, Readonly<Record<string, number>>>> {
  const link = openLink(readSettings({ brokers: [broker] }));
  const Bytes = load('kafkajs/src/protocol/encoder') as new () => Encoder;
  const Reading = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder;
  try {
    return (await link.run(async (cluster: Cluster) => {
      const controller = await (cluster as unknown as Asked).findControllerBroker();
      return controller.connectionPool.send({
        request: {
          ...{ apiKey: 48, apiVersion: 0, apiName: 'DescribeClientQuotas' },
          encode: async () => new Bytes().writeArray([]).writeBoolean(false),
        },
        response: {
          parse: async (data: unknown) => data,
          async decode(bytes: Buffer) {
            const decoder = new Reading(bytes);
            decoder.readInt32();
            const [code, message] = [decoder.readInt16(), decoder.readString()];
            if (code !== 0) throw new Error(`error ${code}: ${message}`);
            const entries = decoder.readArray((entry) => {
              const names = entry.readArray((one) => [one.readString(), one.readString()]);
              const values = entry.readArray((one) => [one.readString(), one.readDouble()]);
              return [names[0]?.[1] ?? '', Object.fromEntries(values)] as const;
            });
            return new Map(entries);
          },
        },
      });
    })) as Map<string, Readonly<Record<string, number>>>;
  } finally {
    await link.close();
  }
}
