/**
 * How much each principal may bring, take and ask of Kafka, so that one does not take it from the others. The figures:
 * services/sandbox/kafka-rights.ts. Over how many seconds the broker reckons: infra/kafka/server.properties.
 */
import { LogError } from '../log.ts';
import { type KafkaLogOptions, readSettings } from './connection-tls-and-timeouts.ts';
import { failureOf, openLink } from './wire/broker-retries.ts';
import { alterClientQuotas } from './wire/client-quotas.ts';

/** Of one principal, all its connections to one broker together. Beyond it the broker answers later. */
export interface Quota {
  /** As Kafka has it, behind `User:`. */
  readonly principal: string;
  /** Null: no limit. */
  readonly writtenBytesPerSecond: number | null;
  readonly readBytesPerSecond: number | null;
  /** Of the time of one thread of the broker. */
  readonly requestPercent: number | null;
}

/**
 * Sets the quotas of these principals; those of others stay.
 * @throws LogError `storeFailed` where the broker does not take them
 */
export async function setQuotas(options: KafkaLogOptions, quotas: readonly Quota[]): Promise<void> {
  const settings = readSettings(options);
  const link = openLink(settings);
  try {
    const changes = quotas.map((quota) => ({
      principal: quota.principal,
      values: {
        producer_byte_rate: quota.writtenBytesPerSecond,
        consumer_byte_rate: quota.readBytesPerSecond,
        request_percentage: quota.requestPercent,
      },
    }));
    await link.run((cluster) => alterClientQuotas(cluster, changes), settings.openPatienceMs);
  } catch (error) {
    const { message } = failureOf(error);
    throw new LogError('storeFailed', `quotas at ${settings.brokers} cannot be set: ${message}`, {
      cause: error,
    });
  } finally {
    await link.close();
  }
}
