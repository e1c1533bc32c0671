/**
 * Topics on the broker: created, compared with what is wanted, and looked up by name. How long each keeps what it has:
 * protocol/names/topic-plan.ts. On how many brokers: connection-tls-and-timeouts.ts, infra/kafka/server.properties.
 */
import type { Admin, Cluster, ITopicConfig } from 'kafkajs';
import {
  checkSame,
  checkSpec,
  partitionUnknown,
  topicDiffers,
  topicUnknown,
} from '../embedded/topic-catalogue.ts';
import type { LogError, TopicSpec } from '../log.ts';
import type { KafkaSettings } from './connection-tls-and-timeouts.ts';
import { BATCH_BYTES_MAX } from './wire/batch-decoding.ts';
import { failureOf, type Link, leaderOf, passing, patiently } from './wire/broker-retries.ts';

/** Java's Long.MAX_VALUE: no limit on how far a producer's time may lie ahead of the broker's. */
const NO_LIMIT = '9223372036854775807';
const FOR_EVER = '-1';
/** Kafka's numbers for them; kafkajs' enums are no named exports of an ES module. */
const TOPIC = 2;
const SET_ON_TOPIC = 1;

/**
 * What a producer compressed is stored as it came. By any other setting the broker unfolds and folds it
 * again, for which it takes memory for all of a batch: 130 KB of zeros by zstd end a broker of 768 MB.
 */
const AS_IT_CAME = 'producer';

const CONFIG = {
  timestamps: 'message.timestamp.type',
  cleanup: 'cleanup.policy',
  retention: 'retention.ms',
  batchBytes: 'max.message.bytes',
  compression: 'compression.type',
} as const;

/** The key of a partition in maps. */
export const partitionText = (topic: string, partition: number): string => `${topic}/${partition}`;

export interface KafkaTopics {
  create(specs: readonly TopicSpec[]): Promise<void>;
  /** The names of those that the broker does not have. */
  missing(specs: readonly TopicSpec[]): Promise<string[]>;
  list(): Promise<TopicSpec[]>;
  /** How many partitions a topic has. @throws LogError `topicUnknown` */
  partitionsOf(topic: string): Promise<number>;
  /** @throws LogError `topicUnknown`, `partitionUnknown` */
  check(topic: string, partition: number): Promise<void>;
  /** Its name on the broker. */
  nameOf(topic: string): string;
}

/** What the broker has under a name. */
interface Found {
  readonly spec: TopicSpec;
  readonly batchBytes: number;
  readonly compression: string;
}

function configOf(spec: TopicSpec, settings: KafkaSettings): ITopicConfig {
  const entries = {
    [CONFIG.timestamps]: spec.timestamps === 'append' ? 'LogAppendTime' : 'CreateTime',
    [CONFIG.cleanup]: spec.compacted === true ? 'compact' : 'delete',
    [CONFIG.retention]: spec.retentionMs === undefined ? FOR_EVER : String(spec.retentionMs),
    [CONFIG.batchBytes]: String(BATCH_BYTES_MAX),
    [CONFIG.compression]: AS_IT_CAME,
    'retention.bytes': FOR_EVER,
    'message.timestamp.after.max.ms': NO_LIMIT,
  };
  return {
    topic: settings.prefix + spec.name,
    numPartitions: spec.partitions,
    replicationFactor: settings.replicationFactor,
    configEntries: Object.entries(entries).map(([name, value]) => ({ name, value })),
  };
}

const days = (ms: number | undefined): string =>
  ms === undefined ? 'for ever' : `${Number((ms / 86_400_000).toFixed(3))} days`;

function checkFound({ spec: existing, batchBytes }: Found, wanted: TopicSpec): void {
  checkSame(existing, wanted);
  if ((existing.retentionMs ?? Infinity) < (wanted.retentionMs ?? Infinity))
    throw topicDiffers(
      wanted.name,
      `a retention of ${days(existing.retentionMs)}, not ${days(wanted.retentionMs)}`,
    );
  if (batchBytes < BATCH_BYTES_MAX)
    throw topicDiffers(wanted.name, `max.message.bytes ${batchBytes}, not ${BATCH_BYTES_MAX}`);
}

/** Of the errors of several topics the first that is another's than that of one who was faster. */
const notCreated = (error: Error & { errors?: readonly { type?: string }[] }): unknown =>
  error.errors?.find(({ type }) => type !== 'TOPIC_ALREADY_EXISTS') ?? error;

export function createKafkaTopics(
  settings: KafkaSettings,
  link: Link,
  closing: AbortSignal,
): KafkaTopics {
  const { prefix } = settings;
  const known = new Map<string, Promise<number>>();
  const nameOf = (topic: string) => prefix + topic;

  /** With an admin client of kafkajs: for what is asked for rarely. */
  const administer = <T>(work: (admin: Admin) => Promise<T>): Promise<T> =>
    patiently(settings, closing, settings.patienceMs, async () => {
      const admin = open();
      try {
        await admin.connect();
        return await work(admin);
      } finally {
        await admin.disconnect().catch(() => {});
      }
    });
  const open = () => settings.kafka(0).admin();

  /** Those of the names that the broker has. */
  const describe = (wanted?: readonly string[], areThere = false) =>
    administer(async (admin): Promise<Found[]> => {
      const all = await admin.listTopics();
      const names = all.filter((name) =>
        wanted === undefined
          ? name.startsWith(prefix) && !name.startsWith('__')
          : wanted.includes(name),
      );
      const unseen = areThere ? wanted?.filter((name) => !names.includes(name)) : [];
      if (unseen?.length)
        throw passing('UNKNOWN_TOPIC_OR_PARTITION', `no broker lists the new topics ${unseen}`);
      if (names.length === 0) return [];
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: names.map((name) => ({
          type: TOPIC,
          name,
          configNames: Object.values(CONFIG),
        })),
      });
      return topics.map(({ name, partitions }) => {
        const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries;
        const config = (key: string) =>
          entries?.find(({ configName }) => configName === key)?.configValue ?? '';
        const retentionMs = Number(config(CONFIG.retention));
        return {
          batchBytes: Number(config(CONFIG.batchBytes)),
          compression: config(CONFIG.compression),
          spec: {
            name: name.slice(prefix.length),
            partitions: partitions.length,
            timestamps: config(CONFIG.timestamps) === 'LogAppendTime' ? 'append' : 'create',
            compacted: config(CONFIG.cleanup).includes('compact'),
            ...(retentionMs === -1 ? {} : { retentionMs }),
          },
        };
      });
    });

  async function lookUp(cluster: Cluster, topic: string): Promise<number> {
    const name = nameOf(topic);
    try {
      await cluster.addMultipleTargetTopics([name]);
    } catch (error) {
      if (failureOf(error).type === 'UNKNOWN_TOPIC_OR_PARTITION') throw topicUnknown(topic);
      throw error;
    }
    leaderOf(cluster, name, 0); // else it is so new that the broker does not know all of it
    return cluster.findTopicPartitionMetadata(name).length;
  }

  /** One look-up for all that ask at once, so that they go on in the order in which they asked. */
  function partitionsOf(topic: string): Promise<number> {
    let partitions = known.get(topic);
    if (partitions === undefined) {
      partitions = link.run((cluster) => lookUp(cluster, topic), settings.patienceMs, [
        nameOf(topic),
      ]);
      partitions.catch(() => known.delete(topic));
      known.set(topic, partitions);
    }
    return partitions;
  }

  /** @param areThere each of them: a broker that does not list one yet is asked again */
  async function checkAll(
    specs: readonly TopicSpec[],
    areThere = false,
  ): Promise<Map<string, Found>> {
    const existing = await describe(
      specs.map(({ name }) => nameOf(name)),
      areThere,
    );
    const byName = new Map(existing.map((found) => [found.spec.name, found]));
    for (const spec of specs) {
      const found = byName.get(spec.name);
      if (found !== undefined) checkFound(found, spec);
    }
    return byName;
  }

  async function compare(specs: readonly TopicSpec[]) {
    const wanted = new Map<string, TopicSpec>();
    for (const spec of specs) {
      checkSpec(spec);
      checkSpec({ ...spec, name: nameOf(spec.name) });
      const twin = wanted.get(spec.name);
      if (twin !== undefined) checkSame(twin, spec);
      wanted.set(spec.name, spec);
    }
    const all = [...wanted.values()];
    const existing = await checkAll(all);
    return {
      existing: [...existing.values()],
      missing: all.filter(({ name }) => !existing.has(name)),
    };
  }

  /**
   * A topic of an older version's, or that somebody changed. Kafka's old request replaces all that is
   * set, and kafkajs knows no other: so what is set is sent again.
   */
  async function storeAsItCame({ spec, compression }: Found): Promise<void> {
    const name = nameOf(spec.name);
    const wanted = { [CONFIG.compression]: AS_IT_CAME };
    const alter = async (admin: Admin) => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: TOPIC, name }],
      });
      const set = (resources[0]?.configEntries ?? [])
        .filter(({ configSource }) => Number(configSource) === SET_ON_TOPIC)
        .map(({ configName, configValue }) => [configName, configValue] as const);
      const entries = Object.entries({ ...Object.fromEntries(set), ...wanted });
      const configEntries = entries.map(([name, value]) => ({ name, value }));
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: TOPIC, name, configEntries }],
      });
    };
    await administer(alter).catch((error: LogError) => {
      if (error.kind !== 'storeFailed') throw error;
      throw topicDiffers(
        spec.name,
        `${CONFIG.compression} ${compression}, not ${AS_IT_CAME}, and it could not be changed (${error.message})`,
      );
    });
    settings.logger?.info({ topic: name, ...wanted }, 'kafka: topic configured');
  }

  /** Other brokers, and this link, hear of a new topic a little later than its leader. */
  async function untilKnown(specs: readonly TopicSpec[]): Promise<void> {
    const names = specs.map(({ name }) => nameOf(name));
    const ask = async (cluster: Cluster) => {
      await cluster.addMultipleTargetTopics(names);
      for (const name of names) leaderOf(cluster, name, 0);
    };
    await link.run(ask, settings.patienceMs, names);
  }

  return {
    nameOf,
    partitionsOf,
    async check(topic, partition) {
      const partitions = await partitionsOf(topic);
      if (!Number.isInteger(partition) || partition < 0 || partition >= partitions)
        throw partitionUnknown(topic, partition, partitions);
    },
    missing: async (specs) => (await compare(specs)).missing.map(({ name }) => name),
    async create(specs) {
      const { existing, missing } = await compare(specs);
      for (const found of existing)
        if (found.compression !== AS_IT_CAME) await storeAsItCame(found);
      if (missing.length === 0) return;
      const topics = missing.map((spec) => configOf(spec, settings));
      // Told of a topic before it knows it a broker says that there is none, so who leads it is asked for below.
      const created = await administer((admin) =>
        admin.createTopics({ topics, waitForLeaders: false }).catch((error) => {
          throw notCreated(error);
        }),
      );
      await untilKnown(missing);
      // Another process was faster, perhaps with another idea of them.
      if (!created) await checkAll(missing, true);
    },
    list: async () => (await describe()).map(({ spec }) => spec),
  };
}
